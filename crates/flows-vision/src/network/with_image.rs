//! A network that also sees an image.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
use flows_core::Conditioner;

use crate::squeeze::squeeze;

/// A network that also sees an image: its inputs, with the image's pixels appended as channels.
///
/// ```text
/// params = network([x, squeeze(image)])
/// ```
///
/// # Shapes
/// - `x`: `[batch, kept, height, width]`, the image: `[batch, channels, f·height, f·width]` with a whole factor `f`; the
///   network sees `[batch, kept + channels·f², height, width]`
///
/// # Panics
/// If the image's sizes are not the same multiple of those of `x`.
#[derive(Module, Debug)]
pub struct WithImage<N> {
    /// The network.
    pub network: N,
}

impl<N: Conditioner<4> + ModuleDisplay> Conditioner<4, Tensor<4>> for WithImage<N> {
    fn params(&self, x: Tensor<4>, image: &Tensor<4>) -> Tensor<4> {
        self.network.params(seen(x, image), &())
    }

    fn recompute_statistics(self, x: Tensor<4>, image: &Tensor<4>) -> Self {
        Self { network: self.network.recompute_statistics(seen(x, image), &()) }
    }
}

/// What the network sees of its input and the image.
fn seen(x: Tensor<4>, image: &Tensor<4>) -> Tensor<4> {
    let ([_, _, h, w], [_, _, height, width]) = (x.dims(), image.dims());
    let factor = height / h;
    assert!(
        h * factor == height && w * factor == width,
        "`image`: expected sizes that are the same multiple of {h} x {w}, got {height} x {width} pixels"
    );
    Tensor::cat(vec![x, squeeze(image.clone(), factor)], 1)
}
