//! The maps to choose from.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use flows_core::{Additive, Affine, Elementwise, LogScaleBound, RationalQuadratic, RationalQuadraticConfig};

use super::RescaledAffine;

/// How the couplings of an image flow map the moved channels.
#[derive(Config, Debug)]
pub enum MapConfig {
    /// By a shift alone: no volume changes.
    Additive,
    /// By a shift and a bounded scale.
    Affine {
        /// How the logarithm of the scale is bounded.
        bound: LogScaleBound,
    },
    /// By a shift and a scale with a learnt bound a channel, as RealNVP does.
    Rescaled,
    /// By rational-quadratic splines, as neural spline flows do.
    Spline {
        /// Bins, range and tails.
        spline: RationalQuadraticConfig,
    },
}

impl MapConfig {
    /// Makes the map of so many channels.
    pub fn init(&self, channels: usize, device: &Device) -> ImageMap {
        match self {
            Self::Additive => ImageMap::Additive(Additive::new()),
            Self::Affine { bound } => ImageMap::Affine(Affine::new(*bound)),
            Self::Rescaled => ImageMap::Rescaled(RescaledAffine::new(channels, device)),
            Self::Spline { spline } => ImageMap::Spline(spline.init()),
        }
    }
}

/// A map of one of the kinds of [`MapConfig`].
#[derive(Module, Debug)]
pub enum ImageMap {
    /// A shift.
    Additive(Additive),
    /// A shift and a scale.
    Affine(Affine),
    /// A shift and a scale, with learnt bounds.
    Rescaled(RescaledAffine),
    /// A spline.
    Spline(RationalQuadratic),
}

impl Elementwise for ImageMap {
    fn params_per_element(&self) -> usize {
        match self {
            Self::Additive(map) => map.params_per_element(),
            Self::Affine(map) => map.params_per_element(),
            Self::Rescaled(map) => map.params_per_element(),
            Self::Spline(map) => map.params_per_element(),
        }
    }

    fn forward_each<const D: usize>(&self, x: Tensor<D>, params: Tensor<D>) -> (Tensor<D>, Tensor<D>) {
        match self {
            Self::Additive(map) => map.forward_each(x, params),
            Self::Affine(map) => map.forward_each(x, params),
            Self::Rescaled(map) => map.forward_each(x, params),
            Self::Spline(map) => map.forward_each(x, params),
        }
    }

    fn inverse_each<const D: usize>(&self, y: Tensor<D>, params: Tensor<D>) -> (Tensor<D>, Tensor<D>) {
        match self {
            Self::Additive(map) => map.inverse_each(y, params),
            Self::Affine(map) => map.inverse_each(y, params),
            Self::Rescaled(map) => map.inverse_each(y, params),
            Self::Spline(map) => map.inverse_each(y, params),
        }
    }
}
