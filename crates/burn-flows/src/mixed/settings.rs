//! What a fit is told.

use serde::{Deserialize, Serialize};

use super::Family;
use crate::model::Quality;
use crate::tables::TablesError;

/// How a density of a mixed table is chosen and trained.
///
/// # Example
/// ```
/// use burn_flows::mixed::MixedSettings;
///
/// let settings = MixedSettings { seconds: 10.0, ..MixedSettings::default() };
/// assert_eq!((settings.folds, settings.folds_below), (5, 1000));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MixedSettings {
    /// The family that is wanted; by default the best one on held-out rows.
    pub family: Option<Family>,
    /// How much work it may be.
    pub quality: Quality,
    /// Seconds in all, at most.
    pub seconds: f64,
    /// Seeds the split, the weights and the training.
    pub seed: u64,
    /// Components of the mixtures of numbers and counts of a network.
    pub components: usize,
    /// Threads that train at once; the cores, where it is not said.
    pub threads: Option<usize>,
    /// With fewer rows than that, folds are made instead of a split.
    pub folds_below: usize,
    /// The number of folds.
    pub folds: usize,
    /// The shares of the rows for validation and test, where neither is given.
    pub held_out: [f64; 2],
}

impl Default for MixedSettings {
    fn default() -> Self {
        Self {
            family: None,
            quality: Quality::Normal,
            seconds: 60.0,
            seed: 0,
            components: 8,
            threads: None,
            folds_below: 1000,
            folds: 5,
            held_out: [0.1, 0.1],
        }
    }
}

impl MixedSettings {
    /// # Errors
    /// If a setting cannot be meant.
    pub fn check(&self) -> Result<(), TablesError> {
        let wrong = |setting, expected, got: String| Err(TablesError::Setting { setting, expected, got });
        if self.seconds.is_nan() || self.seconds <= 0.0 {
            return wrong("seconds", "a positive number", self.seconds.to_string());
        }
        if !(1..=100).contains(&self.components) {
            return wrong("components", "1 to 100", self.components.to_string());
        }
        if self.threads == Some(0) {
            return wrong("threads", "at least 1", "0".to_owned());
        }
        if !(2..=100).contains(&self.folds) {
            return wrong("folds", "2 to 100", self.folds.to_string());
        }
        let [validation, test] = self.held_out;
        if !(validation > 0.0 && test >= 0.0 && validation + test < 1.0) {
            return wrong("held_out", "positive shares that leave rows to train on", format!("{:?}", self.held_out));
        }
        Ok(())
    }

    /// The threads that train at once.
    pub(super) fn threads(&self) -> usize {
        self.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get))
    }
}
