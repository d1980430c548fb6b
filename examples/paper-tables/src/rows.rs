//! Rows on their way through the recipe.

use flows_data::{DataError, Place, Split, Table, TableError};

use crate::PaperTableError;

/// Named columns and their values, row after row.
pub(crate) struct Rows {
    pub(crate) names: Vec<String>,
    pub(crate) values: Vec<f64>,
}

impl Rows {
    /// Puts columns of one length side by side.
    pub(crate) fn from_columns(columns: Vec<(String, Vec<f64>)>) -> Self {
        let rows = columns.first().map_or(0, |(_, column)| column.len());
        let values = (0..rows).flat_map(|row| columns.iter().map(move |(_, column)| column[row])).collect();
        Self { names: columns.into_iter().map(|(name, _)| name).collect(), values }
    }

    /// How many columns there are.
    pub(crate) fn columns(&self) -> usize {
        self.names.len()
    }

    /// How many rows there are.
    pub(crate) fn rows(&self) -> usize {
        self.values.len() / self.columns()
    }

    /// The values of one column.
    pub(crate) fn column(&self, index: usize) -> impl Iterator<Item = f64> + '_ {
        self.values.chunks_exact(self.columns()).map(move |row| row[index])
    }

    /// The columns for which `keep` is true.
    pub(crate) fn keep_columns(self, keep: &[bool]) -> Self {
        let columns = self.columns();
        let kept = |i: usize| keep[i % columns];
        let values = self.values.into_iter().enumerate().filter(|&(i, _)| kept(i)).map(|(_, value)| value).collect();
        let names = self.names.into_iter().enumerate().filter(|&(i, _)| kept(i)).map(|(_, name)| name).collect();
        Self { names, values }
    }

    /// Checks that a mean and a deviation of the first `count` rows can be computed and divided by.
    pub(crate) fn require_standardisable(&self, file: &str, count: usize) -> Result<(), TableError> {
        let file = || file.to_owned();
        let not_finite = || self.values.iter().enumerate().filter(|(_, value)| !value.is_finite());
        if let Some((first, &value)) = not_finite().next() {
            let (place, column) = (Place::Row(first / self.columns()), self.names[first % self.columns()].clone());
            return Err(TableError::NotFinite { file: file(), place, column, value, count: not_finite().count() });
        }
        let constant = |index: usize| {
            let mut column = self.column(index).take(count);
            let first = column.next()?;
            column.all(|value| value == first).then(|| (self.names[index].clone(), first))
        };
        let columns: Vec<(String, f64)> = (0..self.columns()).filter_map(constant).collect();
        if columns.is_empty() { Ok(()) } else { Err(TableError::ConstantColumns { file: file(), columns }) }
    }

    /// Rounds to single precision, in which the authors trained.
    pub(crate) fn round_to_single(&mut self) {
        self.values.iter_mut().for_each(|value| *value = f64::from(*value as f32));
    }

    /// A table that names the file in errors.
    pub(crate) fn into_table(self, file: &str) -> Result<Table, PaperTableError> {
        match Table::new(self.names, self.values) {
            Ok(table) => Ok(table.named(file)),
            Err(DataError::Table(TableError::NotFinite { place, column, value, count, .. })) => {
                Err(TableError::NotFinite { file: file.to_owned(), place, column, value, count }.into())
            }
            Err(DataError::Table(TableError::DuplicateColumn { column, first, second, .. })) => {
                Err(TableError::DuplicateColumn { file: file.to_owned(), column, first, second }.into())
            }
            Err(other) => Err(other.into()),
        }
    }

    /// Cuts the rows into parts of the given sizes, which add up to the number of rows.
    pub(crate) fn into_split(mut self, file: &str, parts: [usize; 3]) -> Result<Split, PaperTableError> {
        let columns = self.columns();
        let mut last = |count: usize| {
            let at = self.values.len() - count * columns;
            Rows { names: self.names.clone(), values: self.values.split_off(at) }.into_table(file)
        };
        // From the end, so that the largest part stays where it is.
        let test = last(parts[2])?;
        let validation = last(parts[1])?;
        Ok(Split { train: self.into_table(file)?, validation, test })
    }
}

/// A tenth of the rows, rounded down in the way Python's `int(0.1 * rows)` is.
pub(crate) fn tenth(rows: usize) -> usize {
    (0.1 * rows as f64) as usize
}

/// The sizes of the three parts: the last tenth is for testing, the last tenth of the others for validation.
pub(crate) fn parts(file: &str, rows: usize) -> Result<[usize; 3], TableError> {
    let test = tenth(rows);
    let validation = tenth(rows - test);
    // With no row to spare, numpy's slices would take all rows instead of none.
    if validation == 0 {
        return Err(TableError::TooFewRows { file: file.to_owned(), rows, needed: 11 });
    }
    Ok([rows - test - validation, validation, test])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Rows {
        Rows::from_columns(vec![("a".into(), vec![1.0, 2.0, 3.0]), ("b".into(), vec![4.0, 5.0, 6.0])])
    }

    #[test]
    fn columns_side_by_side_are_rows() {
        assert_eq!(rows().values, [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
        let kept = rows().keep_columns(&[false, true]);
        assert_eq!((kept.names, kept.values), (vec!["b".to_owned()], vec![4.0, 5.0, 6.0]));
    }

    #[test]
    fn the_parts_keep_the_order_of_the_rows() {
        let split = rows().into_split("t", [1, 1, 1]).expect("three rows");
        let values = [split.train, split.validation, split.test].map(|part| part.values().to_vec());
        assert_eq!(values, [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]);
    }

    #[test]
    fn eleven_rows_are_the_fewest_for_three_parts() {
        assert_eq!(parts("t", 11), Ok([9, 1, 1]));
        let message = parts("t.npy", 10).expect_err("one row too few").to_string();
        assert_eq!(message, "t.npy: 10 rows, at least 11 are needed");
    }

    #[test]
    fn a_column_that_is_constant_in_the_rows_the_deviation_is_of_is_an_error() {
        let rows = Rows { names: vec!["a".into()], values: vec![1.0, 1.0, 2.0] };
        assert!(rows.require_standardisable("t", 3).is_ok());
        let message = rows.require_standardisable("t", 2).expect_err("constant").to_string();
        assert!(message.contains("t: ") && message.contains("`a = 1`"), "{message}");
    }

    #[test]
    fn a_number_that_is_not_finite_is_an_error_that_names_the_file() {
        let rows = Rows { names: vec!["a".into()], values: vec![1.0, f64::NAN] };
        let early = rows.require_standardisable("t.csv", 2).expect_err("not finite").to_string();
        let late = rows.into_table("t.csv").expect_err("not finite").to_string();
        assert_eq!(early, late);
        assert!(late.starts_with("t.csv, row 1"), "{late}");
    }
}
