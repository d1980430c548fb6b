//! What conditions say of columns.

use serde::{Deserialize, Serialize};

use super::TableFlow;
use super::circle::CutCircle;
use super::evaluation::draw;
use super::gradient::scores;
use super::grid::{Posterior, is_far, posteriors};
use super::prepared::Prepared;

/// What one row of conditions says of one column, in the units of the column.
///
/// A column on a circle is cut opposite the mode, and mean, standard deviation and quantiles are those along the line that this
/// leaves: around midnight a quantile of 5 % may be 23 h and one of 95 % 2 h.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TargetSummary {
    /// The mean.
    pub mean: f64,
    /// The standard deviation.
    pub sd: f64,
    /// The quantiles that were asked for.
    pub quantiles: Vec<f64>,
    /// The place of the highest density; of several columns, that of all of them together.
    pub mode: f64,
}

impl TargetSummary {
    /// That nothing is known.
    fn nothing(quantiles: usize) -> Self {
        Self { mean: f64::NAN, sd: f64::NAN, quantiles: vec![f64::NAN; quantiles], mode: f64::NAN }
    }
}

/// What one row of conditions says of the columns of a model.
///
/// Of a single column it is exact but for a grid whose integral is checked; of several it is by samples. Of conditions more
/// than 10,000 widths away from those of the training rows nothing is said: all numbers are NaN.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// One a column.
    pub targets: Vec<TargetSummary>,
}

/// Samples for each row, where there are several columns.
const SAMPLES: usize = 1000;
/// By how much the integral over a grid may be off.
const ROUGH: f64 = 0.01;
/// Rows sampled at a time.
const BATCH: usize = 1 << 15;

/// What conditions say; of those that are far from all training rows, nothing.
pub(super) fn predict(flow: &TableFlow, rows: usize, context: &[f64], quantiles: &[f64], seed: u64) -> Vec<Prediction> {
    let (context, width) = (flow.preparation().scaled_context(context), flow.given_names().len());
    let mut predictions = of_scaled(flow, rows, &context, quantiles, seed);
    for (row, prediction) in predictions.iter_mut().enumerate() {
        if is_far(&context[row * width..][..width]) {
            prediction.targets.fill(TargetSummary::nothing(quantiles.len()));
        }
    }
    predictions
}

fn of_scaled(flow: &TableFlow, rows: usize, context: &[f64], quantiles: &[f64], seed: u64) -> Vec<Prediction> {
    if flow.names().len() == 1 {
        let posteriors = posteriors(flow, rows, context, seed);
        let width = flow.given_names().len();
        let one = |(row, posterior): (usize, &Posterior)| {
            // Far out single precision has no room for a grid, and samples say what is left to say.
            if (posterior.mass() - 1.0).abs() <= ROUGH {
                return Prediction { targets: vec![of_posterior(flow, posterior, quantiles)] };
            }
            let context = &context[row * width..][..width];
            by_samples(flow, 1, context, quantiles, seed).swap_remove(0)
        };
        return posteriors.iter().enumerate().map(one).collect();
    }
    by_samples(flow, rows, context, quantiles, seed)
}

fn of_posterior(flow: &TableFlow, posterior: &Posterior, quantiles: &[f64]) -> TargetSummary {
    let preparation = flow.preparation();
    let map = preparation.scaling().columns()[0];
    let whole = !preparation.whole().places().is_empty();
    let in_units = |y: f64| if whole { map.inverse(y).floor() } else { map.inverse(y) };
    let weights = posterior.weights();
    let counted =
        || (0..weights.len()).filter(|i| weights[*i] > 0.0).map(|i| (weights[i], in_units(posterior.at(i as f64))));
    let mode = if whole { likeliest(counted()) } else { peak(posterior, |y| map.inverse(y), |x| map.forward(x).1) };
    let circle = CutCircle::of(&map, mode);
    let unrolled = |x: f64| circle.map_or(x, |circle| circle.unrolled(x));
    let mean: f64 = counted().map(|(weight, x)| weight * unrolled(x)).sum();
    let variance: f64 = counted().map(|(weight, x)| weight * (unrolled(x) - mean).powi(2)).sum();
    // Along the line that begins opposite the mode, a share comes that much later.
    let before = circle.map_or(0.0, |circle| posterior.below(map.forward(circle.opposite()).0));
    let share_of = |share: f64| if circle.is_some() { (share + before).rem_euclid(1.0) } else { share };
    TargetSummary {
        mean: circle.map_or(mean, |circle| circle.rolled(mean)),
        sd: variance.sqrt(),
        quantiles: quantiles.iter().map(|share| in_units(posterior.quantile(share_of(*share)))).collect(),
        mode,
    }
}

