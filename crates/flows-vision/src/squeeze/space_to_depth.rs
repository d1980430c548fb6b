//! The squeeze of RealNVP.

use burn::module::Module;
use burn::tensor::Tensor;
use flows_core::Bijection;

/// The squeeze of RealNVP: each block of `factor x factor` pixels becomes channels.
///
/// ```text
/// y[c·f² + i·f + j, h, w] = x[c, h·f + i, w·f + j]        log_det = 0
/// ```
///
/// The inverse is the unsqueeze. The order of the channels is that of RealNVP, nflows and normflows.
///
/// # Shapes
/// - `x`: `[batch, channels, height, width]`, `y`: `[batch, channels·f², height/f, width/f]`
///
/// # Panics
/// If `height` or `width` is not a multiple of the factor; in `inverse`, if the channels are no multiple of its square.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::Bijection;
/// use flows_vision::Squeeze;
///
/// let x = Tensor::<4>::from_data([[[[1.0, 2.0], [3.0, 4.0]]]], &Device::default());
/// let (y, _) = Squeeze::new(2).forward(x, &());
/// assert_eq!(y.to_data(), [[[[1.0f32]], [[2.0]], [[3.0]], [[4.0]]]].into());
/// ```
///
/// # Reference
/// "Density estimation using Real NVP", Dinh, Sohl-Dickstein, Bengio, 2017, section 3.6,
/// <https://arxiv.org/abs/1605.08803>.
#[derive(Module, Debug)]
pub struct Squeeze {
    factor: usize,
}

impl Squeeze {
    /// A squeeze by the factor.
    ///
    /// # Panics
    /// If the factor is zero.
    pub fn new(factor: usize) -> Self {
        assert!(factor > 0, "`factor`: expected at least 1, got 0");
        Self { factor }
    }
}

/// Space to depth.
pub(crate) fn squeeze(x: Tensor<4>, f: usize) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    assert!(
        height.is_multiple_of(f) && width.is_multiple_of(f),
        "`x`: expected a height and a width that {f} divides, got {height} x {width} pixels"
    );
    let blocks: Tensor<6> = x.reshape([batch, channels, height / f, f, width / f, f]);
    blocks.permute([0, 1, 3, 5, 2, 4]).reshape([batch, channels * f * f, height / f, width / f])
}

/// Depth to space.
pub(crate) fn unsqueeze(y: Tensor<4>, f: usize) -> Tensor<4> {
    let [batch, channels, height, width] = y.dims();
    assert!(
        channels.is_multiple_of(f * f),
        "`y`: expected a number of channels that {} divides, got {channels}",
        f * f
    );
    let blocks: Tensor<6> = y.reshape([batch, channels / (f * f), f, f, height, width]);
    blocks.permute([0, 1, 4, 2, 5, 3]).reshape([batch, channels / (f * f), height * f, width * f])
}

/// No volume changes: a log-determinant of zero for each sample.
pub(super) fn zero(x: &Tensor<4>) -> Tensor<1> {
    Tensor::zeros([x.dims()[0]], (&x.device(), x.dtype()))
}

impl<C> Bijection<4, C> for Squeeze {
    fn forward(&self, x: Tensor<4>, _: &C) -> (Tensor<4>, Tensor<1>) {
        let log_det = zero(&x);
        (squeeze(x, self.factor), log_det)
    }

    fn inverse(&self, y: Tensor<4>, _: &C) -> (Tensor<4>, Tensor<1>) {
        let log_det = zero(&y);
        (unsqueeze(y, self.factor), log_det)
    }

    fn sees_context(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, Int, TensorData};

    fn counted(dims: [usize; 4]) -> Tensor<4> {
        let n = dims.iter().product::<usize>() as i64;
        Tensor::<1, Int>::arange(1..n + 1, &Device::default()).float().reshape(dims)
    }

    // The arrays of nflows' reshape_test.
    #[test]
    fn sixteen_pixels_become_four_channels_in_the_order_of_the_paper() {
        let (y, _) = Squeeze::new(2).forward(counted([1, 1, 4, 4]), &());
        let expected: [[[[f32; 2]; 2]; 4]; 1] = [[
            [[1.0, 3.0], [9.0, 11.0]],
            [[2.0, 4.0], [10.0, 12.0]],
            [[5.0, 7.0], [13.0, 15.0]],
            [[6.0, 8.0], [14.0, 16.0]],
        ]];
        assert_eq!(y.to_data(), expected.into());
    }

    #[test]
    fn every_factor_is_undone_and_keeps_the_rule_of_its_channels() {
        for (factor, height, width) in [(1, 2, 3), (2, 4, 6), (3, 6, 3), (4, 4, 8)] {
            let x = counted([2, 3, height, width]);
            let (y, _) = Squeeze::new(factor).forward(x.clone(), &());
            assert_eq!(y.dims(), [2, 3 * factor * factor, height / factor, width / factor]);
            let (back, _) = Squeeze::new(factor).inverse(y.clone(), &());
            assert_eq!(back.to_data(), x.to_data());
            let (c, i, j) = (2, factor - 1, 0);
            let channel =
                y.slice([1..2, c * factor * factor + i * factor + j..c * factor * factor + i * factor + j + 1]);
            let first = channel.slice([0..1, 0..1, 0..1, 0..1]).into_scalar::<f32>();
            let at = ((3 + c) * height + i) * width + j + 1;
            assert_eq!(first, at as f32);
        }
    }

    #[test]
    #[should_panic(expected = "expected a height and a width that 2 divides, got 3 x 4 pixels")]
    fn an_odd_height_panics() {
        Squeeze::new(2).forward(counted([1, 1, 3, 4]), &());
    }

    #[test]
    #[should_panic(expected = "expected a number of channels that 9 divides, got 6")]
    fn channels_that_make_no_blocks_panic() {
        Bijection::<4>::inverse(&Squeeze::new(3), Tensor::zeros([1, 6, 1, 1], &Device::default()), &());
    }

    #[test]
    fn the_data_of_a_squeeze_is_that_of_its_input() {
        let x = counted([1, 2, 2, 2]);
        let (y, _) = Squeeze::new(2).forward(x, &());
        let values: Vec<f32> = y.try_into_vec_as().unwrap();
        assert_eq!(TensorData::new(values, [8]), [1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0].into());
    }
}
