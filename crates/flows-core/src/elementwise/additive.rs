//! The additive map of NICE.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::Elementwise;
use crate::event::zero_log_det;

/// The additive map of NICE: a translation.
///
/// ```text
/// y = x + t        log_det = 0
/// ```
///
/// One parameter an element: `t`.
///
/// # Reference
/// "NICE: Non-linear Independent Components Estimation", Dinh, Krueger, Bengio, 2014,
/// <https://arxiv.org/abs/1410.8516>.
#[derive(Module, Debug, Default)]
pub struct Additive {}

impl Additive {
    /// Makes the map.
    pub fn new() -> Self {
        Self {}
    }
}

impl Elementwise for Additive {
    fn params_per_element(&self) -> usize {
        1
    }

    fn forward_each<const D: usize>(&self, x: Tensor<D>, params: Tensor<D>) -> (Tensor<D>, Tensor<D>) {
        let log_slope = x.zeros_like();
        (x + params, log_slope)
    }

    fn inverse_each<const D: usize>(&self, y: Tensor<D>, params: Tensor<D>) -> (Tensor<D>, Tensor<D>) {
        let log_slope = y.zeros_like();
        (y - params, log_slope)
    }

    // A sum of zeros need not be computed.
    fn forward<const D: usize>(&self, x: Tensor<D>, params: Tensor<D>) -> (Tensor<D>, Tensor<1>) {
        let log_det = zero_log_det(&x);
        (x + params, log_det)
    }

    fn inverse<const D: usize>(&self, y: Tensor<D>, params: Tensor<D>) -> (Tensor<D>, Tensor<1>) {
        let log_det = zero_log_det(&y);
        (y - params, log_det)
    }
}
