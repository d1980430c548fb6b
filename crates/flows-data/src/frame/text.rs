//! Frames from delimited text.

use super::{
    Cells, Digits, Frame, FrameColumn, Mark, ReadOptions, Style,
    dates::{Times, mostly_times, read_times},
    words::Words,
};
use crate::DataError;
use crate::table::{
    Notice, Place, TableError, bytes, check_distinct,
    csv_column::is_missing,
    csv_rows::Rows,
    dialect::Dialect,
    encoding,
    header::Heading,
    number::{bare, number},
};

/// Rows by which a column is taken for one of words from the start.
const SAMPLE: usize = 1000;
/// Every whole number below it has a number in double precision: 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Reads a text, or the beginning of one; says how many of its bytes were rows.
pub(super) fn parse(
    bytes: &[u8],
    file: &str,
    options: &ReadOptions,
    usual: u8,
    whole: bool,
) -> Result<(Frame, usize), DataError> {
    let empty = || TableError::Empty { file: file.to_owned() };
    bytes::require_readable(bytes, file)?;
    // The last line of a part is a part of a line.
    let end = if whole { bytes.len() } else { bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1) };
    let bytes = &bytes[..end];
    let mut notices = vec![];
    let text = encoding::text(bytes, &mut notices);
    if text.trim_ascii().is_empty() {
        return Err(empty().into());
    }
    let (dialect, text) = Dialect::detect(&text, file, &options.text, usual, &mut notices)?;
    let heading = Heading::read(&text, &dialect, &options.text, &mut notices).ok_or_else(empty)?;
    check_distinct(file, &heading.names)?;
    let places = options.places(file, &heading.names)?;
    if heading.labels && places.contains(&0) {
        notices.push(Notice::Nameless { column: heading.names[0].clone() });
    }
    let rows = Rows { file, text: &text, dialect: &dialect, heading: &heading, whole };
    let mut reader = Reader { options, decimal: dialect.decimal, columns: vec![], rows: 0 };
    reader.columns = places.iter().map(|place| Column { place: *place, ..Column::default() }).collect();
    reader.read(&rows, &mut notices)?;
    if reader.rows == 0 {
        return Err(TableError::NoRows { file: file.to_owned() }.into());
    }
    let names = places.iter().map(|place| heading.names[*place].clone());
    let columns = names.zip(reader.columns).map(|(name, column)| match column.words {
        Some(words) if options.verbatim => FrameColumn::new(name, words.finish()),
        _ => column.finish(name, dialect.decimal, &mut notices),
    });
    let columns: Vec<FrameColumn> = columns.collect();
    Ok((Frame::checked(file, columns, notices)?, end))
}

/// The columns while they are read.
struct Reader<'a> {
    options: &'a ReadOptions,
    decimal: u8,
    columns: Vec<Column>,
    rows: usize,
}

#[derive(Default)]
struct Column {
    place: usize,
    numbers: Vec<f64>,
    /// The cells as words, once one of them was no number.
    words: Option<Words>,
    grouped: bool,
    /// Cells that are neither numbers nor missing.
    texts: usize,
    first_text: Option<(u64, String)>,
    rounded: usize,
    first_rounded: Option<u64>,
    codes: Codes,
}

/// Whether numbers are codes of one width, some of which begin with zeros.
#[derive(Debug, Default)]
struct Codes {
    width: Option<usize>,
    zeros: bool,
    other: bool,
}

impl Codes {
    fn push(&mut self, cell: &[u8]) {
        let cell = cell.trim_ascii();
        self.other |= !cell.iter().all(u8::is_ascii_digit) || *self.width.get_or_insert(cell.len()) != cell.len();
        self.zeros |= cell.len() > 1 && cell[0] == b'0';
    }

    fn digits(&self) -> Option<Digits> {
        let width = self.width.filter(|width| self.zeros && !self.other && *width <= 15)?;
        Some(Digits::Padded(width as u8))
    }
}

