//! The logistic function and its inverse.

use burn::module::Module;
use burn::tensor::{Tensor, activation};

use crate::numerics::softplus;
use crate::{Bijection, Inverse, sum_event};

/// The logistic function, from the line to `(0, 1)`.
///
/// ```text
/// y = 1 / (1 + e⁻ˣ)        log_det = -Σ (log(1 + eˣ) + log(1 + e⁻ˣ))
/// ```
///
/// # Notes
/// `inverse` of 0 or 1 is infinite, and NaN outside: bring data strictly inside first.
#[derive(Module, Debug, Default)]
pub struct Sigmoid {}

/// The logit, from `(0, 1)` to the line: [`Sigmoid`] the other way round.
pub type Logit = Inverse<Sigmoid>;

impl Sigmoid {
    /// Makes the map.
    pub fn new() -> Self {
        Self {}
    }

    fn log_det<const D: usize>(x: Tensor<D>) -> Tensor<1> {
        -sum_event(softplus(x.clone()) + softplus(-x))
    }
}

impl<const D: usize, C> Bijection<D, C> for Sigmoid {
    fn forward(&self, x: Tensor<D>, _: &C) -> (Tensor<D>, Tensor<1>) {
        (activation::sigmoid(x.clone()), Self::log_det(x))
    }

    fn inverse(&self, y: Tensor<D>, _: &C) -> (Tensor<D>, Tensor<1>) {
        let x = y.clone().log() - (y.neg() + 1.0).log();
        (x.clone(), -Self::log_det(x))
    }

    fn sees_context(&self) -> bool {
        false
    }
}
