//! Means and deviations of a batch.

use burn::tensor::Tensor;

use crate::numerics::host;

/// Mean and standard deviation over the batch, for every element of the event: `[1, ...event]` each.
///
/// # Panics
/// If an element does not vary, or is not finite, as nothing could be divided by its deviation; the message names
/// the element. The last `reduced_axes` axes are averaged over too.
pub(crate) fn mean_and_std<const D: usize>(x: Tensor<D>, reduced_axes: usize) -> (Tensor<D>, Tensor<D>) {
    let axes: Vec<usize> = std::iter::once(0).chain(D - reduced_axes..D).collect();
    let mean = x.clone().mean_dims(&axes);
    let centred = x - mean.clone();
    let std = (centred.clone() * centred).mean_dims(&axes).sqrt();
    let deviations = host(std.clone());
    if let Some(i) = deviations.iter().position(|s| !(s.is_finite() && *s > 0.0)) {
        panic!("`x`: expected feature {i} to vary and to be finite, got a standard deviation of {}", deviations[i]);
    }
    (mean, std)
}

/// The shape that broadcasts one number a feature over samples of rank `D`: `[1, features, 1, ...]`.
pub(crate) fn feature_shape<const D: usize>(features: usize) -> [usize; D] {
    std::array::from_fn(|axis| if axis == 1 { features } else { 1 })
}

/// How many elements of the event share a feature (axis 1): the number of pixels of an image, 1 for vectors.
pub(crate) fn spatial_size<const D: usize>(x: &Tensor<D>) -> usize {
    x.dims().iter().skip(2).product()
}
