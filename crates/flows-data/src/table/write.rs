//! Tables into files.

use std::path::Path;

use super::{
    Table,
    table_writer::{Format, TableWriter},
};
use crate::DataError;

impl Table {
    /// Writes the table as CSV: a header, then a line a row, with as many digits as give the same numbers back.
    ///
    /// The file appears whole or not at all; see [`atomic`](flows_core::atomic).
    ///
    /// # Errors
    ///
    /// A place that cannot be written to.
    pub fn write_csv(&self, path: impl AsRef<Path>) -> Result<(), DataError> {
        self.write(path.as_ref(), Format::Text(b','))
    }

    /// Writes the values as an npy file: float64, `[rows, columns]`, C order. The names of the columns are not kept.
    ///
    /// The file appears whole or not at all, as with [`Table::write_csv`].
    ///
    /// # Errors
    ///
    /// A place that cannot be written to.
    pub fn write_npy(&self, path: impl AsRef<Path>) -> Result<(), DataError> {
        self.write(path.as_ref(), Format::Npy)
    }

    fn write(&self, path: &Path, format: Format) -> Result<(), DataError> {
        let mut writer = TableWriter::create_as(path, self.names(), format)?;
        let written = writer.write(self.values());
        written.map_err(|source| DataError::Io { action: "write", path: path.to_owned(), source })?;
        writer.commit()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn table() -> Table {
        // Names that need quotes, and numbers whose shortest decimal form is long.
        Table::from_rows(["a, b", "c \"d\""], [[0.1, 1.0 / 3.0], [-1e-300, 1e300], [5e-324, -0.0]]).expect("good")
    }

    #[test]
    fn a_csv_file_reads_back_to_the_same_bits() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("t.csv");
        table().write_csv(&path).expect("written");
        let back = Table::read(&path).expect("read");
        assert_eq!(back.names(), table().names());
        let bits = |table: &Table| table.values().iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&back), bits(&table()));
    }

    #[test]
    fn an_npy_file_reads_back_to_the_same_bits() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("t.npy");
        table().write_npy(&path).expect("written");
        let back = Table::read(&path).expect("read");
        assert_eq!((back.rows(), back.columns(), back.values()), (3, 2, table().values()));
    }

    #[test]
    fn an_older_file_is_replaced_and_nothing_else_is_left_behind() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("t.csv");
        fs::write(&path, "old").expect("written");
        table().write_csv(&path).expect("replaced");
        assert_eq!(Table::read(&path).expect("read").rows(), 3);
        assert_eq!(fs::read_dir(dir.path()).expect("listed").count(), 1);
    }

    #[test]
    fn a_place_that_cannot_be_written_to_is_an_error_that_names_it() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("missing").join("t.csv");
        let message = table().write_csv(&path).expect_err("no such directory").to_string();
        assert!(message.starts_with(&format!("cannot write {}", path.display())), "{message}");
    }
}
