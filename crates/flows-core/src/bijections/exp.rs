//! The exponential.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::{Bijection, sum_event};

/// The exponential, from the line to the positive numbers.
///
/// ```text
/// y = eˣ        log_det = Σ x
/// ```
///
/// # Notes
/// `inverse` of a number that is not positive is NaN (of zero, -∞).
#[derive(Module, Debug, Default)]
pub struct Exp {}

impl Exp {
    /// Makes the map.
    pub fn new() -> Self {
        Self {}
    }
}

impl<const D: usize, C> Bijection<D, C> for Exp {
    fn forward(&self, x: Tensor<D>, _: &C) -> (Tensor<D>, Tensor<1>) {
        (x.clone().exp(), sum_event(x))
    }

    fn inverse(&self, y: Tensor<D>, _: &C) -> (Tensor<D>, Tensor<1>) {
        let x = y.log();
        (x.clone(), -sum_event(x))
    }

    fn sees_context(&self) -> bool {
        false
    }
}
