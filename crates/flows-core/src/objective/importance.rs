//! Importance sampling with a flow as the proposal.

use burn::tensor::{Device, Tensor};

use crate::Density;
use crate::numerics::host;

/// Samples of a density with their weights towards an unnormalised target; made by [`importance_sample`].
#[derive(Debug, Clone)]
pub struct ImportanceSamples<const D: usize> {
    /// The samples, `[n, ...event]`.
    pub samples: Tensor<D>,
    /// `log wᵢ = log p̃(xᵢ) - log q(xᵢ)`, on the host.
    pub log_weights: Vec<f64>,
}

/// Draws samples of a density and weighs them towards an unnormalised target.
///
/// ```text
/// wᵢ = p̃(xᵢ) / q(xᵢ),  xᵢ ~ q
/// ```
///
/// Works on a snapshot of the density: no gradient is kept.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{StandardNormal, importance_sample, sum_event};
///
/// let log_target = |x: Tensor<2>| sum_event(x.clone() * x) * -0.5;
/// let q = StandardNormal::<2>::new([1]);
/// let weighted = importance_sample(&q, 100, &(), &Device::default(), log_target);
/// assert!((weighted.effective_sample_size() - 100.0).abs() < 1e-3); // the proposal is the target
/// assert!((weighted.log_normalizer() - 0.918_938_5).abs() < 1e-5); // log √(2π)
/// ```
pub fn importance_sample<const D: usize, C, P: Density<D, C>>(
    density: &P,
    n: usize,
    context: &C,
    device: &Device,
    log_target: impl Fn(Tensor<D>) -> Tensor<1>,
) -> ImportanceSamples<D> {
    let device = device.clone().without_autodiff();
    let (samples, log_prob) = density.valid().sample_with_log_prob(n, context, &device);
    let log_weights = host((log_target(samples.clone()) - log_prob).without_autodiff());
    ImportanceSamples { samples, log_weights }
}

impl<const D: usize> ImportanceSamples<D> {
    /// The weights, scaled to sum to one.
    pub fn normalized_weights(&self) -> Vec<f64> {
        let max = self.max();
        let weights: Vec<f64> = self.log_weights.iter().map(|w| (w - max).exp()).collect();
        let sum: f64 = weights.iter().sum();
        weights.into_iter().map(|w| w / sum).collect()
    }

    /// How many equally weighted samples these are worth: `(Σ w)² / Σ w²`.
    pub fn effective_sample_size(&self) -> f64 {
        1.0 / self.normalized_weights().iter().map(|w| w * w).sum::<f64>()
    }

    /// The logarithm of the mean weight, an estimate of the target's log-normaliser.
    pub fn log_normalizer(&self) -> f64 {
        let max = self.max();
        let mean = self.log_weights.iter().map(|w| (w - max).exp()).sum::<f64>() / self.log_weights.len() as f64;
        max + mean.ln()
    }

    fn max(&self) -> f64 {
        self.log_weights.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_heavy_weight_is_one_sample() {
        let samples = Tensor::<2>::zeros([3, 1], &Device::default());
        let weighted = ImportanceSamples { samples, log_weights: vec![0.0, 100.0, 0.0] };
        assert!((weighted.effective_sample_size() - 1.0).abs() < 1e-12);
        assert!((weighted.log_normalizer() - (100.0 - 3f64.ln())).abs() < 1e-12);
    }
}
