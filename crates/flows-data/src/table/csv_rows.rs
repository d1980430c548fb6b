//! The rows of a text, without comments and with as many cells as there are columns.

use csv::ByteRecord;

use super::{
    Notice, Place, TableError,
    csv_records::{Quote, Records},
    dialect::Dialect,
    header::Heading,
    number::number,
};

/// What the rows of a text are read by.
pub(crate) struct Rows<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a [u8],
    pub(crate) dialect: &'a Dialect,
    pub(crate) heading: &'a Heading,
    /// Whether the text is the whole file; otherwise a quote may be open at its end.
    pub(crate) whole: bool,
}

impl Rows<'_> {
    /// Hands every row to `take`, with its line.
    pub(crate) fn each(
        &self,
        notices: &mut Vec<Notice>,
        mut take: impl FnMut(u64, &ByteRecord),
    ) -> Result<(), TableError> {
        let Self { file, text, dialect, heading, whole } = self;
        let (mut records, mut record) = (Records::new(text, dialect.start, dialect.delimiter), ByteRecord::new());
        let mut comments = dialect.comments;
        let (mut over_lines, mut first_over_lines) = (0, 0);
        if !heading.first_is_row {
            records.next(&mut record);
        }
        while let Some(line) = records.next(&mut record) {
            match records.quote(&record) {
                Quote::InLine => {}
                Quote::OverLines => {
                    first_over_lines = if over_lines == 0 { line } else { first_over_lines };
                    over_lines += 1;
                }
                Quote::Open if !whole => break,
                Quote::Open => {
                    return Err(TableError::OpenQuote { file: (*file).to_owned(), place: Place::Line(line) });
                }
            }
            let expected = heading.names.len();
            let commented = record.get(0).is_some_and(|cell| cell.trim_ascii_start().starts_with(b"#"));
            let numbers = || record.iter().any(|cell| number(cell, dialect.decimal).is_some());
            if commented && (record.len() != expected || !numbers()) {
                comments += 1;
                continue;
            }
            let ends = usize::from(
                heading.trailing && record.len() == expected + 1 && record[expected].trim_ascii().is_empty(),
            );
            let got = record.len() - ends;
            if got != expected {
                let place = Place::Line(line);
                return Err(TableError::RaggedRow { file: (*file).to_owned(), place, expected, got });
            }
            take(line, &record);
        }
        if comments > usize::from(heading.first_is_row && heading.has_names) {
            notices.push(Notice::Comments { lines: comments });
        }
        if heading.names.len() == 1 && records.blank() > 0 {
            notices.push(Notice::BlankLines { lines: records.blank() });
        }
        if over_lines > 0 {
            notices.push(Notice::OverLines { rows: over_lines, first: Place::Line(first_over_lines) });
        }
        Ok(())
    }
}
