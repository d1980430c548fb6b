//! The bytes of a file of any format, unpacked.

use std::io::Read;
use std::{fs, path::Path};

use flate2::read::MultiGzDecoder;

use super::TableError;
use crate::DataError;

/// Reads a file, and unpacks it if it is gzip.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, DataError> {
    let failed = |source| DataError::Io { action: "read", path: path.to_owned(), source };
    let bytes = fs::read(path).map_err(failed)?;
    if !bytes.starts_with(b"\x1f\x8b") {
        return Ok(bytes);
    }
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut unpacked).map_err(failed)?;
    Ok(unpacked)
}

/// The extension that tells the format: in lower case, and without `.gz`.
pub(crate) fn extension(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    Path::new(name).extension().unwrap_or_default().to_string_lossy().into_owned()
}

/// Refuses formats that cannot be read, whatever the extension says.
pub(crate) fn require_readable(bytes: &[u8], file: &str) -> Result<(), TableError> {
    let known: [(&[u8], _, _); 7] = [
        (b"PK\x03\x04", "a zip archive (.npz and .xlsx are such)", "np.save one array, or export the sheet as CSV"),
        (b"PAR1", "a Parquet file", "pandas.read_parquet(..).to_csv(..) writes what can be read"),
        (b"FEA1", "a Feather file of the first version", "write it again with today's `to_feather`, or as CSV"),
        (b"\x89HDF", "an HDF5 file", "np.save the array, or write it as CSV"),
        (b"BZh", "a bzip2 archive", "unpack it, or pack it with gzip"),
        (b"\xfd7zXZ", "an xz archive", "unpack it, or pack it with gzip"),
        (b"\x28\xb5\x2f\xfd", "a zstd archive", "unpack it, or pack it with gzip"),
    ];
    match known.into_iter().find(|(magic, ..)| bytes.starts_with(magic)) {
        Some((_, format, hint)) => Err(TableError::Format { file: file.to_owned(), format, hint }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    #[test]
    fn a_gzip_file_is_unpacked_and_a_torn_one_is_an_error() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("t.csv.gz");
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(b"a,b\n1,2\n").expect("written");
        let packed = encoder.finish().expect("packed");
        fs::write(&path, &packed).expect("written");
        assert_eq!(read(&path).expect("unpacked"), b"a,b\n1,2\n");
        assert_eq!(extension(&path), "csv");
        fs::write(&path, &packed[..packed.len() - 6]).expect("written");
        assert!(read(&path).is_err());
    }

    #[test]
    fn a_format_that_cannot_be_read_is_named_with_a_way_out() {
        let message = require_readable(b"PK\x03\x04...", "a.csv").expect_err("a zip archive").to_string();
        assert!(message.contains("a.csv") && message.contains("zip") && message.contains("hint:"), "{message}");
        assert!(require_readable(b"a,b\n", "a.csv").is_ok());
    }
}
