//! The networks inside the couplings of images.

mod any;
mod gated;
mod glow;
mod pointwise;
mod residual;
mod with_image;
mod wrap;

pub use any::{ImageNetwork, NetworkConfig};
pub use gated::{GatedNetwork, GatedNetworkConfig};
pub use glow::{GlowNetwork, GlowNetworkConfig};
pub use pointwise::Pointwise;
pub use residual::{NetworkNorm, ResidualNetwork, ResidualNetworkConfig};
pub use with_image::WithImage;
pub(crate) use wrap::{Image, Plain, Wrap};
