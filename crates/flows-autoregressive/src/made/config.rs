//! What makes a masked network.

use burn::config::Config;
use burn::nn::{Initializer, Linear, LinearConfig};
use burn::tensor::{Device, Tensor};
use flows_core::budget::claim;
use flows_core::{Activation, ContextConfig, DropoutConfig, WithContext, draw};

use super::masked_linear::MaskedLinear;
use super::network::{Made, MaskedBlock};
use crate::mask::{Connectivity, HiddenDegrees, InputOrder};

/// Configuration of [`Made`].
#[derive(Config, Debug)]
pub struct MadeConfig {
    /// The number of features.
    pub features: usize,
    /// The number of outputs for each feature.
    pub outputs: usize,
    /// The widths of the hidden layers; with `residual`, one block a number, all of one width.
    #[config(default = "vec![64, 64]")]
    pub hidden: Vec<usize>,
    /// The nonlinearity.
    #[config(default = "Activation::Relu")]
    pub activation: Activation,
    /// Residual blocks of two layers each instead of plain layers.
    #[config(default = false)]
    pub residual: bool,
    /// The share of hidden units dropped in training.
    #[config(default = 0.0)]
    pub dropout: f64,
    /// Whether the last layer starts at zero, so that a flow starts as the identity.
    #[config(default = true)]
    pub zero_last: bool,
    /// The number of inputs after the features that every output may see.
    #[config(default = 0)]
    pub context: usize,
    /// The order of the features.
    #[config(default = "InputOrder::Natural")]
    pub order: InputOrder,
    /// How the hidden units get their degrees.
    #[config(default = "HiddenDegrees::Sequential")]
    pub degrees: HiddenDegrees,
}

impl MadeConfig {
    /// Makes the network.
    ///
    /// # Panics
    /// If there are no features or no outputs, a width is zero, residual blocks differ in width, or the dropout is not
    /// in `0..1`.
    pub fn init(&self, device: &Device) -> Made {
        assert!((0.0..1.0).contains(&self.dropout), "`dropout`: expected 0 to less than 1, got {}", self.dropout);
        self.claim();
        let connectivity = self.connectivity();
        let masks = connectivity.mask_tensors(device);
        let count = masks.len();
        let layer = |(i, mask): (usize, Tensor<2>)| {
            let [inputs, outputs] = mask.dims();
            MaskedLinear::new(self.linear(inputs, outputs, i + 1 == count, device), mask)
        };
        let mut linears = masks.into_iter().enumerate().map(layer);
        let mut next = || linears.next().expect("a mask for each layer");
        let plain = if self.residual { count.min(2) - 1 } else { count - 1 };
        let layers = (0..plain).map(|_| next()).collect();
        let blocks =
            (0..(count - plain) / 2).filter(|_| self.residual).map(|_| MaskedBlock::new(next(), next())).collect();
        let last = next();
        draw(Made::new(layers, blocks, last, DropoutConfig::new(self.dropout).init(), self.activation, connectivity))
    }

    /// Makes the network for a context; its own number of context inputs is set to what the context needs.
    ///
    /// # Panics
    /// As [`init`](Self::init).
    pub fn init_given(&self, context: &ContextConfig, device: &Device) -> WithContext<Made> {
        let config = Self { context: context.embedded_width(), ..self.clone() };
        context.wrap(config.init(device), device)
    }

    /// The degrees of all units.
    ///
    /// # Panics
    /// If there are no features or no outputs, a width is zero, or residual blocks differ in width.
    pub fn connectivity(&self) -> Connectivity {
        let mut hidden = self.hidden.clone();
        if self.residual {
            assert!(
                hidden.windows(2).all(|pair| pair[0] == pair[1]),
                "`hidden`: expected residual blocks of one width, got {hidden:?}"
            );
            let width = hidden.first().copied();
            hidden = width.map_or(vec![], |width| vec![width; 1 + 2 * self.hidden.len()]);
        }
        let Self { features, outputs, context, order, degrees, .. } = *self;
        let connectivity = Connectivity::new(features, context, &hidden, outputs, order, degrees);
        if self.residual { connectivity.tied() } else { connectivity }
    }

    /// The weights and their masks, before there are any.
    fn claim(&self) {
        let mut inputs = self.features.saturating_add(self.context);
        for &width in &self.hidden {
            // A residual block has two layers.
            (0..=usize::from(self.residual)).for_each(|_| claim([inputs, width]));
            inputs = width;
        }
        claim([inputs, self.features, self.outputs]);
    }

    fn linear(&self, inputs: usize, outputs: usize, last: bool, device: &Device) -> Linear {
        let config = LinearConfig::new(inputs, outputs);
        let config = if last && self.zero_last { config.with_initializer(Initializer::Zeros) } else { config };
        config.init(device)
    }
}
