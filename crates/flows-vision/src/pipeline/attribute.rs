//! Directions in latent space that have a meaning.

use burn::tensor::{Int, Tensor, TensorData};

/// The direction of an attribute: the mean latent of the images that have it, less that of those that have it not:
/// `[1, ...event]`.
///
/// Added to the latent of an image, a few tenths or halves of it at a time, it changes the attribute and leaves the
/// rest, more or less.
///
/// # Panics
/// If there is not one label a latent, or all images are of one kind.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
///
/// let latents = Tensor::<4>::from_data([[[[1.0]]], [[[3.0]]], [[[8.0]]]], &Device::default());
/// let direction = flows_vision::attribute_vector(latents, &[false, false, true]);
/// assert_eq!(direction.to_data(), [[[[6.0f32]]]].into());
/// ```
///
/// # Reference
/// "Glow: Generative Flow with Invertible 1x1 Convolutions", Kingma, Dhariwal, 2018, section 6,
/// <https://arxiv.org/abs/1807.03039>.
pub fn attribute_vector(latents: Tensor<4>, has: &[bool]) -> Tensor<4> {
    let n = latents.dims()[0];
    assert_eq!(has.len(), n, "`has`: expected one label a latent, {n}, got {}", has.len());
    let mean = |kind: bool| {
        let rows: Vec<i64> = (0..n).filter(|&i| has[i] == kind).map(|i| i as i64).collect();
        assert!(!rows.is_empty(), "`has`: expected images with and without the attribute, got one kind alone");
        let shape = [rows.len()];
        let rows = Tensor::<1, Int>::from_data(TensorData::new(rows, shape), &latents.device());
        latents.clone().select(0, rows).mean_dim(0)
    };
    mean(true) - mean(false)
}
