//! A mixture of Gaussians on the host, in double precision.

use super::GaussianMixtureConfig;
use super::expectation_maximization::{Mixture, Search, expectation_maximization, shares};
use crate::ColumnStatistics;

/// The reason why a mixture cannot be fitted to rows.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MixtureError {
    /// There are fewer rows than components.
    #[error("expected at least {components} rows, one a component, got {rows}")]
    TooFewRows {
        /// The number of rows.
        rows: usize,
        /// The number of components.
        components: usize,
    },
    /// A value is NaN or infinite.
    #[error("expected finite numbers, got {value} in row {row}, feature {feature}")]
    NotFinite {
        /// The row, counted from 0.
        row: usize,
        /// The feature, counted from 0.
        feature: usize,
        /// The value.
        value: f64,
    },
    /// A feature does not vary, and no Gaussian has a density there. Hint: leave it out.
    #[error("expected feature {feature} to vary, got {value} in every row; leave it out")]
    Constant {
        /// The feature, counted from 0.
        feature: usize,
        /// Its value.
        value: f64,
    },
}

/// A mixture of Gaussians with full covariances, in double precision on the host; made by
/// [`GaussianMixtureConfig::fit`].
///
/// ```text
/// log p(x) = log Σₖ wₖ N(x; μₖ, Σₖ)
/// ```
///
/// With one component it is the exact Gaussian of the rows, `μ = 1/n Σ xᵢ` and `Σ = 1/n Σ (xᵢ - μ)(xᵢ - μ)ᵀ`, whatever
/// the units of the columns. [`GaussianMixture::with_fit`](super::GaussianMixture::with_fit) makes a module of it.
///
/// # Example
/// ```
/// use flows_core::GaussianMixtureConfig;
///
/// // Two columns: one of the size 1e-3 and one of the size 1e6.
/// let rows = [1e-3, 0.0, -1e-3, 1e6, 0.0, -1e6, 0.0, 0.0];
/// let gaussian = GaussianMixtureConfig::new(vec![2], 1).fit(&rows)?;
/// let at_the_mean = gaussian.log_prob(&[0.0, 0.0])[0];
/// // Variances of 1e-6/2 and 1e12/2, and a correlation of -1/2: |Σ| = ¼ · ¾ · 1e6.
/// let expected = -0.5 * (0.25f64 * 0.75 * 1e6).ln() - (2.0 * std::f64::consts::PI).ln();
/// assert!((at_the_mean - expected).abs() < 1e-9);
/// # Ok::<(), flows_core::MixtureError>(())
/// ```
///
/// # Notes
/// A column that is a linear function of the others has no density of its own: its variance, given theirs, is then set
/// to 1e-13 of the whole, and the figure means little.
#[derive(Debug, Clone)]
pub struct FittedMixture {
    pub(super) shift: Vec<f64>,
    pub(super) scale: Vec<f64>,
    /// Of the standardised columns.
    pub(super) mixture: Mixture,
}

impl FittedMixture {
    /// The number of features.
    pub fn features(&self) -> usize {
        self.shift.len()
    }

    /// The weights of the components.
    pub fn weights(&self) -> Vec<f64> {
        self.mixture.log_weights.iter().map(|w| w.exp()).collect()
    }

    /// The means of the components, one after the other.
    pub fn means(&self) -> Vec<f64> {
        let place = |(i, mean): (usize, &f64)| {
            let column = i % self.features();
            self.shift[column] + self.scale[column] * mean
        };
        self.mixture.means.iter().enumerate().map(place).collect()
    }

    /// The Cholesky factors `A` of the precisions, `Σ⁻¹ = AᵀA`, lower triangular, one after the other:
    /// `[components, features, features]`.
    pub fn factors(&self) -> Vec<f64> {
        let place = |(i, factor): (usize, &f64)| factor / self.scale[i % self.features()];
        self.mixture.factors.iter().enumerate().map(place).collect()
    }

    /// The log-density of rows that lie one after the other, in nats.
    ///
    /// # Panics
    /// If the values do not fill whole rows.
    pub fn log_prob(&self, rows: &[f64]) -> Vec<f64> {
        let features = self.features();
        assert!(rows.len().is_multiple_of(features), "`rows`: expected whole rows of {features}, got {}", rows.len());
        let log_scale: f64 = self.scale.iter().map(|s| s.ln()).sum();
        let mut terms = vec![0.0; self.mixture.log_weights.len()];
        let mut log_prob = |row: &[f64]| {
            self.mixture.log_probs(&standardized(row, &self.shift, &self.scale), &mut terms);
            let log_prob = shares(&mut terms) - log_scale;
            // Infinity minus infinity, on the way.
            let beyond = log_prob.is_nan() && !row.iter().any(|value| value.is_nan());
            if beyond { f64::NEG_INFINITY } else { log_prob }
        };
        rows.chunks(features).map(&mut log_prob).collect()
    }
}

fn standardized(row: &[f64], shift: &[f64], scale: &[f64]) -> Vec<f64> {
    row.iter().zip(shift.iter().zip(scale)).map(|(v, (shift, scale))| (v - shift) / scale).collect()
}

