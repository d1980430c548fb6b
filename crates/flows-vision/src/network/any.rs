//! The networks to choose from.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use flows_core::Conditioner;

use super::{
    GatedNetwork, GatedNetworkConfig, GlowNetwork, GlowNetworkConfig, NetworkNorm, Pointwise, ResidualNetwork,
    ResidualNetworkConfig,
};

/// The network inside the couplings of an image flow.
#[derive(Config, Debug, Copy, PartialEq)]
pub enum NetworkConfig {
    /// [`GlowNetwork`].
    Glow {
        /// Channels between.
        hidden: usize,
    },
    /// [`ResidualNetwork`].
    Residual {
        /// Channels between.
        hidden: usize,
        /// The number of residual blocks.
        blocks: usize,
        /// What normalises.
        norm: NetworkNorm,
        /// The share of hidden activations dropped in training.
        dropout: f64,
    },
    /// [`GatedNetwork`].
    Gated {
        /// Channels between.
        hidden: usize,
        /// The number of gated blocks.
        blocks: usize,
    },
    /// [`Pointwise`]: a linear map of each pixel.
    Pointwise,
}

impl NetworkConfig {
    /// Makes a network from so many channels to so many.
    pub fn init(&self, inputs: usize, outputs: usize, device: &Device) -> ImageNetwork {
        match *self {
            Self::Glow { hidden } => {
                ImageNetwork::Glow(GlowNetworkConfig::new(inputs, outputs).with_hidden(hidden).init(device))
            }
            Self::Residual { hidden, blocks, norm, dropout } => {
                let config = ResidualNetworkConfig::new(inputs, outputs).with_hidden(hidden).with_blocks(blocks);
                ImageNetwork::Residual(config.with_norm(norm).with_dropout(dropout).init(device))
            }
            Self::Gated { hidden, blocks } => {
                let config = GatedNetworkConfig::new(inputs, outputs).with_hidden(hidden).with_blocks(blocks);
                ImageNetwork::Gated(config.init(device))
            }
            Self::Pointwise => ImageNetwork::Pointwise(Pointwise::new(inputs, outputs, device)),
        }
    }
}

/// A network of one of the kinds of [`NetworkConfig`].
///
/// # Shapes
/// - `x`: `[batch, inputs, height, width]`, result: `[batch, outputs, height, width]`
// burn knows no module in a box, and there are few networks.
#[allow(clippy::large_enum_variant)]
#[derive(Module, Debug)]
pub enum ImageNetwork {
    /// The network of Glow.
    Glow(GlowNetwork),
    /// The network of RealNVP.
    Residual(ResidualNetwork),
    /// The network of Flow++.
    Gated(GatedNetwork),
    /// A linear map of every pixel.
    Pointwise(Pointwise),
}

impl<C> Conditioner<4, C> for ImageNetwork {
    fn params(&self, x: Tensor<4>, context: &C) -> Tensor<4> {
        let [batch, inputs, height, width] = x.dims();
        if batch == 0 {
            // Of no image, as of one: burn has no products and no means of nothing.
            let [_, outputs, ..] =
                self.params(Tensor::zeros([1, inputs, height, width], (&x.device(), x.dtype())), context).dims();
            return Tensor::empty([0, outputs, height, width], (&x.device(), x.dtype()));
        }
        match self {
            Self::Glow(network) => network.params(x, context),
            Self::Residual(network) => network.params(x, context),
            Self::Gated(network) => network.params(x, context),
            Self::Pointwise(network) => network.params(x, context),
        }
    }

    fn recompute_statistics(self, x: Tensor<4>, context: &C) -> Self {
        match self {
            Self::Residual(network) => Self::Residual(network.recompute_statistics(x, context)),
            // The others have none.
            other => other,
        }
    }

    fn sees_context(&self) -> bool {
        false
    }
}
