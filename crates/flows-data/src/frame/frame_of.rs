//! Named columns of one length.

use super::{Cells, FrameColumn};
use crate::DataError;
use crate::columns::Selection;
use crate::table::{Notice, Place, Table, TableError, check_distinct};

/// A table as it is in its file: columns of numbers, words and times, with nothing left out.
///
/// # Example
///
/// ```
/// use flows_data::{Cells, Frame, ReadOptions};
///
/// let csv = "when,city,visitors\n2024-05-01,Oslo,120\n2024-05-02,,95\n";
/// let frame = Frame::from_text(csv.as_bytes(), "visits.csv", &ReadOptions::new())?;
/// assert_eq!((frame.rows(), frame.names()), (2, vec!["when", "city", "visitors"]));
/// assert!(matches!(frame.column("when")?.cells, Cells::Times(_)));
/// assert_eq!(frame.column("city")?.cells.missing(), 1);
/// # Ok::<(), flows_data::DataError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    origin: String,
    columns: Vec<FrameColumn>,
    rows: usize,
    notices: Vec<Notice>,
}

impl Frame {
    /// A frame of columns.
    ///
    /// # Errors
    ///
    /// No column, two of one name, columns of different lengths.
    pub fn new(columns: Vec<FrameColumn>) -> Result<Self, DataError> {
        Ok(Self::checked("table in memory", columns, vec![])?)
    }

    /// A frame that a reader made.
    pub(crate) fn checked(
        origin: impl Into<String>,
        columns: Vec<FrameColumn>,
        notices: Vec<Notice>,
    ) -> Result<Self, TableError> {
        let origin = origin.into();
        let Some(first) = columns.first() else { return Err(TableError::Empty { file: origin }) };
        let rows = first.cells.len();
        let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
        check_distinct(&origin, &names)?;
        if let Some(other) = columns.iter().find(|column| column.cells.len() != rows) {
            let (column, got) = (other.name.clone(), other.cells.len());
            return Err(TableError::UnequalLengths { file: origin, column, got, first: names[0].clone(), rows });
        }
        Ok(Self { origin, columns, rows, notices })
    }

    /// The same frame under another name in errors.
    #[must_use]
    pub fn named(self, origin: impl Into<String>) -> Self {
        Self { origin: origin.into(), ..self }
    }