impl GaussianMixtureConfig {
    /// Fits the mixture to rows that lie one after the other, in double precision.
    ///
    /// Columns are standardised; with more than one component, k-means++ and a few steps of expectation-maximisation run
    /// from each of `starts` choices of centres, and the best of them goes on.
    ///
    /// # Errors
    /// If there are fewer rows than components, a value is not finite, or a column does not vary.
    ///
    /// # Panics
    /// If the values do not fill whole rows.
    ///
    /// # Reference
    /// "k-means++: The Advantages of Careful Seeding", Arthur, Vassilvitskii, 2007; "Maximum Likelihood from Incomplete
    /// Data via the EM Algorithm", Dempster, Laird, Rubin, 1977.
    pub fn fit(&self, rows: &[f64]) -> Result<FittedMixture, MixtureError> {
        let features = self.event.iter().product::<usize>().max(1);
        self.fit_weighted(rows, &vec![1.0; rows.len() / features])
    }

    /// [`fit`](Self::fit) to rows that count by their weights: a weight of two is a row that stands there twice.
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    ///
    /// # Panics
    /// If the values do not fill whole rows, or there is not a weight of at least zero for each.
    ///
    /// # Example
    /// ```
    /// use flows_core::GaussianMixtureConfig;
    ///
    /// let config = GaussianMixtureConfig::new(vec![1], 1);
    /// let weighted = config.fit_weighted(&[0.0, 1.0, 5.0], &[2.0, 1.0, 0.0])?;
    /// assert!((weighted.means()[0] - 1.0 / 3.0).abs() < 1e-12);
    /// assert!((weighted.log_prob(&[0.5])[0] - config.fit(&[0.0, 0.0, 1.0])?.log_prob(&[0.5])[0]).abs() < 1e-12);
    /// # Ok::<(), flows_core::MixtureError>(())
    /// ```
    pub fn fit_weighted(&self, rows: &[f64], weights: &[f64]) -> Result<FittedMixture, MixtureError> {
        let features = self.event.iter().product();
        assert!(
            weights.len() * features == rows.len() && weights.iter().all(|weight| *weight >= 0.0),
            "`weights`: expected a number of at least 0 for each of {} rows, got {}",
            rows.len() / features,
            weights.len()
        );
        let columns = ColumnStatistics::of_rows(rows, features);
        let (count, components) = (rows.len() / features, self.components);
        if count < components {
            return Err(MixtureError::TooFewRows { rows: count, components });
        }
        if let Some(at) = rows.iter().position(|value| !value.is_finite()) {
            return Err(MixtureError::NotFinite { row: at / features, feature: at % features, value: rows[at] });
        }
        if let Some(&feature) = ColumnStatistics::constant(&columns).first() {
            return Err(MixtureError::Constant { feature, value: columns[feature].mean });
        }
        let (shift, scale): (Vec<f64>, Vec<f64>) = columns.iter().map(|column| (column.mean, column.std)).unzip();
        let data: Vec<f64> = rows.chunks(features).flat_map(|row| standardized(row, &shift, &scale)).collect();
        let search = Search { components, iterations: self.iterations, starts: self.starts, seed: self.seed };
        let mixture = expectation_maximization(&data, features, weights, search);
        Ok(FittedMixture { shift, scale, mixture })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_component_is_the_maximum_likelihood_gaussian() {
        let mixture = GaussianMixtureConfig::new(vec![2], 1).fit(&[1.0, 2.0, 3.0, 1.0, 5.0, 6.0]).unwrap();
        assert!(mixture.means().iter().all(|mean| (mean - 3.0).abs() < 1e-12));
        // Variances 8/3 and 14/3, covariance 8/3.
        let expected = -0.5 * (8.0f64 / 3.0 * 2.0).ln() - (2.0 * std::f64::consts::PI).ln();
        assert!((mixture.log_prob(&[3.0, 3.0])[0] - expected).abs() < 1e-12);
        assert_eq!(mixture.weights(), [1.0]);
    }

    #[test]
    fn rows_that_no_mixture_fits_are_named() {
        let fit = |components, rows: &[f64]| GaussianMixtureConfig::new(vec![2], components).fit(rows).unwrap_err();
        assert_eq!(fit(3, &[1.0, 2.0]), MixtureError::TooFewRows { rows: 1, components: 3 });
        let error = fit(1, &[1.0, 2.0, 3.0, f64::NAN]).to_string();
        assert_eq!(error, "expected finite numbers, got NaN in row 1, feature 1");
        assert_eq!(fit(1, &[1.0, 14.62, 3.0, 14.62]), MixtureError::Constant { feature: 1, value: 14.62 });
    }

    #[test]
    fn infinity_has_no_density_and_nan_none_that_is_known() {
        let mixture = GaussianMixtureConfig::new(vec![1], 1).fit(&[0.0, 1.0]).unwrap();
        let scores = mixture.log_prob(&[f64::INFINITY, 1e308, f64::NAN, 0.5]);
        assert_eq!(scores[..2], [f64::NEG_INFINITY; 2]);
        assert!(scores[2].is_nan() && scores[3].is_finite());
    }
}
