//! How the cells of a text file are separated, and how its numbers are written.

use std::borrow::Cow;

use csv::ByteRecord;

use super::{
    CsvOptions, Notice, Place, TableError,
    csv_records::Records,
    number::{Spelling, bare, is_sign, number, spelling},
};

/// How a text file is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// The byte at which the first record begins: comments before it are over.
    pub(crate) start: usize,
    /// The last comment before that, as `(line, text)`.
    pub(crate) comment: Option<(u64, Vec<u8>)>,
    /// How many lines of comments there are before the first record.
    pub(crate) comments: usize,
    pub(crate) delimiter: u8,
    pub(crate) decimal: u8,
}

/// The separators that are tried, the most likely first.
const DELIMITERS: [u8; 5] = [b',', b';', b'\t', b'|', b' '];
/// Bytes that are looked at for the separator.
const SAMPLE: usize = 1 << 16;

impl Dialect {
    /// Finds out what the options leave open. Returns the text as well: with single spaces, if these separate cells.
    pub(crate) fn detect<'a>(
        text: &'a [u8],
        file: &str,
        options: &CsvOptions,
        usual: u8,
        notices: &mut Vec<Notice>,
    ) -> Result<(Self, Cow<'a, [u8]>), TableError> {
        let mut dialect = Self { start: 0, comment: None, comments: 0, delimiter: usual, decimal: b'.' };
        let said = dialect.skip_comments(text);
        if let Some(delimiter) = options.delimiter.or(said) {
            dialect.delimiter = delimiter;
        } else {
            dialect.delimiter = dialect.likeliest_delimiter(text, options.decimal, usual);
            if dialect.delimiter != usual {
                notices.push(Notice::Delimiter { delimiter: char::from(dialect.delimiter) });
            }
        }
        let text = match dialect.delimiter {
            b' ' => Cow::Owned(single_spaced(text, &mut dialect.start)),
            _ => Cow::Borrowed(text),
        };
        dialect.decimal = match options.decimal {
            Some(decimal) => decimal,
            None => dialect.likeliest_decimal(&text, file)?,
        };
        if dialect.decimal == b',' && options.decimal.is_none() {
            notices.push(Notice::DecimalComma);
        }
        Ok((dialect, text))
    }

    /// Passes over blank lines and comments at the start. Returns the delimiter if the first line is a spreadsheet's
    /// `sep=;`.
    fn skip_comments(&mut self, text: &[u8]) -> Option<u8> {
        let (mut line, mut said) = (1, None);
        loop {
            let rest = &text[self.start..];
            let length = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
            let content = rest[..length].trim_ascii();
            if let Some(comment) = content.strip_prefix(b"#") {
                self.comment = Some((line, comment.trim_ascii().to_vec()));
                self.comments += 1;
            } else if let [b's', b'e', b'p', b'=', delimiter] = content {
                said = Some(*delimiter);
            } else if !content.is_empty() {
                return said;
            }
            if length == rest.len() {
                return said;
            }
            self.start += length + if rest[length..].starts_with(b"\r\n") { 2 } else { 1 };
            line += 1;
        }
    }

    fn likeliest_delimiter(&self, text: &[u8], decimal: Option<u8>, usual: u8) -> u8 {
        let sample = &text[self.start..text.len().min(self.start + SAMPLE)];
        // A line that is cut off would be a row of another length.
        let whole = sample.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')).filter(|_| sample.len() == SAMPLE);
        let sample = &sample[..whole.map_or(sample.len(), |end| end + 1)];
        if is_column_with_commas(sample, decimal) {
            return b';';
        }
        let mut best = (usual, Fit::default());
        for delimiter in std::iter::once(usual).chain(DELIMITERS) {
            let fit = match delimiter {
                b' ' => Fit::of(&single_spaced(sample, &mut 0), delimiter, decimal),
                _ => Fit::of(sample, delimiter, decimal),
            };
            if fit > best.1 {
                best = (delimiter, fit);
            }
        }
        best.0
    }

    /// The decimal mark that every number of the file can have.
    fn likeliest_decimal(&self, text: &[u8], file: &str) -> Result<u8, TableError> {
        let (mut point, mut comma, mut either) = (false, false, None);
        let (mut records, mut record) = (Records::new(text, self.start, self.delimiter), ByteRecord::new());
        while let Some(line) = records.next(&mut record) {
            for cell in &record {
                // Points are everywhere; the first settles them.
                if point && !cell.contains(&b',') {
                    continue;
                }
                match spelling(cell) {
                    Spelling::Point => point = true,
                    Spelling::Comma => comma = true,
                    Spelling::Either => either = either.or(Some((line, String::from_utf8_lossy(cell).into_owned()))),
                    Spelling::Silent => {}
                }
            }
        }
        match (point, comma, either) {
            (false, true, _) => Ok(b','),
            // Between commas, a quoted `1,234` has thousands. Elsewhere nothing tells.
            (false, false, Some((line, text))) if self.delimiter != b',' => {
                Err(TableError::AmbiguousDecimal { file: file.to_owned(), place: Place::Line(line), text })
            }
            _ => Ok(b'.'),
        }
    }
}

