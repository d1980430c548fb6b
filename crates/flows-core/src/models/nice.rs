//! NICE.

use burn::config::Config;
use burn::module::{Module, ModuleDisplay};
use burn::tensor::Device;

use super::stack::{CouplingBlock, Mixing, Normalization, Partition, Stack};
use crate::{
    Activation, Additive, Conditional, ConditionalFlowConfig, Conditioner, ContextConfig, DiagonalScaling, Flow,
    FlowConfig, Mlp, NetworkRange, StandardNormal, Standardize, WithContext, chain_fields,
};

/// Configuration of [`Nice`].
#[derive(Config, Debug)]
pub struct NiceConfig {
    /// The number of features, at least 2; given a context, at least 1.
    pub features: usize,
    /// The number of coupling layers; the paper has 4.
    #[config(default = 4)]
    pub layers: usize,
    /// The widths of the hidden layers of each network.
    #[config(default = "vec![64, 64]")]
    pub hidden: Vec<usize>,
    /// The nonlinearity of the networks.
    #[config(default = "Activation::Relu")]
    pub activation: Activation,
    /// Which features a layer keeps; the paper has them alternating.
    #[config(default = "Partition::Alternating")]
    pub partition: Partition,
    /// Whether the data is standardised first.
    #[config(default = true)]
    pub standardize: bool,
    /// How far the networks see; see [`NetworkRange`].
    #[config(default = "NetworkRange::Auto")]
    pub network_range: NetworkRange,
}

impl NiceConfig {
    /// Makes the flow, as yet the identity before a standard normal.
    ///
    /// # Panics
    /// If there are fewer than two features, as a coupling needs two or a context.
    pub fn init(&self, device: &Device) -> Nice {
        self.flow(self.stack().init(Additive::new, device), device)
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
            residual: false,
            dropout: 0.0,
            partition: self.partition,
            normalization: Normalization::None,
            mixing: Mixing::None,
            kept_map: false,
            range: self.network_range.limit(self.standardize),
            seed: 0,
        }
    }

    fn flow<N>(&self, blocks: Vec<CouplingBlock<N, Additive>>, device: &Device) -> Nice<N> {
        let layers = NiceLayers {
            standardize: self.standardize.then(|| Standardize::new(self.features, device)),
            blocks,
            scaling: DiagonalScaling::new(self.features, device),
        };
        Flow::new(layers, StandardNormal::new([self.features]))
    }
}

impl FlowConfig for NiceConfig {
    const NAME: &'static str = "flows-core/Nice";
    type Flow = Nice;

    fn init(&self, device: &Device) -> Nice {
        self.init(device)
    }
}

impl ConditionalFlowConfig for NiceConfig {
    const NAME: &'static str = "flows-core/Nice given a context";
    type Flow = Nice<WithContext<Mlp>>;

    fn init_given(&self, context: &ContextConfig, device: &Device) -> Self::Flow {
        let blocks = self.stack().init_given(Additive::new, context, device);
        self.flow(blocks, device).with_context_scale(context.scale(device))
    }
}

/// NICE: additive couplings, which keep volume, and one diagonal scaling.
///
/// ```text
/// y_kept = x_kept        y_moved = x_moved + t(x_kept)        a layer; then z = exp(s) ⊙ y
/// log q(x) = log N(z; 0, I) + Σ s
/// ```
///
/// # Shapes
/// - `x`: `[batch, features]`
///
/// # Example
/// ```
/// use burn::tensor::Device;
/// use flows_core::NiceConfig;
///
/// let device = Device::default();
/// let flow = NiceConfig::new(3).init(&device);
/// assert_eq!(flow.sample(7, &device).dims(), [7, 3]);
/// ```
///
/// # Reference
/// "NICE: Non-linear Independent Components Estimation", Dinh, Krueger, Bengio, 2014,
/// <https://arxiv.org/abs/1410.8516>.
pub type Nice<N = Mlp> = Flow<NiceLayers<N>, StandardNormal<2>>;

/// The bijection of [`Nice`].
#[derive(Module, Debug)]
pub struct NiceLayers<N> {
    standardize: Option<Standardize>,
    /// The coupling blocks.
    pub blocks: Vec<CouplingBlock<N, Additive>>,
    /// The scaling at the end.
    pub scaling: DiagonalScaling,
}

chain_fields!([C, N: Conditioner<2, C> + ModuleDisplay] 2, C, NiceLayers<N>, [standardize, blocks, scaling]);
