//! Densities of one column on a grid.

use super::evaluation::draw;
use super::gradient::scores;
use super::prepared::Prepared;
use super::{TableFlow, TablesError};

/// Rows of conditions times points, evaluated at a time.
const BATCH: usize = 1 << 16;

/// Widths of the training rows' conditions beyond which single precision no longer tells a density from its rounding.
const FAR: f64 = 1e4;

/// Whether a row of scaled conditions is too far from those of the training rows for the model to say anything.
pub(super) fn is_far(scaled: &[f64]) -> bool {
    !scaled.iter().all(|value| value.abs() <= FAR)
}

/// The density of the one column of a model at points, given each row of conditions: `[rows * points]`; NaN where these are far
/// from all training rows.
pub(super) fn posterior(
    flow: &TableFlow,
    rows: usize,
    context: &[f64],
    points: &[f64],
) -> Result<Vec<f64>, TablesError> {
    let targets = flow.names().len();
    if targets != 1 {
        return Err(TablesError::Targets { targets });
    }
    let width = flow.given_names().len();
    let mut densities = Vec::with_capacity(rows * points.len());
    let per_batch = (BATCH / points.len().max(1)).max(1);
    for start in (0..rows).step_by(per_batch) {
        let count = per_batch.min(rows - start);
        let context: Vec<f64> =
            (start..start + count).flat_map(|row| context[row * width..][..width].repeat(points.len())).collect();
        let values = points.repeat(count);
        let found = super::table_flow::log_probs(flow.preparation(), flow.density(), &values, &context);
        densities.extend(found.into_iter().map(f64::exp));
    }
    let scaled = flow.preparation().scaled_context(context);
    for (row, densities) in densities.chunks_exact_mut(points.len().max(1)).enumerate() {
        if is_far(&scaled[row * width..][..width]) {
            densities.fill(f64::NAN);
        }
    }
    Ok(densities)
}

/// The density of the one column of a model given one row of conditions, at points that are chosen so that they hold all
/// of it; in the units that the flow sees.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Posterior {
    pub(super) first: f64,
    pub(super) step: f64,
    pub(super) log_density: Vec<f64>,
}

/// Samples that tell where a density lies.
const SCOUTS: usize = 24;
/// Points of the grid, at first.
const POINTS: usize = 257;
/// By how much the integral over a grid may be off before a finer and wider one is tried.
const OFF: f64 = 5e-4;
/// How often one is tried.
const TRIES: usize = 3;

/// The posteriors given rows of conditions, which are scaled already.
pub(super) fn posteriors(flow: &TableFlow, rows: usize, context: &[f64], seed: u64) -> Vec<Posterior> {
    let (width, device) = (flow.given_names().len(), flow.device());
    let of = |rows: &[usize], n: usize| -> Vec<f64> {
        rows.iter().flat_map(|row| context[row * width..][..width].repeat(n)).collect()
    };
    let per_batch = (BATCH / POINTS).max(1);
    let mut found = Vec::with_capacity(rows);
    for start in (0..rows).step_by(per_batch) {
        let batch: Vec<usize> = (start..rows.min(start + per_batch)).collect();
        let n = batch.len() * SCOUTS;
        let scouts = draw(flow.ensemble(), n, &of(&batch, SCOUTS), width, (seed, start as u64), &device);
        let range = |scouts: &[f64]| {
            let finite = || scouts.iter().copied().filter(|value| value.is_finite());
            let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
            if low <= high { (low, high) } else { (-5.0, 5.0) }
        };
        let ranges: Vec<(f64, f64)> = scouts.chunks_exact(SCOUTS).map(range).collect();
        let mut posteriors: Vec<Option<Posterior>> = vec![None; batch.len()];
        let (mut left, mut points, mut pad) = ((0..batch.len()).collect::<Vec<_>>(), POINTS, 0.75);
        for _ in 0..TRIES {
            let grid = |at: &usize| {
                let (low, high) = ranges[*at];
                let beyond = pad * (high - low) + 1e-4;
                (low - beyond, (high - low + 2.0 * beyond) / (points - 1) as f64)
            };
            let grids: Vec<(f64, f64)> = left.iter().map(grid).collect();
            let rows: Vec<usize> = left.iter().map(|at| batch[*at]).collect();
            let x = grids.iter().flat_map(|(first, step)| (0..points).map(move |i| first + step * i as f64)).collect();
            let (log_dets, context) = (vec![0.0; rows.len() * points], of(&rows, points));
            let grid = Prepared { x, context, log_dets, weights: None, columns: (1, width) };
            let densities = scores(flow.ensemble(), &grid, &device);
            let mut next = vec![];
            for ((at, (first, step)), log_density) in left.iter().zip(&grids).zip(densities.chunks_exact(points)) {
                let posterior = Posterior { first: *first, step: *step, log_density: log_density.to_vec() };
                if (posterior.mass() - 1.0).abs() > OFF {
                    next.push(*at);
                }
                posteriors[*at] = Some(posterior);
            }
            if next.is_empty() {
                break;
            }
            (left, points, pad) = (next, 4 * (points - 1) + 1, 3.0 * pad);
        }
        found.extend(posteriors.into_iter().flatten());
    }
    found
}

