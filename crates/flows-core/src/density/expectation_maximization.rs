//! Expectation-maximisation for a mixture of Gaussians, on the host in double precision.
//!
//! It works in whitened coordinates, in which the Gaussian of all rows is the standard normal: whatever the units of the
//! columns and however they depend on each other, one floor of the variances then means the same to all directions.

use std::f64::consts::PI;

use rand::RngExt;
use rayon::prelude::*;

use crate::generator::generator;

use super::triangular::{cholesky, inverse, product};

/// A mixture of Gaussians, its precisions given by their Cholesky factors `A` (`Σ⁻¹ = AᵀA`, lower triangular).
#[derive(Debug, Clone)]
pub(super) struct Mixture {
    /// `[components]`
    pub(super) log_weights: Vec<f64>,
    /// `[components, features]`
    pub(super) means: Vec<f64>,
    /// `A`, `[components, features, features]`.
    pub(super) factors: Vec<f64>,
}

/// How a mixture is sought.
#[derive(Debug, Clone, Copy)]
pub(super) struct Search {
    pub(super) components: usize,
    /// Steps at most.
    pub(super) iterations: usize,
    /// Choices of the first centres.
    pub(super) starts: usize,
    pub(super) seed: u64,
}

/// The smallest variance that a component may have in any direction, as a share of the variance of all rows in it: none
/// collapses on one point.
const FLOOR: f64 = 1e-6;
/// The same for the Gaussian of all rows. Columns that are linear functions of others leave rounding noise alone.
const SINGULAR: f64 = 1e-13;
/// The rows of a component that has none.
const NOBODY: f64 = 1e-10;
/// Steps after which the starts are compared.
const TRIAL: usize = 10;

/// Rows whose shares one thread computes; sums are taken in this order, however many threads there are.
const ROWS: usize = 4096;

/// Fits a mixture to weighted rows of standardised columns: the Gaussian of all rows where one component is asked for; else
/// k-means++ for the first centres, a few steps of expectation-maximisation from each start, and from the best of them
/// until the mean log-likelihood grows by less than 1e-6 nats.
pub(super) fn expectation_maximization(data: &[f64], features: usize, weights: &[f64], search: Search) -> Mixture {
    let centre = mean(data, features, weights);
    let whole = covariance(data, features, weights, 1, 0, &centre);
    let lower = cholesky(&whole, features, SINGULAR);
    let whiten = inverse(&lower, features);
    if search.components == 1 {
        return Mixture { log_weights: vec![0.0], means: centre, factors: whiten };
    }
    let white = whitened(data, features, &whiten);
    let trial = |start: usize| {
        let seed = search.seed.wrapping_add((start as u64) << 32);
        let centres = plus_plus_centres(data, features, weights, search.components, seed);
        let mut responsibilities = hard_assignment(data, features, weights, &centres);
        let mixture = maximization(&white, features, search.components, &responsibilities);
        climb(&white, features, weights, mixture, &mut responsibilities, search.iterations.min(TRIAL))
    };
    let starts = (0..search.starts.max(1)).map(trial);
    let (best, _) = starts.max_by(|(_, a), (_, b)| a.total_cmp(b)).expect("there is a start");
    let mut responsibilities = vec![0.0; white.len() / features * search.components];
    let rest = search.iterations.saturating_sub(TRIAL);
    let (mixture, _) = climb(&white, features, weights, best, &mut responsibilities, rest);
    unwhitened(mixture, features, &lower, &whiten)
}

/// The weighted mean of the columns.
fn mean(data: &[f64], features: usize, weights: &[f64]) -> Vec<f64> {
    let (mut sums, mut mass) = (vec![0.0; features], 0.0);
    for (row, weight) in data.chunks(features).zip(weights) {
        mass += weight;
        sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * value);
    }
    sums.iter_mut().for_each(|sum| *sum /= f64::max(mass, NOBODY));
    sums
}

/// Steps uphill from a mixture; the mixture and its mean log-likelihood before the last step.
fn climb(
    data: &[f64],
    features: usize,
    weights: &[f64],
    mut mixture: Mixture,
    responsibilities: &mut [f64],
    iterations: usize,
) -> (Mixture, f64) {
    let components = mixture.log_weights.len();
    let mut best = f64::NEG_INFINITY;
    for _ in 0..iterations {
        let likelihood = expectation(data, features, weights, &mixture, responsibilities);
        if likelihood - best < 1e-6 {
            break;
        }
        best = likelihood;
        mixture = maximization(data, features, components, responsibilities);
    }
    (mixture, best)
}

