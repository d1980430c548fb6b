//! Convolutions as matrix products.

mod conv;
mod windows;

pub use conv::{Conv, ConvConfig, ImagesByChannel};
