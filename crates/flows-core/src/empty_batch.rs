//! Batches without rows.
//!
//! On GPUs, burn 0.22.1 does not know what to compute of tensors without elements: it subtracts one from their sizes, and its
//! kernels, put off until something is read, write into tensors that were made in the meantime. After an empty batch, `zeros`
//! were not zero. So a flow computes nothing of an empty batch there: what has no rows has the shape of what one row has.

use burn::tensor::{Device, Tensor, TensorData};

use crate::is_host;

/// Whether nothing should be computed for so many rows.
pub(crate) fn is_vacant(rows: usize, device: &Device) -> bool {
    rows == 0 && !is_host(device)
}

/// No rows of this shape, whose first size does not matter; nothing is computed for them.
pub(crate) fn vacant<const D: usize>(mut dims: [usize; D], device: &Device) -> Tensor<D> {
    dims[0] = 0;
    Tensor::from_data(TensorData::new(Vec::<f32>::new(), dims), device)
}

/// A map of rows that makes no rows of none.
pub(crate) fn of_rows<const D: usize>(x: Tensor<D>, map: impl Fn(Tensor<D>) -> Tensor<D>) -> Tensor<D> {
    let (device, mut dims) = (x.device(), x.dims());
    if !is_vacant(dims[0], &device) {
        return map(x);
    }
    dims[0] = 1;
    vacant(map(Tensor::zeros(dims, &device)).dims(), &device)
}

#[cfg(test)]
mod tests {
    use crate::{RealNvpConfig, testing::randomize};

    use super::*;

    #[test]
    fn an_empty_batch_leaves_what_is_made_after_it_alone() {
        let device = Device::default();
        let flow = randomize(RealNvpConfig::new(4).init(&device), 0.2, 1);
        let none = vacant::<2>([7, 4], &device);
        for _ in 0..3 {
            // None of the results is read.
            assert_eq!(flow.log_prob(none.clone()).dims(), [0]);
            assert_eq!(flow.encode(none.clone()).dims(), [0, 4]);
            assert_eq!(flow.decode(none.clone()).dims(), [0, 4]);
            assert_eq!(flow.sample::<2>(0, &device).dims(), [0, 4]);
            assert_eq!(flow.sample_with_log_prob::<2>(0, &device).1.dims(), [0]);
            Tensor::<2>::zeros([1, 4], &device).into_data().assert_eq(&[[0.0f32; 4]].into(), true);
        }
    }
}
