//! Expectation-maximisation for a mixture of Gaussians, on the host in double precision.

use std::f64::consts::PI;

use rand::RngExt;

use crate::generator::generator;

/// A mixture of Gaussians, its precisions given by their Cholesky factors `A` (`Σ⁻¹ = AᵀA`, lower triangular).
pub(super) struct Mixture {
    /// `[components]`
    pub(super) log_weights: Vec<f64>,
    /// `[components, features]`
    pub(super) means: Vec<f64>,
    /// Logarithms of the diagonals of `A`, `[components, features]`.
    pub(super) log_diagonals: Vec<f64>,
    /// `A` below the diagonal, `[components, features, features]`.
    pub(super) lower: Vec<f64>,
}

/// Fits a mixture to row-major data: k-means++ for the first centres, then expectation-maximisation until the mean
/// log-likelihood grows by less than 1e-6 nats.
///
/// # Panics
/// If there are fewer rows than components or a value is not finite.
pub(super) fn expectation_maximization(
    data: &[f64],
    rows: usize,
    features: usize,
    components: usize,
    iterations: usize,
    seed: u64,
) -> Mixture {
    assert!(rows >= components, "`x`: expected at least {components} rows, one a component, got {rows}");
    if let Some(i) = data.iter().position(|v| !v.is_finite()) {
        panic!("`x`: expected finite numbers, got {} in row {}, feature {}", data[i], i / features, i % features);
    }
    let floor = variance_floor(data, features);
    let mut responsibilities = hard_assignment(data, features, &plus_plus_centres(data, features, components, seed));
    let mut mixture = maximization(data, features, components, &responsibilities, floor);
    let mut best = f64::NEG_INFINITY;
    for _ in 0..iterations {
        let likelihood = expectation(data, features, &mixture, &mut responsibilities);
        if likelihood - best < 1e-6 {
            break;
        }
        best = likelihood;
        mixture = maximization(data, features, components, &responsibilities, floor);
    }
    mixture
}

/// The smallest variance a component may have: a millionth of the data's, so that none collapses on one point.
fn variance_floor(data: &[f64], features: usize) -> f64 {
    let rows = (data.len() / features) as f64;
    let total: f64 = (0..features)
        .map(|f| {
            let column = || data.iter().skip(f).step_by(features);
            let mean = column().sum::<f64>() / rows;
            column().map(|v| (v - mean).powi(2)).sum::<f64>() / rows
        })
        .sum();
    (1e-6 * total / features as f64).max(f64::MIN_POSITIVE.sqrt())
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum()
}

