//! Frames from files of any format.

use std::{io::Read, path::Path};

use super::{FileFormat, Frame, ReadOptions, bytes::Source, columnar, json, numpy, text};
use crate::DataError;

impl Frame {
    /// Reads a table from a file, or from standard input for `-`.
    ///
    /// The first bytes tell the format, and of text the extension: CSV and other delimited text, JSON lines or an array
    /// of JSON objects, npy and npz, Parquet, Arrow IPC (Feather); each may be packed by gzip or zstd. What a text
    /// leaves open is found out (encoding, separator, decimal mark, header), and told among the
    /// [`notices`](Frame::notices).
    ///
    /// A column of a text is one of numbers if all of its cells are numbers or missing, one of times if they are dates of
    /// one spelling, and one of words otherwise. Parquet and Arrow have types: numbers of any width and decimals are numbers,
    /// times of day and durations are numbers of seconds, dates and timestamps are times, text and dictionaries of it are
    /// words as in a text, and flags are the words `true` and `false`; null and NaN are missing. Lists, structs and bytes
    /// are left out. No file is believed that asks for far more memory than its own length.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, that is damaged or of no known format, rows of different lengths, two columns of
    /// one name, columns of a type that no frame has; the error names the place, the column and the type.
    pub fn read(path: impl AsRef<Path>, options: &ReadOptions) -> Result<Self, DataError> {
        let source = Source::read(path.as_ref(), options, None)?;
        Self::of_source(&source, options)
    }

    /// Reads delimited text from anything; `origin` names it in errors.
    ///
    /// # Errors
    ///
    /// Those of [`Frame::read`].
    pub fn from_text(mut reader: impl Read, origin: &str, options: &ReadOptions) -> Result<Self, DataError> {
        let mut bytes = Vec::new();
        let read = reader.read_to_end(&mut bytes);
        read.map_err(|source| DataError::Io { action: "read", path: origin.into(), source })?;
        Ok(text::parse(&bytes, origin, options, b',', true)?.0)
    }

    pub(super) fn of_source(source: &Source, options: &ReadOptions) -> Result<Self, DataError> {
        let (bytes, name) = (source.bytes.as_slice(), source.name.as_str());
        match source.format {
            FileFormat::Csv | FileFormat::Tsv => Ok(text::parse(bytes, name, options, source.usual, source.whole)?.0),
            FileFormat::Json => json::parse(bytes, name, options, source.whole),
            FileFormat::Npy => numpy::npy(bytes, name, options),
            FileFormat::Npz => numpy::npz(bytes, name, options),
            FileFormat::Parquet => Ok(columnar::read_parquet(source, options, None)?.0),
            FileFormat::Arrow => Ok(columnar::read_ipc(source, options, None)?.0),
        }
    }
}
