//! The hyperbolic tangent.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::numerics::softplus;
use crate::{Bijection, sum_event};

/// The hyperbolic tangent, from the line to `(-1, 1)`.
///
/// ```text
/// y = tanh x        log_det = Σ log(1 - tanh² x) = -2 Σ (x + log(1 + e^{-2x}) - log 2)
/// ```
///
/// The second form keeps its digits where `tanh x` has rounded to one.
///
/// # Notes
/// `inverse` of ±1 is infinite, and NaN outside.
#[derive(Module, Debug, Default)]
pub struct Tanh {}

impl Tanh {
    /// Makes the map.
    pub fn new() -> Self {
        Self {}
    }

    fn log_det<const D: usize>(x: Tensor<D>) -> Tensor<1> {
        sum_event((x.clone() + softplus(x * -2.0) - std::f64::consts::LN_2) * -2.0)
    }
}

impl<const D: usize, C> Bijection<D, C> for Tanh {
    fn forward(&self, x: Tensor<D>, _: &C) -> (Tensor<D>, Tensor<1>) {
        (x.clone().tanh(), Self::log_det(x))
    }

    fn inverse(&self, y: Tensor<D>, _: &C) -> (Tensor<D>, Tensor<1>) {
        let x = ((y.clone() + 1.0).log() - (y.neg() + 1.0).log()) * 0.5;
        (x.clone(), -Self::log_det(x))
    }

    fn sees_context(&self) -> bool {
        false
    }
}
