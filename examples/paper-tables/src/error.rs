//! Why a table of the paper cannot be had.

use std::{
    io,
    path::{Path, PathBuf},
};

use flows_data::{DataError, Table, TableError};

/// Why a table of the paper cannot be had; says the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the message of a variant says what each of its fields is")]
pub enum PaperTableError {
    /// A file of the archive is not where it should be.
    #[error(
        "{} is not there; `cargo xtask data paper-tables` fetches the archive and unpacks it into data/paper-tables, \
         which is then the directory to give",
        path.display()
    )]
    Missing { path: PathBuf },
    /// A file has another number of columns than the recipe is for.
    #[error("{file}: {got} columns, {expected}")]
    Columns { file: String, expected: String, got: usize },
    /// A file is not the pickled data frame it should be.
    #[error("{file}: not a data frame that pandas pickled: {problem}")]
    Pickle { file: String, problem: String },
    /// A file is not the HDF5 file it should be.
    #[error("{file}: cannot read the HDF5 data set `{dataset}`: {problem}")]
    Hdf5 { file: String, dataset: String, problem: String },
    /// A table is not of the size that the paper reports.
    #[error(
        "{table} has {features} columns and {rows:?} rows for training, validation and test, the paper's has \
         {expected_features} and {expected_rows:?}: the files are not those of the paper"
    )]
    Size { table: &'static str, features: usize, rows: [usize; 3], expected_features: usize, expected_rows: [usize; 3] },
    /// There is no table of that name.
    #[error("no table `{name}`; there are power, gas, hepmass, miniboone and bsds300")]
    UnknownName { name: String },
    /// A file cannot be read, or what it holds cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
}

impl From<TableError> for PaperTableError {
    fn from(error: TableError) -> Self {
        Self::Data(error.into())
    }
}

impl PaperTableError {
    /// What to say of a file that the operating system does not read.
    pub(crate) fn unreadable(path: &Path, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::NotFound => Self::Missing { path: path.to_owned() },
            _ => DataError::Io { action: "read", path: path.to_owned(), source }.into(),
        }
    }
}

/// Reads a numpy array; a file that is not there is told apart, because there is something to do about it.
pub(crate) fn read_npy(path: &Path) -> Result<Table, PaperTableError> {
    Table::read_npy(path).map_err(|error| match error {
        DataError::Io { source, .. } => PaperTableError::unreadable(path, source),
        other => other.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_named_together_with_the_command_that_fetches_it() {
        let message = read_npy(Path::new("no/such.npy")).expect_err("it does not exist").to_string();
        assert!(message.starts_with("no/such.npy is not there; `cargo xtask data paper-tables`"), "{message}");
    }

    #[test]
    fn a_file_that_is_there_and_cannot_be_read_is_another_error() {
        let dir = tempfile::tempdir().expect("a directory");
        let message = read_npy(dir.path()).expect_err("a directory").to_string();
        assert!(message.starts_with(&format!("cannot read {}", dir.path().display())), "{message}");
    }
}
