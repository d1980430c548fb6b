//! Tables from CSV and other delimited text.

use std::{fs, io::Read, path::Path};

use csv::ByteRecord;

use super::{
    CsvOptions, Header, Place, Table, TableError,
    csv_column::Column,
    csv_records::Records,
    table::{check_distinct, positions},
};
use crate::FlowError;

impl Table {
    /// Reads a file of delimited text.
    ///
    /// Without [`CsvOptions::with_columns`] a column is taken if more of its cells are numbers than are text, and left
    /// out otherwise: identifiers and names do not get in the way, while a column of numbers with an odd `n/a` in it is
    /// an error and not silently lost. Blank lines are skipped, spaces around numbers ignored; a column without a name
    /// is called `column_` and its number.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or is empty, no row, no column of numbers, a missing or repeated column, rows of
    /// different lengths, and cells of the chosen columns that are empty, not a number or not finite. Lines are
    /// counted from 1.
    pub fn read_csv(path: impl AsRef<Path>, options: &CsvOptions) -> Result<Self, FlowError> {
        let path = path.as_ref();
        let bytes = fs::read(path).map_err(|source| FlowError::Io { action: "read", path: path.to_owned(), source })?;
        let tabs = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("tsv"));
        let delimiter = options.delimiter.unwrap_or(if tabs { b'\t' } else { b',' });
        Ok(parse(&bytes, &path.display().to_string(), options, delimiter)?)
    }

    /// Reads delimited text from anything; `origin` names it in errors.
    ///
    /// # Errors
    ///
    /// Those of [`Table::read_csv`].
    pub fn from_csv(mut reader: impl Read, origin: &str, options: &CsvOptions) -> Result<Self, FlowError> {
        let mut bytes = Vec::new();
        let read = reader.read_to_end(&mut bytes);
        read.map_err(|source| FlowError::Io { action: "read", path: origin.into(), source })?;
        Ok(parse(&bytes, origin, options, options.delimiter.unwrap_or(b','))?)
    }
}

fn parse(bytes: &[u8], file: &str, options: &CsvOptions, delimiter: u8) -> Result<Table, TableError> {
    let mut records = Records::new(bytes, delimiter);
    let mut record = ByteRecord::new();
    let Some(first_line) = records.next(&mut record) else {
        return Err(TableError::Empty { file: file.to_owned() });
    };
    let has_header = match options.header {
        Header::Present => true,
        Header::Absent => false,
        Header::Detect => !record.iter().any(|cell| Column::number(cell).is_some()),
    };
    let names: Vec<String> =
        record.iter().enumerate().map(|(i, cell)| column_name(i, has_header.then_some(cell))).collect();
    check_distinct(file, &names)?;
    let chosen = match &options.columns {
        Some(wanted) => check_distinct(file, wanted).and_then(|()| positions(file, wanted, &names))?,
        None => (0..names.len()).collect(),
    };

    let mut columns: Vec<Column> = chosen.iter().map(|_| Column::default()).collect();
    let mut place = if has_header { records.next(&mut record) } else { Some(first_line) };
    if place.is_none() {
        return Err(TableError::NoRows { file: file.to_owned() });
    }
    while let Some(line) = place {
        let (expected, got, place_here) = (names.len(), record.len(), Place::Line(line));
        if got != expected {
            return Err(TableError::RaggedRow { file: file.to_owned(), place: place_here, expected, got });
        }
        for (column, &index) in columns.iter_mut().zip(&chosen) {
            column.push(line, &record[index]);
        }
        place = records.next(&mut record);
    }

    let mut kept: Vec<(String, Column)> = chosen.iter().map(|&index| names[index].clone()).zip(columns).collect();
    if options.columns.is_none() {
        kept.retain(|(_, column)| column.is_mostly_numbers());
    }
    if kept.is_empty() {
        return Err(TableError::NoNumericColumns { file: file.to_owned(), columns: names });
    }
    assemble(file, kept)
}

/// The name in the header, or a made-up one where there is none.
fn column_name(index: usize, header: Option<&[u8]>) -> String {
    let name = header.map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).unwrap_or_default();
    if name.is_empty() { format!("column_{}", index + 1) } else { name }
}

