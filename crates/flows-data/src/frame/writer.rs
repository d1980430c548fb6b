//! Frames into files and streams, a few rows at a time.

use std::{
    fmt::Write as _,
    io::{self, BufWriter, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use flows_core::atomic::AtomicFile;

use super::{
    Cells, Digits, FileFormat, Frame, FrameColumn, Style,
    bytes::is_standard,
    columnar::{BatchWriter, Form},
    format,
    out::{Out, Target, ZstdEncoder},
};
use crate::DataError;
use crate::table::{TableError, npy_header};

/// Writes a table a few rows at a time: what is written need not be in memory.
///
/// The extension tells the format: `.csv` and `.tsv` (also `.gz` and `.zst`), `.jsonl`, `.npy` (numbers alone),
/// `.parquet`, `.arrow` and `.feather` (an Arrow file), `.arrows` (an Arrow stream); standard output, for `-`, is CSV. A file
/// appears with [`commit`](Self::commit), whole, and not at all without it.
///
/// Parquet and Arrow have types, and those of the first rows are the file's: 64-bit whole numbers where a column's style
/// has no decimals, double precision otherwise, text, flags, dates, and times in microseconds with the zone of their style;
/// what is missing is null. Each frame is a batch of an Arrow file, and a group of rows of a Parquet file ends with the
/// frame by which it has 65,536 rows.
///
/// # Example
///
/// ```
/// use flows_data::{Frame, FrameColumn, FrameWriter, ReadOptions};
///
/// let path = std::env::temp_dir().join("flows-data-doc-writer.csv");
/// let part = |x| Frame::new(vec![FrameColumn::numbers("x", [x, 2.5]), FrameColumn::words("w", ["a", "b, c"])]);
/// let mut writer = FrameWriter::create(&path)?;
/// writer.write(&part(1.0)?)?;
/// writer.write(&part(f64::NAN)?)?;
/// writer.commit()?;
/// assert_eq!(std::fs::read_to_string(&path).unwrap(), "x,w\n1.0,a\n2.5,\"b, c\"\n,a\n2.5,\"b, c\"\n");
/// # std::fs::remove_file(path).unwrap();
/// # Ok::<(), flows_data::DataError>(())
/// ```
#[derive(Debug)]
pub struct FrameWriter {
    path: PathBuf,
    format: FileFormat,
    out: Option<Out>,
    /// The names of the first rows.
    names: Option<Vec<String>>,
    rows: u64,
    /// The character between the cells of CSV, and the decimal mark, where they are asked for.
    delimiter: Option<u8>,
    decimal: u8,
}

impl Frame {
    /// Writes the frame into a file of the format that its extension tells, or as CSV to standard output for `-`.
    ///
    /// # Errors
    ///
    /// An unknown extension, a place that cannot be written to, cells that the format has not.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), DataError> {
        let mut writer = FrameWriter::create(path)?;
        writer.write(self)?;
        writer.commit()
    }
}

impl FrameWriter {
    /// Starts a file of the format that its extension tells, or CSV on standard output for `-`.
    ///
    /// # Errors
    ///
    /// An unknown extension, or a place that cannot be written to.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, DataError> {
        let path = path.as_ref();
        let format = if is_standard(path) { FileFormat::Csv } else { FileFormat::to_write(path)? };
        Self::create_as(path, format)
    }

    /// Starts a file, or standard output for `-`, of another format than the extension tells.
    ///
    /// # Errors
    ///
    /// A format that cannot be written, or a place that cannot be written to.
    pub fn create_as(path: impl AsRef<Path>, format: FileFormat) -> Result<Self, DataError> {
        let path = path.as_ref();
        if !format.can_be_written() || (format == FileFormat::Npy && is_standard(path)) {
            let (file, extension) = (path.display().to_string(), format!("{format:?}").to_lowercase());
            return Err(TableError::UnwritableFrame { file, extension }.into());
        }
        let target = match is_standard(path) {
            true => Target::Standard(BufWriter::new(io::stdout())),
            false => Target::File(AtomicFile::create(path)?),
        };
        let text = matches!(format, FileFormat::Csv | FileFormat::Tsv | FileFormat::Json);
        let out = match format::packing(path).filter(|_| text && !is_standard(path)) {
            Some(".gz") => Out::Gzip(GzEncoder::new(target, Compression::default())),
            Some(_) => {
                let failed = |source| DataError::Io { action: "write", path: path.to_owned(), source };
                Out::Zstd(ZstdEncoder(zstd::Encoder::new(target, 0).map_err(failed)?))
            }
            None => match (format, is_standard(path) || format::extension(path) == "arrows") {
                (FileFormat::Parquet, _) => Out::Batches(BatchWriter::new(target, Form::Parquet)),
                (FileFormat::Arrow, false) => Out::Batches(BatchWriter::new(target, Form::File)),
                (FileFormat::Arrow, true) => Out::Batches(BatchWriter::new(target, Form::Stream)),
                _ => Out::Plain(target),
            },
        };
        Ok(Self { path: path.to_owned(), format, out: Some(out), names: None, rows: 0, delimiter: None, decimal: b'.' })
    }

    /// Sets the character between the cells of CSV and TSV; among spaces, `NA` stands for a missing cell.
    #[must_use]
    pub fn with_delimiter(self, delimiter: u8) -> Self {
        Self { delimiter: Some(delimiter), ..self }
    }

    /// Sets the decimal mark of the numbers of CSV and TSV: a point or a comma, with which CSV has semicolons between its cells
    /// unless something else is set.
    ///
    /// # Example
    ///
    /// ```
    /// use flows_data::{Frame, FrameColumn, FrameWriter};
    ///
    /// let path = std::env::temp_dir().join("flows-data-doc-comma.csv");
    /// let mut writer = FrameWriter::create(&path)?.with_decimal(b',');
    /// writer.write(&Frame::new(vec![FrameColumn::numbers("x", [1.5, 2.0]), FrameColumn::words("w", ["1.5", "a"])])?)?;
    /// writer.commit()?;
    /// assert_eq!(std::fs::read_to_string(&path).unwrap(), "x;w\n1,5;1.5\n2,0;a\n");
    /// # std::fs::remove_file(path).unwrap();
    /// # Ok::<(), flows_data::DataError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If it is another character.
    #[must_use]
    pub fn with_decimal(self, decimal: u8) -> Self {
        assert!(matches!(decimal, b'.' | b','), "`decimal`: expected a point or a comma");
        Self { decimal, ..self }
    }

    /// The number of rows written.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Writes the rows of a frame; later ones have the columns of the first.
    ///
    /// # Errors
    ///
    /// Other columns than before, cells that the format has not, a disk or a pipe that fails.
    pub fn write(&mut self, frame: &Frame) -> Result<(), DataError> {
        let names: Vec<String> = frame.columns().iter().map(|column| column.name.clone()).collect();
        let first = self.names.is_none();
        let expected = self.names.get_or_insert_with(|| names.clone());
        if *expected != names {
            let (file, expected) = (self.path.display().to_string(), expected.clone());
            return Err(TableError::OtherColumns { file, expected, got: names }.into());
        }
        let written = match self.format {
            FileFormat::Csv | FileFormat::Tsv => {
                let usual = match (self.format, self.decimal) {
                    (FileFormat::Tsv, _) => b'\t',
                    (_, b',') => b';',
                    _ => b',',
                };
                self.text(frame, self.delimiter.unwrap_or(usual), first)
            }
            FileFormat::Json => self.json(frame),
            FileFormat::Parquet | FileFormat::Arrow => {
                let Some(Out::Batches(batches)) = &mut self.out else {
                    unreachable!("`create_as` makes such a writer")
                };
                let batch = batches.batch(&self.path.display().to_string(), frame)?;
                batches.write(&batch)
            }
            FileFormat::Npy => {
                self.only_numbers(frame)?;
                self.npy(frame, first)
            }
            FileFormat::Npz => unreachable!("`create_as` refuses it"),
        };
        written.map_err(|source| self.failed(source))?;
        self.rows += frame.rows() as u64;
        Ok(())
    }

    /// Puts the file in its place, or flushes the stream.
    ///
    /// # Errors
    ///
    /// A disk or a pipe that fails; a file's place is then as it was.
    pub fn commit(mut self) -> Result<(), DataError> {
        let Some(out) = self.out.take() else { return Ok(()) };
        if self.names.is_none() && matches!(self.format, FileFormat::Parquet | FileFormat::Arrow) {
            // Without rows nobody knows the types of the columns.
            return Err(TableError::NoRows { file: self.path.display().to_string() }.into());
        }
        let target = match out {
            Out::Plain(target) => Ok(target),
            Out::Gzip(encoder) => encoder.finish(),
            Out::Zstd(encoder) => encoder.0.finish(),
            Out::Batches(batches) => batches.finish(),
        };
        let mut target = target.map_err(|source| self.failed(source))?;
        if let (FileFormat::Npy, Target::File(file)) = (self.format, &mut target) {
            // Only now the number of rows is known; every number takes as much room.
            let header = npy_header(self.rows, self.names.as_ref().map_or(1, Vec::len));
            let written = file.seek(SeekFrom::Start(0)).and_then(|_| file.write_all(&header));
            written.map_err(|source| self.failed(source))?;
        }
        match target {
            Target::File(file) => Ok(file.commit()?),
            Target::Standard(mut out) => out.flush().map_err(|source| self.failed(source)),
        }
    }

    fn failed(&self, source: io::Error) -> DataError {
        let path = if is_standard(&self.path) { "standard output".into() } else { self.path.clone() };
        DataError::Io { action: "write", path, source }
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.as_mut().map_or(Ok(()), |out| out.write_all(bytes))
    }

    fn text(&mut self, frame: &Frame, delimiter: u8, header: bool) -> io::Result<()> {
        let mut lines = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
        if header {
            lines.write_record(frame.names())?;
        }
        let mut cell = String::new();
        for row in 0..frame.rows() {
            for column in frame.columns() {
                cell.clear();
                write_cell(column, row, &mut cell);
                if delimiter == b' ' && cell.is_empty() {
                    // Any number of spaces is one.
                    cell.push_str("NA");
                }
                match (&column.cells, self.decimal) {
                    (Cells::Numbers(_), b',') => lines.write_field(cell.replace('.', ","))?,
                    _ => lines.write_field(&cell)?,
                }
            }
            lines.write_record(None::<&[u8]>)?;
            if row % 4096 == 4095 {
                lines.flush()?;
                let bytes = std::mem::replace(
                    &mut lines,
                    csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new()),
                );
                self.send(&bytes.into_inner().map_err(csv::IntoInnerError::into_error)?)?;
            }
        }
        self.send(&lines.into_inner().map_err(csv::IntoInnerError::into_error)?)
    }

    fn json(&mut self, frame: &Frame) -> io::Result<()> {
        let names: Vec<String> = frame.names().iter().map(|name| serde_json::Value::from(*name).to_string()).collect();
        let (mut lines, mut cell) = (String::new(), String::new());
        for row in 0..frame.rows() {
            lines.push('{');
            for (place, (column, name)) in frame.columns().iter().zip(&names).enumerate() {
                if place > 0 {
                    lines.push(',');
                }
                lines.push_str(name);
                lines.push(':');
                cell.clear();
                write_cell(column, row, &mut cell);
                let flag = column.style == Style::Flags && matches!(cell.as_str(), "true" | "false");
                match &column.cells {
                    // An infinity is no missing cell, and JSON has no number for it.
                    Cells::Numbers(values) if values[row].is_nan() => lines.push_str("null"),
                    Cells::Words { .. } | Cells::Times(_) if column.cells.is_missing(row) => lines.push_str("null"),
                    Cells::Words { .. } if flag => lines.push_str(&cell),
                    // Nor has it numbers with leading zeros.
                    Cells::Numbers(values) if values[row].is_finite() && is_padded(column) => {
                        Digits::Decimals(0).write(values[row], &mut lines);
                    }
                    Cells::Numbers(values) if values[row].is_finite() && column.style.mark().is_none() => {
                        lines.push_str(&cell);
                    }
                    _ => write!(lines, "{}", serde_json::Value::from(cell.as_str())).expect("memory takes all"),
                }
            }
            lines.push_str("}\n");
            if lines.len() > 1 << 20 {
                self.send(lines.as_bytes())?;
                lines.clear();
            }
        }
        self.send(lines.as_bytes())
    }

    fn only_numbers(&self, frame: &Frame) -> Result<(), TableError> {
        let words = frame.columns().iter().find(|column| matches!(column.cells, Cells::Words { .. }));
        words.map_or(Ok(()), |column| {
            let (file, column) = (self.path.display().to_string(), column.name.clone());
            let kind = "it holds text, and an npy file numbers alone".to_owned();
            let hint = "write .csv or .parquet, or leave the column out".to_owned();
            Err(TableError::ColumnType { file, column, kind, hint })
        })
    }

    fn npy(&mut self, frame: &Frame, first: bool) -> io::Result<()> {
        let mut bytes = if first { npy_header(0, frame.columns().len()) } else { vec![] };
        let columns: Vec<&[f64]> = frame.columns().iter().filter_map(|column| column.cells.values()).collect();
        for row in 0..frame.rows() {
            columns.iter().for_each(|values| bytes.extend(values[row].to_le_bytes()));
        }
        self.send(&bytes)
    }
}

