//! Image flows for [burn](https://burn.dev): masks, multi-scale architectures and honest bits per dimension.
//!
//! # In short
//! - [`ImageFlow`]: whole numbers in, bits per dimension out; noise, preprocessing and flow in one, made by an
//!   [`ImageFlowConfig`] around a model: [`RealNvpImage`], [`Glow`], [`SplineGlow`].
//! - Layers: [`Squeeze`], [`HaarSqueeze`], [`Checkerboard`], [`MultiScale`]; of `flows-core`, and as good on images:
//!   `ActNorm`, the invertible 1x1 convolutions `Plu` and `DenseLinear`, and `Coupling` of any map.
//! - Networks: those of Glow, RealNVP and Flow++ ([`NetworkConfig`]), given a class, a vector or an image.
//! - Images from files, and pictures of them: the crate `flows-data`.
//!
//! Images are `[batch, channels, height, width]`. `forward` goes from data to latent, as everywhere.

mod convolution;
mod map;
mod mask;
mod models;
mod multi_scale;
mod network;
mod pipeline;
mod squeeze;

pub use convolution::{Conv, ConvConfig, ImagesByChannel};
pub use map::{ImageMap, MapConfig, RescaledAffine};
pub use mask::{channel_mask, checkerboard_mask};
pub use models::{
    FlowStep, Glow, GlowConfig, GlowLayers, GlowScale, OneByOne, RealNvpImage, RealNvpImageConfig, RealNvpImageLayers,
    RealNvpScale, SplineGlow, SplineGlowConfig, TopPrior,
};
pub use multi_scale::MultiScale;
pub use network::{
    GatedNetwork, GatedNetworkConfig, GlowNetwork, GlowNetworkConfig, ImageNetwork, NetworkConfig, NetworkNorm,
    Pointwise, ResidualNetwork, ResidualNetworkConfig, WithImage,
};
pub use pipeline::{
    BitsPerDim, Dequantization, Dequantizer, DequantizerLayers, Evaluation, ImageFlow, ImageFlowConfig, ImageModel,
    Interpolation, Preprocess, attribute_vector,
};
pub use squeeze::{Checkerboard, HaarSqueeze, Squeeze};
