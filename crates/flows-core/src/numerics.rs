//! The few functions on which the stability of everything else rests.

use burn::tensor::{Tensor, activation};

/// `log(1 + eˣ)`, without overflow, and to the last digit in double precision.
///
/// ```
/// use burn::tensor::{Device, Tensor};
///
/// let y = flows_core::softplus(Tensor::<1>::from_data([-1e4, 0.0, 1e4], &Device::default()));
/// assert_eq!(y.to_data(), [0.0f32, 2f32.ln(), 1e4].into());
/// ```
pub fn softplus<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    // burn's default threshold of 20 leaves a jump of 2e-9, visible in f64; at 40 the two branches agree.
    activation::softplus_with_threshold(x, 1.0, 40.0)
}

/// `log(1 - e⁻ʸ)` for `y > 0`, which keeps its digits for small `y`.
///
/// ```text
/// 1 - e⁻ʸ = 2t / (1 + t),   t = tanh(y/2)
/// ```
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
///
/// let y = Tensor::<1>::from_data([1e-6], &Device::default());
/// assert!((flows_core::log_one_minus_exp_neg(y).into_scalar::<f32>() - 1e-6f32.ln()).abs() < 1e-4);
/// ```
pub fn log_one_minus_exp_neg<const D: usize>(y: Tensor<D>) -> Tensor<D> {
    let t = (y * 0.5).tanh();
    (t.clone() * 2.0).log() - t.log1p()
}

/// The numbers of a tensor on the host, in double precision and row-major order.
pub(crate) fn host<const D: usize>(x: Tensor<D>) -> Vec<f64> {
    x.try_into_vec_as::<f64>().expect("the device answers, and every float type converts to f64")
}

/// `log Σ exp` along an axis, which stays in the result with size one.
///
/// ```
/// use burn::tensor::{Device, Tensor};
///
/// let x = Tensor::<2>::from_data([[1e4, 1e4]], &Device::default());
/// assert!((flows_core::log_sum_exp(x, 1).into_scalar::<f32>() - (1e4 + 2f32.ln())).abs() < 1e-3);
/// ```
pub fn log_sum_exp<const D: usize>(x: Tensor<D>, dim: usize) -> Tensor<D> {
    // A row of -inf has no largest finite element: subtracting it would make NaN of -inf.
    let max = x.clone().detach().max_dim(dim).clamp_min(f64::from(f32::MIN));
    (x - max.clone()).exp().sum_dim(dim).log() + max
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, Tolerance};

    #[test]
    fn log_one_minus_exp_neg_keeps_its_digits_near_zero_and_far_out() {
        let y = Tensor::<1>::from_data([1e-6, 1e-3, 1.0, 30.0], &Device::default());
        // ln(-expm1(-y)), evaluated in double precision.
        let expected = [1e-6f64, 1e-3, 1.0, 30.0].map(|y| (-(-y).exp_m1()).ln() as f32);
        // Two roundings of a value of at most 14.
        log_one_minus_exp_neg(y).to_data().assert_approx_eq::<f32>(&expected.into(), Tolerance::rel_abs(3e-7, 1e-6));
    }

    #[test]
    fn log_sum_exp_survives_large_and_infinite_terms() {
        let x = Tensor::<2>::from_data([[1e4, 1e4], [f32::NEG_INFINITY, 0.0]], &Device::default());
        let sum = log_sum_exp(x, 1).to_data();
        sum.assert_approx_eq::<f32>(&[[1e4 + 2f32.ln()], [0.0]].into(), Tolerance::rel_abs(1e-7, 1e-7));
    }
}
