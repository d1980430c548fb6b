//! The leaky rectifier.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::{Bijection, sum_event};

/// The leaky rectifier: one slope for negative numbers, the identity for others.
///
/// ```text
/// y = x  where x ≥ 0,  slope · x  elsewhere        log_det = log slope · #{i : xᵢ < 0}
/// ```
#[derive(Module, Debug)]
pub struct LeakyRelu {
    slope: f64,
}

impl LeakyRelu {
    /// A rectifier with the given slope for negative numbers.
    ///
    /// # Panics
    /// Unless the slope is positive and finite.
    pub fn new(slope: f64) -> Self {
        assert!(slope > 0.0 && slope.is_finite(), "`slope`: expected a positive number, got {slope}");
        Self { slope }
    }

    fn apply<const D: usize>(x: Tensor<D>, slope: f64) -> (Tensor<D>, Tensor<1>) {
        let negative = x.clone().lower_scalar(0.0);
        let log_det = sum_event(x.zeros_like().mask_fill(negative.clone(), slope.ln()));
        (x.clone().mask_where(negative, x * slope), log_det)
    }
}

impl<const D: usize, C> Bijection<D, C> for LeakyRelu {
    fn forward(&self, x: Tensor<D>, _: &C) -> (Tensor<D>, Tensor<1>) {
        Self::apply(x, self.slope)
    }

    fn inverse(&self, y: Tensor<D>, _: &C) -> (Tensor<D>, Tensor<1>) {
        Self::apply(y, 1.0 / self.slope)
    }

    fn sees_context(&self) -> bool {
        false
    }
}
