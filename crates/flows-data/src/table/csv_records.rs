//! The records of delimited text, each with the line it begins on.

use csv::{ByteRecord, Reader, ReaderBuilder};

/// How the quotes of a record go with its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quote {
    /// The record is one line.
    InLine,
    /// A quoted cell has more than one line.
    OverLines,
    /// A quoted cell has all lines to the end of the file.
    Open,
}

/// Reads records one after the other.
///
/// The `csv` crate counts lines too, but says of a record after blank lines that it begins on the first of those.
pub(crate) struct Records<'a> {
    bytes: &'a [u8],
    reader: Reader<&'a [u8]>,
    /// Where in the bytes the reader began.
    start: usize,
    counted: usize,
    line: u64,
    /// Where the last record began.
    began: usize,
    /// Blank lines between records.
    blank: u64,
}

impl<'a> Records<'a> {
    /// Begins with the record at a byte; lines are counted from the first byte of all.
    pub(crate) fn new(bytes: &'a [u8], start: usize, delimiter: u8) -> Self {
        // Flexible, so that a row of another length reaches the caller, who knows what to say about it.
        let mut builder = ReaderBuilder::new();
        let reader = builder.has_headers(false).flexible(true).delimiter(delimiter).from_reader(&bytes[start..]);
        Self { bytes, reader, start, counted: 0, line: 1, began: start, blank: 0 }
    }

    /// Reads the next record and tells the line it begins on; `None` at the end.
    pub(crate) fn next(&mut self, record: &mut ByteRecord) -> Option<u64> {
        let there = self.reader.read_byte_record(record);
        if !there.expect("bytes in memory, in rows of any length, can always be read") {
            return None;
        }
        let before = self.start + record.position().map_or(0, |position| position.byte() as usize);
        let blank = self.bytes[before..].iter().take_while(|&&byte| matches!(byte, b'\r' | b'\n')).count();
        // The reader may have left the second half of the last line's end.
        let of_the_last = before > 0 && self.bytes[before - 1..].starts_with(b"\r\n");
        self.count_to(before + usize::from(of_the_last));
        let line = self.line;
        self.began = before + blank;
        self.count_to(self.began);
        self.blank += self.line - line;
        Some(self.line)
    }

    /// The number of blank lines before the last record.
    pub(crate) fn blank(&self) -> u64 {
        self.blank
    }

    /// Whether a cell of the last record goes on in another line, and the quote that it began with is never closed.
    pub(crate) fn quote(&self, record: &ByteRecord) -> Quote {
        if !record.iter().any(|cell| cell.iter().any(|byte| matches!(byte, b'\r' | b'\n'))) {
            return Quote::InLine;
        }
        let end = self.start + self.reader.position().byte() as usize;
        let quotes = self.bytes[self.began..end].iter().filter(|byte| **byte == b'"').count();
        // Inside a cell a quote is written twice, so that only one that is left open makes an odd number.
        if end == self.bytes.len() && quotes % 2 == 1 { Quote::Open } else { Quote::OverLines }
    }

    /// Counts the line ends up to a place: `\n`, `\r\n` and a `\r` alone are one each.
    fn count_to(&mut self, end: usize) {
        for at in self.counted..end {
            let ends = match self.bytes[at] {
                b'\n' => true,
                b'\r' => self.bytes.get(at + 1) != Some(&b'\n'),
                _ => false,
            };
            self.line += u64::from(ends);
        }
        self.counted = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, start: usize) -> Vec<(u64, usize)> {
        let (mut records, mut record) = (Records::new(text.as_bytes(), start, b','), ByteRecord::new());
        std::iter::from_fn(|| records.next(&mut record).map(|line| (line, record.len()))).collect()
    }

    #[test]
    fn blank_lines_count_but_are_no_records() {
        assert_eq!(lines("\na\n\n\nb,c\nd\n\n", 0), [(2, 1), (5, 2), (6, 1)]);
    }

    #[test]
    fn blank_lines_between_records_are_counted_and_those_at_the_end_are_not() {
        for (text, blank) in [("a\n\n\nb\n\n\n", 2), ("\r\na\r\n\r\nb", 2), ("a\nb\n", 0), ("a\n\"\"\nb\n", 0)] {
            let (mut records, mut record) = (Records::new(text.as_bytes(), 0, b','), ByteRecord::new());
            while records.next(&mut record).is_some() {}
            assert_eq!(records.blank(), blank, "{text:?}");
        }
    }

    #[test]
    fn every_kind_of_line_end_counts_once() {
        for end in ["\n", "\r\n", "\r"] {
            assert_eq!(lines(&["a", "b", "", "c"].join(end), 0), [(1, 1), (2, 1), (4, 1)], "{end:?}");
        }
    }

    #[test]
    fn a_line_end_inside_quotes_counts_as_a_line_of_the_file() {
        assert_eq!(lines("a,\"x\ny\"\nb\n", 0), [(1, 2), (3, 1)]);
    }

    #[test]
    fn a_quote_that_is_never_closed_is_told_from_a_cell_of_several_lines() {
        let quotes = |text: &str| {
            let (mut records, mut record) = (Records::new(text.as_bytes(), 0, b','), ByteRecord::new());
            let mut found = vec![];
            while records.next(&mut record).is_some() {
                found.push(records.quote(&record));
            }
            found
        };
        assert_eq!(quotes("a,\"b \"\"c\"\" d\"\ne,f\n"), [Quote::InLine; 2]);
        assert_eq!(quotes("a,\"x\ny\"\nb,c"), [Quote::OverLines, Quote::InLine]);
        assert_eq!(quotes("a,\"x\n\"\"y\""), [Quote::OverLines]);
        assert_eq!(quotes("a,b\nc,\"d\ne,f\ng,h\n"), [Quote::InLine, Quote::Open]);
    }

    #[test]
    fn lines_before_the_start_count() {
        assert_eq!(lines("# x\n\na\nb", 4), [(3, 1), (4, 1)]);
    }
}
