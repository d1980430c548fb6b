//! A density of images of whole numbers.

use std::f64::consts::LN_2;

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Bool, Device, Tensor, assert_shape};
use flows_core::{Bijection, Context, Density, Flow, StandardNormal, add_gradients, noise};

use super::dequantizer::Dequantizer;
use super::preprocess::{Preprocess, Preprocessing};

/// A density of images of whole numbers: noise, preprocessing and flow in one, so that nothing can be left out.
///
/// ```text
/// v = (q(x) + u) / 2ⁿ,   u in 0..1 uniform or from a flow,   q(x) = ⌊x / 2⁸⁻ⁿ⌋
/// log P(x) ≥ log p(v) - D n log 2 - log q(u | x)        bits = -log P(x) / (D log 2)
/// ```
///
/// Images are whole numbers from 0 to 255, as they come from a file. `log_prob` is the log-probability of an image in
/// nats, with one draw of noise: a lower bound in expectation. `sample` gives whole numbers again. With fewer than
/// eight bits the lowest are dropped first, as Glow does on faces.
///
/// It is made by an [`ImageFlowConfig`](super::ImageFlowConfig), and trained as any density, on images as they are.
///
/// # Shapes
/// - `x`: `[batch, channels, height, width]`
/// - `log_prob`: `[batch]`
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{Flow, UniformBox};
/// use flows_vision::{Evaluation, ImageFlow, Preprocess};
///
/// // The uniform density needs all eight bits of every pixel.
/// let uniform = UniformBox::<4>::new([1, 2, 2], &[0.0; 4], &[1.0; 4]);
/// let identity: Option<flows_core::Exp> = None;
/// let density = ImageFlow::new([1, 2, 2], 8, Preprocess::None, Flow::new(identity, uniform));
/// let images = Tensor::<4>::from_data([[[[0.0, 255.0], [17.0, 128.0]]]], &Device::default());
/// assert_eq!(density.evaluate(&images, &(), &Evaluation::new()).mean, 8.0);
/// ```
///
/// # Notes
/// Inside a [`noise::scope`], as `fit` opens one for each step, the noise of an image follows from the seed, the step and
/// the number of the image; outside of any scope it comes from the generator of the device. `init_from_data` passes all images that it is given through the
/// flow at once: some hundreds are enough (`FitConfig::init_rows`).
///
/// # Reference
/// "A note on the evaluation of generative models", Theis, van den Oord, Bethge, 2016,
/// <https://arxiv.org/abs/1511.01844>; "Flow++", Ho et al., 2019, <https://arxiv.org/abs/1902.00275>.
#[derive(Module, Debug)]
pub struct ImageFlow<B, P = StandardNormal<4>> {
    /// Makes the noise; uniform without it.
    pub dequantizer: Option<Dequantizer>,
    preprocessing: Preprocessing,
    /// The flow of the preprocessed images.
    pub flow: Flow<B, P>,
    bits: usize,
    event: Vec<usize>,
}

impl<B, P> ImageFlow<B, P> {
    /// Puts uniform noise and preprocessing before a flow of images of `[channels, height, width]`.
    ///
    /// # Panics
    /// If the bits are not 1 to 8, or the preprocessing has an `alpha` that leaves nothing.
    pub fn new(event: [usize; 3], bits: usize, preprocess: Preprocess, flow: Flow<B, P>) -> Self {
        assert!((1..=8).contains(&bits), "`bits`: expected 1 to 8, got {bits}");
        Self { dequantizer: None, preprocessing: Preprocessing::new(preprocess), flow, bits, event: event.to_vec() }
    }

    /// Noise from a flow instead of uniform noise.
    pub fn with_dequantizer(mut self, dequantizer: Dequantizer) -> Self {
        self.dequantizer = Some(dequantizer);
        self
    }

    /// The bits of each pixel that are modelled.
    pub fn bits(&self) -> usize {
        self.bits
    }

    /// Channels, height and width.
    pub fn event(&self) -> [usize; 3] {
        std::array::from_fn(|axis| self.event[axis])
    }

    /// The number of dimensions `D`.
    pub fn dims(&self) -> usize {
        self.event.iter().product()
    }

    fn levels(&self) -> f64 {
        2f64.powi(self.bits as i32)
    }

