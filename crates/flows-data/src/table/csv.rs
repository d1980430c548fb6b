//! Tables from CSV and other delimited text.

use std::{io::Read, path::Path};

use super::{
    CsvOptions, Missing, Notice, Place, Table, TableError, bytes,
    choice::{choose, require_like},
    csv_column::Column,
    csv_rows::Rows,
    dialect::Dialect,
    encoding,
    header::Heading,
    table::check_distinct,
};
use crate::DataError;

impl Table {
    /// Reads a file of delimited text.
    ///
    /// The options say what is to be taken; what they leave open is found out: the encoding, the separator, the decimal
    /// mark, whether the first line is a header. Whatever was decided or left out is among the
    /// [`notices`](Table::notices).
    ///
    /// Without [`CsvOptions::with_columns`] a column is taken if more of its cells are numbers than are text, and left
    /// out otherwise: identifiers and names do not get in the way, while a column of numbers with an odd `n/a` in it is
    /// an error and not silently lost. A first column that has no name and only tells the rows apart is left out as
    /// well. Blank lines and lines that begin with `#` are skipped, spaces around numbers ignored; another column
    /// without a name is called `column_` and its number.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or is empty, no row, no column of numbers, a missing or repeated column, rows of
    /// different lengths, and cells of the chosen columns that are empty, not a number or not finite. Lines are
    /// counted from 1.
    pub fn read_csv(path: impl AsRef<Path>, options: &CsvOptions) -> Result<Self, DataError> {
        let path = path.as_ref();
        let usual = if bytes::extension(path) == "tsv" { b'\t' } else { b',' };
        Ok(parse(&bytes::read(path)?, &path.display().to_string(), options, usual)?)
    }

    /// Reads delimited text from anything; `origin` names it in errors.
    ///
    /// # Errors
    ///
    /// Those of [`Table::read_csv`].
    pub fn from_csv(mut reader: impl Read, origin: &str, options: &CsvOptions) -> Result<Self, DataError> {
        let mut bytes = Vec::new();
        let read = reader.read_to_end(&mut bytes);
        read.map_err(|source| DataError::Io { action: "read", path: origin.into(), source })?;
        Ok(parse(&bytes, origin, options, b',')?)
    }
}

fn parse(bytes: &[u8], file: &str, options: &CsvOptions, usual: u8) -> Result<Table, TableError> {
    let owned = || file.to_owned();
    bytes::require_readable(bytes, file)?;
    let mut notices = vec![];
    let text = encoding::text(bytes, &mut notices);
    if text.trim_ascii().is_empty() {
        return Err(TableError::Empty { file: owned() });
    }
    let (dialect, text) = Dialect::detect(&text, file, options, usual, &mut notices)?;
    let Some(heading) = Heading::read(&text, &dialect, options, &mut notices) else {
        return Err(TableError::Empty { file: owned() });
    };
    check_distinct(file, &heading.names)?;
    let choice = choose(file, options, &heading.names, heading.has_names, &mut notices)?;
    let mut columns: Vec<Column> = choice.places.iter().map(|_| Column::default()).collect();
    let mut lines = vec![];
    Rows { file, text: &text, dialect: &dialect, heading: &heading, whole: true }.each(
        &mut notices,
        |line, record| {
            for (column, &place) in columns.iter_mut().zip(&choice.places) {
                column.push(line, &record[place], dialect.decimal, &options.missing_values);
            }
            lines.push(line);
        },
    )?;
    if lines.is_empty() {
        return Err(TableError::NoRows { file: owned() });
    }
    let mut kept: Vec<(String, Column)> =
        choice.places.iter().map(|&place| heading.names[place].clone()).zip(columns).collect();
    if !choice.by_name {
        leave_out(&mut kept, heading.labels && choice.places[0] == 0, &heading.names[0], &mut notices);
        if kept.is_empty() {
            return Err(TableError::NoNumericColumns { file: owned(), columns: heading.names });
        }
        let names: Vec<String> = kept.iter().map(|(name, _)| name.clone()).collect();
        require_like(file, options, &names, &mut notices)?;
    }
    assemble(file, kept, &lines, options.missing, notices)
}