/// `W x` of every row.
fn whitened(data: &[f64], features: usize, whiten: &[f64]) -> Vec<f64> {
    let row = |row: &[f64]| -> Vec<f64> {
        (0..features).map(|i| (0..=i).map(|j| whiten[i * features + j] * row[j]).sum()).collect()
    };
    data.chunks(features).flat_map(row).collect()
}

/// A mixture of `W x` as one of `x`, with `W = L⁻¹`.
fn unwhitened(mixture: Mixture, features: usize, lower: &[f64], whiten: &[f64]) -> Mixture {
    let mean = |mean: &[f64]| -> Vec<f64> {
        (0..features).map(|i| (0..=i).map(|j| lower[i * features + j] * mean[j]).sum()).collect()
    };
    let factor = |factor: &[f64]| product(factor, whiten, features);
    Mixture {
        means: mixture.means.chunks(features).flat_map(mean).collect(),
        factors: mixture.factors.chunks(features * features).flat_map(factor).collect(),
        ..mixture
    }
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum()
}

/// The k-means++ choice: each further centre is a row drawn with probability proportional to its weight and its squared
/// distance from the nearest centre so far (Arthur, Vassilvitskii, 2007).
fn plus_plus_centres(data: &[f64], features: usize, weights: &[f64], components: usize, seed: u64) -> Vec<f64> {
    let mut rng = generator(seed, 0);
    let rows: Vec<&[f64]> = data.chunks(features).collect();
    let mut centres = rows[rng.random_range(0..rows.len())].to_vec();
    let mut nearest: Vec<f64> = rows.iter().map(|row| distance(row, &centres)).collect();
    for _ in 1..components {
        let shares = || nearest.iter().zip(weights).map(|(distance, weight)| distance * weight);
        let mut mark = rng.random::<f64>() * shares().sum::<f64>();
        let chosen = shares()
            .position(|share| {
                mark -= share;
                mark < 0.0
            })
            .unwrap_or(rows.len() - 1);
        centres.extend_from_slice(rows[chosen]);
        for (d, row) in nearest.iter_mut().zip(&rows) {
            *d = d.min(distance(row, rows[chosen]));
        }
    }
    centres
}

fn hard_assignment(data: &[f64], features: usize, weights: &[f64], centres: &[f64]) -> Vec<f64> {
    let components = centres.len() / features;
    let mut responsibilities = vec![0.0; data.len() / features * components];
    for ((row, r), weight) in data.chunks(features).zip(responsibilities.chunks_mut(components)).zip(weights) {
        let nearest = (0..components)
            .min_by(|&a, &b| {
                let at = |k: usize| distance(row, &centres[k * features..(k + 1) * features]);
                at(a).total_cmp(&at(b))
            })
            .unwrap_or(0);
        r[nearest] = *weight;
    }
    responsibilities
}

impl Mixture {
    /// Log-weight plus log-density of a row, in each component.
    pub(super) fn log_probs(&self, row: &[f64], out: &mut [f64]) {
        let features = row.len();
        let constant = 0.5 * features as f64 * (2.0 * PI).ln();
        for (k, out) in out.iter_mut().enumerate() {
            let (mean, factor) = (&self.means[k * features..], &self.factors[k * features * features..]);
            let (mut squares, mut log_det) = (0.0, 0.0);
            for i in 0..features {
                let z: f64 = (0..=i).map(|j| factor[i * features + j] * (row[j] - mean[j])).sum();
                squares += z * z;
                log_det += factor[i * features + i].ln();
            }
            *out = self.log_weights[k] - 0.5 * squares + log_det - constant;
        }
    }
}

/// `log Σ exp`; each of the terms becomes its share.
pub(super) fn shares(terms: &mut [f64]) -> f64 {
    let max = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    // Of a row that is out of reach of every component.
    if max == f64::NEG_INFINITY {
        return if terms.iter().any(|term| term.is_nan()) { f64::NAN } else { max };
    }
    let total = max + terms.iter().map(|v| (v - max).exp()).sum::<f64>().ln();
    terms.iter_mut().for_each(|v| *v = (*v - total).exp());
    total
}

