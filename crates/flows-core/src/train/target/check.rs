//! How far a fitted flow can be trusted.

use std::cmp::Ordering;

use burn::tensor::{Device, Tensor};

use super::outside::Outside;
use super::warning::TargetWarning;
use super::{Start, TargetError};
use crate::Density;
use crate::generator::mix;
use crate::numerics::host;
use crate::objective::ImportanceSamples;

/// An estimate of a target's normaliser by importance sampling.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Estimate {
    /// `log Z`.
    pub log_z: f64,
    /// Its standard error, from the spread of the weights.
    pub error: f64,
    /// How many equally weighted draws these are worth.
    pub effective_sample_size: f64,
    /// The number of draws.
    pub draws: usize,
    /// How heavy the tail of the weights is; see [`pareto_k`](crate::pareto_k).
    pub pareto_k: f64,
}

impl Estimate {
    pub(super) fn of<const D: usize>(weighted: &ImportanceSamples<D>) -> Self {
        Self {
            log_z: weighted.log_normalizer(),
            error: weighted.log_normalizer_error(),
            effective_sample_size: weighted.effective_sample_size(),
            draws: weighted.log_weights.len(),
            pareto_k: weighted.pareto_k(),
        }
    }

    /// The effective sample size as a share of the draws.
    pub fn effective_share(&self) -> f64 {
        self.effective_sample_size / self.draws as f64
    }
}

/// How far a fitted flow can be trusted; see [`fit_target`](super::fit_target).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TargetCheck {
    /// From samples of the flow.
    pub inside: Estimate,
    /// From a mixture of the flow and the start's normal, widened up to 100 times.
    pub outside: Estimate,
    /// The pull of the target on each feature, `sd · E[∂ log p̃]` over the weighted samples: zero for a flow that has all
    /// mass there is nearby.
    pub pull: Vec<f64>,
    /// What was found.
    pub warnings: Vec<TargetWarning>,
}

// Streams of random numbers.
const INSIDE: u64 = u64::MAX - 2;
const OUTSIDE: u64 = u64::MAX - 3;

/// Above it, importance weights tell little.
const HEAVY: f64 = 0.7;
/// Below this share of effective draws, the flow does not look like the target.
const FEW: f64 = 0.02;
/// The pull on a feature that is too much, in its deviations.
const PULLED: f64 = 0.1;
/// A draw counts as uncovered where the flow has less than a hundredth of the target's density.
const UNCOVERED: f64 = 100.0;

/// Draws from inside and outside, and what they say.
pub(super) fn check_target<F: Density<2>, T: Fn(Tensor<2>) -> Tensor<1>>(
    flow: &F,
    target: &Target<'_, T>,
    start: &Start,
    draws: usize,
    seed: u64,
) -> Result<TargetCheck, TargetError> {
    let flow = flow.valid();
    target.device.seed(mix(seed, INSIDE));
    let (x, log_prob) = flow.sample_with_log_prob(draws, &(), &target.device);
    let log_target = host(target.finite(&x, None)?);
    let log_weights = log_target.iter().zip(host(log_prob)).map(|(p, q)| p - q).collect();
    let weighted = ImportanceSamples { samples: x, log_weights };
    let inside = Estimate::of(&weighted);
    let mut warnings = Vec::new();
    if inside.pareto_k > HEAVY {
        warnings.push(TargetWarning::HeavyWeights { pareto_k: inside.pareto_k });
    }
    if inside.effective_share() < FEW {
        warnings.push(TargetWarning::FewEffective { share: inside.effective_share() });
    }

    target.device.seed(mix(seed, OUTSIDE));
    let far = Outside::draw(&flow, target, start, draws)?;
    let outside = Estimate::of(&far.weighted);
    // Where a few draws make up the estimate, its error says nothing; a third of a nat is doubt enough.
    let doubt = 3.0 * inside.error.hypot(outside.error.min(0.1)) + 0.05;
    if outside.log_z > inside.log_z + doubt {
        warnings.push(TargetWarning::MissedMass { inside: inside.log_z, outside: outside.log_z });
    }
    if let Some((count, at)) = far.not_a_number {
        warnings.push(TargetWarning::NotANumber { count, at });
    }

    let (pull, errors) = pull(target, &weighted)?;
    let strongest = (0..pull.len()).max_by(|a, b| pull[*a].abs().total_cmp(&pull[*b].abs()));
    if let Some(feature) = strongest.filter(|i| pull[*i].abs() > PULLED + 4.0 * errors[*i]) {
        warnings.push(TargetWarning::Pulled { feature, pull: pull[feature] });
    }

    if let Start::Draws(given) = start {
        let given = given.clone().without_autodiff().to_device(&target.device);
        let total = given.dims()[0].min(draws);
        let given = given.narrow(0, 0, total);
        let typical = lowest_typical(&log_target, &weighted.normalized_weights());
        let (p, q) = (host(target.log_density(given.clone())?), host(flow.log_prob(given, &())));
        let uncovered = |(p, q): (f64, f64)| {
            p >= typical && (p - q - inside.log_z).partial_cmp(&UNCOVERED.ln()) != Some(Ordering::Less)
        };
        let count = p.into_iter().zip(q).filter(|pair| uncovered(*pair)).count();
        if count > 0 {
            warnings.push(TargetWarning::DrawsUncovered { count, draws: total });
        }
    }
    Ok(TargetCheck { inside, outside, pull, warnings })
}

