//! Variational inference: [`fit_target`].

mod check;
mod config;
mod error;
mod fit;
mod outside;
mod progress;
mod start;
mod warning;

pub use check::{Estimate, TargetCheck};
pub use config::FitTargetConfig;
pub use error::TargetError;
pub use fit::{FittedTarget, TargetRecord, fit_target, fit_target_until};
pub use start::Start;
pub use warning::TargetWarning;
