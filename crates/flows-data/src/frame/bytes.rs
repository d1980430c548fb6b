//! The bytes of a file or of standard input, unpacked.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek},
    path::Path,
};

use flate2::read::MultiGzDecoder;

use super::{FileFormat, ReadOptions, format};
use crate::DataError;
use crate::table::TableError;

/// What was read of a file.
#[derive(Debug)]
pub(super) struct Source {
    /// What errors call it.
    pub(super) name: String,
    /// What is in it, unless it is a file that is read in parts.
    pub(super) bytes: Vec<u8>,
    /// A file of a format that has its own ways to read parts of it.
    pub(super) file: Option<File>,
    pub(super) format: FileFormat,
    /// Whether this is all of it.
    pub(super) whole: bool,
    /// How many bytes there would be in all, as far as can be told.
    pub(super) size: Option<f64>,
    /// The separator that the extension promises.
    pub(super) usual: u8,
}

/// Whether a path stands for standard input or output.
pub(super) fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

impl Source {
    /// Reads a file, or standard input for `-`: all of it, or no more than `limit` bytes of what can be read in part.
    pub(super) fn read(path: &Path, options: &ReadOptions, limit: Option<u64>) -> Result<Self, DataError> {
        if is_standard(path) {
            let (reader, name) = (io::stdin().lock(), "standard input");
            return Self::of(reader, name, path, options, limit, None);
        }
        let failed = |source| DataError::Io { action: "read", path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?;
        if length.is_dir() {
            return Err(failed(io::Error::from(io::ErrorKind::IsADirectory)));
        }
        let length = length.is_file().then_some(length.len() as f64);
        if length.is_some()
            && let Some(format) = columnar(&file).map_err(failed)?
            && options.format.is_none_or(|wanted| wanted == format)
        {
            let name = path.display().to_string();
            return Ok(Self { name, bytes: vec![], file: Some(file), format, whole: true, size: length, usual: b',' });
        }
        Self::of(BufReader::new(file), &path.display().to_string(), path, options, limit, length)
    }

    fn of(
        reader: impl Read,
        name: &str,
        path: &Path,
        options: &ReadOptions,
        limit: Option<u64>,
        length: Option<f64>,
    ) -> Result<Self, DataError> {
        let failed = |source| DataError::Io { action: "read", path: path.to_owned(), source };
        let mut counted = Counted { reader, read: 0 };
        let mut head = [0; 8];
        let got = fill(&mut counted, &mut head).map_err(failed)?;
        let packed = (&head[..got]).chain(&mut counted);
        let bytes = if head[..got].starts_with(b"\x1f\x8b") {
            take(MultiGzDecoder::new(packed), limit)
        } else if head[..got].starts_with(b"\x28\xb5\x2f\xfd") {
            zstd::Decoder::new(packed).and_then(|decoder| take(decoder, limit))
        } else {
            // Parts of other formats than text say nothing.
            let limit = limit.filter(|_| FileFormat::of_bytes(&head[..got]).is_none());
            take(packed, limit)
        };
        let (bytes, whole) = bytes.map_err(failed)?;
        let size = length.map(|length| match whole {
            true => bytes.len() as f64,
            false => bytes.len() as f64 * length / (counted.read as f64).max(1.0),
        });
        let format = options.format.map_or_else(|| sniff(&bytes, path, name), Ok)?;
        let usual = if format == FileFormat::Tsv { b'\t' } else { b',' };
        Ok(Self { name: name.to_owned(), bytes, file: None, format, whole, size, usual })
    }
}

/// The format of a file that need not be in memory, by its first bytes.
fn columnar(mut file: &File) -> io::Result<Option<FileFormat>> {
    let mut head = [0; 8];
    let got = fill(&mut file, &mut head)?;
    file.rewind()?;
    let format = FileFormat::of_bytes(&head[..got]);
    Ok(format.filter(|format| matches!(format, FileFormat::Parquet | FileFormat::Arrow)))
}

/// The format: the first bytes tell, and of text the extension.
fn sniff(bytes: &[u8], path: &Path, name: &str) -> Result<FileFormat, TableError> {
    if let Some(format) = FileFormat::of_bytes(bytes) {
        if format == FileFormat::Npz && !contains(bytes, b".npy") {
            let (format, hint) = ("a zip archive (.xlsx is such)", "unpack it, or export the sheet as CSV");
            return Err(TableError::Format { file: name.to_owned(), format, hint });
        }
        return Ok(format);
    }
    crate::table::bytes::require_readable(bytes, name)?;
    let first = bytes.trim_ascii_start().strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes.trim_ascii_start());
    match FileFormat::of_extension(path) {
        Some(format @ (FileFormat::Csv | FileFormat::Tsv | FileFormat::Json)) => Ok(format),
        // An empty or foreign file under a binary format's name is an error of that format.
        Some(format) => Ok(format),
        None if first.starts_with(b"{") => Ok(FileFormat::Json),
        None if is_standard(path) || format::extension(path).is_empty() => Ok(FileFormat::Csv),
        None => Err(TableError::UnknownFrame { file: name.to_owned(), extension: format::extension(path) }),
    }
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// Reads to the end or to the limit, and says whether that was the end.
fn take(reader: impl Read, limit: Option<u64>) -> io::Result<(Vec<u8>, bool)> {
    let mut bytes = Vec::new();
    let Some(limit) = limit else {
        let mut reader = reader;
        reader.read_to_end(&mut bytes)?;
        return Ok((bytes, true));
    };
    reader.take(limit + 1).read_to_end(&mut bytes)?;
    let whole = bytes.len() as u64 <= limit;
    bytes.truncate(limit as usize);
    Ok((bytes, whole))
}

/// Reads until the buffer is full or the file at its end.
fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while got < buffer.len() {
        match reader.read(&mut buffer[got..]) {
            Ok(0) => break,
            Ok(n) => got += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(got)
}

/// A reader that counts.
struct Counted<R> {
    reader: R,
    read: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.read += read as u64;
        Ok(read)
    }
}
