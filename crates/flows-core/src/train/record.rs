//! What came of a training run.

use serde::{Deserialize, Serialize};

use super::Stop;

/// What the learning rate is doing; see [`Schedule::WarmupStableDecay`](super::Schedule::WarmupStableDecay).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// It follows the schedule.
    #[default]
    Scheduled,
    /// It falls to zero, because the budget of epochs or seconds is about to end.
    CoolDown,
    /// It falls to zero, because the patience ran out.
    CoolDownOutOfPatience,
}

/// The figures of one epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// Counted from 1.
    pub epoch: usize,
    /// Mean negative log-likelihood over the epoch's training batches, in nats.
    pub train_loss: f64,
    /// Mean negative log-likelihood of the validation rows after the epoch, in nats.
    pub validation_loss: Option<f64>,
    /// The learning rate of the last step.
    pub learning_rate: f64,
    /// What the learning rate was doing at the last step.
    #[serde(default)]
    pub phase: Phase,
    /// The mean norm of the gradient, before clipping.
    pub gradient_norm: f64,
    /// Seconds of training so far.
    pub seconds: f64,
}

/// A trained flow and its history.
#[derive(Debug, Clone)]
pub struct Fitted<F> {
    /// The flow with the best validation loss (the last one, where nothing was set aside for validation), without
    /// autodiff.
    pub flow: F,
    /// All epochs; the last may be a part of one, where the time was over or a [`StopFlag`](super::StopFlag) was raised.
    pub history: Vec<EpochRecord>,
    /// The epoch whose parameters the flow has, counted from 1; 0 where no epoch was better than the start.
    pub best_epoch: usize,
    /// Why training ended.
    pub stopped: Stop,
}

impl<F> Fitted<F> {
    /// The best validation loss, in nats.
    pub fn best_validation_loss(&self) -> Option<f64> {
        self.history.iter().find(|record| record.epoch == self.best_epoch)?.validation_loss
    }

    /// The epoch at whose end the learning rate was first cooling down; see
    /// [`Schedule::WarmupStableDecay`](super::Schedule::WarmupStableDecay).
    pub fn cool_down_epoch(&self) -> Option<usize> {
        self.history.iter().find(|record| record.phase != Phase::Scheduled).map(|record| record.epoch)
    }

    /// The same with another flow, made of this one.
    pub(crate) fn map<G>(self, change: impl FnOnce(F) -> G) -> Fitted<G> {
        let Self { flow, history, best_epoch, stopped } = self;
        Fitted { flow: change(flow), history, best_epoch, stopped }
    }
}