/// The whole number with the largest weight.
fn likeliest(counted: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (mut best, mut run) = ((0.0, f64::NAN), (0.0, f64::NAN));
    for (weight, x) in counted {
        run = if run.1 == x { (run.0 + weight, x) } else { (weight, x) };
        if run.0 > best.0 {
            best = run;
        }
    }
    best.1
}

/// The place of the highest density in the units of the column, by a parabola through the highest points.
fn peak(posterior: &Posterior, inverse: impl Fn(f64) -> f64, log_slope: impl Fn(f64) -> f64) -> f64 {
    let height = |i: usize| posterior.log_density[i] + log_slope(inverse(posterior.at(i as f64)));
    let heights: Vec<f64> = (0..posterior.log_density.len()).map(height).collect();
    let top = (0..heights.len()).max_by(|a, b| heights[*a].total_cmp(&heights[*b])).unwrap_or(0);
    let beside = top.checked_sub(1).and_then(|below| Some((*heights.get(below)?, *heights.get(top + 1)?)));
    let off = match beside {
        Some((low, high)) if low.is_finite() && high.is_finite() && low + high < 2.0 * heights[top] => {
            0.5 * (low - high) / (low + high - 2.0 * heights[top])
        }
        _ => 0.0,
    };
    inverse(posterior.at(top as f64 + off))
}

fn by_samples(flow: &TableFlow, rows: usize, context: &[f64], quantiles: &[f64], seed: u64) -> Vec<Prediction> {
    let (columns, width, device) = (flow.names().len(), flow.given_names().len(), flow.device());
    let preparation = flow.preparation();
    let per_batch = (BATCH / SAMPLES).max(1);
    let mut found = Vec::with_capacity(rows);
    for start in (0..rows).step_by(per_batch) {
        let count = per_batch.min(rows - start);
        let context: Vec<f64> =
            (start..start + count).flat_map(|row| context[row * width..][..width].repeat(SAMPLES)).collect();
        let n = count * SAMPLES;
        let y = draw(flow.ensemble(), n, &context, width, (seed, start as u64), &device);
        let x = preparation.scaling().inverse(&y);
        // In the units of the table, as the highest density depends on them.
        let (y, log_dets) = preparation.scaling().forward(&x);
        let prepared = Prepared { x: y, context, log_dets, weights: None, columns: (columns, width) };
        let likelihoods = scores(flow.ensemble(), &prepared, &device);
        let x = preparation.whole().floored(x);
        for row in 0..count {
            let samples = &x[row * SAMPLES * columns..][..SAMPLES * columns];
            let likelihoods = &likelihoods[row * SAMPLES..][..SAMPLES];
            let top = (0..SAMPLES).max_by(|a, b| likelihoods[*a].total_cmp(&likelihoods[*b])).unwrap_or(0);
            let target = |column: usize| {
                let mut values: Vec<f64> = samples.iter().skip(column).step_by(columns).copied().collect();
                let mode = values[top];
                values.retain(|value| value.is_finite());
                // A sample may diverge; where more than a few do, what is left would not be the distribution.
                if values.len() * 100 < SAMPLES * 99 || !mode.is_finite() {
                    return TargetSummary::nothing(quantiles.len());
                }
                let circle = CutCircle::of(&preparation.scaling().columns()[column], mode);
                if let Some(circle) = circle {
                    values.iter_mut().for_each(|value| *value = circle.unrolled(*value));
                }
                values.sort_by(f64::total_cmp);
                let mut found = summary(&values, quantiles, mode);
                if let Some(circle) = circle {
                    found.mean = circle.rolled(found.mean);
                    found.quantiles.iter_mut().for_each(|quantile| *quantile = circle.rolled(*quantile));
                }
                found
            };
            found.push(Prediction { targets: (0..columns).map(target).collect() });
        }
    }
    found
}

/// Of sorted values.
fn summary(sorted: &[f64], quantiles: &[f64], mode: f64) -> TargetSummary {
    let n = sorted.len() as f64;
    let mean = sorted.iter().sum::<f64>() / n;
    let variance = sorted.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let quantile = |share: &f64| {
        let place = share.clamp(0.0, 1.0) * (n - 1.0);
        let low = sorted.get(place.floor() as usize).copied().unwrap_or(f64::NAN);
        let high = sorted.get(place.ceil() as usize).copied().unwrap_or(low);
        low + (high - low) * place.fract()
    };
    TargetSummary { mean, sd: variance.sqrt(), quantiles: quantiles.iter().map(quantile).collect(), mode }
}
