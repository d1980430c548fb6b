//! The coupling neural spline flow.

use burn::config::Config;
use burn::module::{Module, ModuleDisplay};
use burn::tensor::Device;

use super::stack::{CouplingBlock, Mixing, Normalization, Partition, Stack};
use crate::{
    Activation, Conditional, ConditionalFlowConfig, Conditioner, ContextConfig, Flow, FlowConfig, Mlp, NetworkRange,
    RationalQuadratic, RationalQuadraticConfig, StandardNormal, Standardize, WithContext, chain_fields,
};

/// Configuration of [`SplineFlow`].
#[derive(Config, Debug)]
pub struct SplineFlowConfig {
    /// The number of features, at least 2; given a context, at least 1.
    pub features: usize,
    /// The number of coupling layers.
    #[config(default = 6)]
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
    /// Whether the kept half goes through splines of its own, as in the paper.
    #[config(default = false)]
    pub kept_map: bool,
    /// Which features a layer keeps.
    #[config(default = "Partition::Halves")]
    pub partition: Partition,
    /// What normalises before each coupling.
    #[config(default = "Normalization::None")]
    pub normalization: Normalization,
    /// What mixes before each coupling; the paper has PLU layers.
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

impl SplineFlowConfig {
    /// Makes the flow, as yet the identity before a standard normal.
    ///
    /// # Panics
    /// If there are fewer than two features, as a coupling needs two or a context, or the spline's configuration does not
    /// hold together.
    pub fn init(&self, device: &Device) -> SplineFlow {
        self.flow(self.stack().init(|| self.spline.init(), device), device)
    }

    /// Conditions the flow on a context of the given width.
    pub fn given(self, width: usize) -> Conditional<Self> {
        Conditional::new(self, width)
    }

    fn stack(&self) -> Stack<'_> {
        Stack {
            features: self.features,
            layers: self.layers,
            hidden: &self.hidden,
            activation: self.activation,
            residual: self.residual,
            dropout: self.dropout,
            partition: self.partition,
            normalization: self.normalization,
            mixing: self.mixing,
            kept_map: self.kept_map,
            range: self.network_range.limit(self.standardize),
            seed: self.seed,
        }
    }

    fn flow<N>(&self, blocks: Vec<CouplingBlock<N, RationalQuadratic>>, device: &Device) -> SplineFlow<N> {
        let standardize = self.standardize.then(|| Standardize::new(self.features, device));
        Flow::new(SplineFlowLayers { standardize, blocks }, StandardNormal::new([self.features]))
    }
}

impl FlowConfig for SplineFlowConfig {
    const NAME: &'static str = "flows-core/SplineFlow";
    type Flow = SplineFlow;

    fn init(&self, device: &Device) -> SplineFlow {
        self.init(device)
    }
}

impl ConditionalFlowConfig for SplineFlowConfig {
    const NAME: &'static str = "flows-core/SplineFlow given a context";
    type Flow = SplineFlow<WithContext<Mlp>>;

    fn init_given(&self, context: &ContextConfig, device: &Device) -> Self::Flow {
        let blocks = self.stack().init_given(|| self.spline.init(), context, device);
        self.flow(blocks, device).with_context_scale(context.scale(device))
    }
}

/// The coupling neural spline flow, RQ-NSF (C): coupling layers whose map is a monotone rational-quadratic spline.
///
/// ```text
/// z_kept = x_kept        z_moved = spline(x_moved; network(x_kept))        a layer
/// log q(x) = log N(z; 0, I) + Σ log spline'
/// ```
///
/// # Shapes
/// - `x`: `[batch, features]`
///
/// # Example
/// ```
/// use burn::tensor::Device;
/// use flows_core::SplineFlowConfig;
///
/// let device = Device::default();
/// let flow = SplineFlowConfig::new(2).with_layers(4).init(&device);
/// let (x, log_prob) = flow.sample_with_log_prob(3, &device);
/// assert!((flow.log_prob(x) - log_prob).abs().max().into_scalar::<f32>() < 1e-4);
/// ```
///
/// # Reference
/// "Neural Spline Flows", Durkan, Bekasov, Murray, Papamakarios, 2019, <https://arxiv.org/abs/1906.04032>.
pub type SplineFlow<N = Mlp> = Flow<SplineFlowLayers<N>, StandardNormal<2>>;

/// The bijection of [`SplineFlow`].
#[derive(Module, Debug)]
pub struct SplineFlowLayers<N> {
    standardize: Option<Standardize>,
    /// The coupling blocks.
    pub blocks: Vec<CouplingBlock<N, RationalQuadratic>>,
}

chain_fields!([C, N: Conditioner<2, C> + ModuleDisplay] 2, C, SplineFlowLayers<N>, [standardize, blocks]);
