//! The rows of a training run, checked, and where they come from.

use super::absurd::{check_absurd, check_constant};
use super::check::check_rows;
use super::rows::shuffled;
use super::{FitConfig, Rows, TrainingError};
use crate::Context;

/// The stream of random numbers that sets rows aside, and of the noise of validation.
pub(super) const VALIDATION_STREAM: u64 = u64::MAX;

pub(super) const TRAINING: &str = "the training data";
const VALIDATION: &str = "the validation data";

/// The rows, checked.
pub(super) struct Data<const D: usize, C> {
    pub(super) train: Rows<D, C>,
    pub(super) validation: Option<Rows<D, C>>,
    /// Where the rows stood in the data given, those set aside for validation first.
    order: Option<Vec<usize>>,
}

impl<const D: usize, C: Context> Data<D, C> {
    pub(super) fn new(
        train: Rows<D, C>,
        validation: Option<Rows<D, C>>,
        config: &FitConfig,
    ) -> Result<Self, TrainingError> {
        check_rows(TRAINING, &train)?;
        if config.check_rows {
            check_absurd(TRAINING, &train.x, &train.x)?;
        }
        if let Some(validation) = &validation {
            check_rows(VALIDATION, validation)?;
            if config.check_rows {
                check_absurd(VALIDATION, &validation.x, &train.x)?;
            }
        }
        let data = match validation {
            None if config.validation_fraction > 0.0 => Self::set_aside(&train, config)?,
            validation => Self { train, validation, order: None },
        };
        if data.train.len() < LEAST {
            return Err(TrainingError::TooFewRows { rows: data.train.len(), needed: LEAST });
        }
        if config.check_rows {
            check_constant(&data.train.x)?;
        }
        Ok(data)
    }

    fn set_aside(rows: &Rows<D, C>, config: &FitConfig) -> Result<Self, TrainingError> {
        let n = rows.len();
        if n < LEAST + 1 {
            return Err(TrainingError::TooFewRows { rows: n, needed: LEAST + 1 });
        }
        let held = ((n as f64 * config.validation_fraction).round() as usize).max(1);
        if held + LEAST > n {
            let left = n.saturating_sub(held);
            let problem = format!("expected to leave at least {LEAST} of {n} rows to train on, got {left}");
            return Err(TrainingError::Config { field: "validation_fraction", problem });
        }
        let order = shuffled(n, config.seed, VALIDATION_STREAM);
        let (validation, train) = order.split_at(held);
        Ok(Self { train: rows.select(train), validation: Some(rows.select(validation)), order: Some(order) })
    }

    /// Where a training row stood in the data given.
    pub(super) fn place_of_training(&self, row: usize) -> usize {
        let held = self.validation.as_ref().map_or(0, Rows::len);
        self.order.as_ref().map_or(row, |order| order[held + row])
    }

    /// Where a validation row stood in the data given.
    pub(super) fn place_of_validation(&self, row: usize) -> usize {
        self.order.as_ref().map_or(row, |order| order[row])
    }

    /// What the rows of the validation are rows of: where they were set aside, of the training data.
    pub(super) fn validation_name(&self) -> &'static str {
        if self.order.is_some() { TRAINING } else { VALIDATION }
    }
}

/// Rows to train on, and rows of a batch for each worker: of a single one there is no variance.
pub(super) const LEAST: usize = 2;
