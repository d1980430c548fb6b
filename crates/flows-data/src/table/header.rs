//! Whether the first line of a text file names the columns, and which cells of a row belong to them.

use csv::ByteRecord;

use super::{
    CsvOptions, Header, Notice,
    csv_column::is_missing,
    csv_records::Records,
    dialect::Dialect,
    number::{bare, number},
};

/// The columns of a text file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Heading {
    /// The names, made up where there are none.
    pub(crate) names: Vec<String>,
    /// Whether the file has names.
    pub(crate) has_names: bool,
    /// Whether the first record is a row.
    pub(crate) first_is_row: bool,
    /// Whether the first column has no name of its own beside others that do: it labels the rows.
    pub(crate) labels: bool,
    /// Whether rows may end with a delimiter.
    pub(crate) trailing: bool,
}

/// Rows that are looked at.
const SAMPLE: usize = 200;

impl Heading {
    /// Reads the first record; `None` if there is none.
    pub(crate) fn read(
        text: &[u8],
        dialect: &Dialect,
        options: &CsvOptions,
        notices: &mut Vec<Notice>,
    ) -> Option<Self> {
        let (mut records, mut record) = (Records::new(text, dialect.start, dialect.delimiter), ByteRecord::new());
        records.next(&mut record)?;
        let first = record.clone();
        let mut rows = vec![];
        while rows.len() < SAMPLE && records.next(&mut record).is_some() {
            rows.push(record.clone());
        }
        let present = match options.header {
            Header::Present => true,
            Header::Absent => false,
            Header::Detect => is_header(&first, &rows, dialect.decimal),
        };
        let cells = |record: &ByteRecord| -> Vec<String> {
            record.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect()
        };
        if present {
            let numbers = first.iter().any(|cell| number(cell, dialect.decimal).is_some());
            if numbers && options.header == Header::Detect && !has_text(&first, dialect.decimal) {
                notices.push(Notice::HeaderOfNumbers { names: cells(&first) });
            }
            return Some(Self::new(cells(&first), &rows, false));
        }
        let commented =
            dialect.comment.as_ref().filter(|_| options.header == Header::Detect).and_then(|(line, comment)| {
                let mut record = ByteRecord::new();
                Records::new(comment, 0, dialect.delimiter).next(&mut record)?;
                let names = record.len() == first.len() && record.iter().all(|cell| number(cell, b'.').is_none());
                names.then(|| (*line, cells(&record)))
            });
        if let Some((line, names)) = commented {
            notices.push(Notice::HeaderInComment { line });
            return Some(Self::new(names, &rows, true));
        }
        if options.header == Header::Detect {
            notices.push(Notice::NoHeader { first: cells(&first) });
        }
        let names = (1..=first.len()).map(|number| format!("column_{number}")).collect();
        Some(Self { names, has_names: false, first_is_row: true, labels: false, trailing: false })
    }

    fn new(mut names: Vec<String>, rows: &[ByteRecord], first_is_row: bool) -> Self {
        let all = |test: &dyn Fn(&ByteRecord) -> bool| !rows.is_empty() && rows.iter().all(test);
        let ends_empty = |row: &ByteRecord| row.iter().next_back().is_some_and(|cell| cell.trim_ascii().is_empty());
        let mut trailing = false;
        if all(&|row| row.len() == names.len() + 1) {
            // Rows that end with a delimiter, or rows with names, as R writes them.
            trailing = all(&ends_empty);
            if !trailing {
                names.insert(0, String::new());
            }
        } else if names.len() > 1 && names.last().is_some_and(String::is_empty) {
            // The line of names ends with a delimiter, and the rows may.
            trailing = all(&|row| row.len() + 1 == names.len() || (row.len() == names.len() && ends_empty(row)));
            if trailing {
                names.pop();
            }
        }
        let labels = names.len() > 1 && is_label(&names[0]) && names[1..].iter().any(|name| !name.is_empty());
        for (place, name) in names.iter_mut().enumerate().filter(|(_, name)| name.is_empty()) {
            *name = format!("column_{}", place + 1);
        }
        Self { names, has_names: true, first_is_row, labels, trailing }
    }
}

