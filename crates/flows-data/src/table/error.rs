//! Why a table cannot be used.

use std::fmt;

use super::notice::{list, shell_word};

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
    #[error("{file}: cannot tell the format from the extension `{extension}`; known are .csv, .tsv, .txt and .npy")]
    UnknownExtension { file: String, extension: String },
    /// The extension of a file to write is none of those a table can be written to.
    #[error(
        "{file}: cannot tell the format from the extension `{extension}`; hint: .csv, .tsv and .npy can be written"
    )]
    UnwritableExtension { file: String, extension: String },
    /// Neither the bytes nor the extension of a file tell a format that is known.
    #[error(
        "{file}: cannot tell the format from the extension `{extension}`; hint: .csv, .tsv, .txt, .json, .jsonl, .npy, .npz, \
         .parquet, .arrow and .feather are known, each packed by gzip or zstd or not"
    )]
    UnknownFrame { file: String, extension: String },
    /// The extension of a file to write is none of those a table can be written to.
    #[error(
        "{file}: cannot tell the format from the extension `{extension}`; hint: .csv, .tsv, .jsonl, .npy, .parquet and .arrow \
         can be written"
    )]
    UnwritableFrame { file: String, extension: String },
    /// The bytes are not of the format they should be of, or damaged.
    #[error("{file}: {format} cannot be read: {reason}; hint: {hint}")]
    Damaged { file: String, format: &'static str, reason: String, hint: &'static str },
    /// A line of JSON is none, or no object.
    #[error("{file}, {place}: {reason}; hint: a JSON object a row is needed, such as {{\"a\": 1, \"b\": \"x\"}}")]
    Json { file: String, place: Place, reason: String },
    /// A column of a type that a table has not.
    #[error("{file}, column `{column}`: {kind}; hint: {hint}")]
    ColumnType { file: String, column: String, kind: String, hint: String },
    /// Columns of different lengths.
    #[error("{file}: column `{column}` has {got} cells, and `{first}` has {rows}")]
    UnequalLengths { file: String, column: String, got: usize, first: String, rows: usize },
    /// Rows of other columns than those that a file was begun with.
    #[error("{file}: rows of {} behind rows of {}", list(got), list(expected))]
    OtherColumns { file: String, expected: Vec<String>, got: Vec<String> },
    /// A format that cannot be read, whatever the extension says.
    #[error("{file}: this is {format}; hint: {hint}")]
    Format { file: String, format: &'static str, hint: &'static str },
    /// There is nothing in the file, or the table has no column.
    #[error("{file}: empty, there is no column")]
    Empty { file: String },
    /// There is a header, and nothing below it.
    #[error("{file}: a header and no row of data")]
    NoRows { file: String },
    /// No column holds numbers.
    #[error(
        "{file}: no column of numbers; the columns are {}; hint: if there should be more of them, set `--delimiter`",
        list(columns)
    )]
    NoNumericColumns { file: String, columns: Vec<String> },
    /// A row has more or fewer cells than there are columns.
    #[error(
        "{file}, {place}: {got} cells where there are {expected} columns; hint: `--delimiter` and `--decimal` say how the \
         file is written"
    )]
    RaggedRow { file: String, place: Place, expected: usize, got: usize },
    /// A quoted cell that has no end.
    #[error(
        "{file}, {place}: a cell begins with a quote (\") that is never closed; hint: remove it, or write it twice"
    )]
    OpenQuote { file: String, place: Place },
    /// The values do not fill whole rows.
    #[error("{file}: {values} values do not fill whole rows of {columns} columns")]
    Incomplete { file: String, columns: usize, values: usize },
    /// There is text where a number should be.
    #[error(
        "{file}, {place}, column `{column}`: `{text}` is not a number ({count} such cells in this column); hint: \
         `--columns '!{}'` leaves the column out, `--missing drop` rows with cells such as NA",
        shell_word(column)
    )]
    NotANumber { file: String, place: Place, column: String, text: String, count: usize },
    /// There is nothing where a number should be.
    #[error(
        "{file}, {place}, column `{column}`: the cell is empty ({count} such cells in this column); hint: \
         `--missing drop` leaves such rows out, `--columns '!{}'` the column",
        shell_word(column)
    )]
    EmptyCell { file: String, place: Place, column: String, count: usize },
    /// There is a NaN or an infinity.
    #[error(
        "{file}, {place}, column `{column}`: {value} is not finite ({count} such cells in the table, this is the first); \
         hint: `--missing drop` leaves such rows out"
    )]
    NotFinite { file: String, place: Place, column: String, value: f64, count: usize },
    /// Two columns have the same name.
    #[error("{file}: columns {first} and {second} (counting from 1) are both named `{column}`")]
    DuplicateColumn { file: String, column: String, first: usize, second: usize },
    /// There is no column of that name.
    #[error("{file}: no column `{column}`; the columns are {}", list(available))]
    MissingColumn { file: String, column: String, available: Vec<String> },
    /// No column is left after the choice.
    #[error("{file}: every column is left out; the columns are {}", list(available))]
    NothingChosen { file: String, available: Vec<String> },
    /// The columns are not those that a model was trained on.
    #[error("{file}: {}the columns should be {}, and they are {}", lacking(missing), list(expected), list(got))]
    ForeignColumns { file: String, missing: Vec<String>, expected: Vec<String>, got: Vec<String> },
    /// A number that is one thing with a decimal point and another with a decimal comma.
    #[error(
        "{file}, {place}: `{text}` is one number with a decimal comma and another with thousands set apart, and nothing \
         in the file tells which; hint: set `--decimal , ` or `--decimal .`"
    )]
    AmbiguousDecimal { file: String, place: Place, text: String },
    /// Every row misses a value.
    #[error("{file}: each of the {rows} rows misses a value; hint: `--columns '!NAME'` leaves a column out")]
    NoWholeRow { file: String, rows: usize },
    /// A few values of a column are many orders of magnitude away from all others.
    #[error(
        "{file}, column `{column}`: {first:e} in rows {} (counting from 0 among those that are used), where all others are \
         within {largest:e} of the middle; hint: `--null {first}` counts it as missing, or correct the rows",
        rows.iter().take(10).map(|(row, _)| row.to_string()).collect::<Vec<_>>().join(", "),
        first = rows.first().map_or(0.0, |(_, value)| *value)
    )]
    Outliers { file: String, column: String, rows: Vec<(usize, f64)>, largest: f64 },
    /// Columns that hold one and the same number in every row, which have no density.
    #[error(
        "{file}: nothing to learn from constant columns: {}; hint: `--columns '!NAME'` leaves one out",
        constants(columns)
    )]
    ConstantColumns { file: String, columns: Vec<(String, f64)> },
    /// There are not enough rows.
    #[error("{file}: {rows} rows, at least {needed} are needed")]
    TooFewRows { file: String, rows: usize, needed: usize },
    /// The file does not begin as an npy file does.
    #[error("{file}: not an npy file, the first bytes are not `\\x93NUMPY`; hint: numpy's `np.save` writes one")]
    NpyMagic { file: String },
    /// The header of an npy file cannot be read.
    #[error("{file}: the npy header cannot be read: {reason}")]
    NpyHeader { file: String, reason: String },
    /// The npy file ends before its data do.
    #[error("{file}: truncated, the header announces {expected} bytes of data and there are {got}")]
    NpyTruncated { file: String, expected: u64, got: u64 },
    /// The elements of an npy file are not real numbers of a known size.
    #[error(
        "{file}: elements of type {dtype}; known are float32, float64 and the integers; hint: \
         `np.save(.., x.astype('f8'))`, or one column a field with `np.column_stack`"
    )]
    NpyDtype { file: String, dtype: String },
    /// The array in an npy file has neither one nor two dimensions.
    #[error("{file}: an array of shape {shape:?}; one dimension (a column) or two (rows, columns) are needed")]
    NpyRank { file: String, shape: Vec<u64> },
}

fn lacking(missing: &[String]) -> String {
    if missing.is_empty() { String::new() } else { format!("no column {}; ", list(missing)) }
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
        let message = error.to_string();
        let start = "cities.csv, line 7, column `lat`: `n/a` is not a number (3 such cells in this column); hint:";
        assert!(message.starts_with(start), "{message}");
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
        assert!(
            message.starts_with("t: nothing to learn from constant columns: `a = 1.5`, `b = -2`; hint:"),
            "{message}"
        );
    }
}
