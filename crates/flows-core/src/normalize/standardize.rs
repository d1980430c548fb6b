//! A fixed affine map that brings the training rows to mean zero and unit variance.

use burn::module::Module;
use burn::tensor::{Device, Tensor, assert_shape};

use super::mean_and_std;
use crate::budget::claim;
use crate::event::for_each_sample;
use crate::parameter::{Buffer, Initialized};
use crate::{Bijection, sum_event};

/// A fixed affine map that brings the training rows to mean zero and unit variance.
///
/// ```text
/// y = (x - mean) / std        log_det = -Σ log std
/// ```
///
/// As the first layer of a flow it keeps densities in the data's own units: a saved flow scores raw rows. It is the
/// identity until `init_from_data` sets it, once; its numbers are saved and never trained.
///
/// # Shapes
/// - `x`: `[batch, features]`
///
/// # Panics
/// `init_from_data` panics if a feature does not vary in the batch, beyond the rounding of its values;
/// [`ColumnStatistics::constant`](crate::ColumnStatistics::constant) tells before.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{Bijection, Standardize};
///
/// let x = Tensor::<2>::from_data([[100.0], [300.0]], &Device::default());
/// let (standardize, y) = Standardize::new(1, &Device::default()).init_from_data(x.clone(), &());
/// assert_eq!(y.to_data(), [[-1.0f32], [1.0]].into());
/// let (_, log_det) = standardize.forward(x, &());
/// assert!((log_det.slice([0..1]).into_scalar::<f32>() + 100f32.ln()).abs() < 1e-5);
/// ```
#[derive(Module, Debug)]
pub struct Standardize {
    mean: Buffer<2>,
    std: Buffer<2>,
    initialized: Initialized,
}

impl Standardize {
    /// The identity on vectors of that many features, waiting for data.
    pub fn new(features: usize, device: &Device) -> Self {
        claim([features]);
        Self {
            mean: Buffer::new(Tensor::zeros([1, features], device)),
            std: Buffer::new(Tensor::ones([1, features], device)),
            initialized: Initialized::no(device),
        }
    }

    fn params(&self, x: &Tensor<2>) -> (Tensor<2>, Tensor<2>, Tensor<1>) {
        let (mean, std) = (self.mean.get(), self.std.get());
        let [batch, features] = [x.dims()[0], mean.dims()[1]];
        assert_shape!(x, [batch, features]);
        let log_det = for_each_sample(sum_event(std.clone().log()), x);
        (mean, std, log_det)
    }
}

impl<C> Bijection<2, C> for Standardize {
    fn forward(&self, x: Tensor<2>, _: &C) -> (Tensor<2>, Tensor<1>) {
        let (mean, std, log_det) = self.params(&x);
        ((x - mean) / std, -log_det)
    }

    fn inverse(&self, y: Tensor<2>, _: &C) -> (Tensor<2>, Tensor<1>) {
        let (mean, std, log_det) = self.params(&y);
        (y * std + mean, log_det)
    }

    fn init_from_data(mut self, x: Tensor<2>, context: &C) -> (Self, Tensor<2>) {
        if !self.initialized.get() {
            self.params(&x);
            let (mean, std) = mean_and_std(x.clone(), 0);
            self.mean.set(mean);
            self.std.set(std);
            self.initialized = self.initialized.set();
        }
        let (y, _) = self.valid().forward(x, context);
        (self, y)
    }

    fn sees_context(&self) -> bool {
        false
    }
}
