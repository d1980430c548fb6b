//! A bijection the other way round.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;

use crate::Bijection;

/// A bijection the other way round: its `forward` is the other's `inverse`.
///
/// ```text
/// y = f⁻¹(x)        log_det = log |det ∂f⁻¹(x)/∂x|
/// ```
///
/// `Inverse<Sigmoid>` is the logit. Of a layer that evaluates fast and samples slowly it makes one that samples fast.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{Bijection, Inverse, Sigmoid};
///
/// let p = Tensor::<2>::from_data([[0.5]], &Device::default());
/// let (logit, log_det) = Inverse::new(Sigmoid::new()).forward(p, &());
/// assert_eq!(logit.into_scalar::<f32>(), 0.0);
/// assert!((log_det.into_scalar::<f32>() - 4f32.ln()).abs() < 1e-6);
/// ```
///
/// # Notes
/// The data-dependent start of a layer is defined on data that enters its `forward`; inside `Inverse` such a layer
/// keeps its parameters.
#[derive(Module, Debug)]
pub struct Inverse<B> {
    /// What is turned round.
    pub bijection: B,
}

impl<B> Inverse<B> {
    /// Turns a bijection round.
    pub fn new(bijection: B) -> Self {
        Self { bijection }
    }
}

impl<const D: usize, C, B: Bijection<D, C> + ModuleDisplay> Bijection<D, C> for Inverse<B> {
    fn forward(&self, x: Tensor<D>, context: &C) -> (Tensor<D>, Tensor<1>) {
        self.bijection.inverse(x, context)
    }

    fn inverse(&self, y: Tensor<D>, context: &C) -> (Tensor<D>, Tensor<1>) {
        self.bijection.forward(y, context)
    }

    fn sees_context(&self) -> bool {
        self.bijection.sees_context()
    }
}
