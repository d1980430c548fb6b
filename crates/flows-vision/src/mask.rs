//! The masks of image couplings, as pictures of which pixels stay.

use burn::tensor::{Device, Tensor, TensorData};

/// The checkerboard: one where a coupling keeps a pixel, `(row + column)` even, or odd when `swapped`; `[height, width]`.
///
/// [`Checkerboard`](crate::Checkerboard) has the same pixels as its first half of channels.
///
/// ```
/// use burn::tensor::Device;
///
/// let mask = flows_vision::checkerboard_mask(2, 3, false, &Device::default());
/// assert_eq!(mask.to_data(), [[1.0f32, 0.0, 1.0], [0.0, 1.0, 0.0]].into());
/// ```
pub fn checkerboard_mask(height: usize, width: usize, swapped: bool, device: &Device) -> Tensor<2> {
    let kept = |at: usize| (at / width + at % width) % 2 == usize::from(swapped);
    mask((0..height * width).map(kept), [height, width], device)
}

/// The channel mask: one for the channels that a coupling keeps, the first half (the larger one where the number is
/// odd), or the second when `swapped`; `[channels]`.
///
/// [`FeatureSplit::halves`](flows_core::FeatureSplit::halves) keeps the same channels.
///
/// ```
/// use burn::tensor::Device;
///
/// let mask = flows_vision::channel_mask(3, true, &Device::default());
/// assert_eq!(mask.to_data(), [0.0f32, 0.0, 1.0].into());
/// ```
pub fn channel_mask(channels: usize, swapped: bool, device: &Device) -> Tensor<1> {
    let middle = channels.div_ceil(2);
    mask((0..channels).map(|channel| (channel < middle) != swapped), [channels], device)
}

fn mask<const D: usize>(kept: impl Iterator<Item = bool>, shape: [usize; D], device: &Device) -> Tensor<D> {
    let values: Vec<f32> = kept.map(|kept| if kept { 1.0 } else { 0.0 }).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}
