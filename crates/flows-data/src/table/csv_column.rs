//! One column of a text file, while it is being read.

use super::{Missing, Place, TableError, number::number};

/// The numbers of a column, and the first of each kind of cell that is not one.
#[derive(Debug, Default)]
pub(crate) struct Column {
    values: Vec<f64>,
    grouped: bool,
    texts: usize,
    first_text: Option<(u64, String)>,
    /// Cells that say in words that nothing is known, such as `NA`.
    markers: usize,
    first_marker: Option<(u64, String)>,
    empties: usize,
    first_empty: Option<u64>,
    not_finite: usize,
    first_not_finite: Option<(u64, f64)>,
    /// Whole numbers of more digits than double precision has, and the first one's line.
    rounded: usize,
    first_rounded: Option<u64>,
}

/// Every whole number below it has a number in double precision: 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Whether a cell holds a whole number written out, and another one was read.
fn is_rounded(cell: &[u8], read: f64) -> bool {
    let text = std::str::from_utf8(cell).unwrap_or_default().trim();
    text.parse::<i128>().is_ok_and(|whole| read as i128 != whole)
}

/// Whether a cell says that nothing is known: it is empty or one of the usual words.
pub(crate) fn is_missing(cell: &[u8]) -> bool {
    const WORDS: [&str; 13] = ["", "na", "n/a", "#n/a", "#na", "<na>", "null", "none", "nil", "missing", "?", "-", "."];
    let cell = cell.trim_ascii();
    cell.len() <= 7 && WORDS.iter().any(|word| cell.eq_ignore_ascii_case(word.as_bytes()))
}

impl Column {
    /// Takes the cell of the next row; some numbers may stand for nothing.
    pub(crate) fn push(&mut self, line: u64, cell: &[u8], decimal: u8, missing_values: &[f64]) {
        let read = number(cell, decimal);
        let value = read.map(|number| number.value).filter(|value| !missing_values.contains(value));
        self.grouped |= read.is_some_and(|number| number.grouped);
        match value {
            Some(number) if number.is_finite() => {
                if number.abs() >= EXACT && is_rounded(cell, number) {
                    self.rounded += 1;
                    self.first_rounded.get_or_insert(line);
                }
            }
            Some(number) => {
                self.not_finite += 1;
                self.first_not_finite.get_or_insert((line, number));
            }
            None if cell.trim_ascii().is_empty() => {
                self.empties += 1;
                self.first_empty.get_or_insert(line);
            }
            None if read.is_some() || is_missing(cell) => {
                self.markers += 1;
                self.first_marker.get_or_insert_with(|| (line, shortened(cell)));
            }
            None => {
                self.texts += 1;
                self.first_text.get_or_insert_with(|| (line, shortened(cell)));
            }
        }
        // A cell that is no number keeps its place in the column; `check` refuses the column before anyone sees it,
        // unless missing values are wanted.
        self.values.push(value.unwrap_or(f64::NAN));
    }

    fn numbers(&self) -> usize {
        self.values.len() - self.texts - self.markers - self.empties
    }

    /// Whether more cells are numbers than are text; a column of empty cells is not one of numbers.
    pub(crate) fn is_mostly_numbers(&self) -> bool {
        self.numbers() > self.texts
    }

    /// Whether there is neither a number nor a text.
    pub(crate) fn is_empty(&self) -> bool {
        self.numbers() == 0 && self.texts == 0
    }

    /// Whether a number has separated thousands.
    pub(crate) fn is_grouped(&self) -> bool {
        self.grouped
    }

    /// The line and the content of the first cell of text.
    pub(crate) fn first_text(&self) -> Option<&(u64, String)> {
        self.first_text.as_ref()
    }

    /// Whether the numbers only tell the rows apart: whole, not negative, each there once.
    pub(crate) fn labels_rows(&self) -> bool {
        let mut sorted = self.values.clone();
        sorted.sort_by(f64::total_cmp);
        let whole = sorted.iter().all(|value| *value >= 0.0 && value.fract() == 0.0);
        whole && sorted.windows(2).all(|pair| pair[0] < pair[1])
    }

