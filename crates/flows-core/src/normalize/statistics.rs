//! Means and deviations of a batch.

use burn::tensor::{Tensor, TensorData};

use crate::statistics::of_tensor;

/// Mean and standard deviation over the batch and the last `reduced_axes` axes, for every other element of the event:
/// `[1, ...event]` each, with reduced axes of size one; computed on the host in double precision.
///
/// # Panics
/// If an element does not vary, or is not finite, as nothing could be divided by its deviation; the message names
/// the element.
pub(crate) fn mean_and_std<const D: usize>(x: Tensor<D>, reduced_axes: usize) -> (Tensor<D>, Tensor<D>) {
    let columns = of_tensor(&x, reduced_axes, false);
    if let Some(i) = columns.iter().position(|column| column.not_finite > 0 || column.is_constant()) {
        let std = if columns[i].not_finite > 0 { f64::NAN } else { columns[i].std };
        panic!("`x`: expected feature {i} to vary and to be finite, got a standard deviation of {std}");
    }
    let numbers = |values: Vec<f64>| event_of(&x, reduced_axes, values);
    (numbers(columns.iter().map(|c| c.mean).collect()), numbers(columns.iter().map(|c| c.std).collect()))
}

/// Mean and variance of every feature (axis 1), `[features]` each, as [`mean_and_std`] computes them, whether it varies
/// or not.
pub(super) fn feature_moments<const D: usize>(x: &Tensor<D>) -> (Tensor<1>, Tensor<1>) {
    let columns = of_tensor(x, D - 2, false);
    let numbers = |values: Vec<f64>| {
        let shape = [values.len()];
        Tensor::from_data(TensorData::new(values, shape), (&x.device(), x.dtype()))
    };
    (numbers(columns.iter().map(|c| c.mean).collect()), numbers(columns.iter().map(|c| c.variance()).collect()))
}

fn event_of<const D: usize>(x: &Tensor<D>, reduced_axes: usize, values: Vec<f64>) -> Tensor<D> {
    let dims = x.dims();
    let shape: [usize; D] =
        std::array::from_fn(|axis| if axis == 0 || axis >= D - reduced_axes { 1 } else { dims[axis] });
    Tensor::from_data(TensorData::new(values, shape), (&x.device(), x.dtype()))
}

/// The shape that broadcasts one number a feature over samples of rank `D`: `[1, features, 1, ...]`.
pub(crate) fn feature_shape<const D: usize>(features: usize) -> [usize; D] {
    std::array::from_fn(|axis| if axis == 1 { features } else { 1 })
}

/// How many elements of the event share a feature (axis 1): the number of pixels of an image, 1 for vectors.
pub(crate) fn spatial_size<const D: usize>(x: &Tensor<D>) -> usize {
    x.dims().iter().skip(2).product()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ActNormConfig, BatchNormConfig, Bijection, Density, DiagonalNormalConfig, Standardize};
    use burn::tensor::{Device, Distribution};

    const ROWS: usize = 100_000;

    /// Columns near 5e5 and 5000, of standard deviations 100 and 1, a hundred thousand rows of them.
    fn far_off(device: &Device) -> Tensor<2> {
        device.seed(3);
        let noise = Tensor::<2>::random([ROWS, 2], Distribution::Normal(0.0, 1.0), device);
        noise * Tensor::from_data([[100.0, 1.0]], device) + Tensor::from_data([[5e5, 5000.0]], device)
    }

    fn assert_standard(name: &str, y: &Tensor<2>) {
        for column in crate::ColumnStatistics::of_elements(y) {
            assert!(
                column.mean.abs() < 0.01 && (column.std - 1.0).abs() < 0.01,
                "{name}: {} {}",
                column.mean,
                column.std
            );
        }
    }

    // Sums of rows in single precision miss these means by up to 42 standard deviations.
    #[test]
    fn every_layer_that_starts_from_data_standardises_columns_far_from_zero() {
        let device = Device::default();
        let x = far_off(&device);
        assert_standard("Standardize", &Standardize::new(2, &device).init_from_data(x.clone(), &()).1);
        assert_standard("ActNorm", &ActNormConfig::new(2).init(&device).init_from_data(x.clone(), &()).1);
        let batch_norm = BatchNormConfig::new(2).with_epsilon(0.0).init(&device);
        assert_standard("BatchNorm", &batch_norm.recompute_statistics(x.clone(), &()).1);
        let normal = DiagonalNormalConfig::new(vec![2]).init::<2>(&device).init_from_data(x.clone(), &());
        assert_standard("DiagonalNormal", &((x - normal.loc.val()) / normal.log_scale.val().exp()));
    }

    #[test]
    fn channels_of_images_far_from_zero_are_standardised_over_their_pixels() {
        let device = Device::default();
        let x = far_off(&device).reshape([ROWS / 100, 100, 2]).swap_dims(1, 2).reshape([ROWS / 100, 2, 10, 10]);
        let (_, y) = Bijection::<4>::init_from_data(ActNormConfig::new(2).init(&device), x.clone(), &());
        let rows = |y: Tensor<4>| y.reshape([ROWS / 100, 2, 100]).swap_dims(1, 2).reshape([ROWS, 2]);
        assert_standard("ActNorm", &rows(y));
        let layer = BatchNormConfig::new(2).with_epsilon(0.0).init(&device);
        let (_, y) = Bijection::<4>::recompute_statistics(layer, x, &());
        assert_standard("BatchNorm", &rows(y));
    }
}