impl Reader<'_> {
    fn read(&mut self, rows: &Rows<'_>, notices: &mut Vec<Notice>) -> Result<(), TableError> {
        let mut count = 0;
        rows.each(notices, |line, record| {
            for column in &mut self.columns {
                column.push(line, &record[column.place], self.decimal, self.options);
                // What is text in the beginning is text: later cells are taken as words at once.
                if column.texts > 0 && column.words.is_none() && count < SAMPLE {
                    let mut words = Words::default();
                    if count == 0 {
                        words.push(word(&record[column.place], self.options).as_deref());
                    }
                    column.words = Some(words);
                }
            }
            count += 1;
        })?;
        self.rows = count;
        // Cells that were passed over before the first text are read once more.
        let short = |column: &Column| column.texts > 0 && column.words.as_ref().is_none_or(|words| words.len() < count);
        let mut again: Vec<&mut Column> = self.columns.iter_mut().filter(|column| short(column)).collect();
        if again.is_empty() {
            return Ok(());
        }
        again.iter_mut().for_each(|column| column.words = Some(Words::default()));
        rows.each(&mut vec![], |_, record| {
            for column in &mut again {
                let cell = word(&record[column.place], self.options);
                column.words.get_or_insert_default().push(cell.as_deref());
            }
        })
    }
}

/// The text of a cell of words, if it holds one.
fn word<'a>(cell: &'a [u8], options: &ReadOptions) -> Option<std::borrow::Cow<'a, str>> {
    let cell = cell.trim_ascii();
    // Fewer words than among numbers: `none` and `-` may be names.
    let missing = matches!(
        cell,
        b"" | b"NA"
            | b"N/A"
            | b"n/a"
            | b"#N/A"
            | b"#NA"
            | b"<NA>"
            | b"NaN"
            | b"nan"
            | b"NULL"
            | b"null"
            | b"Null"
            | b"NaT"
    );
    let text = (!missing).then(|| String::from_utf8_lossy(cell))?;
    (!options.is_null(&text)).then_some(text)
}

impl Column {
    fn push(&mut self, line: u64, cell: &[u8], decimal: u8, options: &ReadOptions) {
        if options.verbatim {
            self.words.get_or_insert_default().push(Some(&String::from_utf8_lossy(cell)));
            return;
        }
        if let Some(words) = &mut self.words {
            // Whether the rest is numbers is counted over the distinct words.
            words.push(word(cell, options).as_deref());
            return;
        }
        let nothing = |cell: &[u8]| {
            is_missing(cell)
                || (!options.nulls.is_empty() && options.is_null(&String::from_utf8_lossy(cell.trim_ascii())))
        };
        let value = match number(cell, decimal) {
            Some(number) => {
                self.grouped |= number.grouped;
                if !self.codes.other {
                    self.codes.push(cell);
                }
                if number.value.abs() >= EXACT && is_rounded(cell, number.value) {
                    self.rounded += 1;
                    self.first_rounded.get_or_insert(line);
                }
                if !options.nulls.is_empty() && (options.is_null_number(number.value) || nothing(cell)) {
                    f64::NAN
                } else {
                    number.value
                }
            }
            None => {
                if !nothing(cell) {
                    self.texts += 1;
                    self.first_text.get_or_insert_with(|| (line, shortened(cell)));
                }
                f64::NAN
            }
        };
        self.numbers.push(value);
    }

    fn finish(self, name: String, decimal: u8, notices: &mut Vec<Notice>) -> FrameColumn {
        let Some(words) = self.words else {
            if self.grouped {
                notices.push(Notice::Thousands { columns: vec![name.clone()] });
            }
            if let Some(line) = self.first_rounded {
                let (column, cells) = (name.clone(), self.rounded);
                notices.push(Notice::Rounded { column, cells, first: Place::Line(line) });
            }
            let cells = Cells::Numbers(self.numbers);
            return match self.codes.digits() {
                Some(digits) => FrameColumn { name, cells, style: Style::Digits(digits) },
                None => FrameColumn::new(name, cells),
            };
        };
        let cells = words.finish();
        if let (Cells::Words { codes, words }, Some((line, text))) = (&cells, self.first_text)
            && let Some((row, exceptions)) = exceptions(codes, words, decimal)
        {
            let word = shortened(words[codes[row] as usize].as_bytes());
            let first = if word == text { Place::Line(line) } else { Place::Row(row) };
            notices.push(Notice::Mixed { column: name.clone(), cells: exceptions, text: word, first });
        }
        meant(name, cells, decimal, notices)
    }
}

