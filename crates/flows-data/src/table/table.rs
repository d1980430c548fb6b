//! Rows and named columns of finite numbers.

use std::path::Path;

use burn::tensor::{Device, Tensor, TensorData};

use super::{
    CsvOptions, Notice, Place, TableError, bytes,
    choice::{are_made_up, choose, like, require_like},
};
use crate::DataError;

/// A table of finite numbers: named columns, rows in order.
///
/// Every way to make one checks that the names are distinct, the rows complete and the numbers finite; only
/// [`Missing::Keep`](super::Missing::Keep) lets others in. A table remembers where it came from, so that an error found
/// later still names the file, and what was noticed when it was read.
///
/// # Example
///
/// ```
/// use flows_data::Table;
///
/// let table = Table::new(["lat", "lon"], vec![59.9, 10.7, -12.0, -77.0])?;
/// assert_eq!((table.rows(), table.columns()), (2, 2));
/// assert_eq!(table.row(1), [-12.0, -77.0]);
/// assert_eq!(table.column(0).collect::<Vec<_>>(), [59.9, -12.0]);
/// # Ok::<(), flows_data::DataError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    origin: String,
    names: Vec<String>,
    values: Vec<f64>,
    notices: Vec<Notice>,
}

impl Table {
    /// Makes a table from its columns' names and its values, row after row.
    ///
    /// # Errors
    ///
    /// No name, two equal names, values that do not fill whole rows, a NaN or an infinity.
    pub fn new<S: Into<String>>(names: impl IntoIterator<Item = S>, values: Vec<f64>) -> Result<Self, DataError> {
        let names = names.into_iter().map(Into::into).collect();
        Ok(Self::checked("table in memory".to_owned(), names, values)?)
    }

