//! Training without stored activations.

use burn::module::{Module, ModuleDisplay};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};

use crate::Density;

/// A flow that is trained without stored activations: memory does not grow with its depth.
///
/// An ordinary step keeps what every layer computes until the backward pass has come to it. This one keeps the latent
/// alone: it goes back from layer to layer, recomputes the input of each by its inverse, and takes the gradients there.
/// They are the same to rounding; a step costs one inverse and one forward pass more.
///
/// As a density it is the one inside. Everything that trains by [`Density::gradients`] (`train::fit`, with one worker
/// or several) trains it so.
///
/// # Example
/// ```
/// use burn::module::Module;
/// use burn::tensor::{Device, Distribution, Tensor};
/// use flows_core::{Density, RealNvpConfig, Reversible};
///
/// let device = Device::default();
/// let flow = RealNvpConfig::new(2).with_layers(4).init(&device);
/// let x = Tensor::<2>::random([8, 2], Distribution::Normal(0.0, 1.0), &device);
/// let expected = flow.log_prob(x.clone());
/// let (log_prob, grads) = Reversible::new(flow).train().gradients(x, &(), -1.0 / 8.0);
/// assert!((log_prob - expected).abs().max().into_scalar::<f32>() < 1e-5);
/// assert!(grads.len() > 0);
/// ```
///
/// # Notes
/// A layer must invert what it maps in training: BatchNorm does not. No gradient reaches the context. Rounding adds up
/// over the layers that are inverted; in single precision, gradients of a hundred layers agree to about four digits.
///
/// # Reference
/// "The Reversible Residual Network: Backpropagation Without Storing Activations", Gomez, Ren, Urtasun, Grosse, 2017,
/// <https://arxiv.org/abs/1707.04585>.
#[derive(Module, Debug)]
pub struct Reversible<F> {
    /// What is trained.
    pub density: F,
}

impl<F> Reversible<F> {
    /// Trains a flow without stored activations.
    pub fn new(density: F) -> Self {
        Self { density }
    }
}

impl<const D: usize, C, F: Density<D, C> + ModuleDisplay> Density<D, C> for Reversible<F> {
    fn log_prob(&self, x: Tensor<D>, context: &C) -> Tensor<1> {
        self.density.log_prob(x, context)
    }

    fn sample(&self, n: usize, context: &C, device: &Device) -> Tensor<D> {
        self.density.sample(n, context, device)
    }

    fn sample_with_log_prob(&self, n: usize, context: &C, device: &Device) -> (Tensor<D>, Tensor<1>) {
        self.density.sample_with_log_prob(n, context, device)
    }

    fn init_from_data(self, x: Tensor<D>, context: &C) -> Self {
        Self::new(self.density.init_from_data(x, context))
    }

    fn recompute_statistics(self, x: Tensor<D>, context: &C) -> Self {
        Self::new(self.density.recompute_statistics(x, context))
    }

    fn gradients(&self, x: Tensor<D>, context: &C, weight: f64) -> (Tensor<1>, GradientsParams) {
        let mut grads = GradientsParams::new();
        let (log_prob, _) = self.density.pull_back(x, context, weight, &mut grads);
        (log_prob, grads)
    }

    fn pull_back(&self, x: Tensor<D>, context: &C, weight: f64, grads: &mut GradientsParams) -> (Tensor<1>, Tensor<D>) {
        self.density.pull_back(x, context, weight, grads)
    }

    fn sees_context(&self) -> bool {
        self.density.sees_context()
    }
}
