//! The maps of the moved channels.

mod any;
mod rescaled;

pub use any::{ImageMap, MapConfig};
pub use rescaled::RescaledAffine;
