//! What can go wrong.

use std::fmt::Display;
use std::io;
use std::path::PathBuf;

use flows_data::ImageError;

/// A problem with what the user gave.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{}: {problem}", path.display())]
    Config { path: PathBuf, problem: String },
    #[error("`{setting}`: expected {expected}, got {got}")]
    Setting { setting: &'static str, expected: String, got: String },
    #[error("{}: {images} images are too few, {needed} are needed; hint: add pictures, or hold fewer out", dir.display())]
    TooFew { dir: PathBuf, images: usize, needed: usize },
    #[error(
        "{}: the flow was trained on every one of the {images} images to test it with; hint: add others, or --all takes all",
        dir.display()
    )]
    AllSeen { dir: PathBuf, images: usize },
    #[error("{}: its images are {found} (channels x height x width), and the flow is for {expected}", dir.display())]
    Size { dir: PathBuf, expected: String, found: String },
    #[error(
        "{}: its images have no classes; hint: put them into a sub-folder a class, or train without `by_class`",
        dir.display()
    )]
    NoClasses { dir: PathBuf },
    #[error("{} and {} have other classes: {source}{}", dir.display(), flow.display(), some_classes(source))]
    Classes { dir: PathBuf, flow: PathBuf, source: ImageError },
    #[error("{}: the flow is for {expected} classes without names, and the images have {found}", dir.display())]
    ClassCount { dir: PathBuf, expected: usize, found: usize },
    #[error("cannot write to standard output: {0}")]
    Output(#[from] io::Error),
    #[error(transparent)]
    Image(#[from] ImageError),
    #[error(transparent)]
    Flow(#[from] flows_core::FlowError),
    #[error(transparent)]
    Device(#[from] example_support::DeviceError),
}

impl Problem {
    pub(crate) fn setting(setting: &'static str, expected: impl Display, got: impl Display) -> Self {
        Self::Setting { setting, expected: expected.to_string(), got: got.to_string() }
    }

    /// Whether nobody reads the output any more, as after `| head`.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// What to do where all the images' classes are the flow's, and only some are missing.
fn some_classes(error: &ImageError) -> &'static str {
    match error {
        ImageError::ClassNames { expected, found }
            if !found.is_empty() && found.iter().all(|name| expected.contains(name)) =>
        {
            "; hint: --some-classes takes the images of those that are there"
        }
        _ => "",
    }
}
