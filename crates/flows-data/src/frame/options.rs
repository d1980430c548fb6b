//! How to read a frame.

use super::FileFormat;
use crate::columns::Selection;
use crate::table::{CsvOptions, Header};

/// How to read a [`Frame`](super::Frame); what is left alone is found out from the file.
///
/// # Example
///
/// ```
/// use flows_data::{Frame, ReadOptions};
///
/// let options = ReadOptions::new().with_nulls(["-9999"]).with_columns("a".parse()?);
/// let frame = Frame::from_text("a;b\n1;2\n-9999;3\n".as_bytes(), "t.csv", &options)?;
/// assert_eq!((frame.names(), frame.columns()[0].cells.missing()), (vec!["a"], 1));
/// # Ok::<(), flows_data::DataError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReadOptions {
    pub(super) columns: Option<Selection>,
    pub(super) nulls: Vec<String>,
    pub(super) text: CsvOptions,
    pub(super) format: Option<FileFormat>,
    pub(super) verbatim: bool,
}

impl ReadOptions {
    /// Everything, as the file shows it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads these columns alone: what the others hold does not matter.
    #[must_use]
    pub fn with_columns(self, columns: Selection) -> Self {
        Self { columns: Some(columns), ..self }
    }

    /// Counts cells with these contents as missing, beside those that are empty or hold `NA` and its like.
    #[must_use]
    pub fn with_nulls<S: Into<String>>(self, nulls: impl IntoIterator<Item = S>) -> Self {
        Self { nulls: nulls.into_iter().map(Into::into).collect(), ..self }
    }

    /// Sets the character between the cells of a text; a space stands for any number of spaces and tabs.
    #[must_use]
    pub fn with_delimiter(self, delimiter: u8) -> Self {
        Self { text: self.text.with_delimiter(delimiter), ..self }
    }

    /// Sets the decimal mark of a text: a point or a comma.
    ///
    /// # Panics
    ///
    /// If it is another character.
    #[must_use]
    pub fn with_decimal(self, decimal: u8) -> Self {
        Self { text: self.text.with_decimal(decimal), ..self }
    }

    /// Says whether the first line of a text names the columns.
    #[must_use]
    pub fn with_header(self, header: Header) -> Self {
        Self { text: self.text.with_header(header), ..self }
    }

    /// Sets the format, which the first bytes and the extension tell otherwise.
    #[must_use]
    pub fn with_format(self, format: FileFormat) -> Self {
        Self { format: Some(format), ..self }
    }

    /// Leaves all cells of a text as they stand: each column is one of words, and no word is missing, not even an empty one. Other
    /// formats are read as ever.
    ///
    /// ```
    /// use flows_data::{Frame, ReadOptions};
    ///
    /// let frame = Frame::from_text("a,b\n1.50,\nNA,2\n".as_bytes(), "t.csv", &ReadOptions::new().verbatim())?;
    /// assert_eq!((frame.columns()[0].cells.word(0), frame.columns()[0].cells.word(1)), (Some("1.50"), Some("NA")));
    /// assert_eq!(frame.columns()[1].cells.word(0), Some(""));
    /// # Ok::<(), flows_data::DataError>(())
    /// ```
    #[must_use]
    pub fn verbatim(self) -> Self {
        Self { verbatim: true, ..self }
    }

    /// The places of the columns to read.
    pub(super) fn places(&self, file: &str, names: &[String]) -> Result<Vec<usize>, crate::DataError> {
        match &self.columns {
            Some(selection) => Ok(selection.places(file, names)?),
            None => Ok((0..names.len()).collect()),
        }
    }

    /// Whether a cell is among those that were said to be missing.
    pub(super) fn is_null(&self, cell: &str) -> bool {
        self.nulls.iter().any(|null| null == cell)
    }

    /// Whether a number is among those that were said to be missing.
    pub(super) fn is_null_number(&self, value: f64) -> bool {
        self.nulls.iter().any(|null| null.parse::<f64>().is_ok_and(|null| null == value))
    }
}
