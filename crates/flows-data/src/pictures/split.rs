//! The two parts in which data sets of images are published.

/// A part of a published data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Split {
    /// What models learn from; for validation, hold some of it out with [`Images::split`](super::Images::split).
    Train,
    /// What numbers are reported on.
    Test,
}
