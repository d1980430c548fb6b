//! Normal conditionals.

use std::f64::consts::PI;

use burn::module::Module;
use burn::tensor::Tensor;
use flows_core::{LogScaleBound, noise};

use super::ConditionalFamily;

/// Normal densities.
///
/// ```text
/// log p(x) = -½ ((x - μ)² e⁻²ˢ + 2s + log 2π),   s = bound(a)
/// ```
///
/// Two parameters a feature: `μ`, then `a`; at zero it is the standard normal.
///
/// # Reference
/// "MADE: Masked Autoencoder for Distribution Estimation", Germain, Gregor, Murray, Larochelle, 2015,
/// <https://arxiv.org/abs/1502.03509>; with real data: "RNADE: The real-valued neural autoregressive
/// density-estimator", Uria, Murray, Larochelle, 2013, <https://arxiv.org/abs/1306.0186>.
#[derive(Module, Debug, Default)]
pub struct Gaussian {
    #[module(skip)]
    bound: LogScaleBound,
}

impl Gaussian {
    /// Normal densities with the given bound of their log-scale.
    pub fn new(bound: LogScaleBound) -> Self {
        Self { bound }
    }

    fn loc_and_log_scale<const D: usize>(&self, params: Tensor<D>) -> (Tensor<D>, Tensor<D>) {
        let half = params.dims()[1] / 2;
        (params.clone().narrow(1, 0, half), self.bound.apply(params.narrow(1, half, half)))
    }
}

impl ConditionalFamily for Gaussian {
    fn params_per_feature(&self) -> usize {
        2
    }

    fn log_prob<const D: usize>(&self, x: Tensor<D>, params: Tensor<D>) -> Tensor<D> {
        let (loc, log_scale) = self.loc_and_log_scale(params);
        normal_log_prob(x, loc, log_scale)
    }

    fn sample<const D: usize>(&self, params: Tensor<D>) -> Tensor<D> {
        let (loc, log_scale) = self.loc_and_log_scale(params);
        let noise = noise::normal(loc.dims(), (&loc.device(), loc.dtype()));
        loc + noise * log_scale.exp()
    }
}

/// `log N(x; loc, e²ˢ)`, element by element.
pub(super) fn normal_log_prob<const D: usize>(x: Tensor<D>, loc: Tensor<D>, log_scale: Tensor<D>) -> Tensor<D> {
    let z = (x - loc) * (-log_scale.clone()).exp();
    z.clone() * z * -0.5 - log_scale - 0.5 * (2.0 * PI).ln()
}
