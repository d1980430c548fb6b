//! Why a table cannot be used.

use std::fmt;

/// Where in a file or a table something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A line of a text file; the first one is 1.
    Line(u64),
    /// A row of an array; the first one is 0, as in numpy.
    Row(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Row(row) => write!(f, "row {row} (counting from 0)"),
        }
    }
}

/// Why a table cannot be used; says the file, the row and the column.
///
/// In every variant `file` is the path, or the name that was given to a table made in memory.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the message of a variant says what each of its fields is")]
pub enum TableError {
    /// The extension of the file is none of those a table can be read from.
    #[error("{file}: cannot tell the format from the extension `{extension}`; known are .csv, .tsv and .npy")]
    UnknownExtension { file: String, extension: String },
    /// There is nothing in the file, or the table has no column.
    #[error("{file}: empty, there is no column")]
    Empty { file: String },
    /// There is a header, and nothing below it.
    #[error("{file}: a header and no row of data")]
    NoRows { file: String },
    /// No column holds numbers.
    #[error(
        "{file}: no column of numbers; the columns are {}; if there should be more of them, set the delimiter",
        list(columns)
    )]
    NoNumericColumns { file: String, columns: Vec<String> },
    /// A row has more or fewer cells than there are columns.
    #[error("{file}, {place}: {got} cells where there are {expected} columns")]
    RaggedRow { file: String, place: Place, expected: usize, got: usize },
    /// The values do not fill whole rows.
    #[error("{file}: {values} values do not fill whole rows of {columns} columns")]
    Incomplete { file: String, columns: usize, values: usize },
    /// There is text where a number should be.
    #[error("{file}, {place}, column `{column}`: `{text}` is not a number ({count} such cells in this column)")]
    NotANumber { file: String, place: Place, column: String, text: String, count: usize },
    /// There is nothing where a number should be.
    #[error("{file}, {place}, column `{column}`: the cell is empty ({count} such cells in this column)")]
    EmptyCell { file: String, place: Place, column: String, count: usize },
    /// There is a NaN or an infinity.
    #[error(
        "{file}, {place}, column `{column}`: {value} is not finite ({count} such cells in the table, this is the first)"
    )]
    NotFinite { file: String, place: Place, column: String, value: f64, count: usize },
    /// Two columns have the same name.
    #[error("{file}: columns {first} and {second} (counting from 1) are both named `{column}`")]
    DuplicateColumn { file: String, column: String, first: usize, second: usize },
    /// There is no column of that name.
    #[error("{file}: no column `{column}`; the columns are {}", list(available))]
    MissingColumn { file: String, column: String, available: Vec<String> },
    /// Columns that hold one and the same number in every row, which have no density.
    #[error("{file}: nothing to learn from constant columns: {}; select the others", constants(columns))]
    ConstantColumns { file: String, columns: Vec<(String, f64)> },
    /// There are not enough rows.
    #[error("{file}: {rows} rows, at least {needed} are needed")]
    TooFewRows { file: String, rows: usize, needed: usize },
    /// A number that single precision, which devices compute in, cannot hold.
    #[error("{file}, {place}, column `{column}`: {value:e} is beyond single precision; rescale the column")]
    TooLarge { file: String, place: Place, column: String, value: f64 },
    /// The file does not begin as an npy file does.
    #[error("{file}: not an npy file, the first bytes are not `\\x93NUMPY`")]
    NpyMagic { file: String },
    /// The header of an npy file cannot be read.
    #[error("{file}: the npy header cannot be read: {reason}")]
    NpyHeader { file: String, reason: String },
    /// The npy file ends before its data do.
    #[error("{file}: truncated, the header announces {expected} bytes of data and there are {got}")]
    NpyTruncated { file: String, expected: u64, got: u64 },
    /// The elements of an npy file are not real numbers of a known size.
    #[error("{file}: elements of type {dtype}; known are float32, float64 and the integers")]
    NpyDtype { file: String, dtype: String },
    /// The array in an npy file has neither one nor two dimensions.
    #[error("{file}: an array of shape {shape:?}; one dimension (a column) or two (rows, columns) are needed")]
    NpyRank { file: String, shape: Vec<u64> },
}

/// More names than this say nothing to a reader.
const SHOWN: usize = 20;

fn list(names: &[String]) -> String {
    let mut shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    if names.len() > SHOWN {
        shown.push(format!("and {} more", names.len() - SHOWN));
    }
    shown.join(", ")
}

fn constants(columns: &[(String, f64)]) -> String {
    list(&columns.iter().map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_file_line_and_column() {
        let error = TableError::NotANumber {
            file: "cities.csv".into(),
            place: Place::Line(7),
            column: "lat".into(),
            text: "n/a".into(),
            count: 3,
        };
        let message = "cities.csv, line 7, column `lat`: `n/a` is not a number (3 such cells in this column)";
        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn a_long_list_of_columns_is_cut_short() {
        let available: Vec<String> = (0..43).map(|i| format!("x{i}")).collect();
        let error = TableError::MissingColumn { file: "a.csv".into(), column: "y".into(), available };
        let message = error.to_string();
        assert!(message.ends_with("`x19`, and 23 more"), "{message}");
    }

    #[test]
    fn constant_columns_are_shown_with_their_value() {
        let columns = vec![("a".to_owned(), 1.5), ("b".to_owned(), -2.0)];
        let message = TableError::ConstantColumns { file: "t".into(), columns }.to_string();
        assert_eq!(message, "t: nothing to learn from constant columns: `a = 1.5`, `b = -2`; select the others");
    }
}
