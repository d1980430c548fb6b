//! A linear layer by its dense matrix.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};

use super::channels::apply;
use super::rotation::Matrix;
use crate::Bijection;
use crate::budget::claim;
use crate::event::for_each_sample;
use crate::normalize::spatial_size;
use crate::numerics::host;

/// Configuration of [`DenseLinear`].
#[derive(Config, Debug)]
pub struct DenseLinearConfig {
    /// The number of features; of channels, for images.
    pub features: usize,
    /// The seed of the random rotation at the start; none for the identity.
    pub rotation: Option<u64>,
}

impl DenseLinearConfig {
    /// Makes the layer.
    pub fn init(&self, device: &Device) -> DenseLinear {
        let n = self.features;
        claim([n, n]);
        let weight = match self.rotation {
            Some(seed) => Tensor::from_data(TensorData::new(Matrix::rotation(n, seed).values, [n, n]), device),
            None => Tensor::eye(n, device),
        };
        DenseLinear { weight: Param::from_tensor(weight) }
    }
}

/// A linear layer by its dense matrix; on images, the invertible 1x1 convolution as Glow first has it.
///
/// ```text
/// y = W x        log_det = pixels · log |det W|
/// ```
///
/// The determinant and the inverse are taken on the host in double precision, at every call: on a device of its own
/// that is a wait. [`Plu`](crate::Plu) has neither, and cannot become singular.
///
/// # Shapes
/// - `x`: `[batch, features, ...]`; `pixels` is the product of the axes after the second, 1 for vectors
///
/// # Panics
/// If the matrix has become singular.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{Bijection, DenseLinearConfig};
///
/// let device = Device::default();
/// let layer = DenseLinearConfig::new(3).with_rotation(Some(1)).init(&device);
/// let (_, log_det) = layer.forward(Tensor::<4>::ones([1, 3, 2, 2], &device), &());
/// assert!(log_det.into_scalar::<f32>().abs() < 1e-5);
/// ```
///
/// # Reference
/// "Glow: Generative Flow with Invertible 1x1 Convolutions", Kingma, Dhariwal, 2018, section 3.2,
/// <https://arxiv.org/abs/1807.03039>.
#[derive(Module, Debug)]
pub struct DenseLinear {
    /// `W`, `[features, features]`.
    pub weight: Param<Tensor<2>>,
}

impl DenseLinear {
    /// `W⁻¹`, outside of any graph, and `log |det W|` with its gradient.
    fn inverse_and_log_det(&self) -> (Tensor<2>, Tensor<1>) {
        let weight = self.weight.val();
        let (plain, [n, _]) = (weight.clone().without_autodiff(), weight.dims());
        let matrix = Matrix { n, values: host(plain.clone()) };
        let (inverse, log_det) =
            matrix.inverse().expect("`weight`: expected a matrix with an inverse, got a singular one");
        let inverse = Tensor::<2>::from_data(TensorData::new(inverse.values, [n, n]), (&plain.device(), plain.dtype()));
        // The gradient of log |det W| is the transposed inverse, and that of ⟨W, A⟩ is A; ⟨W, W⁻ᵀ⟩ = n is taken off.
        let slope = (weight * inverse.clone().transpose()).sum();
        (inverse, slope.clone() - slope.without_autodiff() + log_det)
    }
}

impl<const D: usize, C> Bijection<D, C> for DenseLinear {
    fn forward(&self, x: Tensor<D>, _: &C) -> (Tensor<D>, Tensor<1>) {
        let (_, log_det) = self.inverse_and_log_det();
        let log_det = for_each_sample(log_det * spatial_size(&x) as f64, &x);
        (apply(self.weight.val(), x), log_det)
    }

    fn inverse(&self, y: Tensor<D>, _: &C) -> (Tensor<D>, Tensor<1>) {
        let (inverse, log_det) = self.inverse_and_log_det();
        let log_det = -for_each_sample(log_det * spatial_size(&y) as f64, &y);
        // A step of Newton's at the inverse leaves it where it is, and has its gradient, -W⁻¹ dW W⁻¹.
        let [n, _] = inverse.dims();
        let twice = Tensor::<2>::eye(n, &inverse.device()).cast(inverse.dtype()) * 2.0;
        let inverse = inverse.clone().matmul(twice - self.weight.val().matmul(inverse));
        (apply(inverse, y), log_det)
    }

    fn sees_context(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "expected a matrix with an inverse")]
    fn a_singular_matrix_panics() {
        let layer = DenseLinear { weight: Param::from_tensor(Tensor::zeros([2, 2], &Device::default())) };
        layer.forward(Tensor::<2>::ones([1, 2], &Device::default()), &());
    }
}
