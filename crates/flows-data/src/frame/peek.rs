//! The first rows of a file.

use std::{fmt, path::Path};

use super::{FileFormat, Frame, ReadOptions, bytes::Source, columnar, text};
use crate::DataError;

/// The beginning of a table; made by [`Frame::peek`].
#[derive(Debug, Clone, PartialEq)]
pub struct Peek {
    /// The first rows.
    pub frame: Frame,
    /// How many rows there are in all.
    pub rows: RowCount,
}

/// How many rows a file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowCount {
    /// So many.
    Exactly(u64),
    /// About so many, by the length of the file.
    About(u64),
    /// More than so many: the length of the file is not known.
    MoreThan(u64),
}

impl fmt::Display for RowCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(1) => write!(f, "1 row"),
            Self::Exactly(rows) => write!(f, "{} rows", Grouped(*rows)),
            Self::About(rows) => write!(f, "about {} rows", Grouped(two_digits(*rows))),
            Self::MoreThan(rows) => write!(f, "more than {} rows", Grouped(*rows)),
        }
    }
}

/// The bytes that are read first of a text.
const START: u64 = 1 << 21;

impl Frame {
    /// Reads the first rows of a file, at least as many as `rows` if there are, and tells how many there are in all.
    ///
    /// Of delimited text and JSON lines no more is read than is needed, and the number of rows is estimated. Parquet and
    /// Arrow say how many there are: of them the first groups and batches are read, and the others are only counted.
    ///
    /// # Errors
    ///
    /// Those of [`Frame::read`], as far as the first rows show them.
    ///
    /// # Example
    ///
    /// ```
    /// use flows_data::{Frame, ReadOptions, RowCount};
    ///
    /// let path = std::env::temp_dir().join("flows-data-doc-peek.csv");
    /// std::fs::write(&path, "x,y\n1,2\n3,4\n5,6\n").unwrap();
    /// let peek = Frame::peek(&path, &ReadOptions::new(), 2)?;
    /// assert_eq!((peek.frame.rows(), peek.rows), (2, RowCount::Exactly(3)));
    /// # std::fs::remove_file(path).unwrap();
    /// # Ok::<(), flows_data::DataError>(())
    /// ```
    pub fn peek(path: impl AsRef<Path>, options: &ReadOptions, rows: usize) -> Result<Peek, DataError> {
        let path = path.as_ref();
        if super::bytes::is_standard(path) {
            // What was read of standard input is gone.
            let frame = Self::read(path, options)?;
            let count = RowCount::Exactly(frame.rows() as u64);
            return Ok(Peek { frame: frame.head(rows), rows: count });
        }
        let mut limit = START;
        loop {
            let source = Source::read(path, options, Some(limit))?;
            if let FileFormat::Parquet | FileFormat::Arrow = source.format {
                // A packed one says at its end what there is.
                let source = if source.whole { source } else { Source::read(path, options, None)? };
                let first = Some(rows.max(1));
                let (frame, count) = match source.format {
                    FileFormat::Parquet => columnar::read_parquet(&source, options, first)?,
                    _ => columnar::read_ipc(&source, options, first)?,
                };
                return Ok(Peek { frame: frame.head(rows), rows: count });
            }
            if source.whole {
                let frame = Self::of_source(&source, options)?;
                let count = RowCount::Exactly(frame.rows() as u64);
                return Ok(Peek { frame: frame.head(rows), rows: count });
            }
            let (frame, read) = match source.format {
                FileFormat::Csv | FileFormat::Tsv => {
                    match text::parse(&source.bytes, &source.name, options, source.usual, false) {
                        Ok(read) => read,
                        // A line or a comment that is longer than the part.
                        Err(_) if limit < START << 5 => {
                            limit *= 4;
                            continue;
                        }
                        Err(error) => return Err(error),
                    }
                }
                _ => (Self::of_source(&source, options)?, source.bytes.len()),
            };
            if frame.rows() < rows {
                // As many bytes as these rows show that it takes.
                let needed = read as f64 * rows as f64 / frame.rows() as f64;
                limit = (limit * 2).max((1.1 * needed) as u64 + 4096);
                continue;
            }
            let seen = frame.rows() as u64;
            let count = source.size.map_or(RowCount::MoreThan(seen), |size| {
                RowCount::About(((seen as f64 * size / read as f64) as u64).max(seen))
            });
            return Ok(Peek { frame: frame.head(rows), rows: count });
        }
    }
}

fn two_digits(rows: u64) -> u64 {
    let unit = 10u64.pow(rows.max(1).ilog10().saturating_sub(1));
    (rows + unit / 2) / unit * unit
}

/// A number with its thousands set apart.
struct Grouped(u64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                write!(f, ",")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_large_text_is_read_in_part_and_its_rows_are_estimated_packed_or_not() {
        let dir = tempfile::tempdir().expect("a directory");
        let mut text = String::from("x,y,name\n");
        (0..300_000).for_each(|i| text += &format!("{i},{}.5,n{}\n", i % 1000, i % 7));
        let plain = dir.path().join("t.csv");
        std::fs::write(&plain, &text).expect("written");
        let packed = dir.path().join("t.csv.gz");
        let file = std::fs::File::create(&packed).expect("created");
        let mut encoder = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).expect("written");
        encoder.finish().expect("packed");
        for path in [plain, packed] {
            let peek = Frame::peek(&path, &ReadOptions::new(), 1000).expect("read");
            let RowCount::About(rows) = peek.rows else { panic!("{:?}", peek.rows) };
            assert_eq!((peek.frame.rows(), peek.frame.columns().len()), (1000, 3));
            assert!((200_000..400_000).contains(&rows), "{rows}");
            // More rows than the first part has.
            assert_eq!(Frame::peek(&path, &ReadOptions::new(), 250_000).expect("read").frame.rows(), 250_000);
        }
    }

    #[test]
    fn counts_of_rows_read_well() {
        assert_eq!(RowCount::Exactly(336_776).to_string(), "336,776 rows");
        assert_eq!(RowCount::About(1_234_567).to_string(), "about 1,200,000 rows");
        assert_eq!(
            (RowCount::About(7).to_string(), RowCount::Exactly(1).to_string()),
            ("about 7 rows".into(), "1 row".into())
        );
    }
}
