//! Conditionals on binary values.

use burn::module::Module;
use burn::tensor::{Tensor, activation};
use flows_core::{noise, softplus};

use super::ConditionalFamily;

/// Probabilities of binary values, 0 or 1.
///
/// ```text
/// log P(x) = x l - log(1 + eˡ),   -∞ outside 0..=1
/// ```
///
/// One parameter a feature: the logit `l`; at zero both values are as likely.
///
/// # Reference
/// "MADE: Masked Autoencoder for Distribution Estimation", Germain, Gregor, Murray, Larochelle, 2015,
/// <https://arxiv.org/abs/1502.03509>.
#[derive(Module, Debug, Default)]
pub struct Bernoulli {}

impl Bernoulli {
    /// Makes the family.
    pub fn new() -> Self {
        Self {}
    }
}

impl ConditionalFamily for Bernoulli {
    fn params_per_feature(&self) -> usize {
        1
    }

    fn log_prob<const D: usize>(&self, x: Tensor<D>, params: Tensor<D>) -> Tensor<D> {
        let outside = x.clone().lower_elem(0.0).bool_or(x.clone().greater_elem(1.0));
        (x * params.clone() - softplus(params)).mask_fill(outside, f64::NEG_INFINITY)
    }

    fn sample<const D: usize>(&self, params: Tensor<D>) -> Tensor<D> {
        let uniform = noise::uniform(params.dims(), (&params.device(), params.dtype()));
        let dtype = params.dtype();
        uniform.lower(activation::sigmoid(params)).float().cast(dtype)
    }
}