    /// The whole numbers that are modelled.
    fn quantized(&self, x: Tensor<4>) -> Tensor<4> {
        let [channels, height, width] = self.event();
        assert_shape!(x, [_, channels, height, width]);
        if self.bits == 8 { x } else { (x * (self.levels() / 256.0)).floor() }
    }

    /// The levels and their noise, in `0..1`, and `log q(u | x)` where the noise is not uniform.
    fn dequantized(&self, x: Tensor<4>) -> (Tensor<4>, Option<Tensor<1>>) {
        let quantized = self.quantized(x.without_autodiff());
        let (noise, log_q) = match &self.dequantizer {
            Some(dequantizer) => {
                let seen = quantized.clone() * (1.0 / self.levels()) - 0.5;
                let (noise, log_q) = dequantizer.noise(&seen);
                (noise, Some(log_q))
            }
            None => {
                let options = (&quantized.device(), quantized.dtype());
                (noise::uniform(quantized.dims(), options), None)
            }
        };
        (self.to_unit(quantized + noise), log_q)
    }

    /// Levels and parts of them to `0..1`. Rounding may not reach one, which no pixel has.
    fn to_unit(&self, levels: Tensor<4>) -> Tensor<4> {
        (levels * (1.0 / self.levels())).clamp_max(1.0 - 1e-7)
    }

    /// What the flow sees of images, without noise: the middle of each level.
    pub(super) fn middle(&self, x: Tensor<4>) -> Tensor<4> {
        let unit = self.to_unit(self.quantized(x) + 0.5);
        Bijection::<4>::forward(&self.preprocessing, unit, &()).0
    }

    /// Whole numbers from 0 to 255, of what the flow makes.
    pub(super) fn to_pixels(&self, y: Tensor<4>) -> Tensor<4> {
        let (unit, _) = Bijection::<4>::inverse(&self.preprocessing, y, &());
        (unit * self.levels()).floor().clamp(0.0, self.levels() - 1.0) * (256.0 / self.levels())
    }

    /// `log p(v) - log q(u | x)`: the log-probability but for the bits that a uniform density would need.
    pub(super) fn log_ratio<C: Context>(&self, x: Tensor<4>, context: &C) -> Tensor<1>
    where
        B: Bijection<4, C>,
        P: Density<4, C>,
    {
        let (unit, log_q) = self.dequantized(x);
        let (y, log_det) = Bijection::<4, C>::forward(&self.preprocessing, unit, context);
        let ratio = Density::log_prob(&self.flow, y, context) + log_det;
        match log_q {
            Some(log_q) => ratio - log_q,
            None => ratio,
        }
    }

    /// The nats of a uniform density over the levels.
    fn uniform_nats(&self) -> f64 {
        (self.dims() * self.bits) as f64 * LN_2
    }
}

/// # Panics
/// If not all are whole numbers from 0 to 255; the message shows one that is not.
pub(super) fn assert_pixels(x: &Tensor<4>) {
    let bad = |x: Tensor<4>| x.clone().not_equal(x.clone().round().clamp(0.0, 255.0)).any().into_scalar::<bool>();
    let x = x.clone().without_autodiff();
    if bad(x.clone()) {
        let values: Vec<f64> = x.try_into_vec_as().unwrap_or_default();
        let value = values.iter().find(|v| **v != v.round().clamp(0.0, 255.0)).copied().unwrap_or(f64::NAN);
        panic!("`x`: expected whole numbers from 0 to 255, got {value}");
    }
}

/// -∞ for images with a value that no pixel has, and NaN for those with a NaN.
fn where_pixels(log_prob: Tensor<1>, x: &Tensor<4>) -> Tensor<1> {
    let [batch] = log_prob.dims();
    if batch == 0 {
        return log_prob;
    }
    let rows = |bad: Tensor<4, Bool>| bad.reshape([batch as i64, -1]).any_dim(1).reshape([batch]);
    let outside = rows(x.clone().lower_elem(0.0).bool_or(x.clone().greater_elem(255.0)));
    let undefined = rows(x.clone().is_nan());
    log_prob.mask_fill(outside, f64::NEG_INFINITY).mask_fill(undefined, f64::NAN)
}

