//! The reasons why no scale can be taken from data.

/// The reason why no scale can be taken from training rows.
///
/// Rows and columns are counted from 0.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ScalingError {
    /// There are no rows.
    #[error("there are no rows to take a scale from")]
    NoRows,
    /// Columns hold one number in every row, which has no density.
    #[error("{}; hint: leave {} out", constant(columns), if columns.len() == 1 { "the column" } else { "these columns" })]
    Constant {
        /// The columns, each with its number.
        columns: Vec<(usize, f64)>,
    },
    /// A value is NaN or infinite.
    #[error("row {row}, column {column}: {value} is not finite ({count} such values in all)")]
    NotFinite {
        /// The row of the first such value.
        row: usize,
        /// Its column.
        column: usize,
        /// The value.
        value: f64,
        /// The number of such values.
        count: usize,
    },
    /// A value lies outside of the bounds that its column was said to have, or on one of them.
    #[error("row {row}, column {column}: {value} is not {support} ({count} such values in the column)")]
    Outside {
        /// The row of the first such value.
        row: usize,
        /// Its column.
        column: usize,
        /// The value.
        value: f64,
        /// Where the values of the column should be.
        support: super::Support,
        /// The number of such values.
        count: usize,
    },
    /// A few values of a column are many orders of magnitude away from all others: a fill value, or a slip of the unit.
    #[error(
        "column {column} holds {} far beyond all others (the largest of those is {largest:e} away from the median): {}; \
         hint: remove or correct {}, or set `max_gap` to `None`",
        if rows.len() == 1 { "a value" } else { "values" },
        cells(rows),
        if rows.len() == 1 { "the row" } else { "the rows" }
    )]
    Outliers {
        /// The column.
        column: usize,
        /// The rows of these values, each with the value.
        rows: Vec<(usize, f64)>,
        /// The largest distance from the median among the other values.
        largest: f64,
    },
}

/// Items shown in a message; more say nothing to a reader.
const SHOWN: usize = 10;

fn constant(columns: &[(usize, f64)]) -> String {
    listed(columns, |(column, value)| format!("column {column} holds {value} in every row"))
}

fn cells(rows: &[(usize, f64)]) -> String {
    listed(rows, |(row, value)| format!("{value:e} in row {row}"))
}

fn listed<T>(items: &[T], show: impl Fn(&T) -> String) -> String {
    let mut shown: Vec<String> = items.iter().take(SHOWN).map(show).collect();
    if items.len() > SHOWN {
        shown.push(format!("and {} more", items.len() - SHOWN));
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_what_is_wrong_and_what_to_do() {
        let message = ScalingError::Constant { columns: vec![(1, 14.62)] }.to_string();
        assert_eq!(message, "column 1 holds 14.62 in every row; hint: leave the column out");
        let rows = vec![(11, 9.9e36), (500, 9.9e36)];
        let message = ScalingError::Outliers { column: 0, rows, largest: 3.3 }.to_string();
        assert!(message.starts_with("column 0 holds values far beyond all others"), "{message}");
        assert!(message.contains("9.9e36 in row 11, 9.9e36 in row 500; hint: remove or correct the rows"), "{message}");
    }
}
