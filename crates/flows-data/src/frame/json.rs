//! Frames from JSON: an object a line, or an array of objects.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::de::{Deserializer, SeqAccess, Visitor};

use super::{
    Cells, Frame, FrameColumn, ReadOptions, Style,
    json_rows::{Cell, Row},
    text::meant,
};
use crate::DataError;
use crate::table::{Notice, Place, TableError};

/// Reads JSON, or the beginning of it.
pub(super) fn parse(bytes: &[u8], file: &str, options: &ReadOptions, whole: bool) -> Result<Frame, DataError> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = &*without_bare_names(text);
    let mut columns = Columns { file, options, known: HashMap::new(), columns: vec![], rows: 0 };
    if text.trim_ascii_start().starts_with(b"[") {
        columns.array(text, whole)?;
    } else {
        columns.lines(text, whole)?;
    }
    columns.finish()
}

/// JSON with `null` for `NaN` and infinities, which it has no words for, but which Python's `json` writes.
fn without_bare_names(text: &[u8]) -> Cow<'_, [u8]> {
    const NAMES: [&[u8]; 3] = [b"-Infinity", b"Infinity", b"NaN"];
    let found = |at: usize| NAMES.into_iter().find(|name| text[at..].starts_with(name));
    if !(0..text.len()).any(|at| matches!(text[at], b'N' | b'I') && found(at).is_some()) {
        return Cow::Borrowed(text);
    }
    let (mut plain, mut at, mut quoted) = (Vec::with_capacity(text.len()), 0, false);
    while at < text.len() {
        if let Some(name) = found(at).filter(|_| !quoted) {
            plain.extend_from_slice(b"null");
            at += name.len();
            continue;
        }
        if quoted && text[at] == b'\\' && at + 1 < text.len() {
            plain.push(text[at]);
            at += 1;
        } else if text[at] == b'"' {
            quoted = !quoted;
        }
        plain.push(text[at]);
        at += 1;
    }
    Cow::Owned(plain)
}

struct Columns<'a> {
    file: &'a str,
    options: &'a ReadOptions,
    known: HashMap<String, usize>,
    columns: Vec<(String, Vec<Cell>)>,
    rows: usize,
}

impl Columns<'_> {
    fn lines(&mut self, text: &[u8], whole: bool) -> Result<(), TableError> {
        let end =
            if whole { text.len() } else { text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1) };
        for (line, content) in (1..).zip(text[..end].split(|byte| *byte == b'\n')) {
            if content.trim_ascii().is_empty() {
                continue;
            }
            let row = serde_json::from_slice(content).map_err(|error| {
                // The line that the crate counts is the first of one.
                let reason = error.to_string().replace(" at line 1 column", " at column");
                TableError::Json { file: self.file.to_owned(), place: Place::Line(line), reason }
            })?;
            self.push(row);
        }
        Ok(())
    }

    fn array(&mut self, text: &[u8], whole: bool) -> Result<(), TableError> {
        let file = self.file.to_owned();
        let mut deserializer = serde_json::Deserializer::from_slice(text);
        match deserializer.deserialize_seq(Rows { columns: self }).and_then(|()| deserializer.end()) {
            // A part of an array has no end.
            Err(error) if whole || !error.is_eof() => {
                let (place, reason) = (Place::Line(error.line() as u64), error.to_string());
                Err(TableError::Json { file, place, reason })
            }
            _ => Ok(()),
        }
    }

    fn push(&mut self, Row(members): Row) {
        for (name, cell) in members {
            let place = *self.known.entry(name).or_insert_with_key(|name| {
                self.columns.push((name.clone(), vec![]));
                self.columns.len() - 1
            });
            let column = &mut self.columns[place].1;
            // Of a name that comes twice in an object the last value counts, as everywhere with JSON.
            column.resize(self.rows, Cell::Missing);
            column.push(cell);
        }
        self.rows += 1;
    }

    fn finish(mut self) -> Result<Frame, DataError> {
        if self.columns.is_empty() {
            return Err(TableError::Empty { file: self.file.to_owned() }.into());
        }
        let names: Vec<String> = self.columns.iter().map(|(name, _)| name.clone()).collect();
        let places = self.options.places(self.file, &names)?;
        let (mut notices, mut columns) = (vec![], vec![]);
        for place in places {
            let (name, mut cells) = std::mem::take(&mut self.columns[place]);
            cells.resize(self.rows, Cell::Missing);
            match cells.iter().find_map(|cell| if let Cell::Nested(what) = cell { Some(*what) } else { None }) {
                Some(kind) => notices.push(Notice::NoCells { column: name, kind }),
                None => columns.push(column(name, cells, self.options, &mut notices)),
            }
        }
        if let ([], Some(Notice::NoCells { column, kind })) = (&columns[..], notices.first()) {
            let kind = format!("it holds {kind}, which are no cells of a table");
            let hint = "write its parts as columns of their own".to_owned();
            return Err(
                TableError::ColumnType { file: self.file.to_owned(), column: column.clone(), kind, hint }.into()
            );
        }
        Ok(Frame::checked(self.file, columns, notices)?)
    }
}

/// The elements of an array, each taken as it comes.
struct Rows<'a, 'b> {
    columns: &'a mut Columns<'b>,
}

impl<'de> Visitor<'de> for Rows<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(row) = seq.next_element::<Row>()? {
            self.columns.push(row);
        }
        Ok(())
    }
}