/// The log-density below which a hundredth of the target's mass lies, as far as the samples tell.
fn lowest_typical(log_target: &[f64], weights: &[f64]) -> f64 {
    let mut order: Vec<usize> = (0..log_target.len()).collect();
    order.sort_by(|a, b| log_target[*a].total_cmp(&log_target[*b]));
    let mut mass = 0.0;
    let found = order.iter().find(|i| {
        mass += weights[**i];
        mass >= 0.01
    });
    found.map_or(f64::INFINITY, |i| log_target[*i])
}

/// `sd · E[∂ log p̃]` of each feature, and its standard error, under the weights.
fn pull<T: Fn(Tensor<2>) -> Tensor<1>>(
    target: &Target<'_, T>,
    weighted: &ImportanceSamples<2>,
) -> Result<(Vec<f64>, Vec<f64>), TargetError> {
    let features = weighted.samples.dims()[1];
    let weights = weighted.normalized_weights();
    let x = host(weighted.samples.clone());
    let slopes = host(target.gradient(weighted.samples.clone(), None)?);
    let column = |values: &[f64], i: usize| -> Vec<f64> { values.iter().skip(i).step_by(features).copied().collect() };
    let mean = |values: &[f64]| values.iter().zip(&weights).map(|(v, w)| v * w).sum::<f64>();
    let spread = |values: &[f64], centre: f64, power: i32| {
        values.iter().zip(&weights).map(|(v, w)| (v - centre).powi(2) * w.powi(power)).sum::<f64>().sqrt()
    };
    let each = (0..features).map(|i| {
        let (x, slopes) = (column(&x, i), column(&slopes, i));
        let (sd, slope) = (spread(&x, mean(&x), 1), mean(&slopes));
        (sd * slope, sd * spread(&slopes, slope, 2))
    });
    Ok(each.unzip())
}

/// A log-density, and where its rows are.
pub(super) struct Target<'a, T> {
    pub(super) log_density: &'a T,
    pub(super) device: Device,
}

/// Rows at a time: what is evaluated is the user's, and may need room.
const CHUNK: usize = 4096;

impl<T: Fn(Tensor<2>) -> Tensor<1>> Target<'_, T> {
    /// The log-densities of rows.
    pub(super) fn log_density(&self, x: Tensor<2>) -> Result<Tensor<1>, TargetError> {
        let rows = x.dims()[0];
        let parts = (0..rows).step_by(CHUNK).map(|from| {
            let part = x.clone().narrow(0, from, CHUNK.min(rows - from));
            let expected = part.dims()[0];
            let log_density = (self.log_density)(part);
            let got = log_density.dims()[0];
            if got == expected { Ok(log_density) } else { Err(TargetError::Rows { expected, got }) }
        });
        let mut parts = parts.collect::<Result<Vec<_>, _>>()?;
        Ok(if parts.len() == 1 { parts.remove(0) } else { Tensor::cat(parts, 0) })
    }

    /// The log-densities of rows at which the target must be finite.
    pub(super) fn finite(&self, x: &Tensor<2>, step: Option<usize>) -> Result<Tensor<1>, TargetError> {
        let log_density = self.log_density(x.clone())?;
        let values = host(log_density.clone().without_autodiff());
        match values.iter().position(|v| !v.is_finite()) {
            Some(row) => Err(TargetError::NotFinite { value: values[row], at: self.row(x, row), step }),
            None => Ok(log_density),
        }
    }

    /// The gradient of the log-density at rows, without a graph.
    pub(super) fn gradient(&self, x: Tensor<2>, step: Option<usize>) -> Result<Tensor<2>, TargetError> {
        let leaf = x.without_autodiff().autodiff().require_grad();
        let log_density = self.log_density(leaf.clone())?;
        let gradient = match log_density.is_tracked() {
            true => leaf.grad(&log_density.sum().backward()),
            false => None,
        };
        let gradient = gradient.unwrap_or_else(|| leaf.zeros_like().without_autodiff());
        let features = leaf.dims()[1];
        match host(gradient.clone()).iter().position(|v| !v.is_finite()) {
            Some(at) => Err(TargetError::TargetGradient { at: self.row(&leaf, at / features), step }),
            None => Ok(gradient),
        }
    }

    fn row(&self, x: &Tensor<2>, row: usize) -> Vec<f64> {
        host(x.clone().without_autodiff().narrow(0, row, 1))
    }
}
