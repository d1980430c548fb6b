//! The best Gaussian, in double precision: what every flow should beat.

use crate::source::Part;

/// A Gaussian with a full covariance, fitted by maximum likelihood.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Gaussian {
    means: Vec<f64>,
    /// Of the columns themselves: what follows sees them divided by it.
    scales: Vec<f64>,
    /// The Cholesky factor of the correlations, row after row.
    factor: Vec<Vec<f64>>,
}

impl Gaussian {
    /// `None` where columns depend on each other, or there are fewer rows than columns.
    pub(crate) fn fit(part: &Part) -> Option<Self> {
        let table = &part.table;
        let (rows, d) = (table.rows(), table.columns());
        let weight = |row: usize| part.weights.as_ref().map_or(1.0, |weights| weights[row]) / rows as f64;
        let mean = |values: &dyn Fn(usize) -> f64| (0..rows).map(|row| weight(row) * values(row)).sum::<f64>();
        // Relative to the first row, so that an offset costs no digits.
        let first = table.row(0);
        let means: Vec<f64> = (0..d).map(|i| first[i] + mean(&|row| table.row(row)[i] - first[i])).collect();
        let spread = |i: usize| (0..rows).map(|row| (table.row(row)[i] - means[i]).abs()).fold(0.0, f64::max);
        let scales: Vec<f64> = (0..d).map(spread).collect();
        let value = |row: usize, i: usize| (table.row(row)[i] - means[i]) / scales[i];
        let mut factor: Vec<Vec<f64>> = vec![];
        for i in 0..d {
            let mut entries: Vec<f64> = (0..=i).map(|j| mean(&|row| value(row, i) * value(row, j))).collect();
            let variance = entries[i];
            for j in 0..=i {
                let other = if j < i { &factor[j] } else { &entries };
                let product: f64 = entries[..j].iter().zip(other).map(|(a, b)| a * b).sum();
                let rest = entries[j] - product;
                entries[j] = if j < i { rest / factor[j][j] } else { rest };
            }
            // It is NaN in a column that does not vary.
            if entries[i].is_nan() || entries[i] <= 1e-12 * variance {
                return None;
            }
            entries[i] = entries[i].sqrt();
            factor.push(entries);
        }
        Some(Self { means, scales, factor })
    }

    /// The log-density of each row.
    pub(crate) fn log_probs(&self, rows: &[f64]) -> Vec<f64> {
        let d = self.means.len();
        let log_det: f64 = (0..d).map(|i| self.factor[i][i].ln() + self.scales[i].ln()).sum();
        let constant = 0.5 * d as f64 * (2.0 * std::f64::consts::PI).ln() + log_det;
        let one = |row: &[f64]| {
            let mut z: Vec<f64> = Vec::with_capacity(d);
            for (i, value) in row.iter().enumerate() {
                let product: f64 = self.factor[i].iter().zip(&z).map(|(a, b)| a * b).sum();
                z.push(((value - self.means[i]) / self.scales[i] - product) / self.factor[i][i]);
            }
            -0.5 * z.iter().map(|z| z * z).sum::<f64>() - constant
        };
        rows.chunks_exact(d).map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use flows_data::Table;

    use super::*;

    fn part(rows: Vec<[f64; 2]>) -> Part {
        Part { table: Table::from_rows(["a", "b"], rows).unwrap(), weights: None }
    }

    // Of the rows a Gaussian is fitted to, the mean log-density is -½ log det(2πe Σ).
    #[test]
    fn the_mean_log_density_is_the_negative_entropy_at_any_scale() {
        for (scale, offset) in [(1.0, 0.0), (1e-23, 0.0), (1e20, 5e20), (60.0, 1.7e9)] {
            let wave = |i: usize, step: f64| (i as f64 * step).sin();
            let rows: Vec<[f64; 2]> =
                (0..500).map(|i| [offset + scale * wave(i, 0.7), wave(i, 0.7) + wave(i, 1.3)]).collect();
            let part = part(rows);
            let gaussian = Gaussian::fit(&part).unwrap();
            let values = gaussian.log_probs(part.table.values());
            let mean = values.iter().sum::<f64>() / 500.0;
            // Variances of sines are ½, and these two do not correlate: det Σ = ½ · ½ in units of the scale, but for
            // the ends of the waves.
            let entropy = (2.0 * std::f64::consts::PI * std::f64::consts::E).ln() + 0.5 * 0.25f64.ln() + scale.ln();
            assert!((mean + entropy).abs() < 0.01, "{scale:e}: {mean} {entropy}");
        }
    }

    #[test]
    fn columns_that_depend_on_each_other_have_no_gaussian() {
        assert_eq!(Gaussian::fit(&part((0..9).map(|i| [i as f64, 2.0 * i as f64 + 1.0]).collect())), None);
        assert_eq!(Gaussian::fit(&part(vec![[1.0, 2.0]])), None);
    }
}