/// A column of what its cells are.
fn column(name: String, cells: Vec<Cell>, options: &ReadOptions, notices: &mut Vec<Notice>) -> FrameColumn {
    let rounded = cells.iter().filter(|cell| matches!(cell, Cell::Rounded(_))).count();
    if let Some(first) = cells.iter().position(|cell| matches!(cell, Cell::Rounded(_))) {
        notices.push(Notice::Rounded { column: name.clone(), cells: rounded, first: Place::Row(first) });
    }
    let nothing = |word: &str| word.is_empty() || options.is_null(word);
    let only = |test: fn(&Cell) -> bool| cells.iter().all(|cell| matches!(cell, Cell::Missing) || test(cell));
    if only(|cell| matches!(cell, Cell::Number(_) | Cell::Rounded(_))) {
        let number = |cell: &Cell| match cell {
            Cell::Number(value) | Cell::Rounded(value) if !options.is_null_number(*value) => *value,
            _ => f64::NAN,
        };
        return FrameColumn::new(name, Cells::Numbers(cells.iter().map(number).collect()));
    }
    let flags = only(|cell| matches!(cell, Cell::Flag(_)));
    let words = cells.iter().map(|cell| match cell {
        Cell::Word(word) => (!nothing(word)).then(|| word.clone()),
        Cell::Flag(flag) => Some(flag.to_string()),
        Cell::Number(value) | Cell::Rounded(value) => Some(value.to_string()),
        Cell::Missing | Cell::Nested(_) => None,
    });
    let words: Cells = words.collect();
    if flags {
        return FrameColumn::new(name, words).styled(Style::Flags);
    }
    let numbers = cells.iter().filter(|cell| matches!(cell, Cell::Number(_))).count();
    if let Some(first) = cells.iter().position(|cell| matches!(cell, Cell::Word(_)))
        && numbers > 0
        && let Cell::Word(text) = &cells[first]
    {
        let texts = cells.iter().filter(|cell| matches!(cell, Cell::Word(_))).count();
        let (column, text) = (name.clone(), text.clone());
        notices.push(Notice::Mixed { column, cells: texts, text, first: Place::Row(first) });
    }
    meant(name, words, b'.', notices)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Frame, DataError> {
        parse(text.as_bytes(), "t.json", &ReadOptions::new(), true)
    }

    #[test]
    fn lines_and_arrays_of_objects_are_tables_whose_columns_come_in_order() {
        let rows = [r#"{"b": 1.5, "a": "x", "ok": true}"#, r#"{"a": null, "day": "2024-05-01"}"#];
        for text in [rows.join("\n"), format!("[{}]", rows.join(",\n"))] {
            let frame = read(&text).expect("good JSON");
            assert_eq!((frame.names(), frame.rows()), (vec!["b", "a", "ok", "day"], 2));
            assert!(matches!(frame.column("b").expect("there").cells, Cells::Numbers(_)));
            assert_eq!(frame.column("ok").expect("there").style, Style::Flags);
            assert!(matches!(frame.column("day").expect("there").cells, Cells::Times(_)));
            assert_eq!(frame.column("a").expect("there").cells.missing(), 1);
        }
    }

    #[test]
    fn nested_values_are_left_out_with_a_notice_that_names_the_column() {
        let text = r#"{"a": 1, "tags": ["x"]}"#;
        let frame = read(text).expect("one column");
        assert_eq!(frame.names(), ["a"]);
        assert!(frame.notices()[0].to_string().contains("left out `tags`: it holds arrays"), "{}", frame.notices()[0]);
        let message = read(r#"{"tags": ["x"]}"#).expect_err("an array").to_string();
        assert!(message.contains("`tags`: it holds arrays"), "{message}");
        let options = ReadOptions::new().with_columns("!tags".parse().expect("a selection"));
        assert_eq!(parse(text.as_bytes(), "t.json", &options, true).expect("without it").names(), ["a"]);
    }

    #[test]
    fn numbers_that_json_has_no_word_for_are_missing() {
        let frame = read(
            "{\"a\": NaN, \"b\": \"NaN\\\" Infinity\"}\n{\"a\": -Infinity, \"b\": \"x\"}\n{\"a\": 2, \"b\": \"y\"}",
        )
        .expect("as Python writes it");
        assert_eq!(
            (frame.columns()[0].cells.missing(), frame.columns()[1].text(0).as_deref()),
            (2, Some("NaN\" Infinity"))
        );
    }

    #[test]
    fn broken_json_is_an_error_with_its_line_and_its_beginning_can_be_read() {
        let message = read("{\"a\": 1}\n\n{\"a\": }\n").expect_err("no value").to_string();
        assert!(message.starts_with("t.json, line 3: expected value at column 7; hint:"), "{message}");
        assert!(read("[1, 2]").expect_err("no objects").to_string().contains("expected an object"));
        assert!(read("[{\"a\": 1}, {\"a\"").is_err());
        let options = ReadOptions::new();
        assert_eq!(parse(b"[{\"a\": 1}, {\"a\"", "t", &options, false).expect("a part").rows(), 1);
        assert_eq!(parse(b"{\"a\": 1}\n{\"a\"", "t", &options, false).expect("a part").rows(), 1);
    }

    #[test]
    fn whole_numbers_beyond_double_precision_and_mixed_cells_are_noticed() {
        let frame = read("{\"a\": 9007199254740993, \"b\": 1}\n{\"a\": 1, \"b\": \"x\"}\n").expect("good JSON");
        assert!(matches!(frame.notices(), [Notice::Rounded { cells: 1, .. }, Notice::Mixed { cells: 1, .. }]));
    }
}