    /// Checks that every cell holds a number, finite or not; or nothing, where that is allowed.
    pub(crate) fn check(&self, file: &str, name: &str, missing: Missing) -> Result<(), TableError> {
        let (file, column) = (file.to_owned(), name.to_owned());
        let strict = missing == Missing::Refuse || self.numbers() == 0;
        let markers = if strict { self.markers } else { 0 };
        let earlier = |a: &&(u64, String), b: &&(u64, String)| a.0.cmp(&b.0);
        if let Some((line, text)) =
            self.first_text.iter().chain(self.first_marker.iter().filter(|_| strict)).min_by(earlier)
        {
            let (place, text, count) = (Place::Line(*line), text.clone(), self.texts + markers);
            return Err(TableError::NotANumber { file, place, column, text, count });
        }
        if let Some(line) = self.first_empty.filter(|_| strict) {
            return Err(TableError::EmptyCell { file, place: Place::Line(line), column, count: self.empties });
        }
        Ok(())
    }

    /// How many numbers are NaN or infinite.
    pub(crate) fn not_finite_count(&self) -> usize {
        self.not_finite
    }

    /// The line and the value of the first number that is NaN or infinite.
    pub(crate) fn first_not_finite(&self) -> Option<(u64, f64)> {
        self.first_not_finite
    }

    /// How many whole numbers had to be rounded, and the line of the first one.
    pub(crate) fn rounded(&self) -> Option<(usize, u64)> {
        self.first_rounded.map(|line| (self.rounded, line))
    }

    /// The numbers, one a row; NaN where there is none.
    pub(crate) fn values(&self) -> &[f64] {
        &self.values
    }
}

/// The text of a cell, short enough for a message.
fn shortened(cell: &[u8]) -> String {
    let text = String::from_utf8_lossy(cell);
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push_str("...");
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(cells: &[&str]) -> Column {
        let mut column = Column::default();
        for (line, cell) in (1..).zip(cells) {
            column.push(line, cell.as_bytes(), b'.', &[-9999.0]);
        }
        column
    }

    #[test]
    fn more_numbers_than_text_make_a_column_of_numbers() {
        assert!(column(&["1", "2", "x"]).is_mostly_numbers());
        assert!(column(&["1", "", "NA", ""]).is_mostly_numbers());
        assert!(!column(&["1", "x"]).is_mostly_numbers());
        assert!(!column(&["", ""]).is_mostly_numbers());
    }

    #[test]
    fn the_first_cell_of_text_is_reported_with_the_number_of_them() {
        let error = column(&["1", "x", "", "NA"]).check("t.csv", "a", Missing::Refuse).expect_err("two cells of text");
        let message = error.to_string();
        assert!(
            message.starts_with("t.csv, line 2, column `a`: `x` is not a number (2 such cells in this column)"),
            "{message}"
        );
    }

    #[test]
    fn missing_cells_are_let_through_on_request_but_not_text() {
        for missing in [Missing::Drop, Missing::Keep] {
            assert!(column(&["1", "", "NA", "-9999"]).check("t.csv", "a", missing).is_ok());
            assert!(column(&["1", "", "x"]).check("t.csv", "a", missing).is_err());
            assert!(column(&["", "NA"]).check("t.csv", "a", missing).is_err());
        }
        assert!(column(&["1", "-9999"]).check("t.csv", "a", Missing::Refuse).is_err());
    }

    #[test]
    fn a_long_text_is_shortened() {
        let error = column(&[&"z".repeat(500)]).check("t.csv", "a", Missing::Refuse).expect_err("text");
        assert!(error.to_string().len() < 300, "{error}");
    }

    #[test]
    fn numbers_that_only_tell_rows_apart_are_known_in_any_order() {
        assert!(column(&["3", "0", "7"]).labels_rows());
        assert!(!column(&["3", "0", "3"]).labels_rows());
        assert!(!column(&["1", "2.5"]).labels_rows());
    }
}
