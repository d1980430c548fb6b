//! A classifier that tells samples from rows.

use std::fmt;

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use flows_core::train::AdamConfig;
use flows_core::{ColumnStatistics, MlpConfig, draw, generator, softplus};
use forust_ml::objective::ObjectiveType;
use forust_ml::{GradientBooster, Matrix};
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

use super::prepared::{Prepared, host, matrix};

/// What tells samples from rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Classifier {
    /// A small network, which sees smooth differences.
    #[default]
    Network,
    /// Boosted decision trees, which see edges: of columns that are functions of each other, of values that are shared.
    Trees,
}

impl fmt::Display for Classifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Network => "a small network",
            Self::Trees => "boosted trees",
        })
    }
}

/// Whether a classifier can tell samples from rows: its accuracy on pairs that it was not trained on, 0.5 where it can do
/// no better than guess.
///
/// A small network and boosted trees are trained on half of the rows and as many samples, and judged on the other half; then the
/// other way round. The accuracy is that of the better one. Samples have the digits of the table, as those that are written.
///
/// # Reference
/// "Revisiting Classifier Two-Sample Tests", Lopez-Paz, Oquab, 2017, <https://arxiv.org/abs/1610.06545>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TwoSample {
    /// The share of rows and samples that are told right.
    pub accuracy: f64,
    /// The one that told them.
    #[serde(default)]
    pub classifier: Classifier,
    /// Its standard error.
    pub error: f64,
    /// The number of rows, and of samples.
    pub rows: usize,
}

impl TwoSample {
    /// Whether the samples cannot be told from the rows, within two standard errors: of samples that are right, one of twenty
    /// tests says otherwise.
    pub fn passes(&self) -> bool {
        self.accuracy - 0.5 <= 2.0 * self.error
    }
}

impl fmt::Display for TwoSample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict =
            if self.passes() { "no classifier that was tried can tell them apart" } else { "they can be told apart" };
        let (accuracy, error) = (100.0 * self.accuracy, 200.0 * self.error);
        let verb = if self.classifier == Classifier::Trees { "are" } else { "is" };
        write!(f, "{} {verb} right in {accuracy:.1} % ± {error:.1}: {verdict}", self.classifier)
    }
}

/// Fewer rows tell nothing.
const LEAST: usize = 40;
/// Steps of training.
const STEPS: usize = 150;
/// Rows a step, and as many samples.
const BATCH: usize = 64;

/// The rows of another part after these.
pub(super) fn append(to: &mut Prepared, part: Prepared) {
    to.columns = part.columns;
    let weights = part.weights();
    to.x.extend(part.x);
    to.context.extend(part.context);
    to.log_dets.extend(part.log_dets);
    to.weights.get_or_insert_default().extend(weights);
}

