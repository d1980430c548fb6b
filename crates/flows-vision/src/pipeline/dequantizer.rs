//! Noise that a flow makes.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use flows_core::{
    Density, Flow, Inverse, LogScaleBound, NetworkRange, Normalization, ScaleShift, Sigmoid, StandardNormal, budget,
    chain_fields,
};

use crate::Squeeze;
use crate::map::MapConfig;
use crate::models::{FlowStep, OneByOne, StepPlan};
use crate::network::{Image, ImageNetwork, NetworkConfig, WithImage};

/// A variational dequantiser: the noise of each pixel comes from a flow that sees the image.
///
/// ```text
/// u = sigmoid(1.702 g(ε; x)),  ε ~ N(0, I)        log P(x) ≥ E [log p((x + u) / 2ⁿ) - D n log 2 - log q(u | x)]
/// ```
///
/// Uniform noise is the special case `log q = 0`; noise that is learnt fills the gaps between whole numbers as the flow
/// of the images finds it likeliest, and the bound is tighter. `g` is steps of couplings between squeeze and unsqueeze,
/// whose networks see the image beside their input. It starts as the identity, and as `sigmoid(1.702 ε)` is the normal
/// distribution function to 0.01, the noise starts all but uniform.
///
/// # Shapes
/// - image and noise: `[batch, channels, height, width]`
///
/// # Reference
/// "Flow++: Improving Flow-Based Generative Models with Variational Dequantization and Architecture Design", Ho, Chen,
/// Srinivas, Duan, Abbeel, 2019, section 3.1, <https://arxiv.org/abs/1902.00275>.
#[derive(Module, Debug)]
pub struct Dequantizer {
    /// Noise to normal.
    pub flow: Flow<DequantizerLayers, StandardNormal<4>>,
}

/// How much wider than a normal the logistic distribution is that is most like it: their distribution functions then
/// differ by 0.0095 at most.
const LOGISTIC: f64 = 1.702;

/// The bijection of [`Dequantizer`]: noise in `0..1` to a standard normal.
#[derive(Module, Debug)]
pub struct DequantizerLayers {
    logit: Inverse<Sigmoid>,
    scale: ScaleShift,
    squeeze: Squeeze,
    steps: Vec<FlowStep<WithImage<ImageNetwork>>>,
    unsqueeze: Inverse<Squeeze>,
}

chain_fields!([] 4, Tensor<4>, DequantizerLayers, [logit, scale, squeeze, steps, unsqueeze]);

impl Dequantizer {
    /// A dequantiser of images of `[channels, height, width]`, with so many steps and networks of so many channels.
    pub(super) fn new(event: [usize; 3], steps: usize, hidden: usize, device: &Device) -> Self {
        let channels = 4 * event[0];
        let plan = StepPlan {
            network: &NetworkConfig::Glow { hidden },
            map: &MapConfig::Affine { bound: LogScaleBound::default() },
            normalization: Normalization::None,
            one_by_one: OneByOne::None,
            // Its latent is a standard normal.
            range: Some(NetworkRange::STANDARDIZED),
            seed: 0,
        };
        let step = |step| plan.step(channels, step % 2 == 1, step, &Image { channels }, device);
        let layers = DequantizerLayers {
            logit: Inverse::new(Sigmoid::new()),
            scale: ScaleShift::new(&vec![1.0 / LOGISTIC; event[0]], &vec![0.0; event[0]], device),
            squeeze: Squeeze::new(2),
            steps: budget::list(steps, step),
            unsqueeze: Inverse::new(Squeeze::new(2)),
        };
        Self { flow: Flow::new(layers, StandardNormal::new(event)) }
    }

    /// Noise for each pixel of the images, whose values are about `-½..½`, and `log q(u | x)`.
    pub fn noise(&self, images: &Tensor<4>) -> (Tensor<4>, Tensor<1>) {
        let device = images.device().without_autodiff();
        Density::sample_with_log_prob(&self.flow, images.dims()[0], images, &device)
    }
}
