//! Space to depth: fewer pixels, more channels.

mod checkerboard;
mod haar;
mod space_to_depth;

pub use checkerboard::Checkerboard;
pub use haar::HaarSqueeze;
pub use space_to_depth::Squeeze;
pub(crate) use space_to_depth::{squeeze, unsqueeze};
