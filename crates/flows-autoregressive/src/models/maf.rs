//! The masked autoregressive flow.

use burn::config::Config;
use burn::module::{Module, ModuleDisplay};
use burn::tensor::Device;
use flows_core::{
    Activation, Affine, Conditional, ConditionalFlowConfig, ContextConfig, Flow, FlowConfig, LogScaleBound, Mixing,
    NetworkRange, Normalization, StandardNormal, Standardize, WithContext, chain_fields,
};

use super::block::{AutoregressiveBlock, Stack, alone, given};
use crate::{AutoregressiveConditioner, Made, MadeConfig};

/// Configuration of [`Maf`]: as it starts, the paper's; [`modern`](MafConfig::modern) is a later one that is often
/// better.
#[derive(Config, Debug)]
pub struct MafConfig {
    /// The number of features.
    pub features: usize,
    /// The number of autoregressive layers; the paper has 5 and 10.
    #[config(default = 5)]
    pub layers: usize,
    /// The widths of the hidden layers of each network; the paper has one or two.
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
    /// What normalises: ActNorm before each layer, or BatchNorm after it.
    #[config(default = "Normalization::BatchNorm")]
    pub normalization: Normalization,
    /// What mixes before each layer; where nothing does, every other layer has the features in reverse.
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

impl MafConfig {
    /// The variant of the neural spline flows paper: PLU layers mix, the networks are residual, and nothing depends on
    /// the batch.
    pub fn modern(features: usize) -> Self {
        Self::new(features).with_normalization(Normalization::None).with_mixing(Mixing::Plu).with_residual(true)
    }

    /// Makes the flow, as yet the identity before a standard normal.
    ///
    /// # Panics
    /// If there are no features, a width is zero, or residual blocks differ in width.
    pub fn init(&self, device: &Device) -> Maf {
        self.over(alone(device), StandardNormal::new([self.features]), device)
    }

    /// Conditions the flow on a context of the given width.
    pub fn given(self, width: usize) -> Conditional<Self> {
        Conditional::new(self, width)
    }

    /// The network that the next layer would have.
    pub(super) fn next_network(&self, outputs: usize) -> MadeConfig {
        self.stack().made(self.layers, outputs)
    }

    pub(super) fn over<N, P>(
        &self,
        network: impl Fn(MadeConfig) -> N,
        base: P,
        device: &Device,
    ) -> Flow<MafLayers<N>, P> {
        Flow::new(self.bijection(network, device), base)
    }

    pub(super) fn bijection<N>(&self, network: impl Fn(MadeConfig) -> N, device: &Device) -> MafLayers<N> {
        let standardize = self.standardize.then(|| Standardize::new(self.features, device));
        MafLayers { standardize, blocks: self.stack().blocks(|| Affine::new(self.bound), network, device) }
    }

    /// How far the networks see.
    pub(super) fn range(&self) -> Option<f64> {
        self.network_range.limit(self.standardize)
    }

    fn stack(&self) -> Stack<'_> {
        Stack {
            features: self.features,
            layers: self.layers,
            hidden: &self.hidden,
            activation: self.activation,
            residual: self.residual,
            dropout: self.dropout,
            normalization: self.normalization,
            mixing: self.mixing,
            range: self.range(),
            seed: self.seed,
        }
    }
}

impl FlowConfig for MafConfig {
    const NAME: &'static str = "flows-autoregressive/Maf";
    type Flow = Maf;

    fn init(&self, device: &Device) -> Maf {
        self.init(device)
    }
}

impl ConditionalFlowConfig for MafConfig {
    const NAME: &'static str = "flows-autoregressive/Maf given a context";
    type Flow = Maf<WithContext<Made>>;

    fn init_given(&self, context: &ContextConfig, device: &Device) -> Self::Flow {
        let base = StandardNormal::new([self.features]);
        self.over(given(context, device), base, device).with_context_scale(context.scale(device))
    }
}

/// The masked autoregressive flow: affine autoregressive layers, each with the features in the reverse order of the one
/// before.
///
/// ```text
/// zᵢ = xᵢ exp(s(x₁ .. xᵢ₋₁)) + t(x₁ .. xᵢ₋₁)        a layer, then BatchNorm
/// log q(x) = log N(z; 0, I) + Σ s + that of BatchNorm, over all layers
/// ```
///
/// `log_prob` is one pass through the networks, and so, about, is sampling.
///
/// # Shapes
/// - `x`: `[batch, features]`
///
/// # Example
/// ```
/// use burn::module::Module;
/// use burn::tensor::{Device, Tensor};
/// use flows_autoregressive::MafConfig;
///
/// let device = Device::default();
/// let flow = MafConfig::new(4).with_hidden(vec![32]).init(&device).valid();
/// let (x, log_prob) = flow.sample_with_log_prob(10, &device);
/// assert!((flow.log_prob(x) - log_prob).abs().max().into_scalar::<f32>() < 1e-4);
/// ```
///
/// A flow that is conditioned on a context does not compile without it:
///
/// ```compile_fail
/// use burn::tensor::{Device, Tensor};
/// use flows_autoregressive::MafConfig;
///
/// let device = Device::default();
/// let flow = MafConfig::new(4).given(2).init(&device);
/// flow.log_prob(Tensor::zeros([1, 4], &device)); // flow.given(&context).log_prob(x)
/// ```
///
/// # Notes
/// With BatchNorm, train with `FitConfig::with_recompute_statistics(true)`: as the authors do, the statistics of the
/// whole training set are then used at every validation and in the flow that comes back.
///
/// # Reference
/// "Masked Autoregressive Flow for Density Estimation", Papamakarios, Pavlakou, Murray, 2017,
/// <https://arxiv.org/abs/1705.07057>; the modern variant: "Neural Spline Flows", Durkan, Bekasov, Murray,
/// Papamakarios, 2019, section 5.1, <https://arxiv.org/abs/1906.04032>.
pub type Maf<N = Made> = Flow<MafLayers<N>, StandardNormal<2>>;

/// The bijection of [`Maf`].
#[derive(Module, Debug)]
pub struct MafLayers<N> {
    pub(super) standardize: Option<Standardize>,
    /// The autoregressive blocks.
    pub blocks: Vec<AutoregressiveBlock<N, Affine>>,
}

chain_fields!(
    [C, N: AutoregressiveConditioner<C> + ModuleDisplay] 2, C, MafLayers<N>, [standardize, blocks]
);
