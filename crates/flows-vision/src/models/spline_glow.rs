//! Neural spline flows on images.

use burn::config::Config;
use burn::tensor::Device;
use flows_core::{
    ByClass, ClassConfig, ClassFlowConfig, Conditional, ConditionalFlowConfig, ContextConfig, FlowConfig,
    RationalQuadraticConfig, WithClass, WithContext,
};

use super::{Glow, GlowConfig};
use crate::map::MapConfig;
use crate::network::{ImageNetwork, NetworkConfig, NetworkNorm};
use crate::pipeline::ImageModel;

/// Configuration of [`SplineGlow`]; the defaults are the paper's, with networks of a third of the width.
#[derive(Config, Debug)]
pub struct SplineGlowConfig {
    /// Channels of an image.
    pub channels: usize,
    /// Rows of an image, a multiple of `2^scales`.
    pub height: usize,
    /// Columns of an image, a multiple of `2^scales`.
    pub width: usize,
    /// The number of scales.
    #[config(default = 3)]
    pub scales: usize,
    /// The number of steps of each scale.
    #[config(default = 7)]
    pub steps: usize,
    /// The network of each coupling.
    #[config(default = "NetworkConfig::Residual { hidden: 32, blocks: 3, norm: NetworkNorm::Weight, dropout: 0.2 }")]
    pub network: NetworkConfig,
    /// The splines.
    #[config(default = "RationalQuadraticConfig::new().with_bins(4).with_lower(-3.0).with_upper(3.0)")]
    pub spline: RationalQuadraticConfig,
    /// Seeds the rotations.
    #[config(default = 0)]
    pub seed: u64,
}

impl SplineGlowConfig {
    /// Makes the flow, as yet untrained.
    ///
    /// # Panics
    /// If height or width is no multiple of `2^scales`, or a number is zero.
    pub fn init(&self, device: &Device) -> SplineGlow {
        self.glow().init(device)
    }

    /// Conditions the flow on a context of the given width.
    pub fn given(self, width: usize) -> Conditional<Self> {
        Conditional::new(self, width)
    }

    /// Conditions the flow on a class of so many.
    pub fn by_class(self, classes: usize) -> ByClass<Self> {
        ByClass::new(self, classes)
    }

    fn glow(&self) -> GlowConfig {
        GlowConfig::new(self.channels, self.height, self.width)
            .with_scales(self.scales)
            .with_steps(self.steps)
            .with_network(self.network)
            .with_map(MapConfig::Spline { spline: self.spline.clone() })
            .with_seed(self.seed)
    }
}

impl FlowConfig for SplineGlowConfig {
    const NAME: &'static str = "flows-vision/SplineGlow";
    type Flow = SplineGlow;

    fn init(&self, device: &Device) -> SplineGlow {
        self.init(device)
    }
}

impl ConditionalFlowConfig for SplineGlowConfig {
    const NAME: &'static str = "flows-vision/SplineGlow given a context";
    type Flow = SplineGlow<WithContext<ImageNetwork>>;

    fn init_given(&self, context: &ContextConfig, device: &Device) -> Self::Flow {
        self.glow().init_given(context, device)
    }
}

impl ClassFlowConfig for SplineGlowConfig {
    const NAME: &'static str = "flows-vision/SplineGlow by class";
    type Flow = SplineGlow<WithClass<ImageNetwork>>;

    fn init_by_class(&self, classes: &ClassConfig, device: &Device) -> Self::Flow {
        self.glow().init_by_class(classes, device)
    }
}

impl ImageModel for SplineGlowConfig {
    fn event(&self) -> [usize; 3] {
        [self.channels, self.height, self.width]
    }
}

/// A neural spline flow on images: [`Glow`] with rational-quadratic splines in its couplings, and residual networks.
///
/// # Shapes
/// - `x`: `[batch, channels, height, width]`; `z` has the same shape, see [`MultiScale`](crate::MultiScale)
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_vision::{NetworkConfig, SplineGlowConfig};
///
/// let device = Device::default();
/// let network = NetworkConfig::Glow { hidden: 4 };
/// let flow = SplineGlowConfig::new(1, 4, 4).with_scales(1).with_steps(2).with_network(network).init(&device);
/// assert_eq!(flow.sample(3, &device).dims(), [3, 1, 4, 4]);
/// ```
///
/// # Reference
/// "Neural Spline Flows", Durkan, Bekasov, Murray, Papamakarios, 2019, section 5.3, <https://arxiv.org/abs/1906.04032>.
pub type SplineGlow<N = ImageNetwork> = Glow<N>;