/// Compares rows with as many samples that are given the same; `None` of few rows.
pub(super) fn two_sample(real: &Prepared, made: &Prepared, seed: u64, device: &Device) -> Option<TwoSample> {
    let n = real.len();
    if n < LEAST {
        return None;
    }
    let (features, width) = (real.columns.0 + real.columns.1, real.columns);
    let rows = |part: &Prepared| -> Vec<f64> {
        let row =
            |row: usize| [&part.x[row * width.0..][..width.0], &part.context[row * width.1..][..width.1]].concat();
        (0..n).flat_map(row).collect()
    };
    let (real_rows, made_rows) = (rows(real), rows(made));
    // By the rows' own scale, and no further out than a network can bear.
    let columns = ColumnStatistics::of_rows(&real_rows, features);
    let standard = |values: &[f64]| -> Vec<f64> {
        let one = |(at, value): (usize, &f64)| {
            let column = &columns[at % features];
            let scaled = (value - column.mean) / if column.std > 0.0 { column.std } else { 1.0 };
            if scaled.is_nan() { 10.0 } else { scaled.clamp(-10.0, 10.0) }
        };
        values.iter().enumerate().map(one).collect()
    };
    let (real_rows, made_rows) = (standard(&real_rows), standard(&made_rows));
    let mut order: Vec<usize> = (0..n).collect();
    order.shuffle(&mut generator(seed, 0xc25));
    let (first, second) = order.split_at(n / 2);
    let weights = real.weights();
    let select = |values: &[f64], rows: &[usize]| -> Vec<f64> {
        rows.iter().flat_map(|row| &values[row * features..][..features]).copied().collect()
    };
    let pair = |rows: &[usize]| [select(&real_rows, rows), select(&made_rows, rows)];
    let accuracy_of = |classifier: Classifier| {
        let (mut right, mut squares, mut total) = (0.0, 0.0, 0.0);
        for (half, (train, judge)) in [(first, second), (second, first)].into_iter().enumerate() {
            let seed = seed.wrapping_add(half as u64);
            let of_train: Vec<f64> = train.iter().map(|row| weights[*row]).collect();
            let [of_real, of_made] = match classifier {
                Classifier::Network => network(pair(train), &of_train, pair(judge), features, seed, device),
                Classifier::Trees => trees(pair(train), &of_train, pair(judge), features),
            };
            for (row, (of_real, of_made)) in judge.iter().zip(of_real.into_iter().zip(of_made)) {
                // A pair counts by its weight: both right is one, one right is a half.
                let score = 0.5 * (f64::from(u8::from(of_real)) + f64::from(u8::from(!of_made)));
                right += weights[*row] * score;
                squares += (weights[*row] * (score - 0.5)).powi(2);
                total += weights[*row];
            }
        }
        // The variance of the pairs' scores about one half, at which chance would have them.
        TwoSample { accuracy: right / total, error: squares.sqrt() / total, classifier, rows: n }
    };
    let (network, trees) = (accuracy_of(Classifier::Network), accuracy_of(Classifier::Trees));
    Some(if trees.accuracy > network.accuracy { trees } else { network })
}

/// Trees, one after the other.
const TREES: usize = 100;
/// Leaves of each.
const LEAVES: usize = 16;

/// What boosted trees that are trained on pairs say of others: which of the rows, and of the samples, are rows.
fn trees(train: [Vec<f64>; 2], weights: &[f64], judge: [Vec<f64>; 2], features: usize) -> [Vec<bool>; 2] {
    let by_column = |values: &[f64]| -> Vec<f64> {
        (0..features).flat_map(|column| values.iter().skip(column).step_by(features)).copied().collect()
    };
    let half = weights.len();
    let kinds: Vec<f64> = (0..2 * half).map(|row| f64::from(u8::from(row < half))).collect();
    let columns = by_column(&train.concat());
    let mut booster = GradientBooster::default()
        .set_objective_type(ObjectiveType::LogLoss)
        .set_iterations(TREES)
        .set_max_leaves(LEAVES)
        .set_learning_rate(0.1)
        .set_parallel(false);
    let fitted = booster.fit(&Matrix::new(&columns, 2 * half, features), &kinds, &weights.repeat(2), None);
    fitted.expect("as many kinds and weights as rows");
    judge.map(|values| {
        let columns = by_column(&values);
        let odds = booster.predict(&Matrix::new(&columns, values.len() / features, features), false);
        odds.into_iter().map(|odds| odds > 0.0).collect()
    })
}

