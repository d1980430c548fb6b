//! What was noticed about a file while it was read.

use std::fmt;

use super::Place;

/// Something a reader decided by itself, or left out: nothing of it is an error, all of it should be known.
///
/// A [`Table`](super::Table) keeps the notices of its file; a program prints them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the text of a variant says what each of its fields is")]
pub enum Notice {
    /// The bytes are not UTF-8 and no mark says what they are.
    Encoding { encoding: &'static str },
    /// The cells are separated by something other than the extension promises.
    Delimiter { delimiter: char },
    /// Numbers have a decimal comma.
    DecimalComma,
    /// Numbers of these columns have separators between their thousands.
    Thousands { columns: Vec<String> },
    /// The first line holds nothing but numbers and names the columns nevertheless.
    HeaderOfNumbers { names: Vec<String> },
    /// The first line was read as a row.
    NoHeader { first: Vec<String> },
    /// The names of the columns stand in a comment.
    HeaderInComment { line: u64 },
    /// Lines that begin with `#` were skipped.
    Comments { lines: usize },
    /// A column that numbers or names the rows was left out.
    Index { column: Option<String> },
    /// A column of text was left out.
    Text { column: String, line: u64, text: String },
    /// Columns without a single value were left out.
    NoValues { columns: Vec<String> },
    /// Columns that were not asked for were left out.
    NotAskedFor { columns: Vec<String> },
    /// Columns were matched by their order, as one side has no names.
    ByPlace { columns: Vec<String> },
    /// Rows with a missing cell were left out.
    RowsDropped { rows: usize, of: usize },
    /// Rows with a missing cell were kept.
    RowsIncomplete { rows: usize, first: Place },
    /// Quoted cells have line ends in them.
    OverLines { rows: usize, first: Place },
    /// A column of numbers with some text in it is read as text.
    Mixed { column: String, cells: usize, text: String, first: Place },
    /// Dates that may be read in two ways are left as text.
    AmbiguousDates { column: String, text: String },
    /// A column of dates with some text in it is read as text.
    NotDates { column: String, cells: usize, text: String, first: Place },
    /// The first column has no name.
    Nameless { column: String },
    /// Blank lines of a table of one column were passed over.
    BlankLines { lines: u64 },
    /// Numbers of a column have a sign beside them.
    Marked { column: String, text: String, value: String },
    /// A column of a type that no cell has was left out.
    NoCells { column: String, kind: &'static str },
    /// A column of another type became numbers.
    Converted { column: String, from: String, to: &'static str },
    /// Whole numbers beyond 2^53 became the nearest number in double precision.
    Rounded { column: String, cells: usize, first: Place },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding { encoding } => write!(f, "not UTF-8, read as {encoding}"),
            Self::Delimiter { delimiter: '\t' } => write!(f, "cells are separated by tabs"),
            Self::Delimiter { delimiter: ' ' } => write!(f, "cells are separated by spaces"),
            Self::Delimiter { delimiter } => write!(f, "cells are separated by `{delimiter}`"),
            Self::DecimalComma => write!(f, "numbers have a decimal comma"),
            Self::Thousands { columns } => {
                write!(f, "numbers with separated thousands, such as `1,234`, in {}", list(columns))
            }
            Self::HeaderOfNumbers { names } => {
                write!(f, "the first line ({}) names the columns; hint: `--header no` if it is a row", list(names))
            }
            Self::NoHeader { first } => {
                write!(f, "no header: the first line ({}) is a row; hint: `--header yes` if it names the columns", {
                    list(first)
                })
            }
            Self::HeaderInComment { line } => write!(f, "the comment on line {line} names the columns"),
            Self::Comments { lines: 1 } => write!(f, "skipped a line that begins with `#`"),
            Self::Comments { lines } => write!(f, "skipped {lines} lines that begin with `#`"),
            Self::Index { column: None } => {
                write!(
                    f,
                    "left out the nameless first column, which only labels the rows; hint: give it a name to keep it"
                )
            }
            Self::Index { column: Some(name) } => {
                write!(f, "left out `{name}`, which only counts the rows; hint: `--columns` keeps it")
            }
            Self::Text { column, line, text } => {
                let hint = if is_yes_or_no(text) { "; hint: written as 0 and 1 it is taken" } else { "" };
                write!(f, "left out `{column}`: it holds text, such as `{text}` on line {line}{hint}")
            }
            Self::NoValues { columns } => write!(f, "left out {}: every cell is empty", list(columns)),
            Self::NotAskedFor { columns } => write!(f, "left out {}", list(columns)),
            Self::ByPlace { columns } => write!(f, "columns are matched by their order: {}", list(columns)),
            Self::RowsDropped { rows, of } => write!(f, "left out {rows} of {of} rows, which miss a value"),
            Self::RowsIncomplete { rows, first } => write!(f, "{rows} rows miss a value, the first is {first}"),
            Self::OverLines { rows, first } => write!(
                f,
                "{rows} rows have a quoted cell of more than one line, the first is {first}; hint: if that is a quote too \
                 many, remove it"
            ),
            Self::Mixed { column, cells, text, first } => write!(
                f,
                "`{column}` holds numbers, but for {cells} cell{}, such as `{text}` on {first}, and is read as text; hint: \
                 `--null {}` counts them as missing",
                if *cells == 1 { "" } else { "s" },
                shell_word(text)
            ),
            Self::AmbiguousDates { column, text } => write!(
                f,
                "`{column}` may hold dates, but `{text}` is two of them, and is read as text; hint: write dates as 2024-12-31"
            ),
            Self::NotDates { column, cells, text, first } => write!(
                f,
                "`{column}` holds dates, but for {cells} cell{}, such as `{text}` on {first}, and is read as text; hint: \
                 `--null {}` counts them as missing",
                if *cells == 1 { "" } else { "s" },
                shell_word(text)
            ),
            Self::Nameless { column } => {
                write!(f, "the first column has no name, as names of rows have none, and is called `{column}`")
            }
            Self::BlankLines { lines } => write!(
                f,
                "{lines} blank line{} passed over; hint: write a missing cell of a single column as NA",
                if *lines == 1 { " is" } else { "s are" }
            ),
            Self::Marked { column, text, value } => {
                write!(f, "`{column}` holds numbers with a sign: `{text}` is read as {value}")
            }
            Self::NoCells { column, kind } => {
                write!(f, "left out `{column}`: it holds {kind}; hint: write it as text or as columns of numbers")
            }
            Self::Converted { column, from, to } => write!(f, "`{column}` is {from}, read as {to}"),
            Self::Rounded { column, cells, first } => write!(
                f,
                "{cells} whole numbers of `{column}` have more digits than double precision and are rounded, the first \
                 is {first}; hint: `--as {}=skip` if it is an identifier",
                shell_word(column)
            ),
        }
    }
}

fn is_yes_or_no(text: &str) -> bool {
    ["true", "false", "yes", "no", "t", "f", "y", "n"].iter().any(|word| text.trim().eq_ignore_ascii_case(word))
}

/// A name as a shell takes it for one word, for hints that can be pasted: quoted where it must be.
pub fn shell_word(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':' | '+' | '@');
    match !name.is_empty() && name.chars().all(plain) {
        true => name.to_owned(),
        false => format!("'{}'", name.replace('\'', r"'\''")),
    }
}

/// More names than this say nothing to a reader.
const SHOWN: usize = 20;

/// Names in backquotes, cut short where there are many.
pub(crate) fn list(names: &[String]) -> String {
    let mut shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    if names.len() > SHOWN {
        shown.push(format!("and {} more", names.len() - SHOWN));
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_says_what_was_left_out_and_why() {
        let notice = Notice::Text { column: "city".into(), line: 2, text: "Oslo".into() };
        assert_eq!(notice.to_string(), "left out `city`: it holds text, such as `Oslo` on line 2");
    }

    #[test]
    fn a_hint_can_be_pasted_into_a_shell_whatever_the_column_is_called() {
        assert_eq!(
            ["x_1", "a b", "it's", "$(rm)", ""].map(shell_word),
            ["x_1", "'a b'", r"'it'\''s'", "'$(rm)'", "''"]
        );
    }

    #[test]
    fn a_row_taken_for_data_tells_how_to_make_it_a_header() {
        let notice = Notice::NoHeader { first: vec!["1".into(), "2".into()] };
        assert!(notice.to_string().contains("(`1`, `2`) is a row; hint: `--header yes`"), "{notice}");
    }
}
