//! The formats of files.

use std::path::Path;

use crate::table::TableError;

/// A format of a table's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileFormat {
    /// Delimited text.
    Csv,
    /// Text delimited by tabs.
    Tsv,
    /// A JSON object a line, or an array of them.
    Json,
    /// One numpy array.
    Npy,
    /// Several numpy arrays.
    Npz,
    /// Parquet.
    Parquet,
    /// Arrow IPC, which Feather is.
    Arrow,
}

impl FileFormat {
    /// The format that a file's extension tells, `.gz` and `.zst` aside.
    pub fn of_extension(path: &Path) -> Option<Self> {
        Some(match extension(path).as_str() {
            "csv" | "txt" | "dat" | "data" => Self::Csv,
            "tsv" | "tab" => Self::Tsv,
            "json" | "jsonl" | "ndjson" => Self::Json,
            "npy" => Self::Npy,
            "npz" => Self::Npz,
            "parquet" | "pq" => Self::Parquet,
            "arrow" | "feather" | "ipc" | "arrows" => Self::Arrow,
            _ => return None,
        })
    }

    /// The format that the first bytes tell, whatever the extension says; text is left open.
    pub(super) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let magic: [(&[u8], Self); 5] = [
            (b"PAR1", Self::Parquet),
            (b"ARROW1", Self::Arrow),
            (b"\xff\xff\xff\xff", Self::Arrow),
            (b"\x93NUMPY", Self::Npy),
            (b"PK\x03\x04", Self::Npz),
        ];
        magic.into_iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, format)| format)
    }

    /// Whether there is a writer.
    pub(super) fn can_be_written(self) -> bool {
        self != Self::Npz
    }

    /// The format to write under a name.
    pub(super) fn to_write(path: &Path) -> Result<Self, TableError> {
        match Self::of_extension(path) {
            Some(format) if format.can_be_written() => Ok(format),
            _ => {
                let (file, extension) = (path.display().to_string(), extension(path));
                Err(TableError::UnwritableFrame { file, extension })
            }
        }
    }
}

/// The extension in lower case, without `.gz` and `.zst`.
pub(super) fn extension(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let name = packing(path).map_or(name.as_str(), |packing| &name[..name.len() - packing.len()]);
    Path::new(name).extension().unwrap_or_default().to_string_lossy().into_owned()
}

/// `.gz` or `.zst`, if the name ends so.
pub(super) fn packing(path: &Path) -> Option<&'static str> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    [".gz", ".zst"].into_iter().find(|packing| name.ends_with(packing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extension_tells_the_format_packed_or_not() {
        for (name, format) in [
            ("a.csv", Some(FileFormat::Csv)),
            ("a.CSV.gz", Some(FileFormat::Csv)),
            ("a.tsv.zst", Some(FileFormat::Tsv)),
            ("a.b.parquet", Some(FileFormat::Parquet)),
            ("a.feather", Some(FileFormat::Arrow)),
            ("a.xlsx", None),
            ("csv", None),
        ] {
            assert_eq!(FileFormat::of_extension(Path::new(name)), format, "{name}");
        }
        let message = FileFormat::to_write(Path::new("a.xlsx")).expect_err("no such format").to_string();
        assert!(message.contains("`xlsx`") && message.contains(".parquet"), "{message}");
    }
}
