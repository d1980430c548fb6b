//! Statistics of the columns of a data set, in double precision on the host.

use std::collections::HashSet;

use burn::tensor::{DType, Tensor};
use serde::{Deserialize, Serialize};

use crate::numerics::host;

/// Statistics of one column of a data set: of a feature, an element or a channel.
///
/// ```text
/// mean = 1/n Σ xᵢ        std² = 1/n Σ (xᵢ - mean)²        skewness = 1/n Σ (xᵢ - mean)³ / std³
/// excess kurtosis = 1/n Σ (xᵢ - mean)⁴ / std⁴ - 3
/// ```
///
/// Whatever the library starts from data it starts from these numbers: they are computed in double precision on the host,
/// in two passes and relative to the size of the values, so that neither an offset (UTM metres, Unix seconds) nor a
/// scale (1e-200, 1e200) costs digits. Devices add in single precision, and a column of 100,000 values near 500,000 then
/// has a mean that is wrong by many standard deviations.
///
/// # Example
/// ```
/// use flows_core::ColumnStatistics;
///
/// // Two columns, row after row.
/// let columns = ColumnStatistics::of_rows(&[1e9, 7.0, 1e9 + 1.0, 7.0, 1e9 + 2.0, 7.0], 2);
/// assert_eq!((columns[0].mean, columns[0].variance()), (1e9 + 1.0, 2.0 / 3.0));
/// assert_eq!((columns[0].minimum, columns[0].maximum, columns[0].distinct), (1e9, 1e9 + 2.0, 3));
/// assert_eq!(ColumnStatistics::constant(&columns), [1]);
/// ```
///
/// # Notes
/// Values that are NaN or infinite are counted in `not_finite` and enter nothing else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ColumnStatistics {
    /// The number of finite values, `n`.
    pub count: usize,
    /// The number of values that are NaN or infinite.
    pub not_finite: usize,
    /// The mean; NaN in a column without values, as are all the following.
    pub mean: f64,
    /// The standard deviation, of the values themselves: divided by `n`, not by `n - 1`.
    pub std: f64,
    /// The smallest value.
    pub minimum: f64,
    /// The largest value.
    pub maximum: f64,
    /// The number of distinct values, counted up to [`DISTINCT`](Self::DISTINCT).
    pub distinct: usize,
    /// Whether every value is a whole number.
    pub whole: bool,
    /// The skewness, 0 for symmetric data; NaN where nothing varies.
    pub skewness: f64,
    /// The excess kurtosis, 0 for a normal column and large for heavy tails; NaN where nothing varies.
    pub excess_kurtosis: f64,
    /// The relative rounding error of the values.
    resolution: f64,
}

impl ColumnStatistics {
    /// Distinct values are counted up to this number.
    pub const DISTINCT: usize = 1000;

    /// The statistics of every column of rows that lie one after the other.
    ///
    /// # Panics
    /// If the values do not fill whole rows.
    pub fn of_rows(values: &[f64], columns: usize) -> Vec<Self> {
        let whole = columns > 0 && values.len().is_multiple_of(columns);
        assert!(whole, "`values`: expected whole rows of {columns} columns, got {} values", values.len());
        statistics(values, columns, 1, f64::EPSILON, true)
    }

    /// The statistics of every element of the event over the batch, in row-major order.
    ///
    /// # Shapes
    /// - `x`: `[batch, ...event]`
    ///
    /// # Example
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use flows_core::ColumnStatistics;
    ///
    /// let x = Tensor::<2>::from_data([[1.0, -2.0], [3.0, 2.0]], &Device::default());
    /// let columns = ColumnStatistics::of_elements(&x);
    /// assert_eq!((columns[0].mean, columns[1].std), (2.0, 2.0));
    /// ```
    pub fn of_elements<const D: usize>(x: &Tensor<D>) -> Vec<Self> {
        of_tensor(x, 0, true)
    }

    /// The statistics of every feature (axis 1) over the batch and all further axes: of the channels of images over
    /// their pixels.
    ///
    /// # Shapes
    /// - `x`: `[batch, features, ...]`
    pub fn of_features<const D: usize>(x: &Tensor<D>) -> Vec<Self> {
        of_tensor(x, D - 2, true)
    }

    /// The variance; infinite or zero where the square of `std` is beyond double precision.
    pub fn variance(&self) -> f64 {
        self.std * self.std
    }

    /// Whether the column does not vary: its values differ by no more than the rounding of one of them.
    ///
    /// A constant in single precision whose mean is not exactly that constant is constant; so is a column without values.
    pub fn is_constant(&self) -> bool {
        let magnitude = self.minimum.abs().max(self.maximum.abs());
        // Halves: the range of a column may be beyond the largest number.
        self.count == 0 || 0.5 * self.maximum - 0.5 * self.minimum <= 0.5 * self.resolution * magnitude
    }

