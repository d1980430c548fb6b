//! Errors of files that are not what they should be.

use std::fmt::Display;

use flows_core::budget::caught;

use crate::DataError;
use crate::table::TableError;

/// A file that is read, and what errors say of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) file: &'a str,
    pub(super) format: &'static str,
    pub(super) hint: &'static str,
}

impl Reading<'_> {
    /// The error of a file that is damaged, for a reason.
    pub(super) fn damaged(self, reason: impl Display) -> DataError {
        let (file, format, hint) = (self.file.to_owned(), self.format, self.hint);
        TableError::Damaged { file, format, reason: reason.to_string(), hint }.into()
    }

    /// Reads the file: what the libraries of Arrow take for an error of the program is one of the file here.
    pub(super) fn read<T>(self, read: impl FnOnce() -> Result<T, DataError>) -> Result<T, DataError> {
        let contradicts = |panic: String| self.damaged(format_args!("its parts contradict each other ({panic})"));
        caught(read).unwrap_or_else(|panic| Err(contradicts(panic)))
    }
}
