//! Rows into a file or a stream, a few at a time.

use std::fmt::Write as _;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use super::TableError;
use crate::DataError;
use flows_core::atomic::AtomicFile;

/// Writes a table a few rows at a time: what is written need not be in memory.
///
/// CSV has a header, then a line a row, with as many digits as give the same numbers back. Npy is float64,
/// `[rows, columns]`, in C order, and keeps no names. Values need not be finite.
///
/// # Example
///
/// ```
/// use flows_data::TableWriter;
///
/// let mut writer = TableWriter::csv(Vec::new(), &["a", "b"])?;
/// writer.write(&[1.0, 2.5, 1e300, f64::NAN])?;
/// assert_eq!(writer.rows(), 2);
/// assert_eq!(writer.finish()?, b"a,b\n1,2.5\n1e300,NaN\n");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct TableWriter<W> {
    out: W,
    format: Format,
    columns: usize,
    rows: u64,
    line: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Text(u8),
    Npy,
}

impl<W: Write> TableWriter<W> {
    /// Starts CSV.
    ///
    /// # Errors
    ///
    /// What `out` returns.
    pub fn csv<S: AsRef<str>>(out: W, names: &[S]) -> io::Result<Self> {
        Self::text(out, names, b',')
    }

    fn text<S: AsRef<str>>(mut out: W, names: &[S], delimiter: u8) -> io::Result<Self> {
        let mut header = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
        header.write_record(names.iter().map(AsRef::as_ref))?;
        out.write_all(&header.into_inner().map_err(csv::IntoInnerError::into_error)?)?;
        Ok(Self { out, format: Format::Text(delimiter), columns: names.len(), rows: 0, line: String::new() })
    }

    /// Writes whole rows.
    ///
    /// # Errors
    ///
    /// What `out` returns.
    ///
    /// # Panics
    ///
    /// If the values do not fill whole rows.
    pub fn write(&mut self, values: &[f64]) -> io::Result<()> {
        let columns = self.columns;
        assert!(
            values.len().is_multiple_of(columns),
            "`values`: expected whole rows of {columns} columns, got {} values",
            values.len()
        );
        for row in values.chunks_exact(columns) {
            match self.format {
                Format::Text(delimiter) => {
                    self.line.clear();
                    for (place, value) in row.iter().enumerate() {
                        if place > 0 {
                            self.line.push(char::from(delimiter));
                        }
                        push_number(&mut self.line, *value);
                    }
                    self.line.push('\n');
                    self.out.write_all(self.line.as_bytes())?;
                }
                Format::Npy => row.iter().try_for_each(|value| self.out.write_all(&value.to_le_bytes()))?,
            }
            self.rows += 1;
        }
        Ok(())
    }

    /// The number of rows written.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Flushes, and gives back what was written to.
    ///
    /// # Errors
    ///
    /// What `out` returns.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}

impl TableWriter<AtomicFile> {
    /// Starts a file, in the format that the extension tells: `.csv`, `.tsv` or `.npy`. It appears with
    /// [`commit`](Self::commit), whole, and not at all without it.
    ///
    /// # Errors
    ///
    /// Another extension, or a place that cannot be written to.
    pub fn create<S: AsRef<str>>(path: impl AsRef<Path>, names: &[S]) -> Result<Self, DataError> {
        let path = path.as_ref();
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        match extension.as_str() {
            "csv" => Self::create_as(path, names, Format::Text(b',')),
            "tsv" => Self::create_as(path, names, Format::Text(b'\t')),
            "npy" => Self::create_as(path, names, Format::Npy),
            _ => Err(TableError::UnwritableExtension { file: path.display().to_string(), extension }.into()),
        }
    }

    pub(crate) fn create_as<S: AsRef<str>>(path: &Path, names: &[S], format: Format) -> Result<Self, DataError> {
        let mut out = AtomicFile::create(path)?;
        let start = match format {
            Format::Text(delimiter) => Self::text(out, names, delimiter),
            Format::Npy => out.write_all(&npy_header(0, names.len())).map(|()| Self {
                out,
                format,
                columns: names.len(),
                rows: 0,
                line: String::new(),
            }),
        };
        start.map_err(|source| DataError::Io { action: "write", path: path.to_owned(), source })
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    ///
    /// A disk that fails; the place is then as it was.
    pub fn commit(mut self) -> Result<(), DataError> {
        if self.format == Format::Npy {
            // Only now the number of rows is known; every number takes as much room.
            let header = npy_header(self.rows, self.columns);
            let written = self.out.seek(SeekFrom::Start(0)).and_then(|_| self.out.write_all(&header));
            written.map_err(|source| DataError::Io { action: "write", path: self.out.path().to_owned(), source })?;
        }
        Ok(self.out.commit()?)
    }
}

/// The shortest text that gives the same number back; without hundreds of zeros.
fn push_number(line: &mut String, value: f64) {
    let size = value.abs();
    let written = match size == 0.0 || (1e-5..1e16).contains(&size) || !size.is_finite() {
        true => write!(line, "{value}"),
        false => write!(line, "{value:e}"),
    };
    written.expect("writing to memory cannot fail");
}

/// The first 128 bytes of an npy file.
pub(crate) fn npy_header(rows: u64, columns: usize) -> Vec<u8> {
    let dict = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    format_header(&format!("{dict:<117}\n"))
}

fn format_header(dict: &str) -> Vec<u8> {
    [b"\x93NUMPY\x01\x00".as_slice(), &(dict.len() as u16).to_le_bytes(), dict.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::super::Table;
    use super::*;

    #[test]
    fn rows_in_pieces_read_back_to_the_same_bits_from_every_format() {
        let dir = tempfile::tempdir().expect("a directory");
        let values = [0.1, 1.0 / 3.0, -1e-300, 1e300, 1.7e9 + 1.0 / 3.0, -0.0];
        for name in ["t.csv", "t.tsv", "t.npy"] {
            let path = dir.path().join(name);
            let mut writer = TableWriter::create(&path, &["a, b", "c \"d\""]).expect("created");
            writer.write(&values[..2]).expect("written");
            writer.write(&values[2..]).expect("written");
            writer.write(&[]).expect("nothing to write");
            assert!(!path.exists(), "{name} appears whole");
            writer.commit().expect("in its place");
            let table = Table::read(&path).expect("read");
            assert_eq!((table.rows(), table.columns()), (3, 2), "{name}");
            assert!(table.values().iter().zip(values).all(|(a, b)| a.to_bits() == b.to_bits()), "{name}");
        }
        assert_eq!(std::fs::read_dir(dir.path()).expect("listed").count(), 3);
    }

    #[test]
    fn an_npy_header_has_one_length_whatever_the_number_of_rows() {
        assert_eq!((npy_header(0, 1).len(), npy_header(u64::MAX, usize::MAX).len()), (128, 128));
    }

    #[test]
    fn an_extension_that_says_no_format_is_an_error_before_anything_is_written() {
        let dir = tempfile::tempdir().expect("a directory");
        let message = TableWriter::create(dir.path().join("t.xlsx"), &["a"]).expect_err("no such format").to_string();
        assert!(message.contains("t.xlsx") && message.contains(".csv"), "{message}");
        assert_eq!(std::fs::read_dir(dir.path()).expect("listed").count(), 0);
    }
}
