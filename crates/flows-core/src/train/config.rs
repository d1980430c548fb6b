//! How to train.

use std::path::PathBuf;

use burn::config::Config;
use burn::optim::ModuleOptimizer;

use super::{AdamConfig, Schedule, TrainingError};

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
    fn check(self) -> Result<(), TrainingError> {
        match self {
            Self::AdamW { weight_decay } if !(weight_decay >= 0.0 && weight_decay.is_finite()) => {
                let problem = format!("expected a weight decay of at least 0, got {weight_decay}");
                Err(TrainingError::Config { field: "optimizer", problem })
            }
            Self::Adam | Self::AdamW { .. } => Ok(()),
        }
    }

    pub(super) fn init(self) -> ModuleOptimizer {
        match self {
            Self::Adam => AdamConfig::new().init(),
            Self::AdamW { weight_decay } => AdamConfig::new().with_weight_decay(weight_decay).init(),
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
/// The defaults suit tables of any size: training goes on for as long as the validation loss gets better, and ends with a
/// cool-down of the learning rate; see [`Schedule::WarmupStableDecay`]. `flows images fit` has the same;
/// `flows fit` takes rate and batch from the number of rows and columns.
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
    #[config(default = 1000)]
    pub epochs: usize,
    /// Rows a step. The last batch of an epoch takes a single row left over with it.
    #[config(default = 256)]
    pub batch_size: usize,
    /// The learning rate, before its schedule.
    #[config(default = 1e-3)]
    pub learning_rate: f64,
    /// The optimizer.
    #[config(default = "Optimizer::Adam")]
    pub optimizer: Optimizer,
    /// How the learning rate changes.
    #[config(default = "Schedule::default()")]
    pub schedule: Schedule,
    /// The gradient of all parameters together is scaled down to this norm.
    #[config(default = "Some(5.0)")]
    pub clip_norm: Option<f64>,
    /// The share of rows set aside for validation, where no validation rows are given.
    #[config(default = 0.1)]
    pub validation_fraction: f64,
    /// The number of epochs without a better validation loss after which training ends, or cools down.
    #[config(default = "Some(30)")]
    pub patience: Option<usize>,
    /// The number of seconds after which training ends; a schedule runs by the time where that is ahead of the epochs.
    /// Runs of one seed then differ, as the clock does.
    pub max_seconds: Option<f64>,
    /// Seeds everything that is random: the validation split, the order of rows, the noise of dropout and dequantisation.
    #[config(default = 0)]
    pub seed: u64,
    /// Whether data-dependent parameters (standardisation, ActNorm) are set from the training rows first.
    #[config(default = true)]
    pub init_from_data: bool,
    /// The number of rows, chosen at random, that set the data-dependent parameters; fewer where rows are large, about four
    /// million numbers in all.
    #[config(default = 100_000)]
    pub init_rows: usize,
    /// Whether rows are looked at before training: constant features and absurd values are errors. Values that are not
    /// finite always are.
    #[config(default = true)]
    pub check_rows: bool,
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
        for (field, value, least) in [
            ("epochs", self.epochs, 1),
            ("batch_size", self.batch_size, 1),
            ("patience", self.patience.unwrap_or(1), 1),
            ("init_rows", self.init_rows, 2),
            ("checkpoint_every", self.checkpoint_every, 1),
            ("workers", self.workers, 1),
        ] {
            if value < least {
                return fail(field, format!("expected at least {least}, got {value}"));
            }
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
        self.optimizer.check()?;
        self.schedule.check()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_meant_is_an_error_that_names_the_field() {
        let error = FitConfig::new().with_validation_fraction(1.0).check().unwrap_err().to_string();
        assert!(error.contains("validation_fraction") && error.contains('1'), "{error}");
        let zero = FitConfig::new();
        for (field, zero) in [
            ("epochs", zero.clone().with_epochs(0)),
            ("batch_size", zero.clone().with_batch_size(0)),
            ("patience", zero.clone().with_patience(Some(0))),
            ("init_rows", zero.clone().with_init_rows(0)),
            ("checkpoint_every", zero.clone().with_checkpoint_every(0)),
            ("workers", zero.clone().with_workers(0)),
            ("max_seconds", zero.clone().with_max_seconds(Some(0.0))),
            ("learning_rate", zero.clone().with_learning_rate(0.0)),
            ("optimizer", zero.with_optimizer(Optimizer::AdamW { weight_decay: -1.0 })),
        ] {
            let error = zero.check().unwrap_err().to_string();
            assert!(error.contains(field), "{field}: {error}");
        }
        assert!(FitConfig::new().with_clip_norm(Some(f64::NAN)).check().is_err());
        assert!(FitConfig::new().check().is_ok());
    }
}
