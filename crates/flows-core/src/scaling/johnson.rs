//! Johnson's SU transformation, fitted to a column by maximum likelihood.

use super::ColumnMap;
use super::column_map::{asinh, log_cosh};
use super::nelder_mead::minimize;

/// Points that stand for a column, at most: quantiles at equal steps.
const POINTS: usize = 10_000;
/// The largest share of a column that may be one and the same value.
const ATOM: f64 = 0.05;
/// Fewer values say nothing of tails.
const FEWEST: usize = 20;
/// Evaluations of the likelihood from each start.
const EVALUATIONS: usize = 200;

/// A transformation that was fitted, and what it gains.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct JohnsonFit {
    /// `ξ`.
    pub(crate) loc: f64,
    /// `λ`.
    pub(crate) scale: f64,
    /// The mean and the standard deviation after the transformation.
    pub(crate) mean: f64,
    /// See `mean`.
    pub(crate) std: f64,
    /// By how much a normal density after the transformation is better than one of the column itself, in nats a row.
    pub(crate) gain: f64,
}

impl JohnsonFit {
    /// The map of a column.
    pub(super) fn map(&self) -> ColumnMap {
        ColumnMap::Johnson { loc: self.loc, scale: self.scale, mean: self.mean, std: self.std }
    }
}

/// Fits `ξ` and `λ` so that `asinh((x - ξ)/λ)` is as near to a normal variable as it gets, in likelihood:
///
/// ```text
/// L(ξ, λ) = -½ log Var(u) - log λ - mean log cosh u,   u = asinh((x - ξ)/λ)
/// ```
///
/// from three starts: the middle of the column, and the feet of a tail to either side. `None` for columns that are
/// constant between the quartiles, or of which one value makes up a twentieth: a density has no atoms, and the
/// transformation would draw it out.
pub(crate) fn fit(values: &[f64]) -> Option<JohnsonFit> {
    let points = quantiles(values);
    let n = points.len();
    if n < FEWEST {
        return None;
    }
    let at = |share: f64| points[((n - 1) as f64 * share).round() as usize];
    let (median, spread) = (at(0.5), (at(0.75) - at(0.25)) / 1.349);
    if !(spread > 0.0 && spread.is_finite()) || longest_run(&points) as f64 > ATOM * n as f64 {
        return None;
    }
    // In units of the spread about the median: the search sees no units.
    let points: Vec<f64> = points.iter().map(|x| (x - median) / spread).collect();
    // Of a long tail the other side tells how fine the column is where it is dense.
    let fine = (at(0.5) - at(0.25)).min(at(0.75) - at(0.5)) / spread;
    let smallest = fine.max(1e-4).ln() - 9.0;
    let loss = |[loc, log_scale]: [f64; 2]| {
        let inside = loc.abs() < 1e3 && log_scale > smallest && log_scale < 10.0;
        if inside { -likelihood(&points, loc, log_scale.exp()).0 } else { f64::INFINITY }
    };
    let low = (at(0.02) - median) / spread;
    let high = (at(0.98) - median) / spread;
    let starts = [[0.0, 0.0], [low, (-low).max(1e-3).ln()], [high, high.max(1e-3).ln()]];
    let found = starts.into_iter().map(|start| minimize(loss, start, 0.5, EVALUATIONS));
    let ([loc, log_scale], negative) = found.min_by(|a, b| a.1.total_cmp(&b.1))?;
    let (_, mean, std) = likelihood(&points, loc, log_scale.exp());
    let linear = -0.5 * variance(&points, points.iter().sum::<f64>() / n as f64).ln();
    let fit =
        JohnsonFit { loc: median + spread * loc, scale: spread * log_scale.exp(), mean, std, gain: -negative - linear };
    (fit.map().is_valid() && fit.gain.is_finite()).then_some(fit)
}

/// The likelihood up to a constant, and mean and standard deviation of the transformed points.
fn likelihood(points: &[f64], loc: f64, scale: f64) -> (f64, f64, f64) {
    let n = points.len() as f64;
    let transformed: Vec<f64> = points.iter().map(|x| asinh((x - loc) / scale)).collect();
    let mean = transformed.iter().sum::<f64>() / n;
    let variance = variance(&transformed, mean);
    let slope = transformed.iter().map(|u| log_cosh(*u)).sum::<f64>() / n;
    (-0.5 * variance.ln() - scale.ln() - slope, mean, variance.sqrt())
}

fn variance(values: &[f64], mean: f64) -> f64 {
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64
}

/// The sorted values, or quantiles of them where there are many.
fn quantiles(values: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = sorted.len();
    if n <= POINTS {
        return sorted;
    }
    (0..POINTS).map(|i| sorted[((i as f64 + 0.5) * n as f64 / POINTS as f64) as usize]).collect()
}

fn longest_run(sorted: &[f64]) -> usize {
    sorted.chunk_by(|a, b| a == b).map(<[f64]>::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    fn share(i: usize, n: usize) -> f64 {
        (i as f64 + 0.5) / n as f64
    }

    #[test]
    fn a_column_that_was_transformed_gives_its_transformation_back() {
        let true_map = ColumnMap::Johnson { loc: 1e6, scale: 3.0, mean: 0.7, std: 1.5 };
        let values: Vec<f64> = hastings(20_001).into_iter().map(|y| true_map.inverse(y)).collect();
        let fit = fit(&values).expect("it varies");
        assert!((fit.loc - 1e6).abs() < 0.1 && (fit.scale - 3.0).abs() < 0.1, "{fit:?}");
        assert!((fit.mean - 0.7).abs() < 0.05 && (fit.std - 1.5).abs() < 0.05 && fit.gain > 0.5, "{fit:?}");
    }

    /// Quantiles of a standard normal variable to 5e-4 (Abramowitz, Stegun, 26.2.23).
    fn hastings(n: usize) -> Vec<f64> {
        let upper = |p: f64| {
            let t = (-2.0 * p.ln()).sqrt();
            t - (2.515517 + 0.802853 * t + 0.010328 * t * t)
                / (1.0 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t.powi(3))
        };
        (0..n).map(|i| share(i, n)).map(|p| if p < 0.5 { -upper(p) } else { upper(1.0 - p) }).collect()
    }

    #[test]
    fn heavy_tails_gain_and_light_ones_do_not() {
        let n = 20_000;
        let cauchy: Vec<f64> = (0..n).map(|i| (PI * (share(i, n) - 0.5)).tan()).collect();
        assert!(fit(&cauchy).expect("it varies").gain > 1.0);
        let log_normal: Vec<f64> = hastings(n).into_iter().map(|z| (2.0 * z).exp()).collect();
        let fitted = fit(&log_normal).expect("it varies");
        // The differential entropy of a log-normal variable with σ = 2 is ½ log 2πe + log 2: the fit is nearly exact.
        let second = log_normal.iter().map(|x| x * x).sum::<f64>() / n as f64;
        let mean = log_normal.iter().sum::<f64>() / n as f64;
        let best = 0.5 * (second - mean * mean).ln() - 2f64.ln();
        assert!(fitted.gain > best - 0.02, "{fitted:?}, at best {best}");
        assert!(fit(&hastings(n)).expect("it varies").gain < 1e-3);
    }

    #[test]
    fn atoms_and_constants_are_left_alone() {
        let mut values = hastings(1000);
        values[..100].fill(0.0);
        assert_eq!(fit(&values), None);
        assert_eq!(fit(&[1.0; 100]), None);
        assert_eq!(fit(&[]), None);
    }
}
