//! Bijections made of bijections.

mod flattened;
mod inverse;
mod named;
mod optional;
mod sequence;
mod tuple;

pub use flattened::Flattened;
pub use inverse::Inverse;