    /// Makes a table from its columns' names and its rows.
    ///
    /// # Errors
    ///
    /// Those of [`Table::new`], and a row with more or fewer values than there are names.
    pub fn from_rows<S: Into<String>, R: AsRef<[f64]>>(
        names: impl IntoIterator<Item = S>,
        rows: impl IntoIterator<Item = R>,
    ) -> Result<Self, DataError> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let mut values = Vec::new();
        for (row, cells) in rows.into_iter().enumerate() {
            let (got, expected) = (cells.as_ref().len(), names.len());
            if got != expected {
                let file = "table in memory".to_owned();
                return Err(TableError::RaggedRow { file, place: Place::Row(row), expected, got }.into());
            }
            values.extend_from_slice(cells.as_ref());
        }
        Self::new(names, values)
    }

    /// Reads a table in the format that the file's extension tells: text for `.csv`, `.tsv`, `.txt` and `.dat`, or `.npy`;
    /// each may be packed by gzip (`.csv.gz`).
    ///
    /// Of a text file every column of numbers is taken; see [`Table::read_with`] for a choice.
    ///
    /// # Errors
    ///
    /// An unknown extension, and those of [`Table::read_csv`] and [`Table::read_npy`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self, DataError> {
        Self::read_with(path, &CsvOptions::new())
    }

    /// Reads a table as [`Table::read`] does, with options: of an npy file, those that choose columns and rows apply.
    ///
    /// # Errors
    ///
    /// Those of [`Table::read`], and columns that are not there.
    pub fn read_with(path: impl AsRef<Path>, options: &CsvOptions) -> Result<Self, DataError> {
        let path = path.as_ref();
        let extension = bytes::extension(path);
        match extension.as_str() {
            "csv" | "tsv" | "txt" | "dat" => Self::read_csv(path, options),
            "npy" => Self::read_npy_with(path, options),
            _ => Err(TableError::UnknownExtension { file: path.display().to_string(), extension }.into()),
        }
    }

    /// The same table under another name in errors.
    #[must_use]
    pub fn named(self, origin: impl Into<String>) -> Self {
        Self { origin: origin.into(), ..self }
    }

    /// Checks everything but the place of a value in a file, which only a reader knows.
    pub(crate) fn checked(origin: String, names: Vec<String>, values: Vec<f64>) -> Result<Self, TableError> {
        if names.is_empty() {
            return Err(TableError::Empty { file: origin });
        }
        check_distinct(&origin, &names)?;
        if !values.len().is_multiple_of(names.len()) {
            return Err(TableError::Incomplete { file: origin, columns: names.len(), values: values.len() });
        }
        if let Some(first) = values.iter().position(|value| !value.is_finite()) {
            return Err(TableError::NotFinite {
                file: origin,
                place: Place::Row(first / names.len()),
                column: names[first % names.len()].clone(),
                value: values[first],
                count: values.iter().filter(|value| !value.is_finite()).count(),
            });
        }
        Ok(Self { origin, names, values, notices: vec![] })
    }

    /// A table whose names and values a reader has checked.
    pub(crate) fn settled(origin: String, names: Vec<String>, values: Vec<f64>, notices: Vec<Notice>) -> Self {
        Self { origin, names, values, notices }
    }

    /// What is left of a table without names of its own after the options have chosen columns and rows.
    pub(crate) fn chosen(self, options: &CsvOptions) -> Result<Self, TableError> {
        let Self { origin, names, values, mut notices } = self;
        let choice = choose(&origin, options, &names, false, &mut notices)?;
        let kept: Vec<String> = choice.places.iter().map(|place| names[*place].clone()).collect();
        notices.retain(|notice| !matches!(notice, Notice::Rounded { column, .. } if !kept.contains(column)));
        if !choice.by_name {
            require_like(&origin, options, &kept, &mut notices)?;
        }
        let values: Vec<f64> = values
            .chunks_exact(names.len())
            .flat_map(|row| choice.places.iter().map(|place| row[*place]))
            .map(|value| if options.missing_values.contains(&value) { f64::NAN } else { value })
            .collect();
        let values = options.missing.settle(&origin, values, kept.len(), Place::Row, &mut notices)?;
        if options.missing == super::Missing::Refuse {
            let checked = Self::checked(origin, kept, values)?;
            return Ok(Self { notices, ..checked });
        }
        Ok(Self::settled(origin, kept, values, notices))
    }

    /// Rows of this table, in the order of `indices`; valid by construction.
    pub(crate) fn pick(&self, indices: &[usize]) -> Self {
        let values = indices.iter().flat_map(|&row| self.row(row)).copied().collect();
        Self { origin: self.origin.clone(), names: self.names.clone(), values, notices: vec![] }
    }

    /// Where the table came from: the path of a file, or a name.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// What was decided or left out when the table was read.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.values.len() / self.names.len()
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.names.len()
    }

    /// Names of the columns, in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// All values, row after row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The values of one row.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn row(&self, index: usize) -> &[f64] {
        assert!(index < self.rows(), "row {index} of a table of {} rows", self.rows());
        &self.values[index * self.columns()..][..self.columns()]
    }

    /// The values of one column, from the first row to the last.
    ///
    /// # Panics
    ///
    /// If there is no such column.
    pub fn column(&self, index: usize) -> impl ExactSizeIterator<Item = f64> + Clone + '_ {
        assert!(index < self.columns(), "column {index} of a table of {} columns", self.columns());
        self.values.chunks_exact(self.columns()).map(move |row| row[index])
    }

    /// The named columns, in the order of the names.
    ///
    /// # Errors
    ///
    /// A name that no column has (the error lists those there are), a name given twice, no name at all.
    pub fn select<S: AsRef<str>>(&self, names: &[S]) -> Result<Self, DataError> {
        let names: Vec<String> = names.iter().map(|name| name.as_ref().to_owned()).collect();
        let indices = positions(&self.origin, &names, &self.names)?;
        let values = self.values.chunks_exact(self.columns()).flat_map(|row| indices.iter().map(|&i| row[i])).collect();
        Ok(Self::checked(self.origin.clone(), names, values)?)
    }

    /// The columns that another table has, in its order: by name where both have names, and otherwise by their order, if
    /// there are as many. Made-up names (`column_1`) are none.
    ///
    /// # Errors
    ///
    /// Other names (the error lists both sides) or another number of columns.
    ///
    /// # Example
    ///
    /// ```
    /// use flows_data::Table;
    ///
    /// let table = Table::from_rows(["y", "id", "x"], [[1.0, 7.0, 2.0]])?;
    /// assert_eq!(table.like(&["x", "y"])?.values(), [2.0, 1.0]);
    /// assert!(table.like(&["x", "z"]).is_err());
    /// # Ok::<(), flows_data::DataError>(())
    /// ```
    pub fn like<S: AsRef<str>>(&self, names: &[S]) -> Result<Self, DataError> {
        let names: Vec<String> = names.iter().map(|name| name.as_ref().to_owned()).collect();
        let known = names.iter().all(|name| self.names.contains(name));
        if !known && (are_made_up(&names) || are_made_up(&self.names)) && names.len() == self.columns() {
            return Ok(Self { names, ..self.clone() });
        }
        like(&self.origin, &names, &self.names)?;
        self.select(&names)
    }

    /// The values as a tensor `[rows, columns]` of the device's own floating point type.
    pub fn to_tensor(&self, device: &Device) -> Tensor<2> {
        Tensor::from_data(TensorData::new(self.values.clone(), [self.rows(), self.columns()]), device)
    }
}

