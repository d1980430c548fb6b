//! The softplus.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::numerics::{log_one_minus_exp_neg, softplus};
use crate::{Bijection, sum_event};

/// The softplus, from the line to the positive numbers; nearly the identity on large ones.
///
/// ```text
/// y = log(1 + eˣ)        log_det = -Σ log(1 + e⁻ˣ)
/// x = y + log(1 - e⁻ʸ)
/// ```
///
/// # Notes
/// `inverse` of a number that is not positive is NaN (of zero, -∞).
#[derive(Module, Debug, Default)]
pub struct Softplus {}

impl Softplus {
    /// Makes the map.
    pub fn new() -> Self {
        Self {}
    }
}

impl<const D: usize, C> Bijection<D, C> for Softplus {
    fn forward(&self, x: Tensor<D>, _: &C) -> (Tensor<D>, Tensor<1>) {
        (softplus(x.clone()), -sum_event(softplus(-x)))
    }

    fn inverse(&self, y: Tensor<D>, _: &C) -> (Tensor<D>, Tensor<1>) {
        // log dy/dx = log(1 - e⁻ʸ), which the inverse needs anyway.
        let log_slope = log_one_minus_exp_neg(y.clone());
        (y + log_slope.clone(), -sum_event(log_slope))
    }

    fn sees_context(&self) -> bool {
        false
    }
}
