//! How a model does on rows that it was not trained on.

use std::fmt;

use burn::tensor::{Device, Tensor};
use flows_core::{Density, generator, noise};
use flows_data::Codec;
use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::fit::HeldOut;
use super::prepared::{Prepared, host, matrix};
use super::{Ensemble, Mean, Preparation, TwoSample, c2st, hpd};
use crate::model::ModelKind;

/// Columns from which on fewer samples are drawn, the more columns the fewer, but so many at least.
const WIDE: usize = 32;
const FEWEST: usize = 500;

/// How much work an evaluation may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// Rows that are compared with samples, at most.
    pub rows: usize,
    /// Rows that classifiers are to tell from samples, at most.
    pub two_sample: usize,
    /// Samples in all.
    pub draws: usize,
}

impl Default for Effort {
    fn default() -> Self {
        Self { rows: 1000, two_sample: 4000, draws: 20_000 }
    }
}

/// How a model does on rows that it was not trained on. Likelihoods are in nats a row, and higher is better.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The names of the columns.
    pub names: Vec<String>,
    /// The number of rows.
    pub rows: usize,
    /// The log-likelihood.
    pub log_likelihood: Mean,
    /// Of some of the rows the share of samples below them, column by column: uniform where the model is right. Of a model
    /// with conditions, samples are given those of the row.
    pub pit: Vec<Vec<f64>>,
    /// Of the same rows the share of samples that are more likely: uniform where the model is right.
    pub levels: Vec<f64>,
    /// The weights of these rows, where they do not all count the same.
    pub weights: Option<Vec<f64>>,
    /// The share of rows in the region of highest density that holds 90 % of the samples.
    pub coverage_90: Mean,
    /// The share of rows in the middle 90 % of the samples, column by column.
    pub column_coverage_90: Vec<Mean>,
    /// Whether a classifier can tell samples from rows.
    pub two_sample: Option<TwoSample>,
    /// The models that this one was compared with when it was fitted, and their log-likelihoods of the rows that were held out
    /// then.
    #[serde(skip)]
    pub baselines: Vec<(ModelKind, Mean)>,
}

impl Evaluation {
    /// The share of rows in the region of highest density that holds a share of the samples: the curve of coverage.
    ///
    /// # Example
    /// ```
    /// use burn_flows::prelude::*;
    ///
    /// let rows = TableRows::new(["a", "b"], (0..400).map(|i| (f64::from(i) * 0.7).sin()).collect())?;
    /// let evaluation = fit(Gaussian::new(), &rows)?.evaluate(&rows)?;
    /// assert_eq!((evaluation.coverage(0.0).mean, evaluation.coverage(1.0).mean), (0.0, 1.0));
    /// # Ok::<(), burn_flows::tables::TablesError>(())
    /// ```
    pub fn coverage(&self, share: f64) -> Mean {
        let inside: Vec<f64> = self.levels.iter().map(|level| f64::from(u8::from(*level <= share))).collect();
        Mean::of(&inside, self.weights.as_deref())
    }
}

impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "log-likelihood          {:.3} nats a row ({} rows, two standard errors)",
            self.log_likelihood, self.rows
        )?;
        let percent = |mean: Mean| format!("{:.1} % ± {:.1}", 100.0 * mean.mean, 200.0 * mean.error);
        write!(f, "coverage of 90 % region {}", percent(self.coverage_90))?;
        if let Some(test) = &self.two_sample {
            write!(f, "\nsamples against rows    {test}")?;
        }
        for (model, likelihood) in &self.baselines {
            write!(f, "\n{:<24}{likelihood:.3} nats a row, held out when it was fitted", model.name())?;
        }
        Ok(())
    }
}

/// Draws a row for each of `n` rows of a context that is prepared already; the numbers follow from the seed alone.
pub(super) fn draw(
    ensemble: &Ensemble,
    n: usize,
    context: &[f64],
    width: usize,
    (seed, step): (u64, u64),
    device: &Device,
) -> Vec<f64> {
    let rows: Vec<usize> = (0..n).collect();
    // What draws from the generator of the device repeats as well.
    device.seed(seed ^ step.wrapping_mul(0x9e37_79b9));
    let drawn: Tensor<2> = noise::scope(seed, step, &rows, || match width {
        0 => Density::sample(ensemble, n, &(), device),
        _ => Density::sample(ensemble, n, &matrix(context.to_vec(), width, device), device),
    });
    host(drawn)
}

