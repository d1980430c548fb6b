//! From a configuration to a density of images.

use burn::config::Config;
use burn::module::{Module, ModuleDisplay};
use burn::tensor::Device;
use flows_core::{ByClass, Conditional, Flow, FlowConfig};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Dequantizer, ImageFlow, Preprocess};

/// Where the noise between whole numbers comes from.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum Dequantization {
    /// It is uniform.
    Uniform,
    /// A flow makes it; see [`Dequantizer`].
    Variational {
        /// The number of couplings.
        steps: usize,
        /// Channels between, of each network.
        hidden: usize,
    },
}

/// A configuration of a flow of images, which knows their size.
pub trait ImageModel {
    /// What a file says it holds, where it holds an [`ImageFlow`] of this flow: of the flow alone, given a context, and
    /// by class.
    const IMAGE_FLOWS: [&'static str; 3];

    /// Channels, height and width.
    fn event(&self) -> [usize; 3];
}

impl<F: ImageModel> ImageModel for Conditional<F> {
    const IMAGE_FLOWS: [&'static str; 3] = [F::IMAGE_FLOWS[1]; 3];

    fn event(&self) -> [usize; 3] {
        self.flow.event()
    }
}

impl<F: ImageModel> ImageModel for ByClass<F> {
    const IMAGE_FLOWS: [&'static str; 3] = [F::IMAGE_FLOWS[2]; 3];

    fn event(&self) -> [usize; 3] {
        self.flow.event()
    }
}

/// Configuration of [`ImageFlow`]: that of the flow, and what stands between it and whole numbers.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::Density;
/// use flows_vision::{GlowConfig, ImageFlowConfig, NetworkConfig};
///
/// let device = Device::default();
/// let glow = GlowConfig::new(1, 8, 8).with_scales(2).with_steps(2).with_network(NetworkConfig::Glow { hidden: 8 });
/// let density = ImageFlowConfig::new(glow.by_class(10)).with_bits(5).init(&device);
/// let classes = burn::tensor::Tensor::<1, burn::tensor::Int>::from_data([3, 1, 4], &device);
/// let images = density.sample(3, &classes, &device);
/// assert_eq!(images.dims(), [3, 1, 8, 8]);
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageFlowConfig<M> {
    /// The flow.
    pub model: M,
    /// The bits of each pixel that are modelled, 1 to 8.
    pub bits: usize,
    /// What is done to pixels before the flow.
    pub preprocess: Preprocess,
    /// Where the noise comes from.
    pub dequantization: Dequantization,
}

impl<M: ImageModel> ImageFlowConfig<M> {
    /// Eight bits, uniform noise, centred pixels.
    pub fn new(model: M) -> Self {
        Self { model, bits: 8, preprocess: Preprocess::Centre, dequantization: Dequantization::Uniform }
    }

    /// So many bits of each pixel.
    pub fn with_bits(mut self, bits: usize) -> Self {
        self.bits = bits;
        self
    }

    /// Another preprocessing.
    pub fn with_preprocess(mut self, preprocess: Preprocess) -> Self {
        self.preprocess = preprocess;
        self
    }

    /// Other noise.
    pub fn with_dequantization(mut self, dequantization: Dequantization) -> Self {
        self.dequantization = dequantization;
        self
    }

    /// Makes the density, as yet untrained.
    ///
    /// # Panics
    /// If the bits are not 1 to 8, the preprocessing has an `alpha` that leaves nothing, or the flow cannot be made.
    pub fn init<B: Module + ModuleDisplay, P: Module + ModuleDisplay>(&self, device: &Device) -> ImageFlow<B, P>
    where
        M: FlowConfig<Flow = Flow<B, P>>,
    {
        let event = self.model.event();
        let density = ImageFlow::new(event, self.bits, self.preprocess, self.model.init(device));
        match self.dequantization {
            Dequantization::Uniform => density,
            Dequantization::Variational { steps, hidden } => {
                density.with_dequantizer(Dequantizer::new(event, steps, hidden, device))
            }
        }
    }
}

impl<M, B, P> FlowConfig for ImageFlowConfig<M>
where
    M: ImageModel + FlowConfig<Flow = Flow<B, P>> + Serialize + DeserializeOwned,
    B: Module + ModuleDisplay,
    P: Module + ModuleDisplay,
{
    const NAME: &'static str = M::IMAGE_FLOWS[0];
    type Flow = ImageFlow<B, P>;

    fn init(&self, device: &Device) -> Self::Flow {
        self.init(device)
    }
}
