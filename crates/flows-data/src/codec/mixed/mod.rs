//! Between the columns of a table of all kinds, with missing cells, and numbers.

mod class;
mod column;
mod table;

pub use class::ClassColumn;
pub use column::MixedColumn;
pub use table::{MixedCodec, MixedRows};
