//! The squeeze by the Haar wavelet.

use burn::module::Module;
use burn::tensor::Tensor;
use flows_core::Bijection;

use super::space_to_depth::{squeeze, unsqueeze, zero};

/// The squeeze by the Haar wavelet: averages of blocks of two by two pixels, and three kinds of differences.
///
/// ```text
/// of a block a b     a + b + c + d, a - b + c - d, a + b - c - d, a - b - c + d, each times 1/2
///            c d     log_det = 0
/// ```
///
/// It is orthogonal. First come the averages of all channels, then the differences between columns, between rows, and
/// across; so the first part that a factor-out keeps is the image at half its resolution.
///
/// # Shapes
/// - `x`: `[batch, channels, height, width]`, `y`: `[batch, 4·channels, height/2, width/2]`
///
/// # Panics
/// If height or width is odd.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::Bijection;
/// use flows_vision::HaarSqueeze;
///
/// let x = Tensor::<4>::from_data([[[[1.0, 2.0], [3.0, 4.0]]]], &Device::default());
/// let (y, _) = HaarSqueeze::new().forward(x, &());
/// assert_eq!(y.to_data(), [[[[5.0f32]], [[-1.0]], [[-2.0]], [[0.0]]]].into());
/// ```
///
/// # Reference
/// "Wavelet Flow: Fast Training of High Resolution Normalizing Flows", Yu, Derpanis, Brubaker, 2020,
/// <https://arxiv.org/abs/2010.13821>; as an invertible layer: "Guided Image Generation with Conditional Invertible
/// Neural Networks", Ardizzone, Lüth, Kruse, Rother, Köthe, 2019, <https://arxiv.org/abs/1907.02392>.
#[derive(Module, Debug, Default)]
pub struct HaarSqueeze {}

impl HaarSqueeze {
    /// The squeeze.
    pub fn new() -> Self {
        Self {}
    }
}

/// The signs of `a b c d`, a row a band.
const BANDS: [[f32; 4]; 4] =
    [[0.5, 0.5, 0.5, 0.5], [0.5, -0.5, 0.5, -0.5], [0.5, 0.5, -0.5, -0.5], [0.5, -0.5, -0.5, 0.5]];

/// Applies the matrix of the bands, its own inverse, to the four pixels of each block.
fn bands(blocks: Tensor<4>) -> Tensor<4> {
    let [rows, four, height, width] = blocks.dims();
    // The product of a batch of matrices of flex reads beyond the end of none.
    if rows == 0 {
        return blocks;
    }
    let matrix = Tensor::<2>::from_data(BANDS, (&blocks.device(), blocks.dtype()));
    matrix.unsqueeze::<3>().matmul(blocks.reshape([rows, four, height * width])).reshape([rows, four, height, width])
}

impl<C> Bijection<4, C> for HaarSqueeze {
    fn forward(&self, x: Tensor<4>, _: &C) -> (Tensor<4>, Tensor<1>) {
        let (log_det, [batch, channels, height, width]) = (zero(&x), x.dims());
        let (h, w) = (height / 2, width / 2);
        let blocks = squeeze(x, 2).reshape([batch * channels, 4, h, w]);
        let by_band: Tensor<5> = bands(blocks).reshape([batch, channels, 4, h, w]);
        (by_band.swap_dims(1, 2).reshape([batch, 4 * channels, h, w]), log_det)
    }

    fn inverse(&self, y: Tensor<4>, _: &C) -> (Tensor<4>, Tensor<1>) {
        let (log_det, [batch, channels, height, width]) = (zero(&y), y.dims());
        assert!(channels.is_multiple_of(4), "`y`: expected a number of channels that 4 divides, got {channels}");
        let by_band: Tensor<5> = y.reshape([batch, 4, channels / 4, height, width]);
        let blocks = bands(by_band.swap_dims(1, 2).reshape([batch * channels / 4, 4, height, width]));
        (unsqueeze(blocks.reshape([batch, channels, height, width]), 2), log_det)
    }

    fn sees_context(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, Distribution, Tolerance};

    #[test]
    fn lengths_stay_and_the_first_channels_are_twice_the_averages() {
        let x = Tensor::<4>::random([2, 3, 4, 6], Distribution::Normal(0.0, 1.0), &Device::default());
        let (y, _) = HaarSqueeze::new().forward(x.clone(), &());
        let length = |x: Tensor<4>| (x.clone() * x).sum();
        length(y.clone())
            .into_data()
            .assert_approx_eq::<f32>(&length(x.clone()).into_data(), Tolerance::relative(1e-6));
        let blocks: Tensor<6> = x.reshape([2, 3, 2, 2, 3, 2]);
        let averages = blocks.mean_dims(&[3, 5]).reshape([2, 3, 2, 3]) * 2.0;
        y.narrow(1, 0, 3).into_data().assert_approx_eq::<f32>(&averages.into_data(), Tolerance::absolute(1e-6));
    }
}
