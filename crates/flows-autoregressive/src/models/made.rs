//! MADE as a density by itself.

use burn::config::Config;
use burn::tensor::Device;
use flows_core::budget::claim;
use flows_core::{
    Activation, Conditional, ConditionalFlowConfig, ContextConfig, Flow, FlowConfig, NetworkRange, Standardize,
    WithContext,
};

use crate::mask::{Connectivity, HiddenDegrees, InputOrder};
use crate::{
    AutoregressiveDensity, ConditionalFamily, Conditionals, ConditionalsConfig, Made, MadeConfig, MaskEnsemble, Masks,
};

/// Configuration of [`MadeDensity`].
#[derive(Config, Debug)]
pub struct MadeDensityConfig {
    /// The number of features.
    pub features: usize,
    /// The family of the conditionals.
    #[config(default = "ConditionalsConfig::gaussian()")]
    pub conditionals: ConditionalsConfig,
    /// The widths of the hidden layers.
    #[config(default = "vec![64, 64]")]
    pub hidden: Vec<usize>,
    /// The nonlinearity of the network.
    #[config(default = "Activation::Relu")]
    pub activation: Activation,
    /// Residual blocks instead of plain layers.
    #[config(default = false)]
    pub residual: bool,
    /// The share of hidden units dropped in training.
    #[config(default = 0.0)]
    pub dropout: f64,
    /// The order of the features.
    #[config(default = "InputOrder::Natural")]
    pub order: InputOrder,
    /// How the hidden units get their degrees.
    #[config(default = "HiddenDegrees::Sequential")]
    pub degrees: HiddenDegrees,
    /// The number of masks among which training changes at every mini-batch. They differ in what is random, the order
    /// (order-agnostic training), the degrees (connectivity-agnostic training) or both; the density is their mixture.
    #[config(default = 1)]
    pub masks: usize,
    /// Whether the data is standardised first; binary data never is.
    #[config(default = true)]
    pub standardize: bool,
    /// How far the networks see; see [`NetworkRange`].
    #[config(default = "NetworkRange::Auto")]
    pub network_range: NetworkRange,
}

impl MadeDensityConfig {
    /// Makes the density.
    ///
    /// # Panics
    /// If there are no features or no masks, a width is zero, residual blocks differ in width, or there are several
    /// masks and nothing random to tell them apart.
    pub fn init(&self, device: &Device) -> MadeDensity {
        self.density(|made| made.init(device), device)
    }

    /// Conditions the density on a context of the given width.
    pub fn given(self, width: usize) -> Conditional<Self> {
        Conditional::new(self, width)
    }

    /// The network under the masks of the given number.
    fn made(&self, outputs: usize, mask: usize) -> MadeConfig {
        let moved = |seed: u64| seed.wrapping_add(mask as u64);
        let order = match self.order {
            InputOrder::Random { seed } => InputOrder::Random { seed: moved(seed) },
            fixed => fixed,
        };
        let degrees = match self.degrees {
            HiddenDegrees::Random { seed } => HiddenDegrees::Random { seed: moved(seed) },
            HiddenDegrees::Sequential => HiddenDegrees::Sequential,
        };
        MadeConfig::new(self.features, outputs)
            .with_hidden(self.hidden.clone())
            .with_activation(self.activation)
            .with_residual(self.residual)
            .with_dropout(self.dropout)
            .with_order(order)
            .with_degrees(degrees)
    }

    fn density<N: HasConnectivity>(&self, network: impl Fn(MadeConfig) -> N, device: &Device) -> MadeDensity<N> {
        let random =
            matches!(self.order, InputOrder::Random { .. }) || matches!(self.degrees, HiddenDegrees::Random { .. });
        assert!(self.masks > 0, "`masks`: expected at least 1, got 0");
        assert!(
            self.masks == 1 || random,
            "`masks`: expected 1 where neither order nor degrees are random, got {}",
            self.masks
        );
        let conditionals = self.conditionals.init();
        let outputs = conditionals.params_per_feature();
        let first = network(self.made(outputs, 0));
        let context = first.connectivity().inputs().len() - self.features;
        // The masks of the others are not in the file: a share of the weights for each.
        let weights: usize = first.connectivity().layers().map(|(from, to)| from.len() * to.len()).sum();
        (1..self.masks).for_each(|_| claim([weights / 64]));
        let masks = |mask| Masks::new(self.made(outputs, mask).with_context(context).connectivity(), device);
        let others = (1..self.masks).map(masks).collect();
        let binary = matches!(self.conditionals, ConditionalsConfig::Bernoulli);
        let range = self.network_range.limit(self.standardize && !binary);
        let density = AutoregressiveDensity::new(first, conditionals).with_network_range(range);
        let standardize = (self.standardize && !binary).then(|| Standardize::new(self.features, device));
        Flow::new(standardize, MaskEnsemble::new(density, others))
    }
}

/// A masked network, with or without a context.
trait HasConnectivity {
    fn connectivity(&self) -> &Connectivity;
}

impl HasConnectivity for Made {
    fn connectivity(&self) -> &Connectivity {
        Made::connectivity(self)
    }
}

impl HasConnectivity for WithContext<Made> {
    fn connectivity(&self) -> &Connectivity {
        self.network.connectivity()
    }
}

impl FlowConfig for MadeDensityConfig {
    const NAME: &'static str = "flows-autoregressive/Made";
    type Flow = MadeDensity;

    fn init(&self, device: &Device) -> MadeDensity {
        self.init(device)
    }
}

impl ConditionalFlowConfig for MadeDensityConfig {
    const NAME: &'static str = "flows-autoregressive/Made given a context";
    type Flow = MadeDensity<WithContext<Made>>;

    fn init_given(&self, context: &ContextConfig, device: &Device) -> Self::Flow {
        let density = self.density(|made| made.init_given(context, device), device);
        density.with_context_scale(context.scale(device))
    }
}

/// MADE as a density by itself: conditionals whose parameters one masked network makes in one pass.
///
/// ```text
/// log p(x) = Σᵢ log p(xᵢ | x₁ .. xᵢ₋₁)
/// ```
///
/// Gaussian conditionals, mixtures of Gaussians (MADE MoG), or Bernoulli conditionals for binary data.
///
/// # Shapes
/// - `x`: `[batch, features]`
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_autoregressive::mask::InputOrder;
/// use flows_autoregressive::{ConditionalsConfig, MadeDensityConfig};
///
/// let device = Device::default();
/// let made = MadeDensityConfig::new(3)
///     .with_conditionals(ConditionalsConfig::Bernoulli)
///     .with_order(InputOrder::Random { seed: 0 })
///     .with_masks(8) // order-agnostic
///     .init(&device);
/// let x = Tensor::<2>::from_data([[0.0, 1.0, 1.0]], &device);
/// assert!((made.log_prob(x).into_scalar::<f32>() - 0.125f32.ln()).abs() < 1e-6);
/// ```
///
/// # Reference
/// "MADE: Masked Autoencoder for Distribution Estimation", Germain, Gregor, Murray, Larochelle, 2015,
/// <https://arxiv.org/abs/1502.03509>.
pub type MadeDensity<N = Made> = Flow<Option<Standardize>, MaskEnsemble<N, Conditionals>>;
