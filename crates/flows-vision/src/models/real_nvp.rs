//! RealNVP on images.

use burn::config::Config;
use burn::module::{Module, ModuleDisplay};
use burn::tensor::Device;
use flows_core::{Conditioner, Flow, NetworkRange, Normalization, StandardNormal, budget, chain_fields};

use super::model::{assert_divisible, image_model};
use super::{FlowStep, OneByOne, StepPlan};
use crate::map::MapConfig;
use crate::network::{ImageNetwork, NetworkConfig, NetworkNorm, Wrap};
use crate::{Checkerboard, MultiScale, Squeeze};

/// Configuration of [`RealNvpImage`].
#[derive(Config, Debug)]
pub struct RealNvpImageConfig {
    /// Channels of an image.
    pub channels: usize,
    /// Rows of an image, a multiple of `2^scales`.
    pub height: usize,
    /// Columns of an image, a multiple of `2^scales`.
    pub width: usize,
    /// The number of scales.
    #[config(default = 2)]
    pub scales: usize,
    /// Checkerboard couplings of each scale but the last, which has one more, and as many over channels after the
    /// squeeze.
    #[config(default = 3)]
    pub couplings: usize,
    /// The network of each coupling.
    #[config(default = "NetworkConfig::Residual { hidden: 32, blocks: 4, norm: NetworkNorm::Weight, dropout: 0.0 }")]
    pub network: NetworkConfig,
    /// How the moved pixels are mapped.
    #[config(default = "MapConfig::Rescaled")]
    pub map: MapConfig,
    /// What normalises before each coupling.
    #[config(default = "Normalization::ActNorm")]
    pub normalization: Normalization,
    /// How far the networks see; see [`NetworkRange`]. What ActNorm or BatchNorm normalises counts as standardised.
    #[config(default = "NetworkRange::Auto")]
    pub network_range: NetworkRange,
}

impl RealNvpImageConfig {
    fn flow<W: Wrap>(&self, wrap: &W, device: &Device) -> RealNvpImage<W::Network> {
        assert!(self.channels > 0, "`channels`: expected at least 1, got 0");
        assert_divisible(self.scales, self.height, self.width);
        let plan = StepPlan {
            network: &self.network,
            map: &self.map,
            normalization: self.normalization,
            one_by_one: OneByOne::None,
            range: self.network_range.limit(self.normalization != Normalization::None),
            seed: 0,
        };
        let steps = |channels, count| {
            let step = |step| plan.step(channels, step % 2 == 1, step, wrap, device);
            budget::list(count, step)
        };
        let scale = |scale: usize| {
            // Squeezed to four times as many, of which half go on: twice as many a scale. A checkerboard has four
            // channels for each.
            let (channels, last) = (self.channels << scale, scale + 1 == self.scales);
            let more = usize::from(last);
            RealNvpScale {
                checkerboard: Checkerboard::new(steps(4 * channels, self.couplings + more)),
                squeeze: (!last).then(|| Squeeze::new(2)),
                channel: if last { vec![] } else { steps(4 * channels, self.couplings) },
            }
        };
        let mut factors = vec![2; self.scales];
        factors[self.scales - 1] = 1;
        let scales = MultiScale::new((0..self.scales).map(scale).collect(), factors);
        Flow::new(scales, StandardNormal::new([self.channels, self.height, self.width]))
    }
}

image_model!(RealNvpImageConfig makes RealNvpImage, named "flows-vision/RealNvpImage");

/// RealNVP on images: checkerboard couplings, a squeeze, couplings over channels, on several scales.
///
/// ```text
/// a scale:         3 checkerboard couplings, squeeze, 3 couplings over channels, then half of the channels are done
/// the last scale:  4 checkerboard couplings
/// log q(x) = log N(z; 0, I) + Σ log-determinants
/// ```
///
/// # Shapes
/// - `x`: `[batch, channels, height, width]`; `z` has the same shape, see [`MultiScale`]
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_vision::{NetworkConfig, RealNvpImageConfig};
///
/// let device = Device::default();
/// let flow = RealNvpImageConfig::new(1, 8, 8).with_network(NetworkConfig::Glow { hidden: 8 }).init(&device);
/// let x = Tensor::<4>::ones([1, 1, 8, 8], &device);
/// assert_eq!(flow.encode(x.clone()).to_data(), x.to_data()); // starts as the identity
/// ```
///
/// # Notes
/// The paper has batch normalisation where this has ActNorm by default; `normalization` chooses.
///
/// # Reference
/// "Density estimation using Real NVP", Dinh, Sohl-Dickstein, Bengio, 2017, <https://arxiv.org/abs/1605.08803>.
pub type RealNvpImage<N = ImageNetwork> = Flow<RealNvpImageLayers<N>, StandardNormal<4>>;

/// The bijection of [`RealNvpImage`].
pub type RealNvpImageLayers<N> = MultiScale<RealNvpScale<N>>;

/// One scale of [`RealNvpImage`].
#[derive(Module, Debug)]
pub struct RealNvpScale<N> {
    /// The checkerboard couplings.
    pub checkerboard: Checkerboard<Vec<FlowStep<N>>>,
    squeeze: Option<Squeeze>,
    /// The couplings over channels.
    pub channel: Vec<FlowStep<N>>,
}

chain_fields!(
    [C, N: Conditioner<4, C> + ModuleDisplay]
    4, C, RealNvpScale<N>, [checkerboard, squeeze, channel]
);
