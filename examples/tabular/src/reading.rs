//! How the files of a table are read.

use std::path::Path;

use clap::ValueEnum;
use flows_data::{CsvOptions, Header, Missing, Table};

use crate::problem::Problem;

/// How files are read; what is not said is found out from the file.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Reading {
    /// The character between the cells of a text file: `,`, `;`, `tab`, `space` or another
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    delimiter: Option<u8>,
    /// The decimal mark of a text file, `.` or `,`
    #[arg(long, value_name = "CHARACTER", value_parser = decimal)]
    decimal: Option<u8>,
    /// Whether the first line of a text file names the columns
    #[arg(long, value_enum, default_value = "auto")]
    header: HeaderChoice,
    /// Numbers that stand for missing values, as in -9999,1e20
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',', allow_hyphen_values = true)]
    missing: Vec<f64>,
}

/// Which columns and rows are taken.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Choice {
    /// The columns to take, as in a,b,x*; all columns of numbers by default
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    columns: Vec<String>,
    /// Columns to leave out, as in id,x*
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    exclude: Vec<String>,
    /// Leaves out rows that miss a value
    #[arg(long)]
    drop_missing: bool,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum HeaderChoice {
    /// As the file shows
    #[default]
    Auto,
    /// It does
    Yes,
    /// It does not
    No,
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text {
        "tab" | "\\t" => Ok(b'\t'),
        "space" => Ok(b' '),
        _ => match text.as_bytes() {
            [character] if !character.is_ascii_alphanumeric() => Ok(*character),
            _ => Err("expected one character, `tab` or `space`".to_owned()),
        },
    }
}

fn decimal(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        [mark @ (b'.' | b',')] => Ok(*mark),
        _ => Err("expected `.` or `,`".to_owned()),
    }
}

impl Reading {
    fn options(&self) -> CsvOptions {
        let header = match self.header {
            HeaderChoice::Auto => Header::Detect,
            HeaderChoice::Yes => Header::Present,
            HeaderChoice::No => Header::Absent,
        };
        let options = CsvOptions::new().with_header(header).with_missing_values(self.missing.iter().copied());
        let options = self.delimiter.into_iter().fold(options, CsvOptions::with_delimiter);
        self.decimal.into_iter().fold(options, CsvOptions::with_decimal)
    }

    /// Reads a table to train on; a column of weights is taken as well.
    pub(crate) fn table(&self, choice: &Choice, weights: Option<&str>, path: &Path) -> Result<Table, Problem> {
        let options = self.options().without_columns(&choice.exclude).with_missing(choice.missing());
        let options = match (choice.columns.as_slice(), weights) {
            ([], _) => options,
            (columns, weights) => {
                let weights = weights.filter(|weights| columns.iter().all(|column| column != weights));
                options.with_columns(columns.iter().map(String::as_str).chain(weights))
            }
        };
        Ok(Table::read_with(path, &options)?)
    }

    /// Reads a table with the columns of another one.
    pub(crate) fn table_like(&self, names: &[String], missing: Missing, path: &Path) -> Result<Table, Problem> {
        Ok(Table::read_with(path, &self.options().with_columns_like(names).with_missing(missing))?)
    }
}

impl Choice {
    /// What becomes of rows that miss a value.
    pub(crate) fn missing(&self) -> Missing {
        if self.drop_missing { Missing::Drop } else { Missing::Refuse }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delimiter_is_a_character_or_has_a_name() {
        assert_eq!([";", "tab", "space", "|"].map(delimiter), [Ok(b';'), Ok(b'\t'), Ok(b' '), Ok(b'|')]);
        assert!(delimiter("ab").is_err() && delimiter("").is_err() && delimiter("a").is_err());
        assert!(decimal(";").is_err());
    }
}