/// What a network that is trained on pairs says of others: which of the rows, and of the samples, are rows.
fn network(
    [real, made]: [Vec<f64>; 2],
    weights: &[f64],
    judge: [Vec<f64>; 2],
    features: usize,
    seed: u64,
    device: &Device,
) -> [Vec<bool>; 2] {
    device.seed(seed);
    let hidden = (4 * features).clamp(16, 64);
    let config = MlpConfig::new(features, 1).with_hidden(vec![hidden, hidden]).with_zero_last(false);
    let mut network = draw(config.init(device)).train();
    let mut adam = AdamConfig::new().with_weight_decay(1e-2).init();
    let n = weights.len();
    let mut generator = generator(seed, 0xbad5eed);
    let mut order: Vec<usize> = vec![];
    for step in 0..STEPS {
        if order.len() < BATCH.min(n) {
            let mut next: Vec<usize> = (0..n).collect();
            next.shuffle(&mut generator);
            order.extend(next);
        }
        let rows: Vec<usize> = order.drain(..BATCH.min(n)).collect();
        let pick = |values: &[f64]| -> Vec<f64> {
            rows.iter().flat_map(|row| &values[row * features..][..features]).copied().collect()
        };
        let x = matrix([pick(&real), pick(&made)].concat(), features, device).autodiff();
        let signs = [vec![-1.0; rows.len()], vec![1.0; rows.len()]].concat();
        let of_rows: Vec<f64> = rows.iter().map(|row| weights[*row]).collect();
        let [signs, of_rows] = [signs, of_rows.repeat(2)].map(|values| matrix(values, 1, device).autodiff());
        // -log P(right) of a logit that is high for rows and low for samples.
        let loss = (softplus(network.forward(x) * signs) * of_rows).mean();
        let grads = GradientsParams::from_grads(loss.backward(), &network);
        let rate = 1e-2 * (1.0 - step as f64 / STEPS as f64);
        network = adam.step(rate, network, grads);
    }
    let network = network.valid();
    judge.map(|rows| {
        let x: Tensor<2> = matrix(rows, features, device);
        host(network.forward(x)).into_iter().map(|logit| logit > 0.0).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_distr::{Distribution, StandardNormal};

    fn normal(n: usize, seed: u64, scale: f64) -> Prepared {
        let x: Vec<f64> = StandardNormal.sample_iter(generator(seed, 0)).take(2 * n).map(|x: f64| scale * x).collect();
        Prepared { x, log_dets: vec![0.0; n], columns: (2, 0), ..Prepared::default() }
    }

    #[test]
    fn trees_see_edges_that_a_network_does_not() {
        // Hours, minutes and times of day: of samples, the time is a little off.
        let times = |n: usize, seed: u64, off: f64| {
            let unit = normal(2 * n, seed, 1.0).x;
            let row = |i: usize| {
                let at = (12.0 + 3.0 * unit[4 * i]).floor();
                let minute = (30.0 + 15.0 * unit[4 * i + 1]).floor();
                [at, minute, 100.0 * at + minute + (off * unit[4 * i + 2]).round()]
            };
            let x = (0..n).flat_map(row).collect();
            Prepared { x, log_dets: vec![0.0; n], columns: (3, 0), ..Prepared::default() }
        };
        let device = Device::default();
        let same = two_sample(&times(4000, 1, 0.0), &times(4000, 2, 0.0), 0, &device).unwrap();
        assert!(same.passes(), "{same:?}");
        let other = two_sample(&times(4000, 1, 0.0), &times(4000, 2, 30.0), 0, &device).unwrap();
        assert_eq!(other.classifier, Classifier::Trees);
        assert!(!other.passes() && other.accuracy > 0.58, "{other:?}");
    }

    #[test]
    fn equal_distributions_cannot_be_told_apart_and_others_can() {
        let device = Device::default();
        let same = two_sample(&normal(1000, 1, 1.0), &normal(1000, 2, 1.0), 0, &device).unwrap();
        assert!(same.passes() && same.error > 0.005 && same.error < 0.02, "{same:?}");
        let other = two_sample(&normal(1000, 1, 1.0), &normal(1000, 2, 1.6), 0, &device).unwrap();
        // The best classifier is right in 61 % of the cases: of r² ~ χ²(2), at the radius where the densities cross.
        assert!(!other.passes() && other.accuracy > 0.56 && other.accuracy < 0.66, "{other:?}");
        assert!(two_sample(&normal(20, 1, 1.0), &normal(20, 2, 1.0), 0, &device).is_none());
    }
}
