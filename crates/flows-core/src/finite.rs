//! Samples without those that are not finite.

use burn::tensor::{Int, Tensor, TensorData};

use crate::event::event_size;
use crate::numerics::host;

/// The rows that are finite, and how many are not.
///
/// A flow draws finite rows: within a layer no parameter leaves its bounds, and the networks see no further than the
/// data. But flows without those bounds ([`LogScaleBound::Unbounded`](crate::LogScaleBound::Unbounded),
/// [`NetworkRange::Unlimited`](crate::NetworkRange::Unlimited)) and flows that are very deep may draw a row that is not;
/// it is no reason to lose the others.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::finite_rows;
///
/// let x = Tensor::<2>::from_data([[1.0, 2.0], [f32::NAN, 0.0], [3.0, 4.0]], &Device::default());
/// let (finite, left_out) = finite_rows(x);
/// assert_eq!((finite.to_data(), left_out), ([[1.0f32, 2.0], [3.0, 4.0]].into(), 1));
/// ```
pub fn finite_rows<const D: usize>(x: Tensor<D>) -> (Tensor<D>, usize) {
    let (rows, size) = (x.dims()[0], event_size(&x).max(1));
    let values = host(x.clone().without_autodiff());
    let finite: Vec<i64> = (0..rows)
        .filter(|row| values[row * size..(row + 1) * size].iter().all(|v| v.is_finite()))
        .map(|row| row as i64)
        .collect();
    let left_out = rows - finite.len();
    match finite.len() {
        _ if left_out == 0 => (x, 0),
        0 => {
            let mut shape = x.dims();
            shape[0] = 0;
            (Tensor::zeros(shape, (&x.device(), x.dtype())), left_out)
        }
        count => {
            let indices = Tensor::<1, Int>::from_data(TensorData::new(finite, [count]), &x.device());
            (x.select(0, indices), left_out)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    #[test]
    fn rows_may_all_be_finite_or_none() {
        let device = Device::default();
        let good = Tensor::<3>::ones([2, 1, 3], &device);
        let (all, left_out) = finite_rows(good.clone());
        assert_eq!((all.dims(), left_out), ([2, 1, 3], 0));
        let (none, left_out) = finite_rows(good / 0.0);
        assert_eq!((none.dims(), left_out), ([0, 1, 3], 2));
    }
}