/// Samples in the units of a flow, with the digits of the table, as they are written; whole numbers with other noise.
fn as_written(preparation: &Preparation, codec: Option<&Codec>, y: Vec<f64>, noise: u64) -> Vec<f64> {
    let Some(codec) = codec else { return y };
    let written = codec.rounded(&preparation.scaling().inverse(&y));
    let (rounded, _) = preparation.scaling().forward(&preparation.whole().with_noise(written, noise));
    // What is rounded to a bound that has no density stays as it is.
    rounded.into_iter().zip(y).map(|(rounded, y)| if rounded.is_finite() { rounded } else { y }).collect()
}

/// Evaluates rows that were held out, each by a density that was not trained on it.
pub(super) fn of_held_out(
    preparation: &Preparation,
    held_out: &[HeldOut],
    codec: Option<&Codec>,
    effort: Effort,
    seed: u64,
    device: &Device,
) -> Evaluation {
    let columns = preparation.names().len();
    // A sample of an autoregressive flow takes a pass a column, or as much.
    let less = |draws: usize| if columns > WIDE { (draws * WIDE / columns).max(FEWEST.min(draws)) } else { draws };
    let effort = Effort { draws: less(effort.draws), two_sample: less(effort.two_sample), ..effort };
    let total: usize = held_out.iter().map(|part| part.rows.len()).sum();
    let (mut scores, mut all_weights) = (vec![], vec![]);
    let mut pit = vec![vec![]; columns];
    let (mut levels, mut level_weights) = (vec![], vec![]);
    let (mut real, mut made) = (Prepared::default(), Prepared::default());
    let mut jitter = generator(seed, 0xc0de);
    for (at, part) in held_out.iter().enumerate() {
        scores.extend(&part.scores);
        all_weights.extend(part.rows.weights.clone().unwrap_or_else(|| vec![1.0; part.rows.len()]));
        let share = |of: usize| (of * part.rows.len()).div_ceil(total.max(1)).max(1);
        let all = preparation.apply(&part.rows, seed.wrapping_add(17));
        let rows = all.at_most(share(effort.rows));
        let ranks = hpd::ranks(&part.ensemble, &rows, share(effort.draws), (seed, at as u64), device);
        for row in 0..rows.len() {
            // Four digits are more than the draws tell, and keep files small.
            let mut between = |below: usize| {
                let share = (below as f64 + jitter.random::<f64>()) / (ranks.draws + 1) as f64;
                (share * 1e4).round() / 1e4
            };
            levels.push(between(ranks.more_likely[row]));
            (0..columns).for_each(|column| pit[column].push(between(ranks.below[row * columns + column])));
        }
        level_weights.extend(rows.weights());
        let mut rows = all.at_most(share(effort.two_sample));
        let one_each =
            draw(&part.ensemble, rows.len(), &rows.context, rows.columns.1, (seed, 1000 + at as u64), device);
        let x = as_written(preparation, codec, one_each, seed.wrapping_add(18));
        c2st::append(&mut made, Prepared { x, ..rows.clone() });
        rows.weights = Some(rows.weights());
        c2st::append(&mut real, rows);
    }
    let weighted = held_out.iter().any(|part| part.rows.weights.is_some());
    let weights = weighted.then_some(level_weights);
    let share_of = |values: &[f64], inside: &dyn Fn(f64) -> bool| {
        let inside: Vec<f64> = values.iter().map(|value| f64::from(u8::from(inside(*value)))).collect();
        Mean::of(&inside, weights.as_deref())
    };
    let coverage_90 = share_of(&levels, &|level| level <= 0.9);
    let column_coverage_90 = pit.iter().map(|pit| share_of(pit, &|share| (share - 0.5).abs() <= 0.45)).collect();
    Evaluation {
        names: preparation.names().to_vec(),
        rows: total,
        log_likelihood: Mean::of(&scores, weighted.then_some(all_weights.as_slice())),
        pit,
        levels,
        coverage_90,
        column_coverage_90,
        two_sample: c2st::two_sample(&real, &made, seed, device),
        baselines: vec![],
        weights,
    }
}
