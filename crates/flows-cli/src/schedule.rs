//! How the learning rate changes.

use burn_flows::tables::ScheduleKind;
use clap::ValueEnum;
use flows_core::train::Schedule;
use serde::Serialize;

/// How the learning rate changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Rate {
    /// It rises, stays, and cools down once patience, epochs or seconds run out.
    WarmupStableDecay,
    /// It stays.
    Constant,
    /// It rises, and falls to zero along half a cosine.
    Cosine,
}

impl From<Rate> for Schedule {
    fn from(rate: Rate) -> Self {
        match rate {
            Rate::WarmupStableDecay => Self::default(),
            Rate::Constant => Self::Constant,
            Rate::Cosine => Self::Cosine { warm_up: 0.02, end: 0.0 },
        }
    }
}

impl From<Rate> for ScheduleKind {
    fn from(rate: Rate) -> Self {
        match rate {
            Rate::WarmupStableDecay => Self::WarmupStableDecay,
            Rate::Constant => Self::Constant,
            Rate::Cosine => Self::Cosine,
        }
    }
}
