//! Training: [`fit`], and the glue to burn's own `Learner`.

mod absurd;
mod adam;
mod check;
mod checkpoint;
mod clip;
mod config;
mod data;
mod describe;
mod error;
mod fit;
mod learner;
mod monitor;
mod progress;
mod record;
mod rows;
mod run;
mod schedule;
mod stop;
mod target;
mod training;
mod workers;

pub use adam::{Adam, AdamConfig};
pub use checkpoint::checkpoint_identity;
pub use clip::clip_global_norm;
pub use config::{FitConfig, Optimizer, Reporting};
pub use error::TrainingError;
pub use fit::{fit, fit_given, fit_on, fit_watched};
pub use learner::{NllMetric, NllOutput, Trainee};
pub use record::{EpochRecord, Fitted, Phase};
pub use rows::{Batch, BatchLoader, Rows};
pub use schedule::Schedule;
pub use stop::{Stop, StopFlag};
pub use target::{
    Estimate, FitTargetConfig, FittedTarget, Start, TargetCheck, TargetError, TargetRecord, TargetWarning, fit_target,
    fit_target_until,
};
pub use training::Training;
pub use workers::Workers;
