//! The inverse as a fixed point: all features at once, a few times over.

use burn::config::Config;
use burn::module::ModuleDisplay;
use burn::tensor::Tensor;
use flows_core::{Conditioner, Elementwise};

use super::MaskedAutoregressive;

/// When the iteration of [`MaskedAutoregressive::inverse_by_iteration`] ends.
#[derive(Config, Debug, Copy, PartialEq)]
pub struct FixedPoint {
    /// The largest residual, `max |f(x) - y|`, with which it is content. Each sweep then waits for the device; at 0 it
    /// never asks, and makes all sweeps.
    #[config(default = 1e-5)]
    pub tolerance: f64,
    /// The largest number of sweeps. As many as there are features always suffice.
    #[config(default = 100)]
    pub max_sweeps: usize,
}

/// What an iteration came to.
#[derive(Debug, Clone)]
pub struct FixedPointInverse {
    /// The solution, `[batch, features]`.
    pub x: Tensor<2>,
    /// `log |det ∂x/∂y|` at the solution, `[batch]`.
    pub log_det: Tensor<1>,
    /// How many sweeps were made.
    pub sweeps: usize,
    /// `max |f(x) - y|` over the batch, `[1]`: on the device, so that nobody waits for it who does not look.
    pub residual: Tensor<1>,
}

impl<N, E: Elementwise + ModuleDisplay> MaskedAutoregressive<N, E> {
    /// The inverse by Jacobi iteration: every sweep makes all features at once from those of the sweep before.
    ///
    /// ```text
    /// x ← map⁻¹(y; network(x)),   until max |f(x) - y| ≤ tolerance
    /// ```
    ///
    /// After `i` sweeps the first `i` features are exact, and so are all after as many sweeps as features; where the
    /// layer is not far from linear, a few suffice. A sweep is a whole pass through the network: for many features on
    /// an accelerator that is faster than a step a feature; on a CPU [`inverse`](flows_core::Bijection::inverse) is.
    /// An iteration that is not done after the last sweep is no error: look at the residual.
    ///
    /// # Example
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use flows_autoregressive::{FixedPoint, MadeConfig, MaskedAutoregressive};
    /// use flows_core::{Affine, Bijection};
    ///
    /// let device = Device::default();
    /// let made = MadeConfig::new(20, 2).with_zero_last(false).init(&device);
    /// let layer = MaskedAutoregressive::new(made, Affine::default());
    /// let y = Tensor::<2>::ones([4, 20], &device);
    /// let solved = layer.inverse_by_iteration(y.clone(), &(), &FixedPoint::new());
    /// assert!(solved.residual.into_scalar::<f32>() < 1e-5 && solved.sweeps <= 20);
    /// assert!((layer.inverse(y, &()).0 - solved.x).abs().max().into_scalar::<f32>() < 1e-3);
    /// ```
    ///
    /// # Reference
    /// "Accelerating Feedforward Computation via Parallel Nonlinear Equation Solving", Song, Meng, Liao, Ermon, 2021,
    /// <https://arxiv.org/abs/2002.03629>.
    pub fn inverse_by_iteration<C>(&self, y: Tensor<2>, context: &C, until: &FixedPoint) -> FixedPointInverse
    where
        N: Conditioner<2, C>,
    {
        let sweeps = until.max_sweeps.min(y.dims()[1]);
        let mut x = y.clone();
        for sweep in 0.. {
            let params = self.params(x.clone(), context);
            let last = sweep == sweeps;
            if last || until.tolerance > 0.0 {
                let (image, log_det) = self.map.forward(x.clone(), params.clone());
                let residual = (image - y.clone()).abs().max();
                if last || residual.clone().into_scalar::<f64>() <= until.tolerance {
                    return FixedPointInverse { x, log_det: -log_det, sweeps: sweep, residual };
                }
            }
            x = self.map.inverse(y.clone(), params).0;
        }
        unreachable!("the last sweep returns")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MadeConfig;
    use burn::tensor::{Device, Distribution};
    use flows_core::testing::randomize;
    use flows_core::{Affine, Bijection};

    fn layer(features: usize) -> MaskedAutoregressive<crate::Made, Affine> {
        let made = MadeConfig::new(features, 2).with_hidden(vec![24, 24]).init(&Device::default());
        MaskedAutoregressive::new(randomize(made, 0.3, 1), Affine::default())
    }

    #[test]
    fn sweeps_that_are_too_few_are_counted_and_leave_a_residual() {
        let y = Tensor::<2>::random([8, 12], Distribution::Normal(0.0, 1.0), &Device::default());
        let until = FixedPoint::new().with_tolerance(1e-6).with_max_sweeps(2);
        let solved = layer(12).inverse_by_iteration(y, &(), &until);
        assert_eq!(solved.sweeps, 2);
        assert!(solved.residual.into_scalar::<f32>() > 1e-4);
    }

    #[test]
    fn as_many_sweeps_as_features_are_the_inverse() {
        let (layer, y) = (layer(6), Tensor::<2>::random([8, 6], Distribution::Normal(0.0, 1.0), &Device::default()));
        let until = FixedPoint::new().with_tolerance(0.0);
        let solved = layer.inverse_by_iteration(y.clone(), &(), &until);
        let (x, log_det) = layer.inverse(y, &());
        assert_eq!(solved.sweeps, 6);
        // Two orders of summation in single precision.
        assert!((solved.x - x).abs().max().into_scalar::<f32>() < 1e-4);
        assert!((solved.log_det - log_det).abs().max().into_scalar::<f32>() < 1e-4);
    }
}
