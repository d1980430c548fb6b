//! What can go wrong.

use std::io;
use std::path::PathBuf;

/// A problem with what the user gave.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot write {}: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("{}: {problem}", path.display())]
    Config { path: PathBuf, problem: String },
    #[error("`{setting}`: expected {expected}, got {got}")]
    Setting { setting: &'static str, expected: &'static str, got: String },
    #[error("{file}: expected {expected} columns, as the others have, got {got}")]
    Columns { file: String, expected: usize, got: usize },
    #[error("{file}: this flow was trained on {expected} columns ({names}), and the file has {got}")]
    ForeignColumns { file: String, expected: usize, names: String, got: usize },
    #[error("{}: expected a name that ends in .csv or .npy", path.display())]
    Extension { path: PathBuf },
    #[error(transparent)]
    Flow(#[from] flows_core::FlowError),
    #[error(transparent)]
    Paper(#[from] paper_tables::PaperTableError),
    #[error(transparent)]
    Device(#[from] example_support::DeviceError),
}
