//! Student's t density fitted to numbers, on the host in double precision.

use std::f64::consts::PI;

use super::student_t::{FEWEST, SERIES, STEPS};
use crate::ColumnStatistics;

/// Points that stand for all numbers, at most: quantiles at equal steps.
const POINTS: usize = 1000;
/// Steps of reweighted least squares for each number of degrees of freedom.
const ITERATIONS: usize = 15;
/// The degrees of freedom that are tried, from almost normal to very heavy.
const DEGREES: [f64; 13] = [200.0, 60.0, 30.0, 15.0, 10.0, 7.0, 5.0, 3.5, 2.5, 1.7, 1.2, 0.8, 0.55];

/// Location, scale and degrees of freedom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct StudentTFit {
    pub(super) loc: f64,
    pub(super) scale: f64,
    pub(super) degrees: f64,
}

/// The best of a list of degrees of freedom, with location and scale by expectation-maximisation, then the top of a
/// parabola through its neighbours.
pub(super) fn fit(values: &[f64], column: &ColumnStatistics) -> StudentTFit {
    let points = standardised_quantiles(values, column);
    let (mut loc, mut scale) = (points[points.len() / 2], 1.0);
    let tried: Vec<(StudentTFit, f64)> = DEGREES
        .into_iter()
        .map(|degrees| {
            (0..ITERATIONS).for_each(|_| (loc, scale) = reweighted(&points, loc, scale, degrees));
            let fit = StudentTFit { loc, scale, degrees };
            (fit, likelihood(&points, &fit))
        })
        .collect();
    let best = (0..tried.len()).max_by(|&a, &b| tried[a].1.total_cmp(&tried[b].1)).unwrap_or(0);
    let StudentTFit { loc, scale, degrees } = refined(&points, &tried, best);
    StudentTFit { loc: column.mean + column.std * loc, scale: column.std * scale, degrees }
}

/// Quantiles in units of the standard deviation about the mean.
fn standardised_quantiles(values: &[f64], column: &ColumnStatistics) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.iter().map(|x| (x - column.mean) / column.std).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = sorted.len();
    if n <= POINTS {
        return sorted;
    }
    (0..POINTS).map(|i| sorted[((i as f64 + 0.5) * n as f64 / POINTS as f64) as usize]).collect()
}

/// A step of expectation-maximisation (Lange, Little, Taylor, 1989): far points weigh less.
fn reweighted(points: &[f64], loc: f64, scale: f64, degrees: f64) -> (f64, f64) {
    let weight = |x: f64| (degrees + 1.0) / (degrees + ((x - loc) / scale).powi(2));
    let total: f64 = points.iter().map(|x| weight(*x)).sum();
    let new = points.iter().map(|x| weight(*x) * x).sum::<f64>() / total;
    let square = points.iter().map(|x| weight(*x) * (x - new).powi(2)).sum::<f64>() / points.len() as f64;
    // Half of the points may be one and the same.
    (new, square.sqrt().max(1e-12))
}

fn likelihood(points: &[f64], fit: &StudentTFit) -> f64 {
    let StudentTFit { loc, scale, degrees } = *fit;
    let far: f64 = points.iter().map(|x| (((x - loc) / scale).powi(2) / degrees).ln_1p()).sum();
    log_gamma_step(0.5 * degrees)
        - 0.5 * (PI * degrees).ln()
        - scale.ln()
        - 0.5 * (degrees + 1.0) * far / points.len() as f64
}

/// `log Γ(x + ½) - log Γ(x)`, as the density has it.
fn log_gamma_step(x: f64) -> f64 {
    let far = x + STEPS as f64;
    let series = SERIES.iter().rev().fold(0.0, |sum, c| sum / (far * far) + c);
    (0..STEPS).fold(0.5 * far.ln() + series / far, |sum, k| sum - (0.5 / (x + k as f64)).ln_1p())
}

/// The top of the parabola, in the logarithm of the degrees of freedom, through the best and its neighbours.
fn refined(points: &[f64], tried: &[(StudentTFit, f64)], best: usize) -> StudentTFit {
    let fit = tried[best].0;
    if best == 0 || best + 1 == tried.len() {
        return fit;
    }
    let at = |i: usize| (tried[i].0.degrees.ln(), tried[i].1);
    let [(a, fa), (b, fb), (c, fc)] = [at(best - 1), at(best), at(best + 1)];
    let (left, right) = ((b - a) * (fb - fc), (b - c) * (fb - fa));
    let top = b - 0.5 * ((b - a) * left - (b - c) * right) / (left - right);
    if !top.is_finite() || top > a || top < c {
        return fit;
    }
    let degrees = top.exp().max(FEWEST + 1e-3);
    let (mut loc, mut scale) = (fit.loc, fit.scale);
    (0..ITERATIONS).for_each(|_| (loc, scale) = reweighted(points, loc, scale, degrees));
    let refined = StudentTFit { loc, scale, degrees };
    if likelihood(points, &refined) > tried[best].1 { refined } else { fit }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_a_cauchy_variable_have_one_degree_of_freedom() {
        let values: Vec<f64> =
            (0..20_001).map(|i| 7.0 + 2.0 * (PI * ((f64::from(i) + 0.5) / 20_001.0 - 0.5)).tan()).collect();
        let fit = fit(&values, &ColumnStatistics::of_rows(&values, 1)[0]);
        assert!(
            (fit.degrees - 1.0).abs() < 0.1 && (fit.loc - 7.0).abs() < 0.05 && (fit.scale - 2.0).abs() < 0.1,
            "{fit:?}"
        );
    }

    #[test]
    fn evenly_spread_numbers_have_many_degrees_of_freedom() {
        let values: Vec<f64> = (0..1000).map(f64::from).collect();
        let fit = fit(&values, &ColumnStatistics::of_rows(&values, 1)[0]);
        assert_eq!(fit.degrees, DEGREES[0]);
        assert!((fit.loc - 499.5).abs() < 1e-3, "{fit:?}");
    }
}
