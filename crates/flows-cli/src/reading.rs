//! Tables from files.

use std::path::Path;

use flows_data::{Cells, FileFormat, Frame, FrameColumn, FrameWriter, Header, ReadOptions, Selection};

use crate::output::is_standard;
use crate::problem::Problem;
use crate::terminal;

/// How tables that are read are written; what is not said is found out from each file.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "How the table is written")]
pub(crate) struct Reading {
    /// The character between cells, `tab` or `space`
    #[arg(long, value_name = "CHAR", value_parser = delimiter)]
    delimiter: Option<u8>,
    /// The decimal mark: `.` or `,`
    #[arg(long, value_name = "CHAR", value_parser = decimal)]
    decimal: Option<u8>,
    /// Whether the first line names the columns
    #[arg(long, value_name = "yes|no", value_parser = header)]
    header: Option<Header>,
    /// Cells with these contents are missing, beside empty ones, NA and their like
    #[arg(long, value_name = "TEXT", value_delimiter = ',', allow_hyphen_values = true)]
    null: Vec<String>,
}

impl Reading {
    /// The options of the reader.
    pub(crate) fn options(&self) -> ReadOptions {
        let mut options = ReadOptions::new().with_nulls(self.null.iter().cloned());
        if let Some(delimiter) = self.delimiter {
            options = options.with_delimiter(delimiter);
        }
        if let Some(decimal) = self.decimal {
            options = options.with_decimal(decimal);
        }
        if let Some(header) = self.header {
            options = options.with_header(header);
        }
        options
    }

    /// Reads a table for a model of some columns: as it is, and as what is written beside results. There the columns that the
    /// model does not use have the texts of their cells as they stand, where a text is read and written: numbers of more digits
    /// than double precision has, codes with zeros in front, spaces.
    pub(crate) fn read_beside(
        &self,
        path: &Path,
        used: &[&str],
        (writing, output): (&Writing, &Path),
    ) -> Result<(Frame, Frame), Problem> {
        let failed = |error: std::io::Error| Problem::new(format!("standard input cannot be kept: {error}"));
        // It can be read once.
        let mut spooled = None;
        if is_standard(path) {
            let mut file = tempfile::NamedTempFile::new().map_err(failed)?;
            std::io::copy(&mut std::io::stdin().lock(), &mut file).map_err(failed)?;
            spooled = Some(file);
        }
        let read = |options: &ReadOptions| {
            Frame::read(spooled.as_ref().map_or(path, |file| file.path()), options)
                .map(|frame| if spooled.is_some() { frame.named("standard input") } else { frame })
        };
        let frame = read(&self.options())?;
        tell_notices(&frame);
        let unused: Vec<&str> = frame.names().into_iter().filter(|name| !used.contains(name)).collect();
        if unused.is_empty() || !writing.is_plain_text(output) {
            return Ok((frame.clone(), frame));
        }
        let texts = read(&self.options().with_columns(Selection::names(unused.clone())).verbatim())?;
        let mut beside = frame.clone();
        for name in unused {
            let (own, text) = (frame.column(name)?, texts.column(name)?);
            if texts.rows() == frame.rows() && stands(own, text) {
                beside = beside.with_column(text.clone())?;
            }
        }
        Ok((frame, beside))
    }

    /// Reads a table, or standard input for `-`, and tells what its reader decided.
    pub(crate) fn read(&self, path: &Path) -> Result<Frame, Problem> {
        let frame = Frame::read(path, &self.options())?;
        tell_notices(&frame);
        Ok(frame)
    }
}

/// Whether the texts of a column's cells can stand where its cells would be written: numbers with a point and without thousands.
fn stands(column: &FrameColumn, text: &FrameColumn) -> bool {
    let Cells::Numbers(values) = &column.cells else { return matches!(text.cells, Cells::Words { .. }) };
    values.iter().enumerate().all(|(row, value)| {
        let spelt = text.cells.word(row).and_then(|text| text.trim().parse::<f64>().ok());
        column.style.mark().is_some() || !value.is_finite() || spelt == Some(*value)
    })
}

/// How CSV is written.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "How CSV is written")]
pub(crate) struct Writing {
    /// The character between the cells that are written, `tab` or `space`; a comma, or with `--output-decimal ,` a semicolon
    #[arg(long, value_name = "CHAR", value_parser = delimiter)]
    output_delimiter: Option<u8>,
    /// The decimal mark that is written: `.` or `,`
    #[arg(long, value_name = "CHAR", value_parser = decimal)]
    output_decimal: Option<u8>,
}

impl Writing {
    /// A writer of the format that the extension tells; of CSV, with the delimiter and the decimal mark that are said.
    pub(crate) fn writer(&self, path: &Path) -> Result<FrameWriter, Problem> {
        let writer = FrameWriter::create(path)?.with_decimal(self.output_decimal.unwrap_or(b'.'));
        Ok(match self.output_delimiter {
            Some(delimiter) => writer.with_delimiter(delimiter),
            None => writer,
        })
    }

    /// A number that stands in a column of words, with the decimal mark that is said.
    pub(crate) fn number(&self, text: String) -> String {
        if self.output_decimal == Some(b',') { text.replace('.', ",") } else { text }
    }

    /// Whether cells are written as texts, and numbers with a point.
    pub(crate) fn is_plain_text(&self, output: &Path) -> bool {
        let text = matches!(FileFormat::of_extension(output), Some(FileFormat::Csv | FileFormat::Tsv));
        self.output_decimal != Some(b',') && (text || is_standard(output))
    }
}

/// Tells what a reader decided or left out.
pub(crate) fn tell_notices(frame: &Frame) {
    frame.notices().iter().for_each(|notice| terminal::note(format_args!("{}: {notice}", frame.origin())));
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        [byte] if byte.is_ascii_alphanumeric() || b"\"'\r\n.-+#".contains(byte) => {
            Err("a quote, a letter, a digit, a sign or a line end cannot be between cells".to_owned())
        }
        [byte] => Ok(*byte),
        _ if text == "tab" || text == "\\t" => Ok(b'\t'),
        _ if text == "space" => Ok(b' '),
        _ => Err("expected one character, `tab` or `space`".to_owned()),
    }
}

fn decimal(text: &str) -> Result<u8, String> {
    match text {
        "." | "point" => Ok(b'.'),
        "," | "comma" => Ok(b','),
        _ => Err("expected `.` or `,`".to_owned()),
    }
}

fn header(text: &str) -> Result<Header, String> {
    match text {
        "yes" | "true" => Ok(Header::Present),
        "no" | "false" => Ok(Header::Absent),
        _ => Err("expected `yes` or `no`".to_owned()),
    }
}
