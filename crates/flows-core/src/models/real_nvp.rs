//! RealNVP on vectors.

use burn::config::Config;
use burn::module::{Module, ModuleDisplay};
use burn::tensor::Device;

use super::stack::{CouplingBlock, Mixing, Normalization, Partition, Stack};
use crate::{
    Activation, Affine, Conditional, ConditionalFlowConfig, Conditioner, ContextConfig, Flow, FlowConfig,
    LogScaleBound, Mlp, NetworkRange, StandardNormal, Standardize, WithContext, chain_fields,
};

/// Configuration of [`RealNvp`].
#[derive(Config, Debug)]
pub struct RealNvpConfig {
    /// The number of features, at least 2; given a context, at least 1.
    pub features: usize,
    /// The number of coupling layers.
    #[config(default = 8)]
    pub layers: usize,
    /// The widths of the hidden layers of each network.
    #[config(default = "vec![64, 64]")]
    pub hidden: Vec<usize>,
    /// The nonlinearity of the networks.
    #[config(default = "Activation::Relu")]
    pub activation: Activation,
    /// Residual blocks instead of plain layers.
    #[config(default = false)]
    pub residual: bool,
    /// The share of hidden units dropped in training.
    #[config(default = 0.0)]
    pub dropout: f64,
    /// How the logarithm of the scale is bounded.
    #[config(default = "LogScaleBound::default()")]
    pub bound: LogScaleBound,
    /// Which features a layer keeps.
    #[config(default = "Partition::Halves")]
    pub partition: Partition,
    /// What normalises before each coupling.
    #[config(default = "Normalization::None")]
    pub normalization: Normalization,
    /// What mixes before each coupling.
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

impl RealNvpConfig {
    /// Makes the flow, as yet the identity before a standard normal.
    ///
    /// # Panics
    /// If there are fewer than two features, as a coupling needs two or a context.
    pub fn init(&self, device: &Device) -> RealNvp {
        self.flow(self.stack().init(|| Affine::new(self.bound), device), device)
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
            kept_map: false,
            range: self.network_range.limit(self.standardize),
            seed: self.seed,
        }
    }

    fn flow<N>(&self, blocks: Vec<CouplingBlock<N, Affine>>, device: &Device) -> RealNvp<N> {
        let standardize = self.standardize.then(|| Standardize::new(self.features, device));
        Flow::new(RealNvpLayers { standardize, blocks }, StandardNormal::new([self.features]))
    }
}

impl FlowConfig for RealNvpConfig {
    const NAME: &'static str = "flows-core/RealNvp";
    type Flow = RealNvp;

    fn init(&self, device: &Device) -> RealNvp {
        self.init(device)
    }
}

impl ConditionalFlowConfig for RealNvpConfig {
    const NAME: &'static str = "flows-core/RealNvp given a context";
    type Flow = RealNvp<WithContext<Mlp>>;

    fn init_given(&self, context: &ContextConfig, device: &Device) -> Self::Flow {
        let blocks = self.stack().init_given(|| Affine::new(self.bound), context, device);
        self.flow(blocks, device).with_context_scale(context.scale(device))
    }
}

/// RealNVP on vectors: affine couplings that keep one half, then the other.
///
/// ```text
/// z_kept = x_kept        z_moved = x_moved ⊙ exp(s(x_kept)) + t(x_kept)        a layer
/// log q(x) = log N(z; 0, I) + Σ s, over all layers
/// ```
///
/// # Shapes
/// - `x`: `[batch, features]`
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::RealNvpConfig;
///
/// let device = Device::default();
/// let flow = RealNvpConfig::new(2).with_layers(4).init(&device);
/// let log_prob = flow.log_prob(Tensor::zeros([1, 2], &device)).into_scalar::<f32>();
/// assert!((log_prob + (2.0 * std::f32::consts::PI).ln()).abs() < 1e-5); // starts as the standard normal
/// ```
///
/// # Reference
/// "Density estimation using Real NVP", Dinh, Sohl-Dickstein, Bengio, 2017, <https://arxiv.org/abs/1605.08803>.
pub type RealNvp<N = Mlp> = Flow<RealNvpLayers<N>, StandardNormal<2>>;

/// The bijection of [`RealNvp`].
#[derive(Module, Debug)]
pub struct RealNvpLayers<N> {
    standardize: Option<Standardize>,
    /// The coupling blocks.
    pub blocks: Vec<CouplingBlock<N, Affine>>,
}

chain_fields!([C, N: Conditioner<2, C> + ModuleDisplay] 2, C, RealNvpLayers<N>, [standardize, blocks]);
