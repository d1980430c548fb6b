//! Rows that miss a value.

use super::{Notice, Place, TableError};

/// What becomes of rows that miss a value: an empty cell, `NA`, `null`, `?`, NaN, an infinity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Missing {
    /// They are an error.
    #[default]
    Refuse,
    /// They are left out, with a notice.
    Drop,
    /// They are kept, with NaN for what is missing, and with a notice; infinities stay. A column without a single
    /// number is still an error.
    Keep,
}

impl Missing {
    /// The values of whole rows, after what is asked for has been done to those that miss one.
    pub(crate) fn settle(
        self,
        file: &str,
        values: Vec<f64>,
        columns: usize,
        place: impl Fn(usize) -> Place,
        notices: &mut Vec<Notice>,
    ) -> Result<Vec<f64>, TableError> {
        let whole = |row: &[f64]| row.iter().all(|value| value.is_finite());
        let Some(first) = values.chunks_exact(columns).position(|row| !whole(row)) else { return Ok(values) };
        let of = values.len() / columns;
        let rows = values.chunks_exact(columns).filter(|row| !whole(row)).count();
        match self {
            Self::Refuse => Ok(values),
            Self::Keep => {
                notices.push(Notice::RowsIncomplete { rows, first: place(first) });
                Ok(values)
            }
            Self::Drop if rows == of => Err(TableError::NoWholeRow { file: file.to_owned(), rows }),
            Self::Drop => {
                notices.push(Notice::RowsDropped { rows, of });
                Ok(values.chunks_exact(columns).filter(|row| whole(row)).flatten().copied().collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settle(missing: Missing, values: Vec<f64>) -> (Result<Vec<f64>, TableError>, Vec<Notice>) {
        let mut notices = vec![];
        (missing.settle("t.csv", values, 2, Place::Row, &mut notices), notices)
    }

    #[test]
    fn rows_that_miss_a_value_are_dropped_or_kept_and_counted() {
        let values = vec![1.0, 2.0, f64::NAN, 4.0, 5.0, f64::INFINITY, 7.0, 8.0];
        let (kept, notices) = settle(Missing::Drop, values.clone());
        assert_eq!(kept, Ok(vec![1.0, 2.0, 7.0, 8.0]));
        assert_eq!(notices, [Notice::RowsDropped { rows: 2, of: 4 }]);
        let (kept, notices) = settle(Missing::Keep, values);
        assert_eq!(kept.map(|kept| kept.len()), Ok(8));
        assert_eq!(notices, [Notice::RowsIncomplete { rows: 2, first: Place::Row(1) }]);
    }

    #[test]
    fn a_table_of_which_every_row_misses_a_value_is_an_error() {
        let (kept, _) = settle(Missing::Drop, vec![1.0, f64::NAN]);
        assert_eq!(kept, Err(TableError::NoWholeRow { file: "t.csv".into(), rows: 1 }));
    }
}
