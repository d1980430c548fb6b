//! Glow.

use burn::config::Config;
use burn::module::{Module, ModuleDisplay};
use burn::tensor::Device;
use flows_core::{
    Affine, Conditioner, Coupling, FeatureSplit, Flow, LogScaleBound, NetworkRange, Normalization, StandardNormal,
    budget, chain_fields,
};

use super::model::{assert_divisible, image_model};
use super::{FlowStep, StepPlan, TopPrior};
use crate::map::MapConfig;
use crate::network::{ImageNetwork, NetworkConfig, Wrap};
use crate::{MultiScale, Squeeze};

/// How the channels are mixed before each coupling.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum OneByOne {
    /// Not at all.
    None,
    /// By an invertible 1x1 convolution in its PLU decomposition, from a random rotation.
    Plu,
    /// By an invertible 1x1 convolution with a dense matrix, from a random rotation.
    Dense,
}

/// Configuration of [`Glow`].
#[derive(Config, Debug)]
pub struct GlowConfig {
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
    #[config(default = 8)]
    pub steps: usize,
    /// The network of each coupling.
    #[config(default = "NetworkConfig::Glow { hidden: 64 }")]
    pub network: NetworkConfig,
    /// How the moved channels are mapped.
    #[config(default = "MapConfig::Affine { bound: LogScaleBound::default() }")]
    pub map: MapConfig,
    /// What normalises before each coupling.
    #[config(default = "Normalization::ActNorm")]
    pub normalization: Normalization,
    /// How the channels are mixed before each coupling.
    #[config(default = "OneByOne::Plu")]
    pub one_by_one: OneByOne,
    /// Whether the channels that go out have a prior made of those that stay.
    #[config(default = true)]
    pub learned_prior: bool,
    /// Whether the last latent has a prior with a learnt mean and scale a channel, or a class and channel.
    #[config(default = true)]
    pub learned_top: bool,
    /// How far the networks see; see [`NetworkRange`]. What ActNorm or BatchNorm normalises counts as standardised.
    #[config(default = "NetworkRange::Auto")]
    pub network_range: NetworkRange,
    /// Seeds the rotations.
    #[config(default = 0)]
    pub seed: u64,
}

impl GlowConfig {
    pub(super) fn flow<W: Wrap>(&self, wrap: &W, device: &Device) -> Glow<W::Network> {
        assert!(self.channels > 0, "`channels`: expected at least 1, got 0");
        assert_divisible(self.scales, self.height, self.width);
        let plan = StepPlan {
            network: &self.network,
            map: &self.map,
            normalization: self.normalization,
            one_by_one: self.one_by_one,
            range: self.network_range.limit(self.normalization != Normalization::None),
            seed: self.seed,
        };
        let scale = |scale: usize| {
            // Squeezed to four times as many, of which half go on.
            let channels = self.channels * (4 << scale);
            let last = scale + 1 == self.scales;
            let step = |step| plan.step(channels, false, scale * self.steps + step, wrap, device);
            let half = channels / 2;
            let prior = || {
                // Glow's own prior is a single convolution; a whole network costs one more coupling a scale.
                let network = wrap.network(&self.network, half, 2 * half, device);
                Coupling::new(FeatureSplit::halves(channels, false, device), network, Affine::default())
                    .with_network_range(plan.range)
            };
            GlowScale {
                squeeze: Squeeze::new(2),
                steps: budget::list(self.steps, step),
                prior: (!last && self.learned_prior).then(prior),
                top: (last && self.learned_top)
                    .then(|| TopPrior::new(wrap.network(&NetworkConfig::Pointwise, 1, 2 * channels, device))),
            }
        };
        let scales = MultiScale::new((0..self.scales).map(scale).collect(), vec![2; self.scales]);
        Flow::new(scales, StandardNormal::new([self.channels, self.height, self.width]))
    }
}

image_model!(GlowConfig makes Glow, named "flows-vision/Glow");

/// Glow: steps of ActNorm, invertible 1x1 convolution and coupling, on several scales.
///
/// ```text
/// a scale:  squeeze, then K times (ActNorm, W x, coupling), then half of the channels are done
/// log q(x) = log N(z; 0, I) + Σ log-determinants
/// ```
///
/// The channels that go out have a prior made of those that stay, and the last latent a learnt mean and scale a
/// channel; both are affine maps to a standard normal. At the start everything but the rotations is the identity, and
/// the density is the standard normal's.
///
/// # Shapes
/// - `x`: `[batch, channels, height, width]`; `z` has the same shape, see [`MultiScale`]
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_vision::{GlowConfig, NetworkConfig};
///
/// let device = Device::default();
/// let config = GlowConfig::new(1, 8, 8).with_scales(2).with_steps(2).with_network(NetworkConfig::Glow { hidden: 8 });
/// let glow = config.init(&device);
/// let log_prob = glow.log_prob(Tensor::zeros([1, 1, 8, 8], &device)).into_scalar::<f32>();
/// let normal = -0.5 * 64.0 * (2.0 * std::f32::consts::PI).ln();
/// assert!((log_prob - normal).abs() < 1e-3);
/// ```
///
/// # Reference
/// "Glow: Generative Flow with Invertible 1x1 Convolutions", Kingma, Dhariwal, 2018,
/// <https://arxiv.org/abs/1807.03039>.
pub type Glow<N = ImageNetwork> = Flow<GlowLayers<N>, StandardNormal<4>>;

/// The bijection of [`Glow`].
pub type GlowLayers<N> = MultiScale<GlowScale<N>>;

/// One scale of [`Glow`].
#[derive(Module, Debug)]
pub struct GlowScale<N> {
    squeeze: Squeeze,
    /// The steps.
    pub steps: Vec<FlowStep<N>>,
    prior: Option<Coupling<N, Affine>>,
    top: Option<TopPrior<N>>,
}

chain_fields!(
    [C, N: Conditioner<4, C> + ModuleDisplay]
    4, C, GlowScale<N>, [squeeze, steps, prior, top]
);
