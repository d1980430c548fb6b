//! A linear map after which columns do not correlate.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};
use flows_core::{ColumnStatistics, GaussianMixtureConfig};

use super::prepared::host;

/// A linear map that is not trained, after which the training rows have mean zero and no correlations.
///
/// ```text
/// z = A (y - mean)        log_det = Σ log Aᵢᵢ,        A lower triangular
/// ```
///
/// Column `i` of `z` is what the columns before it do not tell of column `i`, with unit variance. Columns that do not vary stay as
/// they are, and so do those that follow from others to less than a given share: the number of a word among those of all others
/// is one such. What is left of them is the rounding, which is not the same on another device.
#[derive(Module, Debug)]
pub struct Whitening {
    mean: Param<Tensor<2>>,
    factor: Param<Tensor<2>>,
    inverse: Param<Tensor<2>>,
}

/// The largest slope of columns that are modelled: none is scaled up more than that, however well the others predict it.
pub(super) const STEEPEST: f64 = 1e4;
/// The same of what rows are given, which a network standardises whatever its scale: a network is to see what tells two columns
/// apart, and not their rounding.
pub(super) const STEEPEST_GIVEN: f64 = 300.0;

impl Whitening {
    /// The identity.
    pub fn identity(features: usize, device: &Device) -> Self {
        flows_core::budget::claim([features, features]);
        let fixed = |tensor: Tensor<2>| Param::from_tensor(tensor).set_require_grad(false);
        Self {
            mean: fixed(Tensor::zeros([1, features], device)),
            factor: fixed(Tensor::eye(features, device)),
            inverse: fixed(Tensor::eye(features, device)),
        }
    }

    /// Takes it from weighted rows. A column of which the others leave less than a part in `steepest` stays as it is.
    pub fn of(x: &[f64], features: usize, weights: &[f64], steepest: f64, device: &Device) -> Self {
        let columns = ColumnStatistics::of_rows(x, features);
        let varying: Vec<usize> = (0..features).filter(|column| !columns[*column].is_constant()).collect();
        let n = varying.len();
        let seen: Vec<f64> =
            x.chunks_exact(features).flat_map(|row| varying.iter().map(|column| row[*column])).collect();
        let fit = match n {
            0 => return Self::identity(features, device),
            _ => GaussianMixtureConfig::new(vec![n], 1).fit_weighted(&seen, weights),
        };
        let Ok(fit) = fit else { return Self::identity(features, device) };
        let (found, found_mean) = (fit.factors(), fit.means());
        let (mut factor, mut mean) = (vec![0.0; features * features], vec![0.0; features]);
        (0..features).for_each(|i| factor[i * features + i] = 1.0);
        for (at, &i) in varying.iter().enumerate() {
            mean[i] = found_mean[at];
            if found[at * n + at] * columns[i].std < steepest {
                varying[..=at].iter().zip(&found[at * n..]).for_each(|(&j, slope)| factor[i * features + j] = *slope);
            }
        }
        let fixed = |values: Vec<f64>, rows: usize| {
            let data = TensorData::new(values, [rows, features]);
            Param::from_tensor(Tensor::<2>::from_data(data, device)).set_require_grad(false)
        };
        let inverse = inverse(&factor, features);
        Self { mean: fixed(mean, 1), factor: fixed(factor, features), inverse: fixed(inverse, features) }
    }

    /// Rows on the host, in double precision, and the log-determinant.
    pub(super) fn forward_host(&self, x: &[f64]) -> (Vec<f64>, f64) {
        let (mean, factor) = (host(self.mean.val()), host(self.factor.val()));
        let n = mean.len();
        let mut z = Vec::with_capacity(x.len());
        for row in x.chunks_exact(n) {
            z.extend((0..n).map(|i| (0..=i).map(|j| factor[i * n + j] * (row[j] - mean[j])).sum::<f64>()));
        }
        (z, (0..n).map(|i| factor[i * n + i].ln()).sum())
    }

    /// Columns to uncorrelated ones, and the log-determinant of each row.
    pub fn forward(&self, x: Tensor<2>) -> (Tensor<2>, Tensor<1>) {
        let [rows, n] = x.dims();
        let factor = self.factor.val().tril(0);
        let eye = Tensor::<2>::eye(n, &factor.device()).cast(factor.dtype());
        let log_det = (factor.clone() * eye).sum_dim(1).log().sum();
        let z = match rows {
            0 => x,
            _ => (x - self.mean.val()).matmul(factor.transpose()),
        };
        let log_det = if rows == 0 { Tensor::empty([0], (&z.device(), z.dtype())) } else { log_det.expand([rows]) };
        (z, log_det)
    }