impl<C, B, P> Density<4, C> for ImageFlow<B, P>
where
    C: Context,
    B: Bijection<4, C>,
    P: Density<4, C>,
{
    fn log_prob(&self, x: Tensor<4>, context: &C) -> Tensor<1> {
        let log_prob = self.log_ratio(x.clone(), context) - self.uniform_nats();
        where_pixels(log_prob, &x)
    }

    fn sample(&self, n: usize, context: &C, device: &Device) -> Tensor<4> {
        self.to_pixels(Density::sample(&self.flow, n, context, device))
    }

    /// # Panics
    /// If the images are not whole numbers from 0 to 255.
    fn init_from_data(self, x: Tensor<4>, context: &C) -> Self {
        assert_pixels(&x);
        let (unit, _) = self.valid().dequantized(x);
        let (y, _) = Bijection::<4, C>::forward(&self.preprocessing, unit, context);
        Self { flow: self.flow.init_from_data(y, context), ..self }
    }

    fn recompute_statistics(self, x: Tensor<4>, context: &C) -> Self {
        let (unit, _) = self.valid().dequantized(x);
        let (y, _) = Bijection::<4, C>::forward(&self.preprocessing, unit, context);
        Self { flow: self.flow.recompute_statistics(y, context), ..self }
    }

    fn pull_back(&self, x: Tensor<4>, context: &C, weight: f64, grads: &mut GradientsParams) -> (Tensor<1>, Tensor<4>) {
        let (unit, log_q) = self.dequantized(x.clone());
        let (y, log_det) = Bijection::<4, C>::forward(&self.preprocessing, unit, context);
        let (log_prob, dy) = self.flow.pull_back(y.clone().without_autodiff(), context, weight, grads);
        let ratio = match log_q {
            Some(log_q) => log_det - log_q,
            None => log_det,
        };
        if let Some(dequantizer) = self.dequantizer.as_ref().filter(|_| y.is_tracked()) {
            let found = ((y * dy).sum() + ratio.clone().sum() * weight).backward();
            add_gradients(dequantizer, grads, GradientsParams::from_grads(found, dequantizer));
        }
        // Whole numbers do not move.
        (log_prob + ratio.without_autodiff() - self.uniform_nats(), x.zeros_like())
    }

    fn sees_context(&self) -> bool {
        Density::<4, C>::sees_context(&self.flow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flows_core::UniformBox;

    type Uniform = ImageFlow<Option<flows_core::Exp>, UniformBox<4>>;

    fn uniform(bits: usize) -> Uniform {
        let base = UniformBox::<4>::new([1, 1, 2], &[0.0; 2], &[1.0; 2]);
        ImageFlow::new([1, 1, 2], bits, Preprocess::None, Flow::new(None, base))
    }

    #[test]
    fn fewer_bits_drop_the_lowest() {
        let x = Tensor::<4>::from_data([[[[7.0, 255.0]]]], &Device::default());
        assert_eq!(uniform(5).quantized(x.clone()).to_data(), [[[[0.0f32, 31.0]]]].into());
        assert_eq!(uniform(1).quantized(x.clone()).to_data(), [[[[0.0f32, 1.0]]]].into());
        assert_eq!(uniform(8).quantized(x).to_data(), [[[[7.0f32, 255.0]]]].into());
    }

    #[test]
    fn values_that_no_pixel_has_have_no_probability() {
        let x = [[[[f32::INFINITY, 0.0]]], [[[256.0, 0.0]]], [[[-1e38, 0.0]]], [[[f32::NAN, 0.0]]], [[[255.0, 0.0]]]];
        let x = Tensor::<4>::from_data(x, &Device::default());
        let scores = Density::log_prob(&uniform(8), x, &()).try_into_vec_as::<f32>().unwrap();
        assert_eq!(scores[..3], [f32::NEG_INFINITY; 3]);
        assert!(scores[3].is_nan() && scores[4].is_finite());
    }

    #[test]
    fn the_middle_of_a_level_comes_back_as_its_pixel() {
        let x = Tensor::<4>::from_data([[[[0.0, 255.0]]], [[[100.0, 8.0]]]], &Device::default());
        assert_eq!(uniform(8).to_pixels(uniform(8).middle(x.clone())).to_data(), x.to_data());
        let coarse = uniform(5).to_pixels(uniform(5).middle(x));
        assert_eq!(coarse.to_data(), [[[[0.0f32, 248.0]]], [[[96.0, 8.0]]]].into());
    }

    #[test]
    #[should_panic(expected = "expected whole numbers from 0 to 255, got 0.5")]
    fn images_in_the_unit_interval_are_rejected() {
        uniform(8).init_from_data(Tensor::<4>::full([1, 1, 1, 2], 0.5, &Device::default()), &());
    }
}
