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
    Setting { setting: &'static str, expected: String, got: String },
    #[error("the images are {found} (channels x height x width), and the flow is for {expected}")]
    Size { expected: String, found: String },
    #[error("the images have no classes; train without `by_class`, or put them into a sub-folder a class")]
    NoClasses,
    #[error(transparent)]
    Image(#[from] flows_vision::ImageError),
    #[error(transparent)]
    Flow(#[from] flows_core::FlowError),
    #[error(transparent)]
    Device(#[from] example_support::DeviceError),
}