/// Whether it is a single column of numbers with decimal commas, rather than cells between commas: names and rows of R
/// count from one, or are quoted.
fn is_column_with_commas(sample: &[u8], decimal: Option<u8>) -> bool {
    let mut lines =
        sample.split(|byte| matches!(byte, b'\n' | b'\r')).map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let comma = |line: &[u8]| line.iter().filter(|byte| **byte == b',').count();
    let is_number = |line: &[u8]| comma(line) <= 1 && number(bare(line), b',').is_some();
    let Some(first) = lines.next() else { return false };
    let named = !first.iter().any(|byte| DELIMITERS[..4].contains(byte) || *byte == b'"');
    if decimal == Some(b'.') || !(named || decimal == Some(b',') && is_number(first)) {
        return false;
    }
    let rows: Vec<&[u8]> = lines.take(200).collect();
    let counts = rows.iter().enumerate().all(|(at, row)| {
        let name = row.split(|byte| *byte == b',').next().and_then(|name| std::str::from_utf8(name).ok());
        name.and_then(|name| name.parse::<usize>().ok()).is_some_and(|name| name == at + 1)
    });
    let missing = |row: &[u8]| super::csv_column::is_missing(row);
    let numbers = rows.iter().all(|row| is_number(row) || missing(row));
    // Or of thousands that are separated.
    let grouped = || rows.iter().all(|row| number(bare(row), b'.').is_some() || missing(row));
    (numbers || grouped()) && rows.iter().any(|row| comma(row) > 0) && (!counts || decimal == Some(b','))
}

/// How well a delimiter fits, the most important first.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
struct Fit {
    rows_agree: bool,
    header_agrees: bool,
    numbers: f64,
}

impl Fit {
    fn of(sample: &[u8], delimiter: u8, decimal: Option<u8>) -> Self {
        let (mut records, mut record) = (Records::new(sample, 0, delimiter), ByteRecord::new());
        let mut lengths = vec![];
        let (mut cells, mut points, mut commas) = (0, 0, 0);
        while lengths.len() < 200 && records.next(&mut record).is_some() {
            lengths.push(record.len());
            if lengths.len() > 1 {
                for cell in record.iter().filter(|cell| !cell.trim_ascii().is_empty()) {
                    cells += 1;
                    points += usize::from(decimal != Some(b',') && number(bare(cell), b'.').is_some());
                    commas += usize::from(decimal != Some(b'.') && number(bare(cell), b',').is_some());
                }
            }
        }
        let Some((&header, rest)) = lengths.split_first() else { return Self::default() };
        let length = rest.first().copied().unwrap_or(header);
        let equal = rest.iter().filter(|other| **other == length).count();
        let rows_agree = length.max(header) > 1 && length.abs_diff(header) <= 1 && equal * 10 >= rest.len() * 9;
        let numbers = if cells == 0 { 0.0 } else { points.max(commas) as f64 / cells as f64 };
        if rows_agree { Self { rows_agree, header_agrees: header == length, numbers } } else { Self::default() }
    }
}

/// The text with single spaces between cells and none at the ends of lines; quoted text and line ends stay.
fn single_spaced(text: &[u8], start: &mut usize) -> Vec<u8> {
    let mut spaced = Vec::with_capacity(text.len());
    let (mut quoted, mut space, mut new_start) = (false, false, None);
    for (at, &byte) in text.iter().enumerate() {
        if at == *start {
            new_start = Some(spaced.len());
        }
        if !quoted && matches!(byte, b' ' | b'\t') {
            space = true;
            continue;
        }
        let line_end = !quoted && matches!(byte, b'\n' | b'\r');
        let line_start = spaced.last().is_none_or(|last| matches!(last, b'\n' | b'\r'));
        // `5 €` is one cell.
        let sign = || spaced.last().is_some_and(u8::is_ascii_digit) && begins_with_sign(&text[at..]);
        if space && !line_end && !line_start && !sign() {
            spaced.push(b' ');
        }
        space = false;
        quoted ^= byte == b'"';
        spaced.push(byte);
    }
    *start = new_start.unwrap_or(spaced.len());
    spaced
}

