//! How to read delimited text.

/// Whether the first line of a text file names the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Header {
    /// It does unless one of its cells is a number.
    ///
    /// Columns whose names are numbers, as data frames without names write them, need [`Header::Present`].
    #[default]
    Detect,
    /// It does.
    Present,
    /// It does not: the columns are called `column_1`, `column_2` and so on.
    Absent,
}

/// How to read a text file of numbers; what is left alone is found out from the file.
///
/// # Example
///
/// ```
/// use flows_core::data::{CsvOptions, Table};
///
/// let text = "a;b;c\n1;2;3\n4;5;6\n";
/// let options = CsvOptions::new().with_delimiter(b';').with_columns(["c", "a"]);
/// let table = Table::from_csv(text.as_bytes(), "a small file", &options)?;
/// assert_eq!(table.values(), [3.0, 1.0, 6.0, 4.0]);
/// # Ok::<(), flows_core::FlowError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CsvOptions {
    pub(super) columns: Option<Vec<String>>,
    pub(super) delimiter: Option<u8>,
    pub(super) header: Header,
}

impl CsvOptions {
    /// Every column of numbers, a comma (a tab in `.tsv`) between cells, a header if the first line looks like one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes these columns, in this order, and no others: what the others hold does not matter.
    #[must_use]
    pub fn with_columns<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.columns = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the character between cells.
    #[must_use]
    pub fn with_delimiter(mut self, delimiter: u8) -> Self {
        self.delimiter = Some(delimiter);
        self
    }

    /// Says whether the first line is a header.
    #[must_use]
    pub fn with_header(mut self, header: Header) -> Self {
        self.header = header;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_assumed_unless_it_is_said() {
        let expected = CsvOptions { columns: None, delimiter: None, header: Header::Detect };
        assert_eq!(CsvOptions::new(), expected);
    }
}
