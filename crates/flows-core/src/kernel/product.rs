//! Rows times a matrix.

use burn::tensor::Tensor;
use burn::tensor::module::linear;

/// Rows times a matrix, and a bias: `y = x W + b`. No rows have no product, which not every backend of burn knows: ndarray
/// divides by their number.
///
/// # Shapes
/// - `x`: `[batch, inputs]`; `weight`: `[inputs, outputs]`; `bias`: `[outputs]`
/// - out: `[batch, outputs]`
pub(crate) fn product(x: Tensor<2>, weight: Tensor<2>, bias: Option<Tensor<1>>) -> Tensor<2> {
    if x.dims()[0] == 0 {
        return Tensor::zeros([0, weight.dims()[1]], (&x.device(), x.dtype()));
    }
    linear(x, weight, bias)
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Tolerance};

    use super::*;

    #[test]
    fn rows_are_multiplied_one_by_one_and_none_give_none() {
        let device = Device::default();
        let weight = Tensor::<2>::from_data([[1.0, 0.0, 2.0], [0.0, 3.0, -1.0]], &device);
        let bias = Tensor::<1>::from_data([10.0, 20.0, 30.0], &device);
        let x = Tensor::<2>::from_data([[1.0, 2.0]], &device);
        let y = product(x.clone(), weight.clone(), Some(bias)).to_data();
        y.assert_approx_eq::<f32>(&[[11.0f32, 26.0, 30.0]].into(), Tolerance::absolute(1e-6));
        assert_eq!(product(Tensor::zeros([0, 2], &device), weight.clone(), None).dims(), [0, 3]);
        assert_eq!(product(x, weight, None).dims(), [1, 3]);
    }
}
