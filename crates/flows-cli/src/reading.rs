//! Tables from files.

use std::path::Path;

use flows_data::{Frame, FrameWriter, Header, ReadOptions};

use crate::problem::Problem;
use crate::terminal;

/// How tables are written; what is not said is found out from each file that is read.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "How tables are written")]
pub(crate) struct Reading {
    /// The character between cells, `tab` or `space`; also of CSV that is written
    #[arg(long, value_name = "CHAR", value_parser = delimiter)]
    delimiter: Option<u8>,
    /// The decimal mark: `.` or `,`; also of CSV that is written
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

    /// A writer of the format that the extension tells; of CSV, with the delimiter and the decimal mark that are said.
    pub(crate) fn writer(&self, path: &Path) -> Result<FrameWriter, Problem> {
        let writer = FrameWriter::create(path)?.with_decimal(self.decimal.unwrap_or(b'.'));
        Ok(match self.delimiter {
            Some(delimiter) => writer.with_delimiter(delimiter),
            None => writer,
        })
    }

    /// Reads a table, or standard input for `-`, and tells what its reader decided.
    pub(crate) fn read(&self, path: &Path) -> Result<Frame, Problem> {
        let frame = Frame::read(path, &self.options())?;
        tell_notices(&frame);
        Ok(frame)
    }
}

/// Tells what a reader decided or left out.
pub(crate) fn tell_notices(frame: &Frame) {
    frame.notices().iter().for_each(|notice| terminal::note(format_args!("{}: {notice}", frame.origin())));
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
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
