//! The records of delimited text, each with the line it begins on.

use csv::{ByteRecord, Reader, ReaderBuilder};

/// Reads records one after the other.
///
/// The `csv` crate counts lines too, but says of a record after blank lines that it begins on the first of those.
pub(super) struct Records<'a> {
    bytes: &'a [u8],
    reader: Reader<&'a [u8]>,
    /// Where in the bytes the reader began.
    start: usize,
    counted: usize,
    line: u64,
}

impl<'a> Records<'a> {
    /// Begins with the record at a byte; lines are counted from the first byte of all.
    pub(super) fn new(bytes: &'a [u8], start: usize, delimiter: u8) -> Self {
        // Flexible, so that a row of another length reaches the caller, who knows what to say about it.
        let mut builder = ReaderBuilder::new();
        let reader = builder.has_headers(false).flexible(true).delimiter(delimiter).from_reader(&bytes[start..]);
        Self { bytes, reader, start, counted: 0, line: 1 }
    }

    /// Reads the next record and tells the line it begins on; `None` at the end.
    pub(super) fn next(&mut self, record: &mut ByteRecord) -> Option<u64> {
        let there = self.reader.read_byte_record(record);
        if !there.expect("bytes in memory, in rows of any length, can always be read") {
            return None;
        }
        let before = self.start + record.position().map_or(0, |position| position.byte() as usize);
        let blank = self.bytes[before..].iter().take_while(|&&byte| matches!(byte, b'\r' | b'\n')).count();
        self.count_to(before + blank);
        Some(self.line)
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
    fn lines_before_the_start_count() {
        assert_eq!(lines("# x\n\na\nb", 4), [(3, 1), (4, 1)]);
    }
}