/// Of a column that is one of numbers, plain or with one sign, but for some cells: the first of these, and how many there are.
fn exceptions(codes: &[u32], words: &[String], decimal: u8) -> Option<(usize, usize)> {
    // Of a text nothing, of a number its sign.
    let kind = |word: &String| match Mark::of(word, decimal) {
        Some(mark) => Some(Some(mark)),
        None => number(word.as_bytes(), decimal).map(|_| None),
    };
    let kinds: Vec<Option<Option<Mark>>> = words.iter().map(kind).collect();
    let same = |a: &Option<Mark>, b: &Option<Mark>| match (a, b) {
        (Some(a), Some(b)) => a.is(b),
        (a, b) => a.is_none() && b.is_none(),
    };
    let known = || codes.iter().enumerate().filter(|(_, code)| (**code as usize) < words.len());
    let all = known().count();
    let first_sign = kinds.iter().flatten().find(|mark| mark.is_some()).cloned();
    let usual = [Some(None), first_sign].into_iter().flatten().find_map(|usual| {
        let of_it: Vec<bool> = kinds.iter().map(|kind| kind.as_ref().is_some_and(|kind| same(kind, &usual))).collect();
        let cells = known().filter(|(_, code)| of_it[**code as usize]).count();
        (cells * 2 > all && cells < all).then_some((of_it, all - cells))
    });
    let (of_it, exceptions) = usual?;
    let (row, _) = known().find(|(_, code)| !of_it[**code as usize])?;
    Some((row, exceptions))
}

/// A column of words; or of times, or of numbers with a sign, if all of its words are such.
pub(super) fn meant(name: String, cells: Cells, decimal: u8, notices: &mut Vec<Notice>) -> FrameColumn {
    let Cells::Words { codes, words } = &cells else { return FrameColumn::new(name, cells) };
    let texts = || words.iter().map(String::as_str);
    let of_codes = |values: &[f64]| -> Vec<f64> {
        codes.iter().map(|code| values.get(*code as usize).copied().unwrap_or(f64::NAN)).collect()
    };
    if let Some((mark, values)) = Mark::read_all(texts(), decimal) {
        let (column, text, value) = (name.clone(), words[0].clone(), values[0].to_string());
        notices.push(Notice::Marked { column, text, value });
        let rounded: Vec<bool> =
            words.iter().zip(&values).map(|(word, value)| is_rounded(bare(word.as_bytes()), value.abs())).collect();
        let mut cells = codes.iter().enumerate().filter(|(_, code)| rounded.get(**code as usize) == Some(&true));
        if let Some((row, _)) = cells.next() {
            let (column, cells) = (name.clone(), 1 + cells.count());
            notices.push(Notice::Rounded { column, cells, first: Place::Row(row) });
        }
        let (cells, digits) = (Cells::Numbers(of_codes(&values)), Digits::of(&values));
        return FrameColumn { name, cells, style: Style::Marked(mark, digits) };
    }
    match read_times(texts()) {
        Times::Read(seconds, style) => {
            FrameColumn { name, cells: Cells::Times(of_codes(&seconds)), style: Style::Time(style) }
        }
        Times::Ambiguous => {
            notices.push(Notice::AmbiguousDates { column: name.clone(), text: words[0].clone() });
            FrameColumn::new(name, cells)
        }
        Times::Not => {
            if let Some(is_date) = mostly_times(texts()) {
                let mut others =
                    codes.iter().enumerate().filter(|(_, code)| is_date.get(**code as usize) == Some(&false));
                if let Some((row, code)) = others.next() {
                    let (column, text) = (name.clone(), shortened(words[*code as usize].as_bytes()));
                    notices.push(Notice::NotDates { column, cells: 1 + others.count(), text, first: Place::Row(row) });
                }
            }
            FrameColumn::new(name, cells)
        }
    }
}

/// Whether a cell holds a whole number written out, and another one was read.
fn is_rounded(cell: &[u8], read: f64) -> bool {
    let text = std::str::from_utf8(cell).unwrap_or_default().trim();
    read.abs() >= EXACT && text.parse::<i128>().is_ok_and(|whole| read as i128 != whole)
}