/// Whether numbers are written with leading zeros, as codes are.
fn is_padded(column: &FrameColumn) -> bool {
    matches!(column.style, Style::Digits(Digits::Padded(_)))
}

/// A cell as text; nothing where it is missing.
fn write_cell(column: &FrameColumn, row: usize, text: &mut String) {
    match (&column.cells, &column.style) {
        (Cells::Numbers(values), Style::Digits(digits)) if values[row].is_finite() => digits.write(values[row], text),
        // An infinity is a number that a text can hold.
        (Cells::Numbers(values), _) if values[row].is_infinite() => {
            write!(text, "{}", values[row]).expect("writing to memory cannot fail");
        }
        (Cells::Words { .. }, _) => text.push_str(column.cells.word(row).unwrap_or_default()),
        _ => text.push_str(&column.text(row).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ReadOptions;

    fn frame() -> Frame {
        let text = "x,n,day,at,word,empty\n\
                    0.10,1,2024-05-01,2024-05-01T10:00:00Z,\"a, \"\"b\"\"\",\n\
                    2.25,,,2024-05-01T10:00:01Z,ä,\n\
                    -3,7,2024-05-03,,,\n";
        Frame::from_text(text.as_bytes(), "t.csv", &ReadOptions::new()).expect("good")
    }

    #[test]
    fn codes_keep_their_zeros_in_text_and_are_numbers_in_json() {
        let dir = tempfile::tempdir().expect("a directory");
        let codes = Frame::from_text(&b"zip\n00501\n90210\n"[..], "t.csv", &ReadOptions::new()).expect("good");
        for (name, text) in [("t.csv", "zip\n00501\n90210\n"), ("t.jsonl", "{\"zip\":501}\n{\"zip\":90210}\n")] {
            codes.write(dir.path().join(name)).expect("written");
            assert_eq!(std::fs::read_to_string(dir.path().join(name)).expect("there"), text);
        }
    }

    #[test]
    fn a_format_that_cannot_be_written_is_an_error_before_a_file_is_made() {
        let dir = tempfile::tempdir().expect("a directory");
        for name in ["a.npz", "a.xlsx"] {
            let error = FrameWriter::create(dir.path().join(name)).map(|_| ()).expect_err(name).to_string();
            assert!(error.contains(name) && error.contains("hint:"), "{error}");
        }
        let create = FrameWriter::create_as(dir.path().join("a"), FileFormat::Npz).map(|_| ());
        assert!(create.expect_err("no npz").to_string().contains("`npz`"));
        assert_eq!(std::fs::read_dir(dir.path()).expect("listed").count(), 0);
    }

    #[test]
    fn what_is_written_reads_back_as_it_was_in_every_format_of_text() {
        let dir = tempfile::tempdir().expect("a directory");
        for name in ["t.csv", "t.tsv", "t.jsonl", "t.csv.gz", "t.csv.zst", "t.jsonl.gz"] {
            let path = dir.path().join(name);
            frame().write(&path).expect("written");
            let back = Frame::read(&path, &ReadOptions::new()).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(back.names(), frame().names(), "{name}");
            for (a, b) in back.columns().iter().zip(frame().columns()) {
                let texts = |column: &FrameColumn| (0..3).map(|row| column.text(row)).collect::<Vec<_>>();
                assert_eq!((texts(a), &a.style), (texts(b), &b.style), "{name} {}", a.name);
            }
        }
        let text = std::fs::read_to_string(dir.path().join("t.csv")).expect("read");
        assert!(text.starts_with("x,n,day,at,word,empty\n0.10,1,2024-05-01,2024-05-01T10:00:00Z,\"a, "), "{text}");
        assert_eq!(std::fs::read_dir(dir.path()).expect("listed").count(), 6);
    }

    #[test]
    fn what_is_written_by_another_dialect_reads_back_as_it_was() {
        let dir = tempfile::tempdir().expect("a directory");
        for (name, delimiter, decimal) in [
            ("a.csv", None, b','),
            ("b.csv", Some(b';'), b'.'),
            ("c.csv", Some(b' '), b'.'),
            ("d.csv", Some(b'\t'), b','),
            ("e.tsv", None, b','),
            ("f.csv", Some(b','), b','),
        ] {
            let path = dir.path().join(name);
            let mut writer = FrameWriter::create(&path).expect("created").with_decimal(decimal);
            if let Some(delimiter) = delimiter {
                writer = writer.with_delimiter(delimiter);
            }
            writer.write(&frame()).expect("written");
            writer.commit().expect("in its place");
            let options = ReadOptions::new().with_decimal(decimal);
            let options = delimiter.map_or(options.clone(), |delimiter| options.with_delimiter(delimiter));
            let back = Frame::read(&path, &options).unwrap_or_else(|error| panic!("{name}: {error}"));
            for (a, b) in back.columns().iter().zip(frame().columns()) {
                let texts = |column: &FrameColumn| (0..3).map(|row| column.text(row)).collect::<Vec<_>>();
                assert_eq!(texts(a), texts(b), "{name} {}", a.name);
            }
        }
    }

    #[test]
    fn numbers_in_pieces_are_one_npy_file_and_text_is_refused() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("t.npy");
        let part = |x: f64| Frame::new(vec![FrameColumn::numbers("a", [x, 2.0]), FrameColumn::numbers("b", [0.5, x])]);
        let mut writer = FrameWriter::create(&path).expect("created");
        writer.write(&part(1.0).expect("good")).expect("written");
        writer.write(&part(f64::NAN).expect("good")).expect("written");
        assert!(!path.exists() && writer.rows() == 4);
        writer.commit().expect("in its place");
        let back = Frame::read(&path, &ReadOptions::new()).expect("read");
        assert_eq!((back.rows(), back.columns()[0].cells.missing()), (4, 1));
        let message = frame().write(&path).expect_err("text").to_string();
        assert!(message.contains("`word`: it holds text") && message.contains("hint:"), "{message}");
    }

    #[test]
    fn rows_of_other_columns_are_an_error() {
        let dir = tempfile::tempdir().expect("a directory");
        let mut writer = FrameWriter::create(dir.path().join("t.csv")).expect("created");
        writer.write(&frame()).expect("written");
        let other = Frame::new(vec![FrameColumn::numbers("x", [1.0])]).expect("good");
        assert!(
            writer.write(&other).expect_err("one column").to_string().contains("rows of `x` behind rows of `x`, `n`")
        );
        assert!(FrameWriter::create(dir.path().join("t.xlsx")).is_err());
        assert!(FrameWriter::create(dir.path().join("no").join("t.csv")).is_err());
    }
}
