//! What can go wrong with things from outside.

use std::{io, path::PathBuf};

/// An error caused by something from outside the program: a file, a configuration, a training run.
///
/// Programmer errors, such as a tensor of the wrong shape, panic instead, and the panic names the argument, what was
/// expected and what came.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FlowError {
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
    /// A saved flow or a checkpoint cannot be used.
    #[error("cannot load {}: {problem}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: crate::FileProblem,
    },
    /// No scale can be taken from training rows.
    #[error(transparent)]
    Scaling(#[from] crate::ScalingError),
    /// A mixture cannot be fitted to rows.
    #[error("a mixture of Gaussians: {0}")]
    Mixture(#[from] crate::MixtureError),
    /// Training cannot start or go on.
    #[cfg(feature = "train")]
    #[error(transparent)]
    Training(#[from] crate::train::TrainingError),
    /// A target cannot be fitted.
    #[cfg(feature = "train")]
    #[error(transparent)]
    Target(#[from] crate::train::TargetError),
}
