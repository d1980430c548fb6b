//! The autoregressive neural spline flow.

use burn::config::Config;
use burn::module::{Module, ModuleDisplay};
use burn::tensor::Device;
use flows_core::{
    Activation, Conditional, ConditionalFlowConfig, ContextConfig, Flow, FlowConfig, Mixing, NetworkRange,
    Normalization, RationalQuadratic, RationalQuadraticConfig, StandardNormal, Standardize, WithContext, chain_fields,
};

use super::block::{AutoregressiveBlock, Stack, alone, given};
use crate::{AutoregressiveConditioner, Made, MadeConfig};

/// Configuration of [`AutoregressiveSplineFlow`].
#[derive(Config, Debug)]
pub struct AutoregressiveSplineFlowConfig {
    /// The number of features.
    pub features: usize,
    /// The number of autoregressive layers.
    #[config(default = 5)]
    pub layers: usize,
    /// The widths of the hidden layers of each network.
    #[config(default = "vec![64, 64]")]
    pub hidden: Vec<usize>,
    /// The nonlinearity of the networks.
    #[config(default = "Activation::Relu")]
    pub activation: Activation,
    /// Residual blocks, as in the paper, instead of plain layers.
    #[config(default = false)]
    pub residual: bool,
    /// The share of hidden units dropped in training.
    #[config(default = 0.0)]
    pub dropout: f64,
    /// The spline: bins, interval, tails.
    #[config(default = "RationalQuadraticConfig::new()")]
    pub spline: RationalQuadraticConfig,
    /// What normalises: ActNorm before each layer, or BatchNorm after it.
    #[config(default = "Normalization::None")]
    pub normalization: Normalization,
    /// What mixes before each layer; where nothing does, every other layer has the features in reverse. The paper has
    /// PLU layers.
    #[config(default = "Mixing::None")]
    pub mixing: Mixing,
    /// Whether the data is standardised first.
    #[config(default = true)]
    pub standardize: bool,
    /// How far the networks see; see [`NetworkRange`].
    #[config(default = "NetworkRange::Auto")]
    pub network_range: NetworkRange,
    /// Seeds the fixed permutations.
    #[config(default = 0)]
    pub seed: u64,
}

impl AutoregressiveSplineFlowConfig {
    /// Makes the flow, as yet the identity before a standard normal.
    ///
    /// # Panics
    /// If there are no features, a width is zero, residual blocks differ in width, or the spline's configuration does
    /// not hold together.
    pub fn init(&self, device: &Device) -> AutoregressiveSplineFlow {
        self.flow(alone(device), device)
    }

    /// Conditions the flow on a context of the given width.
    pub fn given(self, width: usize) -> Conditional<Self> {
        Conditional::new(self, width)
    }

    fn flow<N>(&self, network: impl Fn(MadeConfig) -> N, device: &Device) -> AutoregressiveSplineFlow<N> {
        let stack = Stack {
            features: self.features,
            layers: self.layers,
            hidden: &self.hidden,
            activation: self.activation,
            residual: self.residual,
            dropout: self.dropout,
            normalization: self.normalization,
            mixing: self.mixing,
            range: self.network_range.limit(self.standardize),
            seed: self.seed,
        };
        let standardize = self.standardize.then(|| Standardize::new(self.features, device));
        let blocks = stack.blocks(|| self.spline.init(), network, device);
        Flow::new(AutoregressiveSplineLayers { standardize, blocks }, StandardNormal::new([self.features]))
    }
}

impl FlowConfig for AutoregressiveSplineFlowConfig {
    const NAME: &'static str = "flows-autoregressive/AutoregressiveSplineFlow";
    type Flow = AutoregressiveSplineFlow;

    fn init(&self, device: &Device) -> AutoregressiveSplineFlow {
        self.init(device)
    }
}

impl ConditionalFlowConfig for AutoregressiveSplineFlowConfig {
    const NAME: &'static str = "flows-autoregressive/AutoregressiveSplineFlow given a context";
    type Flow = AutoregressiveSplineFlow<WithContext<Made>>;

    fn init_given(&self, context: &ContextConfig, device: &Device) -> Self::Flow {
        self.flow(given(context, device), device).with_context_scale(context.scale(device))
    }
}

/// The autoregressive neural spline flow, RQ-NSF (AR): autoregressive layers whose map is a monotone
/// rational-quadratic spline.
///
/// ```text
/// zᵢ = spline(xᵢ; network(x₁ .. xᵢ₋₁))        a layer
/// log q(x) = log N(z; 0, I) + Σ log spline', over all layers
/// ```
///
/// # Shapes
/// - `x`: `[batch, features]`
///
/// # Example
/// ```
/// use burn::tensor::Device;
/// use flows_autoregressive::AutoregressiveSplineFlowConfig;
///
/// let device = Device::default();
/// let flow = AutoregressiveSplineFlowConfig::new(3).with_layers(2).init(&device);
/// let (x, log_prob) = flow.sample_with_log_prob(10, &device);
/// assert!((flow.log_prob(x) - log_prob).abs().max().into_scalar::<f32>() < 1e-4);
/// ```
///
/// # Reference
/// "Neural Spline Flows", Durkan, Bekasov, Murray, Papamakarios, 2019, <https://arxiv.org/abs/1906.04032>.
pub type AutoregressiveSplineFlow<N = Made> = Flow<AutoregressiveSplineLayers<N>, StandardNormal<2>>;

/// The bijection of [`AutoregressiveSplineFlow`].
#[derive(Module, Debug)]
pub struct AutoregressiveSplineLayers<N> {
    standardize: Option<Standardize>,
    /// The autoregressive blocks.
    pub blocks: Vec<AutoregressiveBlock<N, RationalQuadratic>>,
}

chain_fields!(
    [C, N: AutoregressiveConditioner<C> + ModuleDisplay] 2, C, AutoregressiveSplineLayers<N>, [standardize, blocks]
);
