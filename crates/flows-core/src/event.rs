//! What belongs to one sample: every axis but the first.

use burn::tensor::Tensor;

/// Sums over the event: `[batch, ...event]` to `[batch]`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
///
/// let x = Tensor::<3>::ones([2, 3, 4], &Device::default());
/// assert_eq!(flows_core::sum_event(x).to_data(), [12.0f32, 12.0].into());
/// ```
pub fn sum_event<const D: usize>(x: Tensor<D>) -> Tensor<1> {
    let batch = x.dims()[0];
    if D == 1 {
        return x.reshape([batch]);
    }
    flatten_event(x).sum_dim(1).reshape([batch])
}

/// Lays the event out flat: `[batch, ...event]` to `[batch, features]`.
pub(crate) fn flatten_event<const D: usize>(x: Tensor<D>) -> Tensor<2> {
    let dims = x.dims();
    x.reshape([dims[0], dims[1..].iter().product::<usize>()])
}

/// A log-determinant of zero for each sample of `x`.
pub(crate) fn zero_log_det<const D: usize>(x: &Tensor<D>) -> Tensor<1> {
    Tensor::zeros([x.dims()[0]], (&x.device(), x.dtype()))
}

/// One log-determinant for each sample of `x`, where it is the same for all: `[1]` to `[batch]`.
pub(crate) fn for_each_sample<const D: usize>(log_det: Tensor<1>, x: &Tensor<D>) -> Tensor<1> {
    // burn reads a zero in a new shape as "as it was".
    if x.dims()[0] == 0 { zero_log_det(x) } else { log_det.expand([x.dims()[0]]) }
}

/// The number of elements of one sample.
pub(crate) fn event_size<const D: usize>(x: &Tensor<D>) -> usize {
    x.dims()[1..].iter().product()
}