impl Posterior {
    /// The point of a number, which need not be whole.
    pub(super) fn at(&self, point: f64) -> f64 {
        self.first + self.step * point
    }

    /// The integral, by trapezoids.
    pub(super) fn mass(&self) -> f64 {
        let last = self.log_density.len() - 1;
        let sum: f64 = self.log_density.iter().map(|d| d.exp()).sum();
        self.step * (sum - 0.5 * (self.log_density[0].exp() + self.log_density[last].exp()))
    }

    /// The weight of each point in an integral, which add up to one.
    pub(super) fn weights(&self) -> Vec<f64> {
        let last = self.log_density.len() - 1;
        let weight = |(i, d): (usize, &f64)| d.exp() * if i == 0 || i == last { 0.5 } else { 1.0 };
        let weights: Vec<f64> = self.log_density.iter().enumerate().map(weight).collect();
        let total: f64 = weights.iter().sum();
        weights.into_iter().map(|weight| weight / total).collect()
    }

    /// The share of the mass below a place.
    pub(super) fn below(&self, place: f64) -> f64 {
        let cell = |pair: &[f64]| 0.5 * self.step * (pair[0].exp() + pair[1].exp());
        let cells = (place - self.first) / self.step;
        let mut below = 0.0;
        for (i, pair) in self.log_density.windows(2).enumerate() {
            // The density is linear inside a cell.
            let t = (cells - i as f64).clamp(0.0, 1.0);
            let (low, high) = (pair[0].exp(), pair[1].exp());
            below += if t < 1.0 { self.step * t * (low + 0.5 * t * (high - low)) } else { cell(pair) };
        }
        below / self.mass()
    }

    /// The place below which a share of the mass lies.
    pub(super) fn quantile(&self, share: f64) -> f64 {
        let target = share.clamp(0.0, 1.0) * self.mass();
        let mut below = 0.0;
        for (i, pair) in self.log_density.windows(2).enumerate() {
            let (low, high) = (pair[0].exp(), pair[1].exp());
            let cell = 0.5 * self.step * (low + high);
            if below + cell >= target && cell > 0.0 {
                // The density is linear inside a cell: the positive root of a quadratic equation.
                let rest = (target - below) / self.step;
                let root = (low * low + 2.0 * (high - low) * rest).max(0.0).sqrt();
                let t = if low + root > 0.0 { 2.0 * rest / (low + root) } else { 0.0 };
                return self.at(i as f64 + t.clamp(0.0, 1.0));
            }
            below += cell;
        }
        self.at((self.log_density.len() - 1) as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_normal_distribution() {
        let log_density = (0..257).map(|i| {
            let z = -6.0 + 12.0 * f64::from(i) / 256.0;
            -0.5 * z * z - 0.5 * (2.0 * std::f64::consts::PI).ln()
        });
        let normal = Posterior { first: -6.0, step: 12.0 / 256.0, log_density: log_density.collect() };
        assert!((normal.mass() - 1.0).abs() < 1e-8);
        for (share, expected) in [(0.05, -1.644_854), (0.5, 0.0), (0.975, 1.959_964)] {
            let found = normal.quantile(share);
            // The linear density inside of a cell.
            assert!((found - expected).abs() < 1e-3, "{share}: {found}");
            assert!((normal.below(found) - share).abs() < 1e-9, "{share}: {}", normal.below(found));
        }
        assert!(normal.below(-7.0) == 0.0 && (normal.below(f64::INFINITY) - 1.0).abs() < 1e-12);
        assert!((normal.weights().iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
}