    /// Where the frame came from: the path of a file, or a name.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The columns, in order.
    pub fn columns(&self) -> &[FrameColumn] {
        &self.columns
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// What was decided or left out when the frame was read.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// The names of the columns, in order.
    pub fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|column| column.name.as_str()).collect()
    }

    /// The column of a name.
    ///
    /// # Errors
    ///
    /// There is none; the error lists those there are.
    pub fn column(&self, name: &str) -> Result<&FrameColumn, DataError> {
        self.columns.iter().find(|column| column.name == name).ok_or_else(|| self.lacks(name).into())
    }

    pub(crate) fn lacks(&self, name: &str) -> TableError {
        let available = self.columns.iter().map(|column| column.name.clone()).collect();
        TableError::MissingColumn { file: self.origin.clone(), column: name.to_owned(), available }
    }

    /// The columns that a selection takes, in its order.
    ///
    /// # Errors
    ///
    /// A name or pattern that fits no column, or nothing left.
    pub fn select(&self, selection: &Selection) -> Result<Self, DataError> {
        let names: Vec<String> = self.columns.iter().map(|column| column.name.clone()).collect();
        let places = selection.places(&self.origin, &names)?;
        let columns = places.into_iter().map(|place| self.columns[place].clone()).collect();
        Ok(Self { columns, ..self.clone_empty() })
    }

    /// The rows at some places, in their order.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    #[must_use]
    pub fn pick(&self, rows: &[usize]) -> Self {
        let columns = self.columns.iter().map(|column| column.pick(rows)).collect();
        Self { columns, rows: rows.len(), ..self.clone_empty() }
    }

    /// The rows that miss no cell.
    ///
    /// # Example
    ///
    /// ```
    /// use flows_data::{Frame, ReadOptions};
    ///
    /// let cars = Frame::from_text("mpg,weight\n18,3504\n,4425\n24,2372\n".as_bytes(), "cars.csv", &ReadOptions::new())?;
    /// assert_eq!((cars.rows(), cars.drop_missing().rows()), (3, 2));
    /// # Ok::<(), flows_data::DataError>(())
    /// ```
    #[must_use]
    pub fn drop_missing(&self) -> Self {
        let whole = |row: &usize| self.columns.iter().all(|column| !column.cells.is_missing(*row));
        self.pick(&(0..self.rows).filter(whole).collect::<Vec<_>>())
    }

    /// The first rows, or all where there are not as many.
    #[must_use]
    pub fn head(&self, rows: usize) -> Self {
        if rows >= self.rows {
            return self.clone();
        }
        self.pick(&(0..rows).collect::<Vec<_>>())
    }

    /// The same frame with another column behind the others, or instead of the one of its name.
    ///
    /// # Errors
    ///
    /// A column of another length.
    pub fn with_column(mut self, column: FrameColumn) -> Result<Self, DataError> {
        match self.columns.iter_mut().find(|other| other.name == column.name) {
            Some(place) => *place = column,
            None => self.columns.push(column),
        }
        Ok(Self::checked(self.origin, self.columns, self.notices)?)
    }

    /// The columns of numbers as a [`Table`].
    ///
    /// # Errors
    ///
    /// No such column; a missing or infinite number.
    pub fn to_table(&self) -> Result<Table, DataError> {
        let numbers: Vec<(&String, &Vec<f64>)> = (self.columns.iter())
            .filter_map(|column| match &column.cells {
                Cells::Numbers(values) => Some((&column.name, values)),
                _ => None,
            })
            .collect();
        if numbers.is_empty() {
            let columns = self.columns.iter().map(|column| column.name.clone()).collect();
            return Err(TableError::NoNumericColumns { file: self.origin.clone(), columns }.into());
        }
        for (name, values) in &numbers {
            if let Some(row) = values.iter().position(|value| !value.is_finite()) {
                let count = numbers.iter().map(|(_, values)| values.iter().filter(|v| !v.is_finite()).count()).sum();
                let (file, column, value) = (self.origin.clone(), (*name).clone(), values[row]);
                return Err(TableError::NotFinite { file, place: Place::Row(row), column, value, count }.into());
            }
        }
        let values = (0..self.rows).flat_map(|row| numbers.iter().map(move |(_, values)| values[row])).collect();
        let names = numbers.iter().map(|(name, _)| (*name).clone()).collect::<Vec<_>>();
        Ok(Table::new(names, values)?.named(self.origin.clone()))
    }

    /// The frame without columns and rows.
    fn clone_empty(&self) -> Self {
        Self { origin: self.origin.clone(), columns: vec![], rows: self.rows, notices: self.notices.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Frame {
        let columns = vec![
            FrameColumn::numbers("x", [1.0, 2.5, 3.0]),
            FrameColumn::words("city", ["Oslo", "Lima", "Oslo"]),
            FrameColumn::numbers("y", [4.0, 5.0, 6.0]),
        ];
        Frame::new(columns).expect("good columns")
    }

    #[test]
    fn rows_and_columns_are_picked_in_the_order_that_is_asked_for() {
        let picked = frame().select(&"y,city".parse().expect("a selection")).expect("both are there").pick(&[2, 0]);
        assert_eq!(picked.names(), ["y", "city"]);
        assert_eq!(picked.columns()[0].cells, Cells::Numbers(vec![6.0, 4.0]));
        assert_eq!(frame().head(2).rows(), 2);
    }

    #[test]
    fn columns_of_numbers_make_a_table() {
        let table = frame().to_table().expect("finite");
        assert_eq!((table.names(), table.row(1)), (&["x".to_owned(), "y".to_owned()][..], &[2.5, 5.0][..]));
        let holed = frame().with_column(FrameColumn::numbers("y", [1.0, f64::NAN, 2.0])).expect("as long");
        let message = holed.to_table().expect_err("a hole").to_string();
        assert!(message.contains("row 1") && message.contains("`y`"), "{message}");
    }

    #[test]
    fn columns_of_other_lengths_or_equal_names_are_errors() {
        let longer = frame().with_column(FrameColumn::numbers("z", [1.0])).expect_err("too short").to_string();
        assert_eq!(longer, "table in memory: column `z` has 1 cells, and `x` has 3");
        let twice = vec![FrameColumn::numbers("x", [1.0]), FrameColumn::numbers("x", [1.0])];
        assert!(Frame::new(twice).is_err() && Frame::new(vec![]).is_err());
        assert!(frame().column("w").expect_err("none").to_string().contains("`x`, `city`, `y`"));
    }
}
