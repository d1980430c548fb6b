//! One column of a text file, while it is being read.

use super::{Place, TableError};

/// The numbers of a column, and the first of each kind of cell that is not one.
#[derive(Debug, Default)]
pub(super) struct Column {
    values: Vec<f64>,
    texts: usize,
    first_text: Option<(u64, String)>,
    empties: usize,
    first_empty: Option<u64>,
    not_finite: usize,
    first_not_finite: Option<(u64, f64)>,
}

impl Column {
    /// The number in a cell, if it holds one; spaces around it do not count.
    pub(super) fn number(cell: &[u8]) -> Option<f64> {
        std::str::from_utf8(cell).ok()?.trim().parse().ok()
    }

    /// Takes the cell of the next row.
    pub(super) fn push(&mut self, line: u64, cell: &[u8]) {
        let value = Self::number(cell);
        match value {
            Some(number) if number.is_finite() => {}
            Some(number) => {
                self.not_finite += 1;
                self.first_not_finite.get_or_insert((line, number));
            }
            None if cell.trim_ascii().is_empty() => {
                self.empties += 1;
                self.first_empty.get_or_insert(line);
            }
            None => {
                self.texts += 1;
                self.first_text.get_or_insert_with(|| (line, shortened(cell)));
            }
        }
        // A cell that is no number keeps its place in the column; `check` refuses the column before anyone sees it.
        self.values.push(value.unwrap_or(f64::NAN));
    }

    /// Whether more cells are numbers than are text; a column of empty cells is not one of numbers.
    pub(super) fn is_mostly_numbers(&self) -> bool {
        self.values.len() - self.texts - self.empties > self.texts
    }

    /// Checks that every cell holds a number, finite or not.
    pub(super) fn check(&self, file: &str, name: &str) -> Result<(), TableError> {
        let (file, column) = (file.to_owned(), name.to_owned());
        if let Some((line, text)) = &self.first_text {
            let (place, text, count) = (Place::Line(*line), text.clone(), self.texts);
            return Err(TableError::NotANumber { file, place, column, text, count });
        }
        if let Some(line) = self.first_empty {
            return Err(TableError::EmptyCell { file, place: Place::Line(line), column, count: self.empties });
        }
        Ok(())
    }

    /// How many numbers are NaN or infinite.
    pub(super) fn not_finite_count(&self) -> usize {
        self.not_finite
    }

    /// The line and the value of the first number that is NaN or infinite.
    pub(super) fn first_not_finite(&self) -> Option<(u64, f64)> {
        self.first_not_finite
    }

    /// The numbers, one a row.
    pub(super) fn values(&self) -> &[f64] {
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
            column.push(line, cell.as_bytes());
        }
        column
    }

    #[test]
    fn more_numbers_than_text_make_a_column_of_numbers() {
        assert!(column(&["1", "2", "x"]).is_mostly_numbers());
        assert!(column(&["1", "", "", ""]).is_mostly_numbers());
        assert!(!column(&["1", "x"]).is_mostly_numbers());
        assert!(!column(&["", ""]).is_mostly_numbers());
    }

    #[test]
    fn the_first_cell_of_text_is_reported_with_the_number_of_them() {
        let error = column(&["1", "x", "", "y"]).check("t.csv", "a").expect_err("two cells of text");
        assert_eq!(error.to_string(), "t.csv, line 2, column `a`: `x` is not a number (2 such cells in this column)");
    }

    #[test]
    fn a_long_text_is_shortened() {
        let error = column(&[&"z".repeat(500)]).check("t.csv", "a").expect_err("text");
        assert!(error.to_string().len() < 150, "{error}");
    }

    #[test]
    fn numbers_may_have_spaces_signs_and_exponents() {
        assert_eq!(column(&[" 1.5 ", "+2", "-3e2"]).values(), [1.5, 2.0, -300.0]);
    }
}
