//! How a target is fitted.

use burn::config::Config;

use super::TargetError;
use crate::train::Reporting;

/// How [`fit_target`](super::fit_target) fits.
///
/// ```
/// use flows_core::train::FitTargetConfig;
///
/// let config = FitTargetConfig::new().with_steps(2000).with_draws(128);
/// assert_eq!(config.learning_rate, 2e-3);
/// ```
#[derive(Config, Debug)]
pub struct FitTargetConfig {
    /// The largest number of steps.
    #[config(default = 5000)]
    pub steps: usize,
    /// Draws of the flow a step.
    #[config(default = 256)]
    pub draws: usize,
    /// The learning rate, until it cools down.
    #[config(default = 2e-3)]
    pub learning_rate: f64,
    /// The share of the steps in which the target is tempered, from the start's normal to itself; see
    /// [`fit_target`](super::fit_target).
    #[config(default = 0.3)]
    pub anneal: f64,
    /// The share of the steps so far in which the learning rate falls to zero at the end.
    #[config(default = 0.25)]
    pub cool_down: f64,
    /// Steps between two evaluations of the evidence lower bound.
    #[config(default = 100)]
    pub evaluate_every: usize,
    /// Draws of an evaluation; the same noise each time.
    #[config(default = 1024)]
    pub evaluation_draws: usize,
    /// Cool down after so many evaluations without a better one; `None` makes all steps.
    #[config(default = "Some(10)")]
    pub patience: Option<usize>,
    /// Whether gradients take the path through the samples alone: less noise near the optimum, for one more pass; see
    /// [`reverse_kl_path`](crate::reverse_kl_path).
    #[config(default = true)]
    pub path_gradient: bool,
    /// The gradient of all parameters together is scaled down to this norm.
    #[config(default = "Some(5.0)")]
    pub clip_norm: Option<f64>,
    /// Draws of each final check.
    #[config(default = 16384)]
    pub check_draws: usize,
    /// Seeds everything that is random.
    #[config(default = 0)]
    pub seed: u64,
    /// How progress is shown.
    #[config(default = "Reporting::Auto")]
    pub reporting: Reporting,
}

impl FitTargetConfig {
    pub(super) fn check(&self) -> Result<(), TargetError> {
        let fail = |field, problem: String| Err(TargetError::Config { field, problem });
        let counts = [
            ("steps", self.steps, 1),
            ("draws", self.draws, 1),
            ("evaluate_every", self.evaluate_every, 1),
            ("evaluation_draws", self.evaluation_draws, 2),
            ("check_draws", self.check_draws, 100),
        ];
        if let Some((field, value, least)) = counts.into_iter().find(|(_, value, least)| value < least) {
            return fail(field, format!("expected at least {least}, got {value}"));
        }
        for (field, share) in [("anneal", self.anneal), ("cool_down", self.cool_down)] {
            if !(0.0..=0.9).contains(&share) {
                return fail(field, format!("expected 0 to 0.9, got {share}"));
            }
        }
        if self.anneal + self.cool_down > 1.0 {
            return fail(
                "anneal",
                format!("expected at most 1 together with `cool_down`, got {}", self.anneal + self.cool_down),
            );
        }
        if !(self.learning_rate > 0.0 && self.learning_rate.is_finite()) {
            return fail("learning_rate", format!("expected a positive number, got {}", self.learning_rate));
        }
        match self.clip_norm.filter(|norm| norm.is_nan() || *norm <= 0.0) {
            Some(norm) => fail("clip_norm", format!("expected a positive number, got {norm}")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_meant_is_an_error_that_names_the_field() {
        assert!(FitTargetConfig::new().check().is_ok());
        let message = |config: FitTargetConfig| config.check().unwrap_err().to_string();
        assert!(message(FitTargetConfig::new().with_steps(0)).contains("`steps`"));
        assert!(message(FitTargetConfig::new().with_check_draws(3)).contains("at least 100, got 3"));
        assert!(message(FitTargetConfig::new().with_anneal(0.9).with_cool_down(0.5)).contains("together"));
        assert!(message(FitTargetConfig::new().with_learning_rate(f64::NAN)).contains("NaN"));
    }
}
