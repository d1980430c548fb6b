//! What a column is in a class.

use std::f64::consts::{PI, TAU};

use flows_autoregressive::Measure;
use flows_core::Generator;
use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::preparation::Scaled;

/// What a column is in a class: shares of its classes or atoms, and a mean and a deviation of its numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Factor {
    /// Of a category the classes; of a number with atoms these, and first all others; otherwise one.
    pub(super) shares: Vec<f64>,
    pub(super) mean: f64,
    pub(super) std: f64,
}

/// The smallest deviation, of that of the whole column; of counts, of the step.
const NARROW: f64 = 1e-2;
const NARROW_STEPS: f64 = 0.3;

/// The place of a value among shares; the first one is of what is no atom.
pub(super) fn share_of(measure: &Measure, x: f64) -> Option<usize> {
    match measure {
        Measure::Category { classes } => (x >= 0.0 && x < *classes as f64).then_some(x as usize),
        Measure::Spiked { atoms, .. } => Some(atoms.iter().position(|atom| *atom == x).map_or(0, |place| place + 1)),
        _ => Some(0),
    }
}

/// What a column is in a class whose shares of the rows are given, drawn a little to what it is in all rows.
pub(super) fn factor(
    measure: &Measure,
    rows: &Scaled,
    column: usize,
    weights: &[f64],
    shares: &[f64],
    whole: Option<&Factor>,
) -> Factor {
    let kinds = match measure {
        Measure::Category { classes } => *classes,
        Measure::Spiked { atoms, .. } => atoms.len() + 1,
        _ => 1,
    };
    let cells = || {
        let cell = |row: &usize| rows.known[row * rows.width + column] > 0.0 && weights[*row] > 0.0;
        (0..rows.len()).filter(cell).map(|row| (rows.x[row * rows.width + column], weights[row] * shares[row]))
    };
    let mut counts = vec![0.0; kinds];
    let (mut total, mut sum) = (0.0, 0.0);
    for (x, weight) in cells() {
        let Some(place) = share_of(measure, x) else { continue };
        counts[place] += weight;
        if place == 0 {
            total += weight;
            sum += weight * x;
        }
    }
    let all: f64 = counts.iter().sum();
    let prior = |place: usize| whole.map_or(1.0 / kinds as f64, |whole| whole.shares[place]);
    let smoothed = (0..kinds).map(|place| (counts[place] + prior(place)) / (all + 1.0)).collect();
    let is_number = !matches!(measure, Measure::Category { .. });
    if !is_number {
        return Factor { shares: smoothed, mean: 0.0, std: 0.0 };
    }
    let (mean_before, var_before) = whole.map_or((0.0, 1.0), |whole| (whole.mean, whole.std * whole.std));
    let mean = if total > 0.0 { (sum + 0.1 * mean_before) / (total + 0.1) } else { mean_before };
    let squares: f64 =
        cells().filter(|(x, _)| share_of(measure, *x) == Some(0)).map(|(x, weight)| weight * (x - mean).powi(2)).sum();
    let least = match measure {
        Measure::Count { step, .. } => (NARROW_STEPS * step).powi(2),
        _ => NARROW * NARROW * var_before,
    };
    let var = ((squares + 0.1 * var_before) / (total + 0.1)).max(least);
    Factor { shares: smoothed, mean, std: var.sqrt() }
}

impl Factor {
    /// The log-density, or log-probability, of a value.
    pub(super) fn log_prob(&self, measure: &Measure, x: f64) -> f64 {
        let Some(place) = share_of(measure, x) else { return f64::NEG_INFINITY };
        let share = self.shares[place].ln();
        match measure {
            Measure::Category { .. } => share,
            Measure::Number { .. } => self.normal(x),
            Measure::Spiked { .. } if place > 0 => share,
            Measure::Spiked { .. } => share + self.normal(x),
            Measure::Count { step, ends, .. } => self.lattice(x, *step, ends),
        }
    }

    fn normal(&self, x: f64) -> f64 {
        let z = (x - self.mean) / self.std;
        -0.5 * z * z - self.std.ln() - 0.5 * TAU.ln()
    }

    /// S(b) - S(a) = S(b) S(-a) (1 - e^(a - b)), each in logarithms.
    fn lattice(&self, x: f64, step: f64, ends: &[Option<f64>; 2]) -> f64 {
        let beyond = |end: Option<f64>, sign: f64| end.is_some_and(|end| sign * (x - end) > 0.25 * step);
        if beyond(ends[0], -1.0) || beyond(ends[1], 1.0) {
            return f64::NEG_INFINITY;
        }
        let at = |end: Option<f64>| end.is_some_and(|end| (x - end).abs() < 0.25 * step);
        let scale = self.logistic();
        let (below, above) = ((x - 0.5 * step - self.mean) / scale, (x + 0.5 * step - self.mean) / scale);
        let from_below = if at(ends[0]) { 0.0 } else { -softplus(below) };
        let to_above = if at(ends[1]) { 0.0 } else { -softplus(-above) };
        let between = if at(ends[0]) || at(ends[1]) { 0.0 } else { (-(-step / scale).exp()).ln_1p() };
        to_above + from_below + between
    }

    /// The scale of a logistic variable of the same deviation.
    fn logistic(&self) -> f64 {
        self.std * 3f64.sqrt() / PI
    }

    /// Draws a value.
    pub(super) fn sample(&self, measure: &Measure, random: &mut Generator) -> f64 {
        let normal = |random: &mut Generator| {
            let (a, b): (f64, f64) = (1.0 - random.random::<f64>(), random.random());
            self.mean + self.std * (-2.0 * a.ln()).sqrt() * (TAU * b).cos()
        };
        let logs = || self.shares.iter().map(|share| share.ln()).collect::<Vec<_>>();
        match measure {
            Measure::Category { .. } => drawn(&logs(), random) as f64,
            Measure::Number { .. } => normal(random),
            Measure::Spiked { atoms, .. } => match drawn(&logs(), random) {
                0 => normal(random),
                place => atoms[place - 1],
            },
            Measure::Count { origin, step, ends, .. } => {
                let u = random.random::<f64>().clamp(1e-12, 1.0 - 1e-12);
                let x = self.mean + self.logistic() * (u.ln() - (-u).ln_1p());
                let x = ((x - origin) / step).round() * step + origin;
                let x = ends[0].map_or(x, |first| x.max(first));
                ends[1].map_or(x, |last| x.min(last))
            }
        }
    }
}

fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

pub(super) fn log_sum_exp(logs: &[f64]) -> f64 {
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if largest == f64::NEG_INFINITY {
        return largest;
    }
    largest + logs.iter().map(|log| (log - largest).exp()).sum::<f64>().ln()
}

/// One of several by the logarithms of their weights.
pub(super) fn drawn(logs: &[f64], random: &mut Generator) -> usize {
    let total = log_sum_exp(logs);
    let mut left: f64 = random.random();
    let last = logs.len() - 1;
    logs.iter()
        .position(|log| {
            // Of a row that cannot be, all are alike.
            left -= if total.is_finite() { (log - total).exp() } else { 1.0 / logs.len() as f64 };
            left < 0.0
        })
        .unwrap_or(last)
}