/// Checks that no two columns share a name.
pub(crate) fn check_distinct(file: &str, names: &[String]) -> Result<(), TableError> {
    for (second, name) in names.iter().enumerate() {
        if let Some(first) = names[..second].iter().position(|earlier| earlier == name) {
            let (file, column) = (file.to_owned(), name.clone());
            return Err(TableError::DuplicateColumn { file, column, first: first + 1, second: second + 1 });
        }
    }
    Ok(())
}

/// Where each wanted column is among those available.
pub(crate) fn positions(file: &str, wanted: &[String], available: &[String]) -> Result<Vec<usize>, TableError> {
    let find = |name: &String| {
        available.iter().position(|other| other == name).ok_or_else(|| TableError::MissingColumn {
            file: file.to_owned(),
            column: name.clone(),
            available: available.to_vec(),
        })
    };
    wanted.iter().map(find).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(result: Result<Table, DataError>) -> TableError {
        match result.expect_err("the table is wrong") {
            DataError::Table(error) => error,
            other => panic!("an error of another kind: {other}"),
        }
    }

    fn table() -> Table {
        let rows = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
        Table::from_rows(["a", "b", "c"], rows).expect("a good table")
    }

    #[test]
    fn columns_are_selected_in_the_order_asked_for() {
        let selected = table().select(&["c", "a"]).expect("both exist");
        assert_eq!(selected.names(), ["c", "a"]);
        assert_eq!(selected.values(), [3.0, 1.0, 6.0, 4.0]);
    }

    #[test]
    fn a_missing_column_is_named_together_with_those_that_exist() {
        let error = error_of(table().named("t.csv").select(&["a", "z"]));
        assert_eq!(error.to_string(), "t.csv: no column `z`; the columns are `a`, `b`, `c`");
    }

    #[test]
    fn a_column_selected_twice_is_an_error() {
        let error = error_of(table().select(&["a", "a"]));
        assert!(matches!(error, TableError::DuplicateColumn { first: 1, second: 2, .. }), "{error}");
    }

    #[test]
    fn two_columns_of_one_name_are_an_error() {
        let error = error_of(Table::new(["a", "b", "a"], vec![]));
        assert!(matches!(error, TableError::DuplicateColumn { first: 1, second: 3, .. }), "{error}");
    }

    #[test]
    fn a_table_without_columns_is_an_error() {
        assert!(matches!(error_of(Table::new::<String>([], vec![])), TableError::Empty { .. }));
    }

    #[test]
    fn values_that_fill_no_whole_row_are_an_error() {
        let error = error_of(Table::new(["a", "b"], vec![1.0, 2.0, 3.0]));
        assert!(matches!(error, TableError::Incomplete { columns: 2, values: 3, .. }), "{error}");
    }

    #[test]
    fn a_row_of_another_length_is_an_error() {
        let error = error_of(Table::from_rows(["a", "b"], [vec![1.0, 2.0], vec![3.0]]));
        assert!(matches!(error, TableError::RaggedRow { place: Place::Row(1), expected: 2, got: 1, .. }), "{error}");
    }

    #[test]
    fn values_that_are_not_finite_are_counted_and_the_first_one_is_shown() {
        let values = vec![1.0, 2.0, 3.0, f64::INFINITY, f64::NAN, 6.0];
        let message = error_of(Table::new(["a", "b"], values)).to_string();
        let place = "table in memory, row 1 (counting from 0), column `b`";
        let expected = format!("{place}: inf is not finite (2 such cells in the table, this is the first); hint:");
        assert!(message.starts_with(&expected), "{message}");
    }

    #[test]
    fn an_unknown_extension_is_an_error_that_lists_the_known_ones() {
        let message = error_of(Table::read("table.xlsx")).to_string();
        assert!(message.contains("`xlsx`") && message.contains(".csv"), "{message}");
    }

    #[test]
    fn a_table_without_names_is_matched_by_its_order() {
        let unnamed = Table::new(["column_1", "column_2", "column_3"], vec![1.0, 2.0, 3.0]).expect("a good table");
        assert_eq!(unnamed.like(&["a", "b", "c"]).expect("as many").names(), ["a", "b", "c"]);
        assert!(unnamed.like(&["a", "b"]).is_err());
        assert_eq!(table().like(&["column_1", "column_2", "column_3"]).expect("as many").row(1), [4.0, 5.0, 6.0]);
    }

    #[test]
    fn a_tensor_holds_the_rows_in_order() {
        let x = table().to_tensor(&Device::default());
        assert_eq!(x.dims(), [2, 3]);
        assert_eq!(x.into_data().iter::<f64>().collect::<Vec<_>>(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    }
}