/// Whether it is the name of pandas' nameless index, or none.
fn is_label(name: &str) -> bool {
    name.is_empty() || name.strip_prefix("Unnamed: 0").is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn has_text(record: &ByteRecord, decimal: u8) -> bool {
    record.iter().any(|cell| !is_missing(cell) && number(cell, decimal).is_none())
}

fn is_header(first: &ByteRecord, rows: &[ByteRecord], decimal: u8) -> bool {
    let named: Vec<Option<f64>> =
        first.iter().map(|cell| number(bare(cell), decimal).map(|number| number.value)).collect();
    if named.iter().all(Option::is_none) {
        return true;
    }
    // A row may be longer by its name.
    let shift = usize::from(!rows.is_empty() && rows.iter().all(|row| row.len() == first.len() + 1));
    let below =
        |place: usize| rows.iter().filter_map(move |row| row.get(place + shift)).filter(|cell| !is_missing(cell));
    let is_number = |cell: &[u8]| number(bare(cell), decimal).is_some();
    // Text above numbers.
    let text_above = |place: usize| {
        !is_missing(&first[place])
            && named[place].is_none()
            && below(place).next().is_some()
            && below(place).all(is_number)
    };
    if (0..first.len()).any(text_above) {
        return true;
    }
    // Evenly spaced whole numbers above fractions, or many of them that count from 0 or 1.
    let whole = |cell: &[u8]| cell.trim_ascii().iter().all(u8::is_ascii_digit);
    let numbered: Vec<usize> = (0..first.len()).filter(|place| named[*place].is_some()).collect();
    let values: Vec<f64> = numbered.iter().filter_map(|place| named[*place]).collect();
    let step = values.get(1).map_or(1.0, |second| second - values[0]);
    let even = values.windows(2).all(|pair| pair[1] - pair[0] == step) && step > 0.0;
    if !even || !numbered.iter().all(|place| whole(&first[*place])) || (values.len() == 1 && values[0] != 0.0) {
        return false;
    }
    let fraction = |cell: &[u8]| is_number(cell) && cell.contains(&decimal);
    let fractions =
        |place: &usize| below(*place).filter(|cell| fraction(cell)).count() * 10 > below(*place).count() * 8;
    let counts = step == 1.0 && (values[0] == 0.0 || values[0] == 1.0);
    let nameless = first.get(0).is_some_and(|cell| cell.trim_ascii().is_empty());
    !rows.is_empty() && (numbered.iter().all(fractions) || (counts && (nameless || shift == 1 || values.len() >= 4)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heading(text: &str) -> (Heading, Vec<Notice>) {
        let mut notices = vec![];
        let options = CsvOptions::new();
        let (dialect, _) = Dialect::detect(text.as_bytes(), "t.csv", &options, b',', &mut vec![]).expect("plain");
        let heading = Heading::read(text.as_bytes(), &dialect, &options, &mut notices).expect("not empty");
        (heading, notices)
    }

    #[test]
    fn a_header_of_numbers_is_known_by_the_fractions_below_and_noticed() {
        for text in ["0,1\n0.5,0.25\n-1.5,2.5\n", "400,410,420\n0.1,0.2,0.3\n", "0\n0.5\n1.5\n", ",0,1\n0,5,7\n1,6,8\n"]
        {
            let (heading, notices) = heading(text);
            assert!(!heading.first_is_row, "{text}");
            assert!(matches!(notices[..], [Notice::HeaderOfNumbers { .. }]), "{text}");
        }
    }

    #[test]
    fn a_first_line_of_numbers_like_the_others_is_a_row_and_noticed() {
        for text in ["1,2\n3,4\n", "0.5,1.5\n0.25,0.75\n", "5,3\n0.5,0.25\n"] {
            let (heading, notices) = heading(text);
            assert!(heading.first_is_row, "{text}");
            assert!(matches!(notices[..], [Notice::NoHeader { .. }]), "{text}");
        }
    }

    #[test]
    fn text_above_numbers_is_a_header_even_beside_numbers() {
        let (heading, notices) = heading("id,2019,2020\n1,5,6\n2,7,8\n");
        assert_eq!((heading.names[1].as_str(), heading.first_is_row, notices.len()), ("2019", false, 0));
    }

    #[test]
    fn text_above_text_does_not_make_a_header_of_numbers() {
        assert!(heading("Oslo,59.9\nLima,-12.0\n").0.first_is_row);
    }

    #[test]
    fn a_nameless_first_column_labels_the_rows() {
        for text in [",a\n0,1.5\n1,2.5\n", "Unnamed: 0,a\n0,1.5\n", "a,b\n\"1\",1.5,2\n\"2\",2.5,3\n"] {
            assert!(heading(text).0.labels, "{text}");
        }
        assert!(!heading("id,a\n0,1.5\n").0.labels);
    }

    #[test]
    fn delimiters_at_the_ends_of_lines_make_no_column() {
        for text in ["a,b,\n1,2,\n3,4,\n", "a,b\n1,2,\n3,4,\n", "a,b,\n1,2\n3,4\n"] {
            let (heading, _) = heading(text);
            assert_eq!((heading.names.len(), heading.trailing), (2, true), "{text}");
        }
    }

    #[test]
    fn the_names_may_stand_in_a_comment_as_numpy_writes_them() {
        let (heading, notices) = heading("# a,b\n0.5,1.5\n");
        assert_eq!((heading.names, heading.first_is_row), (vec!["a".to_owned(), "b".to_owned()], true));
        assert_eq!(notices, [Notice::HeaderInComment { line: 1 }]);
    }
}
