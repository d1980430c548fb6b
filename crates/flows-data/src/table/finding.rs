//! What stands between a column and its density.

use std::fmt;

/// Something about a column that makes figures of a density doubtful or meaningless; found by
/// [`Table::findings`](super::Table::findings).
///
/// Rows are counted from 0.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the text of a variant says what each of its fields is")]
pub enum Finding {
    /// All rows but a few hold one value.
    NearlyConstant { column: String, value: f64, others: usize, rows: usize },
    /// A few cells are so far away that nothing else about the column matters: fill values, slips of units.
    Absurd { column: String, value: f64, at: Vec<usize>, typical: f64 },
    /// Several cells hold a far value that is often put for a missing one.
    FillValue { column: String, value: f64, at: Vec<usize> },
    /// The column holds whole numbers, each of them many times.
    WholeNumbers { column: String, distinct: usize },
    /// One value is there in many rows of a column that is continuous otherwise.
    Repeated { column: String, value: f64, count: usize, rows: usize },
    /// The column holds few distinct fractions, each of them many times.
    Rounded { column: String, distinct: usize, rows: usize },
    /// The column numbers the rows.
    Numbering { column: String },
    /// The column is a linear function of others.
    Dependent { column: String, of: Vec<(String, f64)>, offset: f64 },
}

impl Finding {
    /// The column.
    pub fn column(&self) -> &str {
        match self {
            Self::NearlyConstant { column, .. }
            | Self::Absurd { column, .. }
            | Self::FillValue { column, .. }
            | Self::WholeNumbers { column, .. }
            | Self::Repeated { column, .. }
            | Self::Rounded { column, .. }
            | Self::Numbering { column }
            | Self::Dependent { column, .. } => column,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NearlyConstant { column, value, others, rows } => write!(
                f,
                "column `{column}`: all but {others} of {rows} rows hold {}, so that the training part may hold nothing else",
                Short(*value)
            ),
            Self::Absurd { column, value, at, typical } => write!(
                f,
                "column `{column}`: {} in {}, where the others are about {} apart",
                Short(*value),
                Rows(at),
                Short(*typical)
            ),
            Self::FillValue { column, value, at } => {
                write!(f, "column `{column}`: {} in {} looks like a code for a missing value", Short(*value), Rows(at))
            }
            Self::WholeNumbers { column, distinct } => {
                write!(f, "column `{column}` holds whole numbers, {distinct} distinct ones")
            }
            Self::Repeated { column, value, count, rows } => write!(
                f,
                "column `{column}`: {count} of {rows} rows hold exactly {}, which no density can describe: its likelihood \
                 grows with training without bound",
                Short(*value)
            ),
            Self::Rounded { column, distinct, rows } => write!(
                f,
                "column `{column}` is rounded: {distinct} distinct values in {rows} rows; likelihoods grow with training and \
                 say little beyond the rounding"
            ),
            Self::Numbering { column } => write!(f, "column `{column}` numbers the rows"),
            Self::Dependent { column, of, offset } => {
                write!(f, "column `{column}` is a linear function of others, {column} = ")?;
                for (place, (name, coefficient)) in of.iter().enumerate() {
                    let sign = match (place, *coefficient < 0.0) {
                        (0, true) => "-",
                        (0, false) => "",
                        (_, true) => " - ",
                        (_, false) => " + ",
                    };
                    match coefficient.abs() {
                        1.0 => write!(f, "{sign}{name}")?,
                        other => write!(f, "{sign}{} {name}", Short(other))?,
                    }
                }
                if *offset != 0.0 {
                    write!(f, " {} {}", if *offset < 0.0 { '-' } else { '+' }, Short(offset.abs()))?;
                }
                write!(f, ": likelihoods are without meaning, as the rows fill no volume")
            }
        }
    }
}

/// A number with as many digits as a reader needs.
struct Short(f64);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rounded: f64 = format!("{:.5e}", self.0).parse().unwrap_or(self.0);
        match self.0.abs() {
            0.0 => write!(f, "0"),
            size if (1e-4..1e7).contains(&size) => write!(f, "{rounded}"),
            _ => write!(f, "{rounded:e}"),
        }
    }
}

/// The numbers of rows, the first few of them.
struct Rows<'a>(&'a [usize]);

impl fmt::Display for Rows<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<String> = self.0.iter().take(10).map(usize::to_string).collect();
        let more = if self.0.len() > 10 { format!(" and {} more", self.0.len() - 10) } else { String::new() };
        let rows = if self.0.len() == 1 { "row" } else { "rows" };
        write!(f, "{rows} {}{more} (counting from 0)", shown.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linear_function_is_written_out() {
        let of = vec![("a".to_owned(), -1.0), ("b".to_owned(), 2.000_000_000_3)];
        let text = Finding::Dependent { column: "d".into(), of, offset: -3.0 }.to_string();
        assert!(text.contains("d = -a + 2 b - 3:"), "{text}");
    }

    #[test]
    fn absurd_cells_are_named_by_row_and_value() {
        let finding =
            Finding::Absurd { column: "sst".into(), value: 9.969_209_968e36, at: vec![11, 500], typical: 0.67 };
        let text = finding.to_string();
        assert!(text.contains("`sst`: 9.96921e36 in rows 11, 500 (counting from 0)"), "{text}");
    }
}