/// The k-means++ choice: each further centre is a row drawn with probability proportional to its squared distance
/// from the nearest centre so far (Arthur, Vassilvitskii, 2007).
fn plus_plus_centres(data: &[f64], features: usize, components: usize, seed: u64) -> Vec<f64> {
    let mut rng = generator(seed, 0);
    let rows: Vec<&[f64]> = data.chunks(features).collect();
    let mut centres = rows[rng.random_range(0..rows.len())].to_vec();
    let mut nearest: Vec<f64> = rows.iter().map(|row| distance(row, &centres)).collect();
    for _ in 1..components {
        let mut mark = rng.random::<f64>() * nearest.iter().sum::<f64>();
        let chosen = nearest
            .iter()
            .position(|d| {
                mark -= d;
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

fn hard_assignment(data: &[f64], features: usize, centres: &[f64]) -> Vec<f64> {
    let components = centres.len() / features;
    let mut responsibilities = vec![0.0; data.len() / features * components];
    for (row, r) in data.chunks(features).zip(responsibilities.chunks_mut(components)) {
        let nearest = (0..components)
            .min_by(|&a, &b| {
                let at = |k: usize| distance(row, &centres[k * features..(k + 1) * features]);
                at(a).total_cmp(&at(b))
            })
            .unwrap_or(0);
        r[nearest] = 1.0;
    }
    responsibilities
}

/// Fills in the responsibilities and returns the mean log-likelihood.
fn expectation(data: &[f64], features: usize, mixture: &Mixture, responsibilities: &mut [f64]) -> f64 {
    let components = mixture.log_weights.len();
    let constant = 0.5 * features as f64 * (2.0 * PI).ln();
    let mut total = 0.0;
    for (row, r) in data.chunks(features).zip(responsibilities.chunks_mut(components)) {
        for (k, out) in r.iter_mut().enumerate() {
            let (mean, lower) = (&mixture.means[k * features..], &mixture.lower[k * features * features..]);
            let log_diagonal = &mixture.log_diagonals[k * features..(k + 1) * features];
            let mut squares = 0.0;
            for i in 0..features {
                let mut z = log_diagonal[i].exp() * (row[i] - mean[i]);
                for j in 0..i {
                    z += lower[i * features + j] * (row[j] - mean[j]);
                }
                squares += z * z;
            }
            *out = mixture.log_weights[k] - 0.5 * squares + log_diagonal.iter().sum::<f64>() - constant;
        }
        let max = r.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = r.iter().map(|v| (v - max).exp()).sum();
        let log_prob = max + sum.ln();
        r.iter_mut().for_each(|v| *v = (*v - log_prob).exp());
        total += log_prob;
    }
    total / (data.len() / features) as f64
}

fn maximization(data: &[f64], features: usize, components: usize, responsibilities: &[f64], floor: f64) -> Mixture {
    let rows = (data.len() / features) as f64;
    let mut mass = vec![1e-10; components];
    let mut means = vec![0.0; components * features];
    for (row, r) in data.chunks(features).zip(responsibilities.chunks(components)) {
        for (k, r) in r.iter().enumerate().filter(|(_, r)| **r > 0.0) {
            mass[k] += r;
            row.iter().enumerate().for_each(|(f, v)| means[k * features + f] += r * v);
        }
    }
    for (mean, mass) in means.chunks_mut(features).zip(&mass) {
        mean.iter_mut().for_each(|v| *v /= mass);
    }
    let square = features * features;
    let mut covariances = vec![0.0; components * square];
    for (row, r) in data.chunks(features).zip(responsibilities.chunks(components)) {
        for (k, r) in r.iter().enumerate().filter(|(_, r)| **r > 0.0) {
            for i in 0..features {
                let di = r * (row[i] - means[k * features + i]);
                for j in 0..=i {
                    covariances[k * square + i * features + j] += di * (row[j] - means[k * features + j]);
                }
            }
        }
    }
    let mut mixture = Mixture {
        log_weights: mass.iter().map(|m| (m / rows).ln()).collect(),
        means,
        log_diagonals: vec![0.0; components * features],
        lower: vec![0.0; components * square],
    };
    for (k, covariance) in covariances.chunks_mut(square).enumerate() {
        for i in 0..features {
            (0..=i).for_each(|j| covariance[i * features + j] /= mass[k]);
            covariance[i * features + i] += floor;
        }
        let factor = inverse_cholesky(covariance, features);
        for i in 0..features {
            mixture.log_diagonals[k * features + i] = factor[i * features + i].ln();
            (0..i).for_each(|j| mixture.lower[k * square + i * features + j] = factor[i * features + j]);
        }
    }
    mixture
}

/// `L⁻¹` of the lower triangle of `Σ = LLᵀ`.
fn inverse_cholesky(covariance: &[f64], n: usize) -> Vec<f64> {
    let mut l = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            let dot: f64 = (0..j).map(|k| l[i * n + k] * l[j * n + k]).sum();
            let rest = covariance[i * n + j] - dot;
            l[i * n + j] = if i == j { rest.max(f64::MIN_POSITIVE).sqrt() } else { rest / l[j * n + j] };
        }
    }
    let mut inverse = vec![0.0; n * n];
    for column in 0..n {
        for i in column..n {
            let unit = if i == column { 1.0 } else { 0.0 };
            let dot: f64 = (column..i).map(|k| l[i * n + k] * inverse[k * n + column]).sum();
            inverse[i * n + column] = (unit - dot) / l[i * n + i];
        }
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverse_cholesky_factor_whitens_the_covariance() {
        let covariance = [4.0, 0.0, 0.0, 1.0, 3.0, 0.0, 0.5, -0.2, 2.0];
        let a = inverse_cholesky(&covariance, 3);
        let full = |i: usize, j: usize| covariance[i.max(j) * 3 + i.min(j)];
        for i in 0..3 {
            for j in 0..3 {
                let sum: f64 = (0..9).map(|kl| a[i * 3 + kl / 3] * full(kl / 3, kl % 3) * a[j * 3 + kl % 3]).sum();
                assert!((sum - if i == j { 1.0 } else { 0.0 }).abs() < 1e-14, "({i}, {j}): {sum}");
            }
        }
    }

    #[test]
    fn one_component_is_the_maximum_likelihood_gaussian() {
        let data = [1.0, 2.0, 3.0, 1.0, 5.0, 6.0];
        let mixture = expectation_maximization(&data, 3, 2, 1, 10, 0);
        assert!((mixture.means[0] - 3.0).abs() < 1e-9 && (mixture.means[1] - 3.0).abs() < 1e-9);
        // Variance of the first column: (4 + 0 + 4) / 3.
        assert!((mixture.log_diagonals[0] + 0.5 * (8.0f64 / 3.0).ln()).abs() < 1e-5);
        assert!(mixture.log_weights[0].abs() < 1e-9);
    }
}
