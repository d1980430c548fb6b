//! How to read a table.

use super::Missing;

/// Whether the first line of a text file names the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Header {
    /// It does if it is unlike the lines below: text above numbers, or evenly spaced whole numbers, such as `0,1,2`,
    /// above fractions. Whatever is decided about a line of numbers is a [`Notice`](super::Notice).
    #[default]
    Detect,
    /// It does.
    Present,
    /// It does not: the columns are called `column_1`, `column_2` and so on.
    Absent,
}

/// Which columns are taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Wanted {
    /// All that hold numbers.
    #[default]
    All,
    /// Those with these names or patterns.
    Named(Vec<String>),
    /// Those that a model knows.
    Like(Vec<String>),
}

/// How to read a table; what is left alone is found out from the file.
///
/// # Example
///
/// ```
/// use flows_data::{CsvOptions, Table};
///
/// let text = "a;b;c\n1;2;3\n4;5;6\n";
/// let options = CsvOptions::new().with_columns(["c", "a"]);
/// let table = Table::from_csv(text.as_bytes(), "a small file", &options)?;
/// assert_eq!(table.values(), [3.0, 1.0, 6.0, 4.0]);
/// # Ok::<(), flows_data::DataError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CsvOptions {
    pub(crate) wanted: Wanted,
    pub(crate) excluded: Vec<String>,
    pub(crate) delimiter: Option<u8>,
    pub(crate) decimal: Option<u8>,
    pub(crate) header: Header,
    pub(crate) missing: Missing,
    pub(crate) missing_values: Vec<f64>,
}

impl CsvOptions {
    /// Every column of numbers; separators, decimal mark and header as the file shows them.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes these columns, in this order, and no others: what the others hold does not matter. In a name, `*` stands
    /// for any text: `x*` takes all columns that begin with `x`.
    #[must_use]
    pub fn with_columns<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.wanted = Wanted::Named(names.into_iter().map(Into::into).collect());
        self
    }

    /// Takes the columns that a model was trained on, in its order: by name where both sides have names, and otherwise
    /// by their order, if there are as many.
    #[must_use]
    pub fn with_columns_like<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.wanted = Wanted::Like(names.into_iter().map(Into::into).collect());
        self
    }

    /// Leaves these columns out; `*` stands for any text.
    #[must_use]
    pub fn without_columns<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.excluded = names.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the character between cells; a space stands for any number of spaces and tabs.
    #[must_use]
    pub fn with_delimiter(mut self, delimiter: u8) -> Self {
        self.delimiter = Some(delimiter);
        self
    }

    /// Sets the decimal mark: a point or a comma.
    ///
    /// # Panics
    ///
    /// If it is another character.
    #[must_use]
    pub fn with_decimal(mut self, decimal: u8) -> Self {
        assert!(matches!(decimal, b'.' | b','), "`decimal`: expected `.` or `,`, got `{}`", char::from(decimal));
        self.decimal = Some(decimal);
        self
    }

    /// Says whether the first line is a header.
    #[must_use]
    pub fn with_header(mut self, header: Header) -> Self {
        self.header = header;
        self
    }

    /// Says what becomes of rows that miss a value.
    #[must_use]
    pub fn with_missing(mut self, missing: Missing) -> Self {
        self.missing = missing;
        self
    }

    /// Counts these numbers as missing: the fill values of the file, such as -9999.
    #[must_use]
    pub fn with_missing_values(mut self, values: impl IntoIterator<Item = f64>) -> Self {
        self.missing_values = values.into_iter().collect();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_assumed_unless_it_is_said() {
        let options = CsvOptions::new();
        assert_eq!((options.delimiter, options.decimal, options.header), (None, None, Header::Detect));
        assert_eq!((options.wanted, options.missing), (Wanted::All, Missing::Refuse));
    }

    #[test]
    #[should_panic(expected = "`decimal`: expected `.` or `,`, got `;`")]
    fn another_decimal_mark_panics() {
        let _ = CsvOptions::new().with_decimal(b';');
    }
}
