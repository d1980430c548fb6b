//! The checkerboard as channels.

use burn::module::{Module, ModuleDisplay};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use flows_core::Bijection;

/// Shows an image to a bijection with the two colours of a checkerboard as its first and second half of channels.
///
/// ```text
/// forward = unsqueeze ∘ inner ∘ squeeze        log_det = that of the inner one
/// ```
///
/// A coupling inside that keeps its first half of channels is the checkerboard coupling of RealNVP: it computes on the
/// moved pixels alone, at half the resolution, instead of computing on all of them and masking half away. The pixels
/// that it keeps go through untouched, bit for bit. Several couplings in one `Checkerboard` share the rearrangement.
///
/// The channels inside are, of each channel of the image, the pixels at `(even, even)` rows and columns, then those at
/// `(odd, odd)`: one colour; then `(even, odd)` and `(odd, even)`: the other.
///
/// # Shapes
/// - `x`: `[batch, channels, height, width]`; inside `[batch, 4·channels, height/2, width/2]`
///
/// # Panics
/// If height or width is odd.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{Affine, Bijection, Coupling, FeatureSplit};
/// use flows_vision::{Checkerboard, NetworkConfig};
///
/// let device = Device::default();
/// let network = NetworkConfig::Glow { hidden: 8 }.init(2, 2 * 2, &device);
/// let coupling = Coupling::new(FeatureSplit::halves(4, false, &device), network, Affine::default());
/// let x = Tensor::<4>::ones([1, 1, 4, 6], &device);
/// let (y, _) = Checkerboard::new(coupling).forward(x.clone(), &());
/// assert_eq!(y.to_data(), x.to_data()); // the last layer of the network is zero: the identity
/// ```
///
/// # Reference
/// "Density estimation using Real NVP", Dinh, Sohl-Dickstein, Bengio, 2017, section 3.4,
/// <https://arxiv.org/abs/1605.08803>.
#[derive(Module, Debug)]
pub struct Checkerboard<B> {
    /// What sees the two colours as channels.
    pub bijection: B,
}

impl<B> Checkerboard<B> {
    /// Shows the two colours to a bijection.
    pub fn new(bijection: B) -> Self {
        Self { bijection }
    }
}

/// The places in a block of two by two pixels, in the order of the channels: one colour, then the other.
const PLACES: [(usize, usize); 4] = [(0, 0), (1, 1), (0, 1), (1, 0)];

fn colours(x: Tensor<4>) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    assert!(
        height.is_multiple_of(2) && width.is_multiple_of(2),
        "`x`: expected an even height and width for a checkerboard, got {height} x {width} pixels"
    );
    let blocks: Tensor<6> = x.reshape([batch, channels, height / 2, 2, width / 2, 2]);
    let place =
        |(i, j)| blocks.clone().narrow(3, i, 1).narrow(5, j, 1).reshape([batch, channels, height / 2, width / 2]);
    Tensor::cat(PLACES.map(place).into(), 1)
}

fn board(y: Tensor<4>) -> Tensor<4> {
    let [batch, channels, height, width] = y.dims();
    let channels = channels / 4;
    let place = |i: usize, j: usize| {
        let at = PLACES.iter().position(|place| *place == (i, j)).unwrap_or_default();
        y.clone().narrow(1, at * channels, channels).reshape([batch, channels, height, 1, width, 1])
    };
    let row = |i| Tensor::<6>::cat(vec![place(i, 0), place(i, 1)], 5);
    Tensor::cat(vec![row(0), row(1)], 3).reshape([batch, channels, 2 * height, 2 * width])
}

impl<C, B: Bijection<4, C> + ModuleDisplay> Bijection<4, C> for Checkerboard<B> {
    fn forward(&self, x: Tensor<4>, context: &C) -> (Tensor<4>, Tensor<1>) {
        let (y, log_det) = self.bijection.forward(colours(x), context);
        (board(y), log_det)
    }

    fn inverse(&self, y: Tensor<4>, context: &C) -> (Tensor<4>, Tensor<1>) {
        let (x, log_det) = self.bijection.inverse(colours(y), context);
        (board(x), log_det)
    }

    fn init_from_data(self, x: Tensor<4>, context: &C) -> (Self, Tensor<4>) {
        let (bijection, y) = self.bijection.init_from_data(colours(x), context);
        (Self { bijection }, board(y))
    }

    fn recompute_statistics(self, x: Tensor<4>, context: &C) -> (Self, Tensor<4>) {
        let (bijection, y) = self.bijection.recompute_statistics(colours(x), context);
        (Self { bijection }, board(y))
    }

    fn pull_back(
        &self,
        y: Tensor<4>,
        dy: Tensor<4>,
        d_log_det: &Tensor<1>,
        context: &C,
        grads: &mut GradientsParams,
    ) -> (Tensor<4>, Tensor<4>) {
        let (x, dx) = self.bijection.pull_back(colours(y), colours(dy), d_log_det, context, grads);
        (board(x), board(dx))
    }

    fn sees_context(&self) -> bool {
        self.bijection.sees_context()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkerboard_mask;
    use burn::tensor::{Device, Distribution};

    #[test]
    fn the_first_half_of_the_channels_is_where_the_mask_is_one() {
        let device = Device::default();
        let x = Tensor::<4>::random([2, 3, 4, 6], Distribution::Uniform(1.0, 2.0), &device);
        let inside = colours(x.clone());
        assert_eq!(board(inside.clone()).to_data(), x.to_data());
        let kept = Tensor::cat(vec![inside.clone().narrow(1, 0, 6), inside.narrow(1, 6, 6) * 0.0], 1);
        let masked = x * checkerboard_mask(4, 6, false, &device).unsqueeze();
        assert_eq!(board(kept).to_data(), masked.to_data());
    }
}