/// Puts columns side by side; the first fault of the first faulty column is the error.
fn assemble(file: &str, columns: Vec<(String, Column)>) -> Result<Table, TableError> {
    let mut not_finite: Option<(u64, f64, &String)> = None;
    let mut count = 0;
    for (name, column) in &columns {
        column.check(file, name)?;
        count += column.not_finite_count();
        if let Some((line, value)) = column.first_not_finite()
            && not_finite.is_none_or(|(earliest, ..)| line < earliest)
        {
            not_finite = Some((line, value, name));
        }
    }
    if let Some((line, value, name)) = not_finite {
        let (file, column) = (file.to_owned(), name.clone());
        return Err(TableError::NotFinite { file, place: Place::Line(line), column, value, count });
    }
    let (names, columns): (Vec<String>, Vec<Column>) = columns.into_iter().unzip();
    let rows = columns.first().map_or(0, |column| column.values().len());
    let values = (0..rows).flat_map(|row| columns.iter().map(move |column| column.values()[row])).collect();
    Table::checked(file.to_owned(), names, values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Table, TableError> {
        read_with(text, &CsvOptions::new())
    }

    fn read_with(text: &str, options: &CsvOptions) -> Result<Table, TableError> {
        Table::from_csv(text.as_bytes(), "t.csv", options).map_err(|error| match error {
            FlowError::Table(error) => error,
            other => panic!("an error of another kind: {other}"),
        })
    }

    #[test]
    fn a_column_without_a_single_number_is_left_out() {
        let table = read("city,lat,lon\nOslo,59.9, 10.7\n\"Lima, Peru\",-12,-7.7e1\n").expect("a good file");
        assert_eq!(table.names(), ["lat", "lon"]);
        assert_eq!(table.values(), [59.9, 10.7, -12.0, -77.0]);
    }

    #[test]
    fn a_city_called_nan_does_not_make_numbers_of_names() {
        let table = read("city,lat\nOslo,59.9\nNan,18.8\nLima,-12\n").expect("a good file");
        assert_eq!(table.names(), ["lat"]);
    }

    #[test]
    fn a_column_of_numbers_with_some_text_is_an_error_that_names_the_first_bad_cell() {
        let message = read("a,b\n1,2\n3,n/a\n5,6\n7,?\n8,9\n").expect_err("text in `b`").to_string();
        assert_eq!(message, "t.csv, line 3, column `b`: `n/a` is not a number (2 such cells in this column)");
    }

    #[test]
    fn an_empty_cell_is_an_error() {
        let message = read("a,b\n1,2\n3,\n").expect_err("an empty cell").to_string();
        assert_eq!(message, "t.csv, line 3, column `b`: the cell is empty (1 such cells in this column)");
    }

    #[test]
    fn numbers_that_are_not_finite_are_counted_over_the_table_and_the_first_line_is_shown() {
        let error = read("a,b\n1,2\n3,nan\n-inf,1e999\n").expect_err("three of them");
        assert!(matches!(error, TableError::NotFinite { place: Place::Line(3), count: 3, .. }), "{error}");
        assert!(error.to_string().contains("column `b`: NaN"), "{error}");
    }

    #[test]
    fn a_ragged_row_is_an_error_with_its_line() {
        let error = read("a,b\n1,2\n\n3\n").expect_err("one cell in line 4");
        let expected = TableError::RaggedRow { file: "t.csv".into(), place: Place::Line(4), expected: 2, got: 1 };
        assert_eq!(error, expected);
    }

    #[test]
    fn an_empty_file_is_an_error() {
        assert_eq!(read("\n\n").expect_err("nothing there"), TableError::Empty { file: "t.csv".into() });
    }

    #[test]
    fn a_header_without_rows_is_an_error() {
        assert_eq!(read("a,b\n").expect_err("no row"), TableError::NoRows { file: "t.csv".into() });
    }

    #[test]
    fn a_file_without_numbers_is_an_error_that_shows_its_columns() {
        let message = read("a;b\n1;2\n").expect_err("semicolons").to_string();
        assert!(message.contains("`a;b`") && message.contains("delimiter"), "{message}");
    }

    #[test]
    fn a_column_name_used_twice_is_an_error() {
        let error = read("a,b,a\n1,2,3\n").expect_err("two `a`");
        assert!(matches!(error, TableError::DuplicateColumn { first: 1, second: 3, .. }), "{error}");
    }

    #[test]
    fn a_chosen_column_that_does_not_exist_is_an_error() {
        let error = read_with("a,b\n1,2\n", &CsvOptions::new().with_columns(["b", "c"])).expect_err("no `c`");
        assert_eq!(error.to_string(), "t.csv: no column `c`; the columns are `a`, `b`");
    }

    #[test]
    fn what_is_in_the_columns_not_chosen_does_not_matter() {
        let table = read_with("a,b\n1,x\n2,\n", &CsvOptions::new().with_columns(["a"])).expect("`a` is good");
        assert_eq!(table.values(), [1.0, 2.0]);
    }

    #[test]
    fn a_chosen_column_of_text_is_an_error() {
        let error = read_with("a,b\n1,x\n", &CsvOptions::new().with_columns(["b"])).expect_err("text");
        assert!(matches!(error, TableError::NotANumber { place: Place::Line(2), .. }), "{error}");
    }

    #[test]
    fn a_file_without_header_gets_numbered_columns() {
        let table = read("1,2\n3,4\n").expect("a good file");
        assert_eq!((table.rows(), table.names()), (2, &["column_1".to_owned(), "column_2".to_owned()][..]));
    }

    #[test]
    fn a_header_of_numbers_can_be_declared() {
        let options = CsvOptions::new().with_header(Header::Present);
        let table = read_with(",0,1\n7,2.5,3.5\n", &options).expect("a good file");
        assert_eq!(table.names(), ["column_1", "0", "1"]);
    }

    #[test]
    fn a_byte_order_mark_windows_line_ends_and_a_missing_last_newline_are_fine() {
        let table = read("\u{feff}a,b\r\n1,2\r\n3,4").expect("a good file");
        assert_eq!((table.names()[0].as_str(), table.rows()), ("a", 2));
    }

    #[test]
    fn a_missing_file_is_named() {
        let message = Table::read("no/such.csv").expect_err("no such file").to_string();
        assert!(message.starts_with("cannot read no/such.csv: "), "{message}");
    }
}
