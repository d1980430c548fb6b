//! HEPMASS: simulated collisions of particles.

use std::{fs::File, io::BufReader, path::Path};

use csv::{ByteRecord, Reader, ReaderBuilder};
use flows_data::{DataError, Place, Split, TableError};

use crate::{
    PaperTableError,
    moments::{Divisor, Moments},
    rows::{Rows, tenth},
};

/// Where the raw tables are: for training and validation, and for testing.
pub(crate) const FILES: [&str; 2] = ["hepmass/1000_train.csv", "hepmass/1000_test.csv"];

/// How often a column's smallest value may be there. The rule is meant for values that repeat, and looks only at the
/// smallest one, because that is the one the authors' code looks at.
const MOST_REPEATS: usize = 5;

/// Reads and preprocesses.
pub(crate) fn load(dir: &Path) -> Result<Split, PaperTableError> {
    let [train_path, test_path] = FILES.map(|file| dir.join(file));
    let [train_file, test_file] = [&train_path, &test_path].map(|path| path.display().to_string());
    let mut train = signal(&train_path, 0)?;
    // The test file names a column more than the other one.
    let mut test = signal(&test_path, 1)?;
    if train.names != test.names {
        let expected = format!("and {train_file} has {}, or they have other names", train.columns());
        return Err(PaperTableError::Columns { file: test_file, expected, got: test.columns() });
    }
    let count = train.rows();
    let validation = tenth(count);
    if validation == 0 {
        return Err(TableError::TooFewRows { file: train_file, rows: count, needed: 10 }.into());
    }

    train.require_standardisable(&train_file, count)?;
    let moments = Moments::of_first(&train, count, Divisor::CountLessOne);
    moments.standardise(&mut train);
    moments.standardise(&mut test);
    // After standardising, as the authors did.
    let keep: Vec<bool> = (0..train.columns()).map(|i| repeats_of_smallest(&train, i) <= MOST_REPEATS).collect();
    if !keep.contains(&true) {
        return Err(TableError::Empty { file: train_file }.into());
    }
    let (mut train, mut test) = (train.keep_columns(&keep), test.keep_columns(&keep));
    train.round_to_single();
    test.round_to_single();
    let mut split = train.into_split(&train_file, [count - validation, validation, 0])?;
    split.test = test.into_table(&test_file)?;
    Ok(split)
}

fn repeats_of_smallest(rows: &Rows, column: usize) -> usize {
    let smallest = rows.column(column).fold(f64::INFINITY, f64::min);
    rows.column(column).filter(|&value| value == smallest).count()
}

/// The features of the rows whose first cell, the label, is 1.
///
/// `surplus` is how many of the header's last names are not features. What a row has beyond the features is not looked
/// at, as pandas does for such a file.
fn signal(path: &Path, surplus: usize) -> Result<Rows, PaperTableError> {
    let file = path.display().to_string();
    let opened = File::open(path).map_err(|error| PaperTableError::unreadable(path, error))?;
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(BufReader::with_capacity(1 << 20, opened));
    let failed = |error: csv::Error| DataError::Io { action: "read", path: path.to_owned(), source: error.into() };
    let header = reader.byte_headers().map_err(failed)?;
    let mut names: Vec<String> =
        header.iter().skip(1).map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
    names.truncate(names.len().saturating_sub(surplus));
    if names.is_empty() {
        return Err(TableError::Empty { file }.into());
    }
    let values = signal_values(&mut reader, &file, &names, failed)?;
    if values.is_empty() {
        return Err(TableError::TooFewRows { file, rows: 0, needed: 1 }.into());
    }
    Ok(Rows { names, values })
}

fn signal_values<R: std::io::Read>(
    reader: &mut Reader<R>,
    file: &str,
    names: &[String],
    failed: impl Fn(csv::Error) -> DataError,
) -> Result<Vec<f64>, PaperTableError> {
    let mut record = ByteRecord::new();
    let (mut values, mut cells) = (Vec::new(), None);
    while reader.read_byte_record(&mut record).map_err(&failed)? {
        let place = Place::Line(record.position().map_or(0, csv::Position::line));
        let got = record.len();
        let expected = *cells.get_or_insert(got.max(1 + names.len()));
        if got != expected {
            return Err(TableError::RaggedRow { file: file.to_owned(), place, expected, got }.into());
        }
        if number(&record[0], file, place, "label")? != 1.0 {
            continue;
        }
        for (cell, name) in record.iter().skip(1).zip(names) {
            values.push(number(cell, file, place, name)?);
        }
    }
    Ok(values)
}

