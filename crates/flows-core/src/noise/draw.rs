//! Tensors of random numbers.

use burn::tensor::{DType, Distribution, Tensor, TensorCreationOptions, TensorData};

use super::numbers::{Kind, numbers};
use super::scope::{Draw, from_device};
use crate::is_host;

/// Uniform numbers in `0..1`, one row of the first axis a row of the [`scope`](super::scope()).
///
/// Outside of any scope, they come from the generator of the device. Of another number of rows than the scope has (several
/// samples for each, say) they follow from the first row of the scope and their place.
///
/// # Example
/// ```
/// use burn::tensor::Device;
/// use flows_core::noise;
///
/// let u = noise::scope(1, 0, &[0, 1], || noise::uniform([2, 5], &Device::default()));
/// assert!(u.min().into_scalar::<f32>() >= 0.0);
/// ```
pub fn uniform<const D: usize>(shape: [usize; D], options: impl Into<TensorCreationOptions>) -> Tensor<D> {
    draw(Kind::Uniform, Distribution::Uniform(0.0, 1.0), shape, options.into())
}

/// Standard normal numbers, one row of the first axis a row of the [`scope`](super::scope()).
///
/// Outside of any scope, they come from the generator of the device. See [`uniform`].
///
/// # Example
/// ```
/// use burn::tensor::Device;
/// use flows_core::noise;
///
/// let z = noise::scope(1, 0, &[0, 1], || noise::normal([2, 5], &Device::default()));
/// assert_eq!(z.dims(), [2, 5]);
/// ```
pub fn normal<const D: usize>(shape: [usize; D], options: impl Into<TensorCreationOptions>) -> Tensor<D> {
    draw(Kind::Normal, Distribution::Normal(0.0, 1.0), shape, options.into())
}

fn draw<const D: usize>(
    kind: Kind,
    distribution: Distribution,
    shape: [usize; D],
    options: TensorCreationOptions,
) -> Tensor<D> {
    match Draw::next() {
        Some(drawn) => of_scope(kind, &drawn, shape, 0, options),
        None => Tensor::random(shape, distribution, options),
    }
}

/// What dropout multiplies by: zero with the probability, `1 / (1 - probability)` elsewhere. The rows of the scope are on
/// `axis`.
pub(crate) fn kept<const D: usize>(
    probability: f64,
    shape: [usize; D],
    axis: usize,
    options: TensorCreationOptions,
) -> Tensor<D> {
    let kind = Kind::kept(probability);
    let host = is_host(&options.device);
    match Draw::next() {
        Some(drawn) if drawn.shared || host => of_scope(kind, &drawn, shape, axis, options),
        // One number of the device's generator seeds all, which is much faster than as many numbers.
        None if host => by_place(kind, from_device(&options.device), shape, options),
        drawn => {
            if let Some(drawn) = drawn {
                options.device.seed(drawn.of_part());
            }
            let kept = 1.0 - probability;
            Tensor::random(shape, Distribution::Bernoulli(kept), options) * kept.recip()
        }
    }
}

/// Numbers of the rows of a scope, which are on `axis`.
fn of_scope<const D: usize>(
    kind: Kind,
    draw: &Draw,
    shape: [usize; D],
    axis: usize,
    options: TensorCreationOptions,
) -> Tensor<D> {
    if shape[axis] != draw.len() {
        return by_place(kind, draw.of_part(), shape, options);
    }
    let (outer, inner) = (shape[..axis].iter().product(), shape[axis + 1..].iter().product());
    let data = match precision(&options) {
        DType::F64 => TensorData::new(numbers::<f64>(kind, draw.key, draw.rows(), outer, inner), shape),
        _ => TensorData::new(numbers::<f32>(kind, draw.key, draw.rows(), outer, inner), shape),
    };
    Tensor::from_data(data, options)
}

/// Numbers that belong to no row.
fn by_place<const D: usize>(kind: Kind, key: u64, shape: [usize; D], options: TensorCreationOptions) -> Tensor<D> {
    let rows = 0..shape[0] as u64;
    let inner = shape[1..].iter().product();
    let data = match precision(&options) {
        DType::F64 => TensorData::new(numbers::<f64>(kind, key, rows, 1, inner), shape),
        _ => TensorData::new(numbers::<f32>(kind, key, rows, 1, inner), shape),
    };
    Tensor::from_data(data, options)
}

/// The type of the numbers of a tensor that is made with these options.
fn precision(options: &TensorCreationOptions) -> DType {
    options.dtype.unwrap_or_else(|| options.device.settings().float_dtype.into())
}