/// Leaves out columns that hold no numbers, and a first one that only labels the rows.
fn leave_out(kept: &mut Vec<(String, Column)>, labels: bool, first: &str, notices: &mut Vec<Notice>) {
    if labels && kept.len() > 1 && (kept[0].1.labels_rows() || kept[0].1.first_text().is_some()) {
        kept.remove(0);
        notices.push(Notice::Index { column: (!first.starts_with("column_")).then(|| first.to_owned()) });
    }
    let mut empty = vec![];
    kept.retain(|(name, column)| {
        if column.is_empty() {
            empty.push(name.clone());
        } else if let Some((line, text)) = column.first_text().filter(|_| !column.is_mostly_numbers()) {
            notices.push(Notice::Text { column: name.clone(), line: *line, text: text.clone() });
        }
        column.is_mostly_numbers()
    });
    if !empty.is_empty() {
        notices.push(Notice::NoValues { columns: empty });
    }
}

/// Puts columns side by side; the first fault of the first faulty column is the error.
fn assemble(
    file: &str,
    columns: Vec<(String, Column)>,
    lines: &[u64],
    missing: Missing,
    mut notices: Vec<Notice>,
) -> Result<Table, TableError> {
    let mut not_finite: Option<(u64, f64, &String)> = None;
    let mut count = 0;
    for (name, column) in &columns {
        column.check(file, name, missing)?;
        count += column.not_finite_count();
        if let Some((line, value)) = column.first_not_finite()
            && not_finite.is_none_or(|(earliest, ..)| line < earliest)
        {
            not_finite = Some((line, value, name));
        }
    }
    if let Some((line, value, name)) = not_finite.filter(|_| missing == Missing::Refuse) {
        let (file, column) = (file.to_owned(), name.clone());
        return Err(TableError::NotFinite { file, place: Place::Line(line), column, value, count });
    }
    let grouped: Vec<String> = columns.iter().filter(|(_, c)| c.is_grouped()).map(|(name, _)| name.clone()).collect();
    if !grouped.is_empty() {
        notices.push(Notice::Thousands { columns: grouped });
    }
    for (name, column) in &columns {
        if let Some((cells, line)) = column.rounded() {
            notices.push(Notice::Rounded { column: name.clone(), cells, first: Place::Line(line) });
        }
    }
    let (names, columns): (Vec<String>, Vec<Column>) = columns.into_iter().unzip();
    let width = columns.len();
    let values = (0..lines.len()).flat_map(|row| columns.iter().map(move |column| column.values()[row])).collect();
    let place = |row: usize| Place::Line(lines[row]);
    let values = missing.settle(file, values, width, place, &mut notices)?;
    Ok(Table::settled(file.to_owned(), names, values, notices))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Header;

    fn read(text: &str) -> Result<Table, TableError> {
        read_with(text, &CsvOptions::new())
    }

    fn read_with(text: &str, options: &CsvOptions) -> Result<Table, TableError> {
        Table::from_csv(text.as_bytes(), "t.csv", options).map_err(|error| match error {
            DataError::Table(error) => error,
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
        let expected = "t.csv, line 3, column `b`: `n/a` is not a number (2 such cells in this column); hint:";
        assert!(message.starts_with(expected), "{message}");
    }

    #[test]
    fn an_empty_cell_is_an_error() {
        let message = read("a,b\n1,2\n3,\n").expect_err("an empty cell").to_string();
        let expected = "t.csv, line 3, column `b`: the cell is empty (1 such cells in this column); hint:";
        assert!(message.starts_with(expected), "{message}");
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
    fn a_quote_that_is_never_closed_is_an_error_and_does_not_merge_rows() {
        let error = read("a,b\n1,2\n3,\"4\n5,6\n7,8\n").expect_err("three rows would be one");
        assert_eq!(error, TableError::OpenQuote { file: "t.csv".into(), place: Place::Line(3) });
        let table = read("a,note\n1,\"x\ny\"\n2,z\n").expect("a cell of two lines");
        assert!(table.notices().contains(&Notice::OverLines { rows: 1, first: Place::Line(2) }));
    }

    #[test]
    fn whole_numbers_beyond_double_precision_are_noticed() {
        let table = read("id2,b\n9007199254740993,1.5\n9007199254740992,2.5\n-9.5e20,0\n").expect("numbers");
        assert_eq!(table.notices(), [Notice::Rounded { column: "id2".into(), cells: 1, first: Place::Line(2) }]);
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
        let message = read("a:b\nx:y\n").expect_err("text").to_string();
        assert!(message.contains("`a:b`") && message.contains("--delimiter"), "{message}");
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
        let table = read_with(",0,1\n7.5,2.5,3.5\n", &options).expect("a good file");
        assert_eq!(table.names(), ["column_1", "0", "1"]);
        assert_eq!(table.notices(), []);
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
