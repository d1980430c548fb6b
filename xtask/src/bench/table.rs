//! Rows of text in columns, and numbers as they are shown.

/// Columns as wide as their widest cell: the first so many to the left, the others to the right.
pub(super) fn aligned(rows: &[Vec<String>], left: usize) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().enumerate().map(|(column, cell)| {
            let width = width(column);
            if column < left { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        text += cells.collect::<Vec<_>>().join("  ").trim_end();
        text.push('\n');
    }
    text
}

/// Three digits, which is more than the machine is good for.
pub(super) fn number(value: f64) -> String {
    let decimals = match value {
        100.0.. => 0,
        10.0.. => 1,
        _ => 2,
    };
    format!("{value:.decimals$}")
}

/// A value with its spread, to the same decimals; a dash for none.
pub(super) fn measured(value: Option<f64>, spread: Option<f64>) -> String {
    let Some(value) = value else { return "-".to_owned() };
    let shown = number(value);
    let decimals = shown.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    spread.map_or(shown.clone(), |spread| format!("{shown} ± {spread:.decimals$}"))
}

/// One value over another, to two decimals, three below a tenth; a dash where one is missing.
pub(super) fn ratio(value: Option<f64>, other: Option<f64>) -> String {
    match (value, other.filter(|other| *other > 0.0)) {
        (Some(value), Some(other)) if value < 0.1 * other => format!("{:.3}", value / other),
        (Some(value), Some(other)) => format!("{:.2}", value / other),
        _ => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits_and_spreads_the_same_decimals() {
        assert_eq!([0.853, 6.62, 46.249, 973.7].map(number), ["0.85", "6.62", "46.2", "974"]);
        assert_eq!(measured(Some(46.249), Some(3.86)), "46.2 ± 3.9");
        assert_eq!(measured(Some(150.4), Some(0.3)), "150 ± 0");
        assert_eq!((measured(Some(1.0), None), measured(None, None)), ("1.00".to_owned(), "-".to_owned()));
    }

    #[test]
    fn a_ratio_needs_both_values() {
        assert_eq!((ratio(Some(1.0), Some(4.0)), ratio(Some(1.0), Some(0.0))), ("0.25".to_owned(), "-".to_owned()));
        assert_eq!(ratio(Some(1.0), Some(60.0)), "0.017");
        assert_eq!((ratio(None, Some(4.0)), ratio(Some(1.0), None)), ("-".to_owned(), "-".to_owned()));
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["task", "ms"], ["maf", "20.0 ± 1"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(aligned(&rows, 1), "task        ms\nmaf   20.0 ± 1\n");
    }
}
