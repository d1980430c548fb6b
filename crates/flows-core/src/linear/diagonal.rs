//! The diagonal scaling of NICE.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, assert_shape};

use crate::Bijection;
use crate::budget::claim;
use crate::event::for_each_sample;
use crate::normalize::{feature_shape, spatial_size};

/// The diagonal scaling of NICE: one learnt positive scale a feature.
///
/// ```text
/// y = exp(s) ⊙ x        log_det = pixels · Σ s
/// ```
///
/// # Shapes
/// - `x`: `[batch, features, ...]`; `pixels` is the product of the axes after the second, 1 for vectors
///
/// # Reference
/// "NICE: Non-linear Independent Components Estimation", Dinh, Krueger, Bengio, 2014, section 3.3,
/// <https://arxiv.org/abs/1410.8516>.
#[derive(Module, Debug)]
pub struct DiagonalScaling {
    /// `s`, `[features]`.
    pub log_scale: Param<Tensor<1>>,
}

impl DiagonalScaling {
    /// Starts as the identity.
    pub fn new(features: usize, device: &Device) -> Self {
        claim([features]);
        Self { log_scale: Param::from_tensor(Tensor::zeros([features], device)) }
    }

    fn apply<const D: usize>(x: Tensor<D>, log_scale: Tensor<1>) -> (Tensor<D>, Tensor<1>) {
        let [features] = log_scale.dims();
        assert_shape!(x, [_, features, ..]);
        let log_det = for_each_sample(log_scale.clone().sum() * spatial_size(&x) as f64, &x);
        (x * log_scale.exp().reshape(feature_shape::<D>(features)), log_det)
    }
}

impl<const D: usize, C> Bijection<D, C> for DiagonalScaling {
    fn forward(&self, x: Tensor<D>, _: &C) -> (Tensor<D>, Tensor<1>) {
        Self::apply(x, self.log_scale.val())
    }

    fn inverse(&self, y: Tensor<D>, _: &C) -> (Tensor<D>, Tensor<1>) {
        Self::apply(y, -self.log_scale.val())
    }

    fn sees_context(&self) -> bool {
        false
    }
}
