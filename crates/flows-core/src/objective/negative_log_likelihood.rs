//! The negative log-likelihood.

use burn::tensor::Tensor;

use crate::Density;

/// The mean negative log-likelihood of a batch, in nats: `[1]`.
///
/// ```text
/// L = -1/n Σᵢ log q(xᵢ)
/// ```
///
/// Up to a constant it is the Kullback-Leibler divergence from the data to the model.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{StandardNormal, negative_log_likelihood};
///
/// let x = Tensor::<2>::zeros([4, 1], &Device::default());
/// let loss = negative_log_likelihood(&StandardNormal::<2>::new([1]), x, &()).into_scalar::<f32>();
/// assert!((loss - 0.918_938_5).abs() < 1e-6); // ½ log 2π
/// ```
pub fn negative_log_likelihood<const D: usize, C, P: Density<D, C>>(
    density: &P,
    x: Tensor<D>,
    context: &C,
) -> Tensor<1> {
    -density.log_prob(x, context).mean()
}
