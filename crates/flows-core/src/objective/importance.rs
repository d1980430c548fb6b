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
    // Subtracted on the host: single precision would round the difference as it has rounded the two.
    let (log_target, log_prob) = (host(log_target(samples.clone()).without_autodiff()), host(log_prob));
    let log_weights = log_target.iter().zip(&log_prob).map(|(target, density)| target - density).collect();
    ImportanceSamples { samples, log_weights }
}

impl<const D: usize> ImportanceSamples<D> {
    /// The weights, scaled to sum to one; zeros where no sample has any weight.
    pub fn normalized_weights(&self) -> Vec<f64> {
        let max = self.max();
        if max == f64::NEG_INFINITY && !self.log_weights.iter().any(|w| w.is_nan()) {
            return vec![0.0; self.log_weights.len()];
        }
        let weights: Vec<f64> = self.log_weights.iter().map(|w| (w - max).exp()).collect();
        let sum: f64 = weights.iter().sum();
        weights.into_iter().map(|w| w / sum).collect()
    }

    /// How many equally weighted samples these are worth: `(Σ w)² / Σ w²`.
    pub fn effective_sample_size(&self) -> f64 {
        let squares: f64 = self.normalized_weights().iter().map(|w| w * w).sum();
        if squares == 0.0 { 0.0 } else { 1.0 / squares }
    }

    /// The logarithm of the mean weight, an estimate of the target's log-normaliser; minus infinity where no sample has
    /// any weight.
    pub fn log_normalizer(&self) -> f64 {
        let max = self.max();
        if max == f64::NEG_INFINITY {
            return if self.log_weights.iter().any(|w| w.is_nan()) { f64::NAN } else { max };
        }
        let mean = self.log_weights.iter().map(|w| (w - max).exp()).sum::<f64>() / self.log_weights.len() as f64;
        max + mean.ln()
    }

    /// The standard error of [`log_normalizer`](Self::log_normalizer), from the spread of the weights.
    ///
    /// ```text
    /// sd(w) / (mean(w) √n) = √((n / ESS - 1) / (n - 1))
    /// ```
    ///
    /// It knows of nothing that no sample has met, and is too small where [`pareto_k`](Self::pareto_k) is above 0.7.
    pub fn log_normalizer_error(&self) -> f64 {
        let n = self.log_weights.len() as f64;
        ((n / self.effective_sample_size() - 1.0).max(0.0) / (n - 1.0)).sqrt()
    }

    /// How heavy the tail of the weights is; see [`pareto_k`](crate::pareto_k).
    pub fn pareto_k(&self) -> f64 {
        super::pareto_k(&self.log_weights)
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

    #[test]
    fn a_target_that_no_sample_meets_has_no_mass_and_no_effective_samples() {
        let samples = Tensor::<2>::zeros([3, 1], &Device::default());
        let weighted = ImportanceSamples { samples, log_weights: vec![f64::NEG_INFINITY; 3] };
        assert_eq!((weighted.log_normalizer(), weighted.effective_sample_size()), (f64::NEG_INFINITY, 0.0));
    }

    #[test]
    fn the_error_of_the_normaliser_is_that_of_the_mean_weight() {
        let samples = Tensor::<2>::zeros([4, 1], &Device::default());
        let weights = [1.0f64, 2.0, 3.0, 6.0];
        let weighted = ImportanceSamples { samples, log_weights: weights.map(f64::ln).to_vec() };
        // Mean 3, sample variance (4 + 1 + 0 + 9) / 3 = 14/3: √(14/3 / 4) / 3.
        assert!((weighted.log_normalizer_error() - (14.0f64 / 12.0).sqrt() / 3.0).abs() < 1e-12);
    }
}
