//! How to train.

use std::path::PathBuf;

use burn::config::Config;
use burn::optim::ModuleOptimizer;

use super::{AdamConfig, TrainingError};

/// The optimizer.
#[derive(Config, Debug, Copy, PartialEq)]
pub enum Optimizer {
    /// Adam, with the usual constants.
    Adam,
    /// Adam with decoupled weight decay.
    AdamW {
        /// The decay.
        weight_decay: f64,
    },
}

impl Optimizer {
    pub(super) fn init(self) -> ModuleOptimizer {
        match self {
            Self::Adam => AdamConfig::new().init(),
            Self::AdamW { weight_decay } => AdamConfig::new().with_weight_decay(weight_decay).init(),
        }
    }
}

/// How the learning rate changes, as a share of its start, over the progress of training from 0 to 1.
#[derive(Config, Debug, Copy, PartialEq)]
pub enum Schedule {
    /// It stays.
    Constant,
    /// It rises linearly over the first part and then falls along half a cosine.
    Cosine {
        /// The share of training in which it rises.
        warm_up: f64,
        /// The share it falls to.
        end: f64,
    },
    /// It falls exponentially.
    Exponential {
        /// The share it falls to.
        end: f64,
    },
}

impl Schedule {
    /// The share of the learning rate at a progress from 0 to 1.
    ///
    /// ```
    /// use flows_core::train::Schedule;
    ///
    /// let cosine = Schedule::Cosine { warm_up: 0.1, end: 0.0 };
    /// assert_eq!(cosine.factor(0.05), 0.5);
    /// assert!(cosine.factor(1.0).abs() < 1e-12);
    /// ```
    pub fn factor(self, progress: f64) -> f64 {
        let progress = progress.clamp(0.0, 1.0);
        match self {
            Self::Constant => 1.0,
            Self::Cosine { warm_up, .. } if progress < warm_up => progress / warm_up,
            Self::Cosine { warm_up, end } => {
                let fallen = ((progress - warm_up) / (1.0 - warm_up).max(f64::MIN_POSITIVE)).min(1.0);
                end + (1.0 - end) * 0.5 * (1.0 + (std::f64::consts::PI * fallen).cos())
            }
            Self::Exponential { end } => end.powf(progress),
        }
    }
}

/// How the progress of training is shown, on standard error.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum Reporting {
    /// A progress bar on a terminal, else one line an epoch.
    Auto,
    /// One line an epoch.
    Lines,
    /// Nothing.
    Silent,
}

/// How [`fit`](super::fit) trains.
///
/// ```
/// use flows_core::train::{FitConfig, Schedule};
///
/// let config = FitConfig::new()
///     .with_epochs(50)
///     .with_batch_size(512)
///     .with_schedule(Schedule::Cosine { warm_up: 0.0, end: 0.0 })
///     .with_patience(Some(10));
/// assert_eq!(config.learning_rate, 1e-3);
/// ```
#[derive(Config, Debug)]
pub struct FitConfig {
    /// The largest number of passes over the training rows.
    #[config(default = 100)]
    pub epochs: usize,
    /// Rows a step.
    #[config(default = 256)]
    pub batch_size: usize,
    /// The learning rate.
    #[config(default = 1e-3)]
    pub learning_rate: f64,
    /// The optimizer.
    #[config(default = "Optimizer::Adam")]
    pub optimizer: Optimizer,
    /// How the learning rate changes.
    #[config(default = "Schedule::Constant")]
    pub schedule: Schedule,
    /// The gradient of all parameters together is scaled down to this norm.
    #[config(default = "Some(5.0)")]
    pub clip_norm: Option<f64>,
    /// The share of rows set aside for validation, where no validation rows are given.
    #[config(default = 0.1)]
    pub validation_fraction: f64,
    /// Stop after so many epochs without a better validation loss.
    pub patience: Option<usize>,
    /// Stop after so many seconds of training; the schedule then runs by the time where that is ahead of the epochs.
    pub max_seconds: Option<f64>,
    /// Seeds everything that is random: the validation split, the order of rows, the noise of dropout and dequantisation.
    #[config(default = 0)]
    pub seed: u64,
    /// Whether data-dependent parameters (standardisation, ActNorm) are set from the training rows first.
    #[config(default = true)]
    pub init_from_data: bool,
    /// At most so many rows, chosen at random, set the data-dependent parameters; fewer where rows are large, about four
    /// million numbers in all.
    #[config(default = 100_000)]
    pub init_rows: usize,
    /// Whether running statistics (BatchNorm) are recomputed over all training rows, all at once, before each validation.
    #[config(default = false)]
    pub recompute_statistics: bool,
    /// The file to which the state is written after every `checkpoint_every` epochs. Where it exists, training goes
    /// on from it.
    pub checkpoint: Option<PathBuf>,
    /// Epochs between two checkpoints.
    #[config(default = 1)]
    pub checkpoint_every: usize,
    /// Threads that share the rows of a step; see [`Workers`](super::Workers).
    #[config(default = 1)]
    pub workers: usize,
    /// How progress is shown.
    #[config(default = "Reporting::Auto")]
    pub reporting: Reporting,
}

impl FitConfig {
    pub(super) fn check(&self) -> Result<(), TrainingError> {
        let fail = |field, problem: String| Err(TrainingError::Config { field, problem });
        if self.batch_size == 0 {
            return fail("batch_size", "expected at least 1, got 0".to_owned());
        }
        if self.workers == 0 {
            return fail("workers", "expected at least 1, got 0".to_owned());
        }
        if self.checkpoint_every == 0 {
            return fail("checkpoint_every", "expected at least 1, got 0".to_owned());
        }
        if !(self.learning_rate > 0.0 && self.learning_rate.is_finite()) {
            return fail("learning_rate", format!("expected a positive number, got {}", self.learning_rate));
        }
        if !(0.0..1.0).contains(&self.validation_fraction) {
            return fail("validation_fraction", format!("expected 0 to less than 1, got {}", self.validation_fraction));
        }
        if let Some(norm) = self.clip_norm.filter(|norm| norm.is_nan() || *norm <= 0.0) {
            return fail("clip_norm", format!("expected a positive number, got {norm}"));
        }
        if let Some(seconds) = self.max_seconds.filter(|seconds| seconds.is_nan() || *seconds <= 0.0) {
            return fail("max_seconds", format!("expected a positive number, got {seconds}"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_starts_at_one_and_ends_where_it_should() {
        for (schedule, end) in [
            (Schedule::Constant, 1.0),
            (Schedule::Cosine { warm_up: 0.0, end: 0.1 }, 0.1),
            (Schedule::Exponential { end: 0.01 }, 0.01),
        ] {
            assert!((schedule.factor(0.0) - 1.0).abs() < 1e-12, "{schedule}");
            assert!((schedule.factor(1.0) - end).abs() < 1e-12, "{schedule}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_an_error_that_names_the_field() {
        let error = FitConfig::new().with_validation_fraction(1.0).check().unwrap_err().to_string();
        assert!(error.contains("validation_fraction") && error.contains('1'), "{error}");
        assert!(FitConfig::new().with_batch_size(0).check().is_err());
        assert!(FitConfig::new().with_clip_norm(Some(f64::NAN)).check().is_err());
        assert!(FitConfig::new().check().is_ok());
    }
}
