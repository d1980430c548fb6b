//! Where variational inference starts.

use burn::tensor::{Device, Distribution, Tensor, TensorData};

use super::TargetError;
use crate::numerics::host;

/// Where variational inference starts: roughly where the mass of the target is, and how far it reaches.
///
/// Without it a flow looks for a target around the origin at a scale of one. Reverse Kullback-Leibler divergences see the
/// target where the flow is and nowhere else, so that a start too narrow or far off may never be noticed: a start that is
/// too wide costs steps, one that is too narrow may cost the answer.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::train::Start;
///
/// let start = Start::normal(&[0.0, 3.0], &[50.0, 10.0]);
/// assert_eq!(start.mean().unwrap(), [0.0, 3.0]);
/// // Or rough draws: of another sampler, of the prior, of a Laplace approximation.
/// let draws = Tensor::<2>::from_data([[1.0, 2.0], [3.0, 6.0]], &Device::default());
/// assert_eq!(Start::draws(draws).sd().unwrap(), [1.0, 2.0]);
/// ```
// There is one of it in a run.
#[allow(clippy::large_enum_variant)]
#[derive(Debug, Clone)]
pub enum Start {
    /// A mean and a standard deviation for each feature.
    Normal {
        /// The means.
        mean: Vec<f64>,
        /// The standard deviations.
        sd: Vec<f64>,
    },
    /// Rough draws, `[draws, features]`, of which means, deviations and the check from outside are made.
    Draws(Tensor<2>),
}

impl Start {
    /// A mean and a standard deviation for each feature.
    pub fn normal(mean: &[f64], sd: &[f64]) -> Self {
        Self::Normal { mean: mean.to_vec(), sd: sd.to_vec() }
    }

    /// Rough draws, `[draws, features]`, at least two.
    pub fn draws(draws: Tensor<2>) -> Self {
        Self::Draws(draws)
    }

    /// The mean of each feature.
    ///
    /// # Errors
    /// If the start cannot be used: see [`fit_target`](super::fit_target).
    pub fn mean(&self) -> Result<Vec<f64>, TargetError> {
        Ok(self.moments()?.0)
    }

    /// The standard deviation of each feature.
    ///
    /// # Errors
    /// As [`mean`](Self::mean).
    pub fn sd(&self) -> Result<Vec<f64>, TargetError> {
        Ok(self.moments()?.1)
    }

    /// Means and deviations, checked.
    pub(super) fn moments(&self) -> Result<(Vec<f64>, Vec<f64>), TargetError> {
        let fail = |problem: String| Err(TargetError::Start { problem });
        let (mean, sd) = match self {
            Self::Normal { mean, sd } => (mean.clone(), sd.clone()),
            Self::Draws(draws) => {
                let [rows, features] = draws.dims();
                if rows < 2 {
                    return fail(format!("expected at least 2 draws, got {rows}"));
                }
                let values = host(draws.clone());
                if let Some(at) = values.iter().position(|v| !v.is_finite()) {
                    return fail(format!("draw {} holds {} in feature {}", at / features, values[at], at % features));
                }
                moments(&values, features)
            }
        };
        if mean.len() != sd.len() {
            return fail(format!("expected as many deviations as means, {}, got {}", mean.len(), sd.len()));
        }
        let usable = |(m, s): (&f64, &f64)| m.is_finite() && s.is_finite() && *s > 0.0;
        match mean.iter().zip(&sd).position(|pair| !usable(pair)) {
            Some(i) => fail(format!(
                "feature {i} has mean {} and deviation {}; a deviation must be above zero",
                mean[i], sd[i]
            )),
            None => Ok((mean, sd)),
        }
    }

    /// Rows that a flow is set from: the draws themselves, or draws of the normal whose moments are exactly its own.
    pub(super) fn rows(&self, n: usize, device: &Device) -> Result<Tensor<2>, TargetError> {
        if let Self::Draws(draws) = self {
            return Ok(draws.clone().without_autodiff().to_device(device));
        }
        let (mean, sd) = self.moments()?;
        let features = mean.len();
        let mut values = host(Tensor::<2>::random([n, features], Distribution::Normal(0.0, 1.0), device));
        let (drawn_mean, drawn_sd) = moments(&values, features);
        for row in values.chunks_mut(features) {
            for (i, value) in row.iter_mut().enumerate() {
                *value = (*value - drawn_mean[i]) / drawn_sd[i] * sd[i] + mean[i];
            }
        }
        Ok(Tensor::from_data(TensorData::new(values, [n, features]), device))
    }
}

/// Means and deviations of columns.
pub(super) fn moments(values: &[f64], features: usize) -> (Vec<f64>, Vec<f64>) {
    let rows = (values.len() / features) as f64;
    let mut mean = vec![0.0; features];
    values.iter().enumerate().for_each(|(at, value)| mean[at % features] += value / rows);
    let mut variance = vec![0.0; features];
    values
        .iter()
        .enumerate()
        .for_each(|(at, value)| variance[at % features] += (value - mean[at % features]).powi(2) / rows);
    (mean, variance.into_iter().map(f64::sqrt).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_without_a_scale_is_an_error_that_names_the_feature() {
        let device = Device::default();
        let constant = Start::draws(Tensor::from_data([[1.0, 2.0], [3.0, 2.0]], &device));
        let message = constant.mean().unwrap_err().to_string();
        assert!(message.contains("feature 1 has mean 2 and deviation 0"), "{message}");
        let bad = Start::draws(Tensor::from_data([[1.0, 2.0], [3.0, f64::NAN]], &device));
        let message = bad.mean().unwrap_err().to_string();
        assert!(message.contains("draw 1 holds NaN in feature 1"), "{message}");
        assert!(Start::normal(&[0.0], &[1.0, 2.0]).mean().is_err());
        assert!(Start::normal(&[0.0], &[-1.0]).mean().is_err());
        assert!(Start::draws(Tensor::from_data([[1.0]], &device)).mean().is_err());
    }

    #[test]
    fn rows_of_a_normal_start_have_its_moments() {
        let rows = Start::normal(&[100.0, -3.0], &[10.0, 0.5]).rows(500, &Device::default()).unwrap();
        let (mean, sd) = moments(&host(rows), 2);
        // Rounding of single precision at 100.
        assert!((mean[0] - 100.0).abs() < 1e-4 && (mean[1] + 3.0).abs() < 1e-5, "{mean:?}");
        assert!((sd[0] - 10.0).abs() < 1e-4 && (sd[1] - 0.5).abs() < 1e-5, "{sd:?}");
    }
}
