//! From the unit interval to where a flow begins.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Tensor, activation::sigmoid};
use flows_core::{Bijection, softplus, sum_event};

/// What is done to pixels in `0..1` before a flow sees them.
#[derive(Config, Debug, Copy, PartialEq)]
pub enum Preprocess {
    /// Nothing.
    None,
    /// A half is taken off, as in Glow.
    Centre,
    /// The logit of `α + (1 - 2α) v`, as in RealNVP: pixels become real numbers, and no sample leaves the range.
    Logit {
        /// `α`, above 0 and below a half; the paper has 0.05.
        alpha: f64,
    },
}

impl Preprocess {
    /// # Panics
    /// If `alpha` is not above 0 and below a half.
    pub(super) fn check(self) {
        if let Self::Logit { alpha } = self {
            assert!(alpha > 0.0 && alpha < 0.5, "`alpha`: expected more than 0 and less than 0.5, got {alpha}");
        }
    }
}

/// [`Preprocess`] as a bijection.
///
/// ```text
/// logit:  y = log(p / (1 - p)),  p = α + (1 - 2α) v        log_det = Σ log(1 - 2α) - log p - log(1 - p)
/// ```
#[derive(Module, Debug)]
pub(super) struct Preprocessing {
    #[module(skip)]
    kind: Preprocess,
}

impl Preprocessing {
    pub(super) fn new(kind: Preprocess) -> Self {
        kind.check();
        Self { kind }
    }
}

impl<C> Bijection<4, C> for Preprocessing {
    fn forward(&self, v: Tensor<4>, _: &C) -> (Tensor<4>, Tensor<1>) {
        let zero = Tensor::zeros([v.dims()[0]], (&v.device(), v.dtype()));
        match self.kind {
            Preprocess::None => (v, zero),
            Preprocess::Centre => (v - 0.5, zero),
            Preprocess::Logit { alpha } => {
                let p = v * (1.0 - 2.0 * alpha) + alpha;
                let y = p.clone().log() - (-p + 1.0).log();
                let log_det = sum_event(log_slope(y.clone(), alpha));
                (y, log_det)
            }
        }
    }

    fn inverse(&self, y: Tensor<4>, _: &C) -> (Tensor<4>, Tensor<1>) {
        let zero = Tensor::zeros([y.dims()[0]], (&y.device(), y.dtype()));
        match self.kind {
            Preprocess::None => (y, zero),
            Preprocess::Centre => (y + 0.5, zero),
            Preprocess::Logit { alpha } => {
                let log_det = -sum_event(log_slope(y.clone(), alpha));
                ((sigmoid(y) - alpha) * (1.0 / (1.0 - 2.0 * alpha)), log_det)
            }
        }
    }

    fn sees_context(&self) -> bool {
        false
    }
}

/// `log ∂y/∂v`, from `y`: `-log p = softplus(-y)` and `-log(1 - p) = softplus(y)`.
fn log_slope(y: Tensor<4>, alpha: f64) -> Tensor<4> {
    softplus(y.clone()) + softplus(-y) + (1.0 - 2.0 * alpha).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, Tolerance};

    #[test]
    fn the_logit_and_its_jacobian_are_those_of_the_formula() {
        let v = Tensor::<4>::from_data([[[[0.0, 0.5, 1.0 - 1e-7]]]], &Device::default());
        let alpha = 0.05;
        let (y, log_det) = Preprocessing::new(Preprocess::Logit { alpha }).forward(v, &());
        let p = [0.0f64, 0.5, 1.0].map(|v| alpha + (1.0 - 2.0 * alpha) * v);
        let expected = p.map(|p| (p / (1.0 - p)).ln() as f32);
        y.into_data().assert_approx_eq::<f32>(&[[[expected]]].into(), Tolerance::absolute(1e-5));
        let sum: f64 = p.iter().map(|p| (1.0 - 2.0 * alpha).ln() - p.ln() - (1.0 - p).ln()).sum();
        assert!((log_det.into_scalar::<f32>() - sum as f32).abs() < 1e-5);
    }

    #[test]
    #[should_panic(expected = "`alpha`: expected more than 0 and less than 0.5, got 0.5")]
    fn an_alpha_that_leaves_nothing_panics() {
        Preprocessing::new(Preprocess::Logit { alpha: 0.5 });
    }
}
