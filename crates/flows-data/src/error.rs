//! What can go wrong with data from outside.

use std::{io, path::PathBuf};

use flows_core::FlowError;

use crate::{ColumnError, ImageError, TableError};

/// The reason why data cannot be read, used or written.
///
/// Programmer errors, such as an index that no row has, panic instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// The operating system refused to read or write a file.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb: `read`, `write`, `create`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The reason the operating system gave.
        source: io::Error,
    },
    /// A table cannot be used.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A column cannot be what it is asked to be, or a row cannot be used by a model.
    #[error(transparent)]
    Column(#[from] ColumnError),
    /// Images cannot be read, or a picture cannot be written.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// No scale can be taken from columns.
    #[error(transparent)]
    Flow(FlowError),
}

impl From<FlowError> for DataError {
    fn from(error: FlowError) -> Self {
        match error {
            FlowError::Io { action, path, source } => Self::Io { action, path, source },
            other => Self::Flow(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_operating_system_says_of_a_file_is_one_error_wherever_it_was_said() {
        let source = io::Error::new(io::ErrorKind::PermissionDenied, "denied");
        let error = DataError::from(FlowError::Io { action: "write", path: "t.csv".into(), source });
        assert!(matches!(&error, DataError::Io { action: "write", .. }), "{error:?}");
        assert_eq!(error.to_string(), "cannot write t.csv: denied");
    }
}
