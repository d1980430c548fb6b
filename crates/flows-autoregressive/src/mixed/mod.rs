//! Densities over columns of any kind, in any order, some of which may be unknown.

mod any_order;
mod measure;

pub use any_order::{AnyOrder, AnyOrderConfig};
pub use measure::Measure;
