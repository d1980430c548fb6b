//! What columns are: their choice, their kinds, and what is to be said of each.

mod circles;
mod detect;
mod error;
mod kind;
mod kinds;
mod list;
mod selection;
mod summary;

pub use error::ColumnError;
pub use kind::Kind;
pub use kinds::{Kinds, parse_as};
pub use selection::Selection;
pub use summary::{Spike, Summary};

pub(crate) use list::pairs;
