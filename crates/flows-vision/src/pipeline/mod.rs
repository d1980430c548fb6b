//! From whole numbers to densities: dequantisation, preprocessing, bits per dimension.

mod attribute;
mod config;
mod dequantizer;
mod evaluate;
mod image_flow;
mod latent;
mod preprocess;

pub use attribute::attribute_vector;
pub use config::{Dequantization, ImageFlowConfig, ImageModel};
pub use dequantizer::{Dequantizer, DequantizerLayers};
pub use evaluate::{BitsPerDim, Evaluation};
pub use image_flow::ImageFlow;
pub use latent::Interpolation;
pub use preprocess::Preprocess;
