//! The inverse autoregressive flow.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Device;
use flows_core::{
    Affine, Conditional, ConditionalFlowConfig, ContextConfig, Flow, FlowConfig, Inverse, Normalization,
    StandardNormal, Standardize, WithContext, chain_fields,
};
use serde::{Deserialize, Serialize};

use super::block::{AutoregressiveBlock, alone, given};
use super::maf::{MafConfig, MafLayers};
use crate::{AutoregressiveConditioner, Made, MadeConfig};

/// Configuration of [`Iaf`]: that of the [`Maf`](crate::Maf) it turns round.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IafConfig {
    /// The layers.
    pub maf: MafConfig,
}

impl IafConfig {
    /// Turns round a flow of so many features, without BatchNorm.
    pub fn new(features: usize) -> Self {
        Self { maf: MafConfig::new(features).with_normalization(Normalization::None) }
    }

    /// Turns round the layers of the given configuration.
    pub fn with_maf(mut self, maf: MafConfig) -> Self {
        self.maf = maf;
        self
    }

    /// Makes the flow, as yet the identity before a standard normal.
    ///
    /// # Panics
    /// If there are no features, a width is zero, or residual blocks differ in width; and with BatchNorm or ActNorm,
    /// which see only what enters a layer in its own direction.
    pub fn init(&self, device: &Device) -> Iaf {
        self.flow(alone(device), device)
    }

    /// Conditions the flow on a context of the given width.
    pub fn given(self, width: usize) -> Conditional<Self> {
        Conditional::new(self, width)
    }

    fn flow<N>(&self, network: impl Fn(MadeConfig) -> N, device: &Device) -> Iaf<N> {
        assert!(
            self.maf.normalization == Normalization::None,
            "`normalization`: expected None inside an inverse flow, got {}",
            self.maf.normalization
        );
        let MafLayers { standardize, blocks } = self.maf.bijection(network, device);
        Flow::new(IafLayers { standardize, blocks: Inverse::new(blocks) }, StandardNormal::new([self.maf.features]))
    }
}

impl FlowConfig for IafConfig {
    const NAME: &'static str = "flows-autoregressive/Iaf";
    type Flow = Iaf;

    fn init(&self, device: &Device) -> Iaf {
        self.init(device)
    }
}

impl ConditionalFlowConfig for IafConfig {
    const NAME: &'static str = "flows-autoregressive/Iaf given a context";
    type Flow = Iaf<WithContext<Made>>;

    fn init_given(&self, context: &ContextConfig, device: &Device) -> Self::Flow {
        self.flow(given(context, device), device).with_context_scale(context.scale(device))
    }
}

/// The inverse autoregressive flow: a [`Maf`](crate::Maf) turned round, so that sampling is the single pass.
///
/// ```text
/// xᵢ = zᵢ exp(s(z₁ .. zᵢ₋₁)) + t(z₁ .. zᵢ₋₁)        a layer
/// log q(x) = log N(z; 0, I) - Σ s, over all layers
/// ```
///
/// `sample_with_log_prob` scores its own samples from the noise they were made of, in that same pass: nothing is
/// inverted, as variational inference needs it. `log_prob` of other data inverts the layers, at the cost of about one
/// pass too.
///
/// # Shapes
/// - `x`: `[batch, features]`
///
/// # Example
/// ```
/// use burn::tensor::Device;
/// use flows_autoregressive::IafConfig;
///
/// let device = Device::default();
/// let flow = IafConfig::new(4).init(&device);
/// let (x, log_prob) = flow.sample_with_log_prob(10, &device); // one pass
/// assert!((flow.log_prob(x) - log_prob).abs().max().into_scalar::<f32>() < 1e-4);
/// ```
///
/// # Reference
/// "Improving Variational Inference with Inverse Autoregressive Flow", Kingma, Salimans, Jozefowicz, Chen, Sutskever,
/// Welling, 2016, <https://arxiv.org/abs/1606.04934>.
pub type Iaf<N = Made> = Flow<IafLayers<N>, StandardNormal<2>>;

/// The bijection of [`Iaf`].
#[derive(Module, Debug)]
pub struct IafLayers<N> {
    standardize: Option<Standardize>,
    /// The autoregressive blocks, turned round.
    pub blocks: Inverse<Vec<AutoregressiveBlock<N, Affine>>>,
}

chain_fields!(
    [C, N: AutoregressiveConditioner<C> + ModuleDisplay] 2, C, IafLayers<N>, [standardize, blocks]
);
