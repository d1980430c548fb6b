//! The rows that a plan uses.

use super::{MissingRows, Plan};
use crate::DataError;
use crate::columns::ColumnError;
use crate::frame::{Cells, Frame};
use crate::table::Place;

impl Plan {
    /// The rows of a frame that miss no cell of a column that is used; where missing cells are [modelled](MissingRows::Model),
    /// those that have one.
    ///
    /// # Errors
    ///
    /// A column that is not there; a row that misses a cell, where [`MissingRows::Error`] is asked for; no whole row.
    pub fn rows(&self, frame: &Frame) -> Result<Vec<usize>, DataError> {
        let whole = self.whole_rows(frame)?;
        let count = frame.rows() - whole.len();
        if count == 0 {
            return Ok(whole);
        }
        let file = frame.origin().to_owned();
        let used: Vec<&str> = self.used().collect();
        if whole.is_empty() {
            let missing = |name: &&str| frame.column(name).map_or(0, |column| column.cells.missing());
            let column = used.into_iter().max_by_key(missing).unwrap_or_default().to_owned();
            return Err(ColumnError::NoWholeRow { file, rows: frame.rows(), column }.into());
        }
        if self.missing == MissingRows::Error {
            let row = (0..frame.rows()).find(|row| whole.binary_search(row).is_err()).unwrap_or(0);
            let misses = |name: &&&str| frame.column(name).is_ok_and(|column| column.cells.is_missing(row));
            let column = used.iter().find(misses).copied().unwrap_or_default().to_owned();
            return Err(ColumnError::MissingCell { file, place: Place::Row(row), column, count }.into());
        }
        Ok(whole)
    }

    fn used(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().filter(|column| column.role.is_used()).map(|column| column.name.as_str())
    }

    pub(super) fn whole_rows(&self, frame: &Frame) -> Result<Vec<usize>, DataError> {
        let cells =
            self.used().map(|name| Ok(&frame.column(name)?.cells)).collect::<Result<Vec<&Cells>, DataError>>()?;
        if self.missing == MissingRows::Model {
            let weight =
                self.weight().map(|planned| Ok::<_, DataError>(&frame.column(&planned.name)?.cells)).transpose()?;
            let modelled: Vec<&Cells> = self
                .modelled()
                .map(|planned| Ok(&frame.column(&planned.name)?.cells))
                .collect::<Result<_, DataError>>()?;
            let known = |row: &usize| {
                modelled.iter().any(|cells| !cells.is_missing(*row))
                    && weight.is_none_or(|cells| !cells.is_missing(*row))
            };
            return Ok((0..frame.rows()).filter(known).collect());
        }
        Ok((0..frame.rows()).filter(|row| cells.iter().all(|cells| !cells.is_missing(*row))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FrameColumn, PlanOptions};

    #[test]
    fn rows_with_a_cell_stay_where_missing_ones_are_modelled() {
        let columns = vec![
            FrameColumn::numbers("x", [1.5, f64::NAN, f64::NAN, 4.5, 7.5]),
            FrameColumn::new("sex", [Some("f"), Some("m"), None, Some("f"), Some("m")].into_iter().collect()),
            FrameColumn::numbers("w", [1.0, 1.0, 1.0, f64::NAN, 1.0]),
        ];
        let frame = Frame::new(columns).expect("good");
        let options = PlanOptions::new().with_missing(MissingRows::Model).with_weights("w");
        let plan = Plan::new(&frame, &options).expect("a plan");
        assert_eq!(plan.modelled().map(|column| column.name.as_str()).collect::<Vec<_>>(), ["x", "sex"]);
        assert_eq!((plan.rows(&frame).expect("three rows"), plan.incomplete), (vec![0, 1, 4], 2));
    }

    #[test]
    fn rows_that_miss_a_cell_of_a_used_column_are_dropped_or_an_error() {
        let columns = vec![
            FrameColumn::numbers("x", [1.5, f64::NAN, 3.5, 4.5]),
            FrameColumn::new("note", [Some("a"), Some("b"), None, Some("c")].into_iter().collect()),
        ];
        let frame = Frame::new(columns).expect("good").named("t.csv");
        let plan = Plan::new(&frame, &PlanOptions::new()).expect("a plan");
        assert_eq!((plan.rows(&frame).expect("three rows"), plan.incomplete), (vec![0, 2, 3], 1));
        let strict = Plan::new(&frame, &PlanOptions::new().with_missing(MissingRows::Error)).expect("a plan");
        let message = strict.rows(&frame).expect_err("a hole").to_string();
        assert!(
            message.starts_with("t.csv, row 1 (counting from 0), column `x`: the cell is missing (1 rows"),
            "{message}"
        );
        let other = Frame::new(vec![FrameColumn::numbers("y", [1.0])]).expect("good");
        assert!(plan.rows(&other).expect_err("no `x`").to_string().contains("no column `x`"));
        let empty = Frame::new(vec![FrameColumn::numbers("x", [f64::NAN])]).expect("good");
        assert!(plan.rows(&empty).expect_err("nothing").to_string().contains("each of the 1 rows misses a cell"));
    }
}