    /// The columns that do not vary, counted from 0.
    pub fn constant(columns: &[Self]) -> Vec<usize> {
        (0..columns.len()).filter(|&i| columns[i].is_constant()).collect()
    }

    /// The columns that hold a NaN or an infinity, counted from 0.
    pub fn not_finite(columns: &[Self]) -> Vec<usize> {
        (0..columns.len()).filter(|&i| columns[i].not_finite > 0).collect()
    }
}

/// The statistics of what the last `shared` axes and the batch have in common; distinct values are counted only where
/// somebody asks for them.
pub(crate) fn of_tensor<const D: usize>(x: &Tensor<D>, shared: usize, distinct: bool) -> Vec<ColumnStatistics> {
    let dims = x.dims();
    let columns = dims[1..D - shared].iter().product();
    let block = dims[D - shared..].iter().product();
    let resolution = match x.dtype() {
        DType::F64 => f64::EPSILON,
        DType::F16 => 2f64.powi(-10),
        DType::BF16 => 2f64.powi(-7),
        _ => f64::from(f32::EPSILON),
    };
    statistics(&host(x.clone().without_autodiff()), columns, block, resolution, distinct)
}

/// What the passes over a column gather.
#[derive(Default, Clone)]
struct Column {
    count: usize,
    not_finite: usize,
    minimum: f64,
    maximum: f64,
    fraction: bool,
    distinct: HashSet<u64>,
    /// A power of two no smaller than any value: numbers divided by it, and their powers, are in range.
    scale: f64,
    /// In units of `scale`.
    mean: f64,
    sums: [f64; 4],
}

/// Values come in blocks, each of one column; the columns take turns.
fn statistics(values: &[f64], columns: usize, block: usize, resolution: f64, distinct: bool) -> Vec<ColumnStatistics> {
    let fresh = Column { minimum: f64::INFINITY, maximum: f64::NEG_INFINITY, ..Column::default() };
    let mut gathered = vec![fresh; columns];
    pass(&mut gathered, values, block, |column, value| {
        if !value.is_finite() {
            column.not_finite += 1;
            return;
        }
        column.count += 1;
        column.minimum = column.minimum.min(value);
        column.maximum = column.maximum.max(value);
        column.fraction |= value.fract() != 0.0;
        if distinct && column.distinct.len() < ColumnStatistics::DISTINCT {
            // Zero has two signs.
            column.distinct.insert((value + 0.0).to_bits());
        }
    });
    for column in &mut gathered {
        column.scale = power_of_two(column.minimum.abs().max(column.maximum.abs()));
    }
    // Relative to the smallest value, so that the mean of a constant is that constant.
    pass(&mut gathered, values, block, |column, value| {
        if value.is_finite() {
            column.mean += value / column.scale - column.minimum / column.scale;
        }
    });
    for column in &mut gathered {
        column.mean = column.minimum / column.scale + column.mean / column.count as f64;
    }
    pass(&mut gathered, values, block, |column, value| {
        if value.is_finite() {
            let d = value / column.scale - column.mean;
            let powers = [d, d * d, d * d * d, d * d * d * d];
            column.sums.iter_mut().zip(powers).for_each(|(sum, power)| *sum += power);
        }
    });
    gathered.into_iter().map(|column| column.finish(resolution)).collect()
}

fn pass(gathered: &mut [Column], values: &[f64], block: usize, gather: impl Fn(&mut Column, f64)) {
    let columns = gathered.len();
    for (i, block) in values.chunks(block.max(1)).enumerate() {
        let column = &mut gathered[i % columns];
        block.iter().for_each(|&value| gather(column, value));
    }
}

impl Column {
    fn finish(self, resolution: f64) -> ColumnStatistics {
        let n = self.count as f64;
        // The first moment about the mean is what rounding left in the mean.
        let [rest, second, third, fourth] = self.sums.map(|sum| sum / n);
        let variance = (second - rest * rest).max(0.0);
        let absent = |value: f64| if self.count == 0 { f64::NAN } else { value };
        ColumnStatistics {
            count: self.count,
            not_finite: self.not_finite,
            mean: absent((self.mean + rest) * self.scale),
            std: absent(variance.sqrt() * self.scale),
            minimum: absent(self.minimum),
            maximum: absent(self.maximum),
            distinct: self.distinct.len(),
            whole: self.count > 0 && !self.fraction,
            skewness: third / variance.powf(1.5),
            excess_kurtosis: fourth / (variance * variance) - 3.0,
            resolution,
        }
    }
}

