//! Watching losses and gradients without waiting for the device at every step.

use std::path::PathBuf;

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::{Phase, TrainingError};
use crate::numerics::host;

/// Steps between two looks at the device.
const INTERVAL: usize = 32;

/// The sums over the part of an epoch that is done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Partial {
    pub(super) batches: usize,
    /// Those of the last step.
    pub(super) learning_rate: f64,
    pub(super) phase: Phase,
    weighted_loss: f64,
    norms: f64,
    rows: f64,
}

impl Partial {
    /// The sums with the learning rate and the phase of the last step.
    pub(super) fn under(self, learning_rate: f64, phase: Phase) -> Self {
        Self { learning_rate, phase, ..self }
    }

    /// The mean loss a row so far.
    pub(super) fn loss(&self) -> f64 {
        self.weighted_loss / self.rows
    }

    /// The mean norm of the gradient so far.
    pub(super) fn norm(&self) -> f64 {
        self.norms / self.batches as f64
    }
}

/// Collects losses and gradient norms on the device and reads them back now and then; every step is checked.
pub(super) struct Monitor {
    pending: Vec<(usize, f64, Tensor<1>, Tensor<1>)>,
    epoch: usize,
    checkpoint: Option<PathBuf>,
    sums: Partial,
}

impl Monitor {
    /// Goes on from the sums of an epoch that was interrupted.
    pub(super) fn new(epoch: usize, checkpoint: Option<PathBuf>, sums: Partial) -> Self {
        Self { pending: vec![], epoch, checkpoint, sums }
    }

    /// The sums of all that was read back.
    pub(super) fn sums(&self) -> Partial {
        self.sums
    }

    pub(super) fn push(
        &mut self,
        step: usize,
        rows: usize,
        loss: Tensor<1>,
        norm: Tensor<1>,
    ) -> Result<(), TrainingError> {
        self.pending.push((step, rows as f64, loss, norm));
        if self.pending.len() >= INTERVAL { self.flush() } else { Ok(()) }
    }

    pub(super) fn flush(&mut self) -> Result<(), TrainingError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let pending = std::mem::take(&mut self.pending);
        let tensors = pending.iter().flat_map(|(_, _, loss, norm)| [loss.clone(), norm.clone()]).collect();
        let values = host(Tensor::cat(tensors, 0));
        for ((step, rows, ..), pair) in pending.iter().zip(values.chunks(2)) {
            let (step, epoch, checkpoint) = (*step, self.epoch, self.checkpoint.clone());
            let (loss, value) = (pair[0], pair[1]);
            if !loss.is_finite() {
                return Err(TrainingError::Loss { step, epoch, value: loss, row: None, checkpoint });
            }
            if !value.is_finite() {
                return Err(TrainingError::Gradient { step, epoch, loss, value, row: None, checkpoint });
            }
            self.sums.weighted_loss += loss * rows;
            self.sums.rows += rows;
            self.sums.norms += value;
            self.sums.batches += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    #[test]
    fn the_first_bad_step_is_named_even_when_read_late() {
        let number = |v: f32| Tensor::<1>::from_data([v], &Device::default());
        let mut monitor = Monitor::new(2, None, Partial::default());
        for step in 1..=5 {
            let loss = if step == 3 { f32::NAN } else { 1.0 };
            monitor.push(step, 8, number(loss), number(1.0)).expect("not read yet");
        }
        let error = monitor.flush().unwrap_err().to_string();
        assert!(error.contains("step 3") && error.contains("epoch 2") && error.contains("NaN"), "{error}");
    }

    #[test]
    fn an_infinite_gradient_is_an_error_of_its_own() {
        let number = |v: f32| Tensor::<1>::from_data([v], &Device::default());
        let mut monitor = Monitor::new(1, Some("run.ckpt".into()), Partial::default());
        monitor.push(7, 8, number(1.0), number(f32::INFINITY)).expect("not read yet");
        let error = monitor.flush().unwrap_err().to_string();
        assert!(error.contains("gradient") && error.contains("step 7") && error.contains("run.ckpt"), "{error}");
    }
}
