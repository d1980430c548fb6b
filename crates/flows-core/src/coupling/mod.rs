//! Coupling layers.

mod layer;
mod split;

pub use layer::Coupling;
pub use split::FeatureSplit;
pub(crate) use split::indices;
