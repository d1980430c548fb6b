//! Draws from where the flow may have no mass.

use burn::tensor::{Distribution, Tensor, TensorData};

use super::check::Target;
use super::{Start, TargetError};
use crate::Density;
use crate::numerics::host;
use crate::objective::ImportanceSamples;

/// How many times as wide as the start's normal the components are.
const WIDTHS: [f64; 5] = [1.0, 3.0, 10.0, 30.0, 100.0];

/// Draws of a defensive mixture, half of it the flow, half normals around the start, weighted towards the target.
///
/// ```text
/// m(x) = ½ q(x) + 1/10 Σ N(x; start, widened 1, 3, 10, 30, 100 times)        w = p̃(x) / m(x)
/// ```
///
/// As many draws of each component as its share says: the mean weight is an unbiased estimate of the normaliser, which
/// sees what lies beside the flow within the reach of the normals.
pub(super) struct Outside {
    /// The draws with their weights.
    pub(super) weighted: ImportanceSamples<2>,
    /// How many draws have a target of NaN, and the first of them; they have no weight.
    pub(super) not_a_number: Option<(usize, Vec<f64>)>,
}

impl Outside {
    pub(super) fn draw<F: Density<2>, T: Fn(Tensor<2>) -> Tensor<1>>(
        flow: &F,
        target: &Target<'_, T>,
        start: &Start,
        draws: usize,
    ) -> Result<Self, TargetError> {
        let (mean, sd) = start.moments()?;
        let (features, each) = (mean.len(), (draws / 10).max(1));
        let mut parts = vec![flow.sample(each * WIDTHS.len(), &(), &target.device)];
        for width in WIDTHS {
            let noise = Tensor::<2>::random([each, features], Distribution::Normal(0.0, 1.0), &target.device);
            let place = |(at, noise): (usize, f64)| mean[at % features] + width * sd[at % features] * noise;
            let values: Vec<f64> = host(noise).into_iter().enumerate().map(place).collect();
            parts.push(Tensor::from_data(TensorData::new(values, [each, features]), &target.device));
        }
        let samples = Tensor::cat(parts, 0);
        let log_flow = host(flow.log_prob(samples.clone(), &()));
        let log_target = host(target.log_density(samples.clone())?);
        let x = host(samples.clone());
        let row = |i: usize| &x[i * features..][..features];
        if let Some(i) = log_target.iter().position(|p| *p == f64::INFINITY) {
            return Err(TargetError::NotFinite { value: f64::INFINITY, at: row(i).to_vec(), step: None });
        }
        let first = log_target.iter().position(|p| p.is_nan());
        let count = log_target.iter().filter(|p| p.is_nan()).count();
        let not_a_number = first.map(|i| (count, row(i).to_vec()));
        let weight = |i: usize| {
            if log_target[i].is_nan() {
                f64::NEG_INFINITY
            } else {
                log_target[i] - log_mixture(row(i), log_flow[i], &mean, &sd)
            }
        };
        let log_weights = (0..log_target.len()).map(weight).collect();
        Ok(Self { weighted: ImportanceSamples { samples, log_weights }, not_a_number })
    }
}

/// `log m(x)`.
fn log_mixture(x: &[f64], log_flow: f64, mean: &[f64], sd: &[f64]) -> f64 {
    let squares: f64 = x.iter().zip(mean.iter().zip(sd)).map(|(x, (m, s))| ((x - m) / s).powi(2)).sum();
    let log_scale: f64 = sd.iter().map(|s| s.ln() + 0.5 * (2.0 * std::f64::consts::PI).ln()).sum();
    let share = 0.5 / WIDTHS.len() as f64;
    let normal = |width: f64| share.ln() - 0.5 * squares / (width * width) - log_scale - x.len() as f64 * width.ln();
    // A flow so far out that its density is no number has none there.
    let log_flow = if log_flow.is_nan() { f64::NEG_INFINITY } else { log_flow + 0.5f64.ln() };
    let terms: Vec<f64> = WIDTHS.iter().map(|width| normal(*width)).chain([log_flow]).collect();
    let max = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    max + terms.iter().map(|term| (term - max).exp()).sum::<f64>().ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mixture_is_half_flow_and_half_normals() {
        // At the centre of one dimension: ½ q + 1/10 Σ 1 / (w √2π), q = 0.2.
        let normals: f64 = WIDTHS.iter().map(|w| 0.1 / (w * (2.0 * std::f64::consts::PI).sqrt())).sum();
        let got = log_mixture(&[3.0], 0.2f64.ln(), &[3.0], &[1.0]);
        assert!((got - (0.1 + normals).ln()).abs() < 1e-12, "{got}");
    }
}
