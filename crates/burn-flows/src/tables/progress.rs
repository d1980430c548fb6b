//! How far a fit has got.

use crate::model::ModelKind;

/// What a fit is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The rows are scaled.
    Preparing,
    /// A Gaussian or mixtures of them are fitted.
    Classical,
    /// A flow is trained for a moment, with and without whitened columns.
    Trial,
    /// A flow is trained.
    Training,
    /// The model is tested on rows that were held out.
    Evaluating,
}

/// How far a fit has got; likelihoods are in nats a row, and higher is better.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// What it is at.
    pub stage: Stage,
    /// The model at work, in training.
    pub model: Option<ModelKind>,
    /// Epochs done, of the fold that is furthest.
    pub epochs: usize,
    /// The best held-out log-likelihood so far, of all models.
    pub best: Option<f64>,
    /// Seconds so far.
    pub seconds: f64,
    /// The share of the work that is done, from 0 to 1: of the time or of the epochs, whichever is ahead.
    pub done: f64,
}
