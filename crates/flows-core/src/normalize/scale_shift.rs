//! A fixed scale and shift.

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData, assert_shape};

use super::{feature_shape, spatial_size};
use crate::Bijection;
use crate::event::for_each_sample;
use crate::parameter::Buffer;

/// A fixed scale and shift a feature.
///
/// ```text
/// y = scale ⊙ x + shift        log_det = pixels · Σ log |scale|
/// ```
///
/// # Shapes
/// - `x`: `[batch, features, ...]`; `pixels` is the product of the axes after the second, 1 for vectors
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{Bijection, ScaleShift};
///
/// let device = Device::default();
/// let to_unit = ScaleShift::new(&[0.5], &[0.5], &device); // [-1, 1] to [0, 1]
/// let (y, log_det) = to_unit.forward(Tensor::<2>::from_data([[1.0]], &device), &());
/// assert_eq!(y.into_scalar::<f32>(), 1.0);
/// assert!((log_det.into_scalar::<f32>() + 2f32.ln()).abs() < 1e-6);
/// ```
#[derive(Module, Debug)]
pub struct ScaleShift {
    scale: Buffer<1>,
    shift: Buffer<1>,
}

impl ScaleShift {
    /// One scale and one shift a feature.
    ///
    /// # Panics
    /// Unless there are as many shifts as scales, and every scale is finite and not zero.
    pub fn new(scale: &[f64], shift: &[f64], device: &Device) -> Self {
        assert_eq!(shift.len(), scale.len(), "`shift`: expected {} numbers, got {}", scale.len(), shift.len());
        for (i, s) in scale.iter().enumerate() {
            assert!(s.is_finite() && *s != 0.0, "`scale`: expected a finite number other than 0, got {s} at {i}");
        }
        let buffer = |v: &[f64]| Buffer::new(Tensor::from_data(TensorData::new(v.to_vec(), [v.len()]), device));
        Self { scale: buffer(scale), shift: buffer(shift) }
    }

    fn params<const D: usize>(&self, x: &Tensor<D>) -> (Tensor<D>, Tensor<D>, Tensor<1>) {
        let (scale, shift) = (self.scale.get(), self.shift.get());
        let [features] = scale.dims();
        assert_shape!(x, [_, features, ..]);
        let log_det = scale.clone().abs().log().sum() * spatial_size(x) as f64;
        let shape = feature_shape::<D>(features);
        (scale.reshape(shape), shift.reshape(shape), for_each_sample(log_det, x))
    }
}

impl<const D: usize, C> Bijection<D, C> for ScaleShift {
    fn forward(&self, x: Tensor<D>, _: &C) -> (Tensor<D>, Tensor<1>) {
        let (scale, shift, log_det) = self.params(&x);
        (x * scale + shift, log_det)
    }

    fn inverse(&self, y: Tensor<D>, _: &C) -> (Tensor<D>, Tensor<1>) {
        let (scale, shift, log_det) = self.params(&y);
        ((y - shift) / scale, -log_det)
    }

    fn sees_context(&self) -> bool {
        false
    }
}
