//! Training: [`fit`], and the glue to burn's own `Learner`.

mod adam;
mod checkpoint;
mod clip;
mod config;
mod error;
mod fit;
mod learner;
mod monitor;
mod progress;
mod rows;
mod target;
mod workers;

pub use adam::{Adam, AdamConfig};
pub use clip::clip_global_norm;
pub use config::{FitConfig, Optimizer, Reporting, Schedule};
pub use error::TrainingError;
pub use fit::{EpochRecord, Fitted, Stop, fit, fit_given, fit_on, fit_watched};
pub use learner::{NllMetric, NllOutput, Trainee};
pub use rows::{Batch, BatchLoader, Rows};
pub use target::{
    Estimate, FitTargetConfig, FittedTarget, Start, TargetCheck, TargetError, TargetRecord, TargetWarning, fit_target,
};
pub use workers::Workers;
