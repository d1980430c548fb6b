//! Neural spline flows on images.

use burn::config::Config;
use burn::tensor::Device;
use flows_core::RationalQuadraticConfig;

use super::model::image_model;
use super::{Glow, GlowConfig};
use crate::map::MapConfig;
use crate::network::{ImageNetwork, NetworkConfig, NetworkNorm, Wrap};

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
    fn flow<W: Wrap>(&self, wrap: &W, device: &Device) -> SplineGlow<W::Network> {
        GlowConfig::new(self.channels, self.height, self.width)
            .with_scales(self.scales)
            .with_steps(self.steps)
            .with_network(self.network)
            .with_map(MapConfig::Spline { spline: self.spline.clone() })
            .with_seed(self.seed)
            .flow(wrap, device)
    }
}

image_model!(SplineGlowConfig makes SplineGlow, named "flows-vision/SplineGlow");

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