/// The text of a cell, short enough for a message.
fn shortened(cell: &[u8]) -> String {
    let text = String::from_utf8_lossy(cell);
    let mut short: String = text.trim().chars().take(40).collect();
    if short.len() < text.trim().len() {
        short.push_str("...");
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Frame {
        read_with(text, &ReadOptions::new())
    }

    fn read_with(text: &str, options: &ReadOptions) -> Frame {
        Frame::from_text(text.as_bytes(), "t.csv", options).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    fn words(column: &FrameColumn) -> Vec<Option<&str>> {
        (0..column.cells.len()).map(|row| column.cells.word(row)).collect()
    }

    #[test]
    fn every_column_is_there_as_what_it_is() {
        let frame = read("id,when,city,x,nothing\na,2024-05-01,Oslo,1.5,\nb,2024-05-02,NA,,\nc,,Lima,-2,NA\n");
        assert_eq!(frame.names(), ["id", "when", "city", "x", "nothing"]);
        assert_eq!(words(&frame.columns()[2]), [Some("Oslo"), None, Some("Lima")]);
        let Cells::Times(times) = &frame.columns()[1].cells else { panic!("times") };
        assert_eq!((times[1] - times[0], times[2].is_nan()), (86_400.0, true));
        let Cells::Numbers(x) = &frame.columns()[3].cells else { panic!("numbers") };
        assert!(x[0] == 1.5 && x[1].is_nan() && x[2] == -2.0);
        assert_eq!(frame.columns()[4].cells.missing(), 3);
        assert_eq!(frame.notices(), []);
    }

    #[test]
    fn a_date_that_is_none_is_named_where_it_makes_a_column_text() {
        let frame = read("d,w\n2021-02-27,a\n2021-02-28,2021-01-01\n2021-02-30,b\n2021-03-01,c\n");
        assert!(matches!(frame.columns()[0].cells, Cells::Words { .. }));
        let [notice] = frame.notices() else { panic!("{:?}", frame.notices()) };
        let told = notice.to_string();
        assert!(told.contains("`d` holds dates, but for 1 cell, such as `2021-02-30` on row 2"), "{told}");
        let mended = read_with("d\n2021-02-27\nsoon\n2021-03-01\n", &ReadOptions::new().with_nulls(["soon"]));
        assert!(matches!(mended.columns()[0].cells, Cells::Times(_)) && mended.notices().is_empty());
    }

    #[test]
    fn blank_lines_of_one_column_and_a_column_without_a_name_are_noticed() {
        let frame = read("x\n1.5\n\n2.5\n\n\n3.5\n\n");
        assert_eq!((frame.rows(), frame.notices()), (3, &[Notice::BlankLines { lines: 3 }][..]));
        let frame = read("a,b\nr1,1,2\nr2,3,4\n");
        assert_eq!(frame.notices(), [Notice::Nameless { column: "column_1".into() }]);
        assert_eq!(read("a,b\n1,2\n\n3,4\n").notices(), []);
    }

    #[test]
    fn text_late_in_a_column_of_numbers_makes_it_text_and_is_noticed_with_a_way_out() {
        let mut text = String::from("a,b\n");
        (0..1500).for_each(|i| text += &format!("{i},1\n"));
        text += "broken,2\n";
        let frame = read(&text);
        assert_eq!(words(&frame.columns()[0])[1500], Some("broken"));
        assert_eq!(words(&frame.columns()[0])[7], Some("7"));
        let message = frame.notices()[0].to_string();
        assert!(message.contains("1 cell, such as `broken` on line 1502") && message.contains("--null"), "{message}");
        let frame = read_with(&text, &ReadOptions::new().with_nulls(["broken"]));
        assert!(matches!(&frame.columns()[0].cells, Cells::Numbers(values) if values[1500].is_nan()));
        assert_eq!(frame.notices(), []);
    }

    #[test]
    fn text_early_in_a_column_of_numbers_is_noticed_as_well() {
        let frame = read("a,b\n1,1\nx,2\n3,3\n4,4\n");
        assert_eq!(words(&frame.columns()[0]), [Some("1"), Some("x"), Some("3"), Some("4")]);
        assert!(matches!(&frame.notices()[0], Notice::Mixed { cells: 1, first: Place::Line(3), .. }));
    }

    #[test]
    fn names_that_look_like_nothing_are_kept_among_words_and_missing_among_numbers() {
        let frame = read("fence,x\nnone,1\n-,-\nNaN,?\nwood,4\n");
        assert_eq!(words(&frame.columns()[0]), [Some("none"), Some("-"), None, Some("wood")]);
        assert_eq!(frame.columns()[1].cells.missing(), 2);
    }

    #[test]
    fn a_cell_without_the_sign_of_its_column_is_noticed_and_so_are_large_numbers() {
        let mut text = String::from("share,price\n");
        (0..50).for_each(|i| text += &format!("{i}%,$9007199256342743\n"));
        let frame = read(&(text.clone() + "7,$1\n"));
        assert_eq!(words(&frame.columns()[0])[3], Some("3%"));
        let told: Vec<String> = frame.notices().iter().map(ToString::to_string).collect();
        assert!(told[0].contains("`share`") && told[0].contains("1 cell, such as `7` on"), "{told:?}");
        assert!(told.iter().any(|told| told.contains("50 whole numbers of `price`")), "{told:?}");
        let frame = read(&(text + "unknown,$1\n"));
        assert!(frame.notices()[0].to_string().contains("`unknown`"), "{:?}", frame.notices());
    }

    #[test]
    fn codes_keep_their_zeros() {
        let frame = read("zip,hour,x\n00501,07,0.5\n90210,11,00.5\n,00,1\n");
        let texts = |column: usize| (0..3).map(|row| frame.columns()[column].text(row)).collect::<Vec<_>>();
        assert_eq!(texts(0), [Some("00501".to_owned()), Some("90210".to_owned()), None]);
        assert_eq!(texts(1)[0].as_deref(), Some("07"));
        assert_eq!(texts(2)[1].as_deref(), Some("0.5"));
    }

    #[test]
    fn numbers_that_stand_for_nothing_are_missing() {
        let frame = read_with("x,y\n-9999.0,1\n2,3\n", &ReadOptions::new().with_nulls(["-9999"]));
        assert_eq!(frame.columns()[0].cells.missing(), 1);
    }

    #[test]
    fn columns_that_are_not_selected_are_not_looked_at() {
        let options = ReadOptions::new().with_columns("x".parse().expect("a selection"));
        assert_eq!(read_with("x,y\n1,2\n3,oops\n", &options).names(), ["x"]);
        let missing = ReadOptions::new().with_columns("z".parse().expect("a selection"));
        let error = Frame::from_text(&b"x,y\n1,2\n"[..], "t.csv", &missing).expect_err("no such column");
        assert!(error.to_string().contains("`z`") && error.to_string().contains("`x`, `y`"), "{error}");
    }

    #[test]
    fn ambiguous_dates_stay_text_and_are_noticed() {
        let frame = read("d,x\n03/04/2024,1\n05/06/2024,2\n");
        assert!(matches!(frame.columns()[0].cells, Cells::Words { .. }));
        assert!(frame.notices()[0].to_string().contains("`03/04/2024` is two of them"), "{}", frame.notices()[0]);
    }

    #[test]
    fn odd_texts_are_errors_that_name_the_line() {
        for (text, message) in [
            ("a,b\n1,2\n3\n", "line 3: 1 cells where there are 2 columns"),
            ("a,b\n1,\"2\n3,4\n", "line 2: a cell begins with a quote"),
            ("a,a\n1,2\n", "both named `a`"),
            ("a,b\n", "a header and no row"),
            ("", "empty"),
        ] {
            let error = Frame::from_text(text.as_bytes(), "t.csv", &ReadOptions::new()).expect_err(text).to_string();
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn a_part_of_a_text_ends_with_its_last_whole_line_or_quote() {
        let options = ReadOptions::new();
        let (frame, end) = parse(b"a,b\n1,2\n3,4\n5,", "t.csv", &options, b',', false).expect("two rows");
        assert_eq!((frame.rows(), end), (2, 12));
        let (frame, _) = parse(b"a,b\n1,2\n3,\"4\n5,6\n", "t.csv", &options, b',', false).expect("one row");
        assert_eq!(frame.rows(), 1);
    }
}