fn number(cell: &[u8], file: &str, place: Place, column: &str) -> Result<f64, TableError> {
    let text = String::from_utf8_lossy(cell);
    let (file, column) = (|| file.to_owned(), || column.to_owned());
    match text.trim() {
        "" => Err(TableError::EmptyCell { file: file(), place, column: column(), count: 1 }),
        text => match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value),
            Ok(value) => Err(TableError::NotFinite { file: file(), place, column: column(), value, count: 1 }),
            Err(_) => {
                Err(TableError::NotANumber { file: file(), place, column: column(), text: text.to_owned(), count: 1 })
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn load_texts(train: &str, test: &str) -> Result<Split, PaperTableError> {
        let dir = tempfile::tempdir().expect("a directory");
        fs::create_dir(dir.path().join("hepmass")).expect("created");
        for (file, text) in FILES.iter().zip([train, test]) {
            fs::write(dir.path().join(file), text).expect("written");
        }
        load(dir.path())
    }

    /// Twelve rows of class 1 and two of class 0; `b` has seven times the same smallest value.
    fn train() -> String {
        let rows = (0..14).map(|i| format!("{},{}.5,{}\n", f64::from(i % 7 != 6), i, (i / 2 - 3).max(0)));
        std::iter::once("# label,a,b\n".to_owned()).chain(rows).collect()
    }

    #[test]
    fn signal_rows_and_columns_without_repeats_stay() {
        let split = load_texts(&train(), "# label,a,b,mass\n1,3.5,0,1000\n0,1,1,1000\n").expect("good files");
        assert_eq!(split.train.names(), ["a"]);
        assert_eq!((split.train.rows(), split.validation.rows(), split.test.rows()), (11, 1, 1));
        assert!(split.test.origin().ends_with("1000_test.csv"));
    }

    #[test]
    fn a_last_name_without_cells_and_cells_without_a_name_are_both_left_out() {
        let named = load_texts(&train(), "# label,a,b,mass\n1,3.5,0,7\n").expect("good files");
        let without_cells = load_texts(&train(), "# label,a,b,mass\n1,3.5,0\n").expect("good files");
        let with_comma = load_texts(&train(), "# label,a,b,mass\n1,3.5,0,7,\n").expect("good files");
        assert_eq!(named.test.values(), without_cells.test.values());
        assert_eq!(named.test.values(), with_comma.test.values());
    }

    #[test]
    fn bad_cells_are_errors_that_name_file_line_and_column() {
        for (test, expected) in [
            ("# label,a,b,m\n1,2,3,4\n1,x,3,4\n", "1000_test.csv, line 3, column `a`: `x` is not a number"),
            ("# label,a,b,m\n1,2,,4\n", "1000_test.csv, line 2, column `b`: the cell is empty"),
            ("# label,a,b,m\n1,2,inf,4\n", "1000_test.csv, line 2, column `b`: inf is not finite"),
            ("# label,a,b,m\n1,2,3,4\n1,2\n", "1000_test.csv, line 3: 2 cells where there are 4 columns"),
            ("# label,a,b,m\n0,2,3,4\n", "1000_test.csv: 0 rows, at least 1 are needed"),
            ("# label,a,c,m\n1,2,3,4\n", "1000_test.csv: 2 columns, and "),
            ("", "1000_test.csv: empty"),
        ] {
            let message = load_texts(&train(), test).expect_err("the file is wrong").to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn nine_rows_are_too_few_to_validate_on() {
        let train: String = (0..9).map(|i| format!("1,{i}\n")).collect();
        let message = load_texts(&format!("l,a\n{train}"), "l,a,m\n1,2,3\n").expect_err("nine rows").to_string();
        assert!(message.ends_with("1000_train.csv: 9 rows, at least 10 are needed"), "{message}");
    }
}
