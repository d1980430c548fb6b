//! Conditionals that are mixtures of normals.

use burn::module::Module;
use burn::tensor::{Int, Tensor, activation};
use flows_core::{LogScaleBound, log_sum_exp, noise};

use super::ConditionalFamily;
use super::gaussian::normal_log_prob;

/// Mixtures of `K` normal densities.
///
/// ```text
/// log p(x) = log Σₖ πₖ N(x; mₖ + μₖ, (σ e^{sₖ})²),   π = softmax(l),  s = bound(a)
/// ```
///
/// `3K` parameters a feature: `l`, `μ`, `a`, each `K`. The constants `mₖ`, evenly spaced, and `σ` set the components
/// apart: at parameters zero the mixture has mean zero and unit variance, and its components do not move as one.
///
/// # Reference
/// MADE MoG in "Masked Autoregressive Flow for Density Estimation", Papamakarios, Pavlakou, Murray, 2017,
/// <https://arxiv.org/abs/1705.07057>.
#[derive(Module, Debug)]
pub struct MixtureOfGaussians {
    components: usize,
    #[module(skip)]
    bound: LogScaleBound,
}

impl MixtureOfGaussians {
    /// Mixtures of so many components, with the given bound of their log-scales.
    ///
    /// # Panics
    /// If there are no components.
    pub fn new(components: usize, bound: LogScaleBound) -> Self {
        assert!(components > 0, "`components`: expected at least 1, got 0");
        Self { components, bound }
    }

    /// The number of components.
    pub fn components(&self) -> usize {
        self.components
    }

    /// Log-weights, means and log-scales: `[batch, components, elements]` each.
    fn mixture<const D: usize>(&self, params: Tensor<D>) -> [Tensor<3>; 3] {
        let (k, dims) = (self.components, params.dims());
        let elements = dims[1..].iter().product::<usize>() / self.params_per_feature();
        let blocks: Tensor<3> = params.reshape([dims[0], 3 * k, elements]);
        let (means, scale) = start(k);
        let means = Tensor::<1>::from_data(means.as_slice(), (&blocks.device(), blocks.dtype()));
        [
            activation::log_softmax(blocks.clone().narrow(1, 0, k), 1),
            blocks.clone().narrow(1, k, k) + means.reshape([1, k, 1]),
            self.bound.apply(blocks.narrow(1, 2 * k, k)) + scale.ln(),
        ]
    }
}

/// Means and common scale of a mixture with mean zero and unit variance, half of it from how far the means are apart.
fn start(components: usize) -> (Vec<f64>, f64) {
    let k = components as f64;
    let mean = |i: usize| 1.5f64.sqrt() * (2.0 * i as f64 + 1.0 - k) / k;
    ((0..components).map(mean).collect(), (0.5 * (1.0 + 1.0 / (k * k))).sqrt())
}

impl ConditionalFamily for MixtureOfGaussians {
    fn params_per_feature(&self) -> usize {
        3 * self.components
    }

    fn log_prob<const D: usize>(&self, x: Tensor<D>, params: Tensor<D>) -> Tensor<D> {
        let dims = x.dims();
        if dims[0] == 0 {
            return x;
        }
        let [log_weights, means, log_scales] = self.mixture(params);
        let [batch, k, elements] = means.dims();
        let x: Tensor<3> = x.reshape([batch, 1, elements]).expand([batch, k, elements]);
        log_sum_exp(log_weights + normal_log_prob(x, means, log_scales), 1).reshape(dims)
    }

    fn sample<const D: usize>(&self, params: Tensor<D>) -> Tensor<D> {
        let mut dims = params.dims();
        dims[1] /= self.params_per_feature();
        let [log_weights, means, log_scales] = self.mixture(params);
        // The largest of log-weight plus Gumbel noise is a draw from the weights.
        let uniform = noise::uniform(log_weights.dims(), (&log_weights.device(), log_weights.dtype()));
        let uniform = uniform.clamp_min(f64::from(f32::MIN_POSITIVE));
        let gumbel = -(-uniform.log()).log();
        let chosen: Tensor<3, Int> = (log_weights + gumbel).argmax(1);
        let (mean, log_scale) = (means.gather(1, chosen.clone()), log_scales.gather(1, chosen));
        let noise = noise::normal(mean.dims(), (&mean.device(), mean.dtype()));
        (mean + noise * log_scale.exp()).reshape(dims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, Tolerance};

    #[test]
    fn at_zero_it_has_mean_zero_and_unit_variance() {
        for k in [1, 2, 10] {
            let (means, scale) = start(k);
            assert!(means.iter().sum::<f64>().abs() < 1e-9);
            let variance = means.iter().map(|m| m * m).sum::<f64>() / k as f64 + scale * scale;
            assert!((variance - 1.0).abs() < 1e-9, "{k}: {variance}");
        }
    }

    #[test]
    fn one_component_is_a_normal() {
        let device = Device::default();
        let x = Tensor::<2>::from_data([[0.3, -1.0]], &device);
        let params = Tensor::<2>::from_data([[5.0, -3.0, 0.5, 0.2, 0.1, -0.4]], &device);
        let mixture = MixtureOfGaussians::new(1, LogScaleBound::default()).log_prob(x.clone(), params.clone());
        let normal = super::super::Gaussian::default().log_prob(x, params.narrow(1, 2, 4));
        mixture.to_data().assert_approx_eq::<f32>(&normal.to_data(), Tolerance::absolute(1e-6));
    }

    #[test]
    fn samples_have_the_moments_of_the_mixture() {
        let device = Device::default();
        let n = 40_000;
        let params = Tensor::<1>::from_data([0.0, 1f64.exp(), 2.0, -1.0, 0.0, -0.5], &device);
        let params = params.unsqueeze::<2>().expand([n, 6]);
        let family = MixtureOfGaussians::new(2, LogScaleBound::Unbounded);
        let x = family.sample(params);
        let (starts, scale) = start(2);
        let weight = 1.0 / (1.0 + 1f64.exp().exp());
        let means = [starts[0] + 2.0, starts[1] - 1.0];
        let mean = weight * means[0] + (1.0 - weight) * means[1];
        let variances = [scale * scale, (scale * (-0.5f64).exp()).powi(2)];
        let second =
            weight * (variances[0] + means[0] * means[0]) + (1.0 - weight) * (variances[1] + means[1] * means[1]);
        let got = x.clone().mean().into_scalar::<f64>();
        let error = ((second - mean * mean) / n as f64).sqrt();
        assert!((got - mean).abs() < 5.0 * error, "{got}, expected {mean} within {error}");
        let got = (x.clone() * x).mean().into_scalar::<f64>();
        // Squares have a deviation of 0.92 here, their mean one of 0.0046: five of them.
        assert!((got - second).abs() < 0.023, "{got}, expected {second}");
    }
}