    /// Uncorrelated columns back.
    pub fn inverse(&self, z: Tensor<2>) -> Tensor<2> {
        match z.dims()[0] {
            0 => z,
            _ => z.matmul(self.inverse.val().tril(0).transpose()) + self.mean.val(),
        }
    }
}

/// The inverse of a lower triangular matrix.
fn inverse(factor: &[f64], n: usize) -> Vec<f64> {
    let mut inverse = vec![0.0; n * n];
    for column in 0..n {
        for i in column..n {
            let unit = if i == column { 1.0 } else { 0.0 };
            let dot: f64 = (column..i).map(|k| factor[i * n + k] * inverse[k * n + column]).sum();
            inverse[i * n + column] = (unit - dot) / factor[i * n + i];
        }
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_rows_do_not_correlate_and_come_back() {
        let device = Device::default();
        let wave = |i: usize, step: f64| (i as f64 * step).sin();
        let rows: Vec<f64> = (0..500)
            .flat_map(|i| [wave(i, 0.7), wave(i, 0.7) + 0.1 * wave(i, 1.3), wave(i, 2.1) - wave(i, 0.7)])
            .collect();
        let whitening = Whitening::of(&rows, 3, &[1.0; 500], STEEPEST, &device);
        let (z, log_det) = whitening.forward_host(&rows);
        for (i, column) in ColumnStatistics::of_rows(&z, 3).iter().enumerate() {
            // The factor is kept in single precision.
            assert!(column.mean.abs() < 1e-5 && (column.std - 1.0).abs() < 1e-5, "{i}: {column:?}");
        }
        let products: f64 = z.chunks(3).map(|row| row[0] * row[1]).sum::<f64>() / 500.0;
        assert!(products.abs() < 1e-5, "{products}");
        let x = Tensor::<2>::from_data(TensorData::new(rows.clone(), [500, 3]), &device);
        let (on_device, log_dets) = whitening.forward(x.clone());
        let first = host(log_dets)[0];
        assert!((first - log_det).abs() < 1e-4, "{first} for {log_det}");
        let off = (whitening.inverse(on_device) - x).abs().max().into_scalar::<f32>();
        assert!(off < 1e-5, "{off}");
    }

    #[test]
    fn columns_that_follow_from_others_stay_as_they_are() {
        // Numbers of three words, of which one is one, and a sum.
        let rows: Vec<f64> = (0..300)
            .flat_map(|i| {
                let word = [0, 0, 0, 1, 1, 2][i % 6];
                let x = (i as f64 * 0.7).sin();
                [
                    f64::from(u8::from(word == 0)),
                    f64::from(u8::from(word == 1)),
                    f64::from(u8::from(word == 2)),
                    x,
                    x + word as f64,
                ]
            })
            .collect();
        let device = Device::default();
        let whitening = Whitening::of(&rows, 5, &[1.0; 300], STEEPEST_GIVEN, &device);
        let z = whitening.forward_host(&rows).0;
        let columns = ColumnStatistics::of_rows(&z, 5);
        assert!(columns.iter().all(|column| column.std > 0.2 && column.std < 2.0), "{columns:?}");
        // What a device makes of them is the same.
        let (on_device, _) =
            whitening.forward(Tensor::<2>::from_data(TensorData::new(rows.clone(), [300, 5]), &device));
        let off = host(on_device).iter().zip(&z).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(off < 1e-4, "{off}");
    }

    #[test]
    fn a_column_that_does_not_vary_stays_and_the_others_are_white() {
        let wave = |i: usize, step: f64| (i as f64 * step).sin();
        let rows: Vec<f64> = (0..500).flat_map(|i| [wave(i, 0.7), 3.0, wave(i, 0.7) + 0.2 * wave(i, 1.3)]).collect();
        let whitening = Whitening::of(&rows, 3, &[1.0; 500], STEEPEST, &Device::default());
        let z = whitening.forward_host(&rows).0;
        assert!(z.chunks(3).all(|row| (row[1] - 3.0).abs() < 1e-6));
        let products: f64 = z.chunks(3).map(|row| row[0] * row[2]).sum::<f64>() / 500.0;
        assert!(products.abs() < 1e-5, "{products}");
    }
}