/// Fills in the responsibilities, times the weight of their row, and returns the mean log-likelihood.
fn expectation(data: &[f64], features: usize, weights: &[f64], mixture: &Mixture, responsibilities: &mut [f64]) -> f64 {
    let components = mixture.log_weights.len();
    let part = |((rows, weights), responsibilities): ((&[f64], &[f64]), &mut [f64])| {
        let rows = rows.chunks(features).zip(weights).zip(responsibilities.chunks_mut(components));
        rows.fold(0.0, |total, ((row, weight), r)| {
            mixture.log_probs(row, r);
            let log_prob = shares(r);
            r.iter_mut().for_each(|share| *share *= weight);
            if *weight > 0.0 { total + weight * log_prob } else { total }
        })
    };
    let parts = data.par_chunks(features * ROWS).zip(weights.par_chunks(ROWS));
    let totals: Vec<f64> = parts.zip(responsibilities.par_chunks_mut(components * ROWS)).map(part).collect();
    totals.into_iter().sum::<f64>() / weights.iter().sum::<f64>()
}

fn maximization(data: &[f64], features: usize, components: usize, responsibilities: &[f64]) -> Mixture {
    let mut mass = vec![0.0; components];
    let mut means = vec![0.0; components * features];
    for (row, r) in data.chunks(features).zip(responsibilities.chunks(components)) {
        for (k, r) in r.iter().enumerate().filter(|(_, r)| **r > 0.0) {
            mass[k] += r;
            row.iter().enumerate().for_each(|(f, v)| means[k * features + f] += r * v);
        }
    }
    let total: f64 = mass.iter().sum();
    mass.iter_mut().for_each(|mass| *mass = f64::max(*mass, NOBODY));
    for (mean, mass) in means.chunks_mut(features).zip(&mass) {
        mean.iter_mut().for_each(|v| *v /= mass);
    }
    let factor = |k: usize| {
        let mean = &means[k * features..(k + 1) * features];
        let covariance = covariance(data, features, responsibilities, components, k, mean);
        inverse(&cholesky(&covariance, features, FLOOR), features)
    };
    let factors = (0..components).into_par_iter().map(factor).collect::<Vec<_>>().concat();
    Mixture { log_weights: mass.iter().map(|m| (m / total).ln()).collect(), means, factors }
}

/// The lower triangle of the covariance about a mean, with the weights in one of the columns of `weights`.
fn covariance(data: &[f64], n: usize, weights: &[f64], columns: usize, column: usize, mean: &[f64]) -> Vec<f64> {
    let (mut sums, mut mass, mut d) = (vec![0.0; n * n], 0.0, vec![0.0; n]);
    for (row, weight) in data.chunks(n).zip(weights.iter().skip(column).step_by(columns)).filter(|(_, w)| **w > 0.0) {
        mass += weight;
        d.iter_mut().zip(row.iter().zip(mean)).for_each(|(d, (v, m))| *d = v - m);
        for i in 0..n {
            let di = weight * d[i];
            sums[i * n..][..=i].iter_mut().zip(&d).for_each(|(sum, d)| *sum += di * d);
        }
    }
    sums.iter_mut().for_each(|sum| *sum /= f64::max(mass, NOBODY));
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_out_of_reach_has_no_density_and_a_nan_stays_one() {
        assert_eq!(shares(&mut [f64::NEG_INFINITY; 2]), f64::NEG_INFINITY);
        assert!(shares(&mut [f64::NAN, f64::NEG_INFINITY]).is_nan());
        assert!((shares(&mut [0.0, 0.0]) - 2f64.ln()).abs() < 1e-15);
    }

    #[test]
    fn units_and_correlations_of_the_columns_change_nothing() {
        // Two groups apart in the first column; the second is nearly the first.
        let rows = |a: f64, b: f64| -> Vec<f64> {
            (0..200)
                .flat_map(|i| {
                    let x = if i % 2 == 0 { -1.0 } else { 1.0 } + 0.1 * (i as f64 * 0.7).sin();
                    [a * x, b * (x + 1e-4 * (i as f64 * 1.3).cos())]
                })
                .collect()
        };
        let search = Search { components: 2, iterations: 100, starts: 3, seed: 0 };
        let mean = |data: &[f64]| {
            let mixture = expectation_maximization(data, 2, &[1.0; 200], search);
            let mut terms = [0.0; 2];
            let total: f64 = data
                .chunks(2)
                .map(|row| {
                    mixture.log_probs(row, &mut terms);
                    shares(&mut terms)
                })
                .sum();
            total / 200.0
        };
        let (plain, scaled) = (mean(&rows(1.0, 1.0)), mean(&rows(1.0, -2.0)));
        assert!((plain - 2f64.ln() - scaled).abs() < 1e-6, "{plain} and {scaled}");
    }
}
