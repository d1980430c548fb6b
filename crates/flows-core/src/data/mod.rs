//! Tables of numbers from files.

mod error;

pub use error::TableError;