/// The smallest power of two that is no smaller than a magnitude, within a factor of two; 1 for zero.
fn power_of_two(magnitude: f64) -> f64 {
    if magnitude == 0.0 {
        return 1.0;
    }
    2f64.powi((magnitude.log2().ceil() as i32).clamp(-1000, 1023))
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData};
    use rand::RngExt;

    fn uniform(n: usize, seed: u64) -> Vec<f64> {
        let mut rng = crate::generator(seed, 0);
        (0..n).map(|_| rng.random::<f64>()).collect()
    }

    #[test]
    fn an_offset_and_a_scale_cost_no_digits() {
        let u = uniform(100_000, 1);
        let plain = ColumnStatistics::of_rows(&u, 1).remove(0);
        // A uniform column: mean 1/2, variance 1/12, skewness 0, excess kurtosis -6/5; five standard errors.
        assert!((plain.mean - 0.5).abs() < 5e-3 && (plain.variance() - 1.0 / 12.0).abs() < 1e-3);
        assert!(plain.skewness.abs() < 0.04 && (plain.excess_kurtosis + 1.2).abs() < 0.03);
        for (offset, scale) in [(1.7e9, 1.0), (-5.4e6, 1e-3), (0.0, 1e-200), (0.0, 1e200), (5e20, 1e20)] {
            let moved: Vec<f64> = u.iter().map(|u| offset + scale * u).collect();
            let column = ColumnStatistics::of_rows(&moved, 1).remove(0);
            // The rounding of the moved values themselves, which are f64.
            let tolerance = 1e-12 + 4.0 * f64::EPSILON * offset.abs() / scale;
            let (mean, std) = ((column.mean - offset) / scale, column.std / scale);
            assert!((mean - plain.mean).abs() < tolerance, "{offset} {scale}: {mean}, expected {}", plain.mean);
            assert!((std - plain.std).abs() < tolerance, "{offset} {scale}: {std}, expected {}", plain.std);
            assert!((column.excess_kurtosis - plain.excess_kurtosis).abs() < 1e2 * tolerance, "{offset} {scale}");
        }
    }

    // A constant 14.62 in single precision, a thousand times: its mean on a device is not 14.62.
    #[test]
    fn a_constant_column_is_known_whatever_its_value() {
        let device = Device::default();
        for value in [14.62f32, 0.0, -1e-30, 3.4e38] {
            let x = Tensor::<1>::from_data(TensorData::new(vec![value; 1000], [1000]), &device).reshape([1000, 1]);
            let column = ColumnStatistics::of_elements(&x).remove(0);
            assert!(column.is_constant() && column.std == 0.0 && column.distinct == 1, "{column:?}");
            assert_eq!(column.mean, f64::from(value));
        }
        let almost = ColumnStatistics::of_rows(&[1e9, 1e-9, 1e9 + 1e-6, 2e-9], 2);
        assert!(ColumnStatistics::constant(&almost).is_empty(), "they vary: {almost:?}");
        assert!(ColumnStatistics::of_rows(&[0.1 + 0.2, 0.3], 1)[0].is_constant(), "one rounding apart");
    }

    #[test]
    fn channels_are_taken_over_their_pixels_and_elements_over_the_batch() {
        let x = Tensor::<4>::from_data(
            [[[[1.0, 3.0]], [[10.0, 10.0]]], [[[5.0, 7.0]], [[10.0, 30.0]]]],
            &Device::default(),
        );
        let means = |columns: Vec<ColumnStatistics>| columns.iter().map(|c| c.mean).collect::<Vec<_>>();
        assert_eq!(means(ColumnStatistics::of_features(&x)), [4.0, 15.0]);
        assert_eq!(means(ColumnStatistics::of_elements(&x)), [3.0, 5.0, 10.0, 20.0]);
    }

    #[test]
    fn values_that_are_not_finite_are_counted_and_change_nothing_else() {
        let column = &ColumnStatistics::of_rows(&[1.0, f64::NAN, 3.0, f64::INFINITY, -0.0, 0.0], 1)[0];
        assert_eq!((column.count, column.not_finite, column.mean, column.maximum), (4, 2, 1.0, 3.0));
        assert!(column.whole && column.distinct == 3);
        let none = &ColumnStatistics::of_rows(&[f64::NAN], 1)[0];
        assert!(none.mean.is_nan() && none.is_constant());
        assert_eq!(ColumnStatistics::not_finite(&[column.clone(), none.clone()]), [0, 1]);
        assert!(ColumnStatistics::of_rows(&[], 3).iter().all(|column| column.count == 0));
    }
}
