//! What can go wrong with a picture or a report.

use std::path::PathBuf;

use flows_core::FlowError;

/// An error of a picture or a report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlotError {
    /// The input cannot be drawn.
    #[error("cannot draw {}: {reason}", path.display())]
    Draw {
        /// The picture's file.
        path: PathBuf,
        /// The reason the input was rejected.
        reason: String,
    },
    /// The file cannot be written.
    #[error(transparent)]
    Write(#[from] FlowError),
}
