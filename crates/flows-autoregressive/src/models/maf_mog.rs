//! The masked autoregressive flow over a MADE with mixtures of Gaussians.

use burn::tensor::Device;
use flows_core::{Conditional, ConditionalFlowConfig, ContextConfig, Flow, FlowConfig, WithContext};
use serde::{Deserialize, Serialize};

use super::block::{alone, given};
use super::maf::{MafConfig, MafLayers};
use crate::{AutoregressiveDensity, Made, MadeConfig, MixtureOfGaussians};

/// Configuration of [`MafMog`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MafMogConfig {
    /// The layers; the base has a network like theirs.
    pub maf: MafConfig,
    /// The number of components of each conditional of the base; the paper has 10.
    pub components: usize,
}

impl MafMogConfig {
    /// A [`Maf`](crate::Maf) of so many features over a base of mixtures of 10 components.
    pub fn new(features: usize) -> Self {
        Self { maf: MafConfig::new(features), components: 10 }
    }

    /// The layers of the given configuration.
    pub fn with_maf(mut self, maf: MafConfig) -> Self {
        self.maf = maf;
        self
    }

    /// So many components of each conditional of the base.
    pub fn with_components(mut self, components: usize) -> Self {
        self.components = components;
        self
    }

    /// Makes the flow.
    ///
    /// # Panics
    /// If there are no features or no components, a width is zero, or residual blocks differ in width.
    pub fn init(&self, device: &Device) -> MafMog {
        self.flow(alone(device), device)
    }

    /// Conditions the flow, and its base, on a context of the given width.
    pub fn given(self, width: usize) -> Conditional<Self> {
        Conditional::new(self, width)
    }

    fn flow<N>(&self, network: impl Fn(MadeConfig) -> N, device: &Device) -> MafMog<N> {
        let conditionals = MixtureOfGaussians::new(self.components, self.maf.bound);
        let network_of_base = network(self.maf.next_network(3 * self.components));
        let base = AutoregressiveDensity::new(network_of_base, conditionals).with_network_range(self.maf.range());
        self.maf.over(network, base, device)
    }
}

impl FlowConfig for MafMogConfig {
    const NAME: &'static str = "flows-autoregressive/MafMog";
    type Flow = MafMog;

    fn init(&self, device: &Device) -> MafMog {
        self.init(device)
    }
}

impl ConditionalFlowConfig for MafMogConfig {
    const NAME: &'static str = "flows-autoregressive/MafMog given a context";
    type Flow = MafMog<WithContext<Made>>;

    fn init_given(&self, context: &ContextConfig, device: &Device) -> Self::Flow {
        self.flow(given(context, device), device).with_context_scale(context.scale(device))
    }
}

/// The masked autoregressive flow over a base that is itself autoregressive: a MADE whose conditionals are mixtures of
/// Gaussians.
///
/// ```text
/// log q(x) = Σᵢ log p(zᵢ | z₁ .. zᵢ₋₁) + log |det ∂z/∂x|
/// ```
///
/// # Shapes
/// - `x`: `[batch, features]`
///
/// # Example
/// ```
/// use burn::module::Module;
/// use burn::tensor::Device;
/// use flows_autoregressive::MafMogConfig;
///
/// let device = Device::default();
/// let flow = MafMogConfig::new(3).with_components(4).init(&device).valid();
/// let (x, log_prob) = flow.sample_with_log_prob(10, &device);
/// assert!((flow.log_prob(x) - log_prob).abs().max().into_scalar::<f32>() < 1e-4);
/// ```
///
/// # Reference
/// "Masked Autoregressive Flow for Density Estimation", Papamakarios, Pavlakou, Murray, 2017, section 3.2,
/// <https://arxiv.org/abs/1705.07057>.
pub type MafMog<N = Made> = Flow<MafLayers<N>, AutoregressiveDensity<N, MixtureOfGaussians>>;