fn begins_with_sign(text: &[u8]) -> bool {
    // No sign is longer than three bytes.
    let start = &text[..text.len().min(3)];
    let valid = std::str::from_utf8(start).map_or_else(|error| error.valid_up_to(), str::len);
    std::str::from_utf8(&start[..valid]).ok().and_then(|start| start.chars().next()).is_some_and(is_sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_beside_a_number_separates_nothing() {
        let found = |text: &str| {
            let dialect = detect(text);
            (char::from(dialect.delimiter), char::from(dialect.decimal))
        };
        assert_eq!(found("price\n12.50 €\n7.25 €\n"), (',', '.'));
        assert_eq!(found("price in euro\n12.50 €\n7.25 €\n").0, ',');
        assert_eq!(found("Preis (€);Anteil (%)\n13,46 €;52,4 %\n1,5 €;3,1 %\n"), (';', ','));
        assert_eq!(found("12.5 %;45 €\n1.5 %;4 €\n"), (';', '.'));
        assert_eq!(found("x p\n1.2 5 €\n3.4 6 €\n"), (' ', '.'));
        assert_eq!(found("price\n15,57 €\n1,25 €\n"), (';', ','));
        assert_eq!(found("price\n$666,868.47\n$1,250.00\n"), (';', '.'));
    }

    #[test]
    fn one_column_of_decimal_commas_is_one_column() {
        let found = |text: &str| {
            let dialect = detect(text);
            (dialect.delimiter, dialect.decimal)
        };
        assert_eq!(found("a\n1,5\n-2,75\nNA\n3\n"), (b';', b','));
        // Rows of R that are numbered, and two columns.
        assert_eq!(found("a\n1,5\n2,7\n3,1\n"), (b',', b'.'));
        assert_eq!(found("a\n\"Mazda\",5\n\"Fiat\",7\n"), (b',', b'.'));
        assert_eq!(found("a,b\n1,5\n2,7\n4,8\n").0, b',');
        assert!(is_column_with_commas(b"1,5\n2,7\n", Some(b',')) && !is_column_with_commas(b"a\n1,5\n2,7\n", None));
    }

    fn detect(text: &str) -> Dialect {
        Dialect::detect(text.as_bytes(), "t.csv", &CsvOptions::new(), b',', &mut vec![]).expect("plain").0
    }

    #[test]
    fn the_separator_and_the_decimal_mark_are_found_where_they_are_plain() {
        for (text, delimiter, decimal) in [
            ("a,b\n1.5,2\n", b',', b'.'),
            ("a;b\n1.5;2\n", b';', b'.'),
            ("a;b\n1,5;2\n", b';', b','),
            ("a;b;c\n1,5;2,5;3,25\n", b';', b','),
            ("a\tb\n1,5\t2\n", b'\t', b','),
            ("a|b\n1|2\n", b'|', b'.'),
            ("  a   b\n 1.5  2\n", b' ', b'.'),
            ("a, b\n1, 2\n", b',', b'.'),
            ("time,x\n2020-01-01 10:00,1\n", b',', b'.'),
            ("a,b\n\"1,5\",\"2,25\"\n", b',', b','),
            ("a,b\n1,\"1,234\"\n", b',', b'.'),
            ("sep=;\na;b\n1;2\n", b';', b'.'),
            ("x\n1.5\n2\n", b',', b'.'),
        ] {
            let found = detect(text);
            assert_eq!(
                (char::from(found.delimiter), char::from(found.decimal)),
                (delimiter.into(), decimal.into()),
                "{text}"
            );
        }
    }

    #[test]
    fn a_comma_that_may_be_either_is_an_error_that_shows_it() {
        let found = Dialect::detect(b"a;b\n1,234;5\n", "t.csv", &CsvOptions::new(), b',', &mut vec![]);
        let message = found.expect_err("1234 or 1.234").to_string();
        assert!(
            message.contains("line 2") && message.contains("`1,234`") && message.contains("--decimal"),
            "{message}"
        );
    }

    #[test]
    fn comments_before_the_table_are_passed_over_and_the_last_one_is_kept() {
        let found = detect("# made by hand\n\n# a b\n1,2\n");
        assert_eq!((found.start, found.comments), (22, 2));
        assert_eq!(found.comment, Some((3, b"a b".to_vec())));
    }

    #[test]
    fn runs_of_spaces_become_one_and_quoted_text_stays() {
        let mut start = 4;
        assert_eq!(single_spaced(b"#  x\n  1   \"a  b\"  \n", &mut start), b"# x\n1 \"a  b\"\n");
    }
}
