//! What a table must be like before a model can learn from it.

use super::{Table, TableError};
use crate::DataError;

impl Table {
    /// Checks that a density can be learnt from the table.
    ///
    /// A column that holds one number throughout has no density: the likelihood grows without bound and the first
    /// scale to be estimated divides by zero. Columns are compared in double precision: timestamps that differ by a second
    /// are not constant.
    ///
    /// # Errors
    ///
    /// Fewer rows than `min_rows`, constant columns (all of them are named).
    ///
    /// # Example
    ///
    /// ```
    /// use flows_data::Table;
    ///
    /// let table = Table::from_rows(["a", "b"], [[1.0, 7.0], [2.0, 7.0]])?;
    /// let error = table.require_trainable(2).expect_err("`b` is constant");
    /// assert!(error.to_string().contains("`b = 7`"));
    /// assert!(table.select(&["a"])?.require_trainable(2).is_ok());
    /// # Ok::<(), flows_data::DataError>(())
    /// ```
    pub fn require_trainable(&self, min_rows: usize) -> Result<(), DataError> {
        let file = self.origin().to_owned();
        if self.rows() < min_rows {
            return Err(TableError::TooFewRows { file, rows: self.rows(), needed: min_rows }.into());
        }
        let columns: Vec<(String, f64)> = (0..self.columns()).filter_map(|i| self.constant(i)).collect();
        if columns.is_empty() { Ok(()) } else { Err(TableError::ConstantColumns { file, columns }.into()) }
    }

    /// The name and the value of a column that is the same in every row.
    fn constant(&self, index: usize) -> Option<(String, f64)> {
        let first = self.column(index).next()?;
        let same = self.column(index).all(|value| value == first);
        same.then(|| (self.names()[index].clone(), first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(table: &Table, min_rows: usize) -> TableError {
        match table.require_trainable(min_rows).expect_err("the table is wrong") {
            DataError::Table(error) => error,
            other => panic!("an error of another kind: {other}"),
        }
    }

    #[test]
    fn a_table_that_varies_is_trainable() {
        let table = Table::new(["a", "b"], vec![1.0, 2.0, 3.0, 4.0]).expect("a good table");
        assert!(table.require_trainable(2).is_ok());
    }

    #[test]
    fn too_few_rows_are_an_error() {
        let table = Table::new(["a"], vec![1.0, 2.0]).expect("a good table").named("t.csv");
        assert_eq!(error_of(&table, 10).to_string(), "t.csv: 2 rows, at least 10 are needed");
    }

    #[test]
    fn every_constant_column_is_named() {
        let rows = [[0.0, 1.0, 5.0], [0.0, 2.0, 5.0]];
        let error = error_of(&Table::from_rows(["a", "b", "c"], rows).expect("a good table"), 1);
        let TableError::ConstantColumns { columns, .. } = error else { panic!("{error}") };
        assert_eq!(columns, [("a".to_owned(), 0.0), ("c".to_owned(), 5.0)]);
    }

    #[test]
    fn columns_are_compared_in_double_precision() {
        let table = Table::new(["time"], vec![1.7e9, 1.7e9 + 1.0]).expect("a good table");
        assert!(table.require_trainable(1).is_ok());
        for scale in [1e-300, 1e39, 1e300] {
            let table = Table::new(["flux"], vec![scale, 2.0 * scale]).expect("a good table");
            assert!(table.require_trainable(1).is_ok(), "{scale:e}");
        }
    }
}
