//! The flow that is trained by gradients.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use flows_core::train::{FitConfig, Optimizer, Reporting};
use flows_core::{Density, draw, log_probs};

use super::prepared::{Prepared, matrix};
use super::trainee::Trainee;
use super::whitening::{STEEPEST, STEEPEST_GIVEN};
use super::{FitSettings, Member, Whitened, Whitening};
use crate::model::{Model, Quality, Size};

/// A model to train, and how.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) model: Model,
    pub(super) size: Size,
    pub(super) whitened: Whitened,
    learning_rate: f64,
    pub(super) batch_size: usize,
    weight_decay: f64,
}

impl Plan {
    /// The one for so many rows; `None` where no flow is wanted.
    pub(super) fn of(settings: &FitSettings, rows: usize, (features, context): (usize, usize)) -> Option<Self> {
        let preset = settings.model.flow(rows, features, context)?;
        // A coupling of one column is a map of it whose parameters come from what rows are given.
        let one = features == 1 && context > 0 && preset.kind.is_coupling();
        let size = match one {
            true => Size::of_one(rows, settings.quality),
            false => Size::of(rows, features + context, settings.quality),
        };
        let size = preset.size(size);
        let model = preset.of_size(&size, features, context, settings.seed);
        let batch_size = match rows {
            0..1_000 => 64,
            1_000..5_000 => 128,
            5_000..50_000 => 256,
            _ => 512,
        };
        let widest = size.hidden.iter().copied().max().unwrap_or(1);
        let learning_rate = match widest {
            _ if one && rows >= 3_000 => 4e-3,
            0..=64 => 3e-3,
            _ => 1.5e-3,
        };
        Some(Self {
            model,
            size,
            whitened: Whitened {
                columns: settings.whiten.unwrap_or(false),
                given: context > 0 && settings.whiten.unwrap_or(true),
            },
            learning_rate: settings.learning_rate.unwrap_or(learning_rate),
            batch_size: settings.batch_size.unwrap_or(batch_size),
            weight_decay: settings.weight_decay.unwrap_or(if rows < 5_000 { 1e-2 } else { 1e-4 }),
        })
    }

    /// What it is made of, in words.
    pub(super) fn told(&self) -> String {
        let size = self.size.told(self.model.kind());
        if self.whitened.columns { format!("{size}, of whitened columns") } else { size }
    }

    /// The same of columns that are whitened, or are not.
    pub(super) fn with_whitened_columns(mut self, columns: bool) -> Self {
        self.whitened.columns = columns;
        self
    }

    pub(super) fn steps_per_epoch(&self, rows: usize) -> usize {
        rows.div_ceil(self.batch_size).max(1)
    }

    /// What all runs have in common; nothing is shown but what a caller shows.
    pub(super) fn config(&self, seed: u64) -> FitConfig {
        FitConfig::new()
            .with_batch_size(self.batch_size)
            .with_learning_rate(self.learning_rate)
            .with_optimizer(Optimizer::AdamW { weight_decay: self.weight_decay })
            .with_recompute_statistics(self.model.has_running_statistics())
            // The scaling has looked at them.
            .with_check_rows(false)
            .with_reporting(Reporting::Silent)
            .with_seed(seed)
    }

    /// An untrained flow; its weights follow from the seed.
    pub(super) fn start(&self, seed: u64, weighted: bool, device: &Device) -> Trainee {
        device.seed(seed);
        Trainee::new(draw(self.model.init(device)), weighted, self.model.context)
    }

    /// The whitenings of training rows that there are to be.
    pub(super) fn whitenings(&self, train: &Prepared, device: &Device) -> Whitenings {
        let ((features, width), weights) = (train.columns, train.weights());
        let Whitened { columns, given } = self.whitened;
        Whitenings {
            columns: columns.then(|| Whitening::of(&train.x, features, &weights, STEEPEST, device)),
            given: given.then(|| Whitening::of(&train.context, width, &weights, STEEPEST_GIVEN, device)),
        }
    }
}

/// Steps without a better likelihood before a run cools down.
pub(super) fn patience(quality: Quality) -> usize {
    match quality {
        Quality::Fast => 400,
        Quality::Normal => 1_500,
        Quality::Best => 4_000,
    }
}

/// What stands before a flow.
#[derive(Debug, Clone, Default)]
pub(super) struct Whitenings {
    columns: Option<Whitening>,
    given: Option<Whitening>,
}

impl Whitenings {
    /// Rows as the flow behind them sees them.
    pub(super) fn apply(&self, rows: &Prepared) -> Prepared {
        let mut rows = rows.clone();
        if let Some(whitening) = &self.columns {
            let (x, log_det) = whitening.forward_host(&rows.x);
            rows.x = x;
            rows.log_dets.iter_mut().for_each(|before| *before += log_det);
        }
        if let Some(whitening) = &self.given {
            rows.context = whitening.forward_host(&rows.context).0;
        }
        rows
    }

    /// What came of training, as a member of an ensemble.
    pub(super) fn member(self, trainee: &Trainee) -> Member {
        Member { whitening: self.columns, of_given: self.given, flow: trainee.flow.valid() }
    }
}

/// The log-densities of rows in the units of the table, from a density of rows as they are prepared.
pub(super) fn scores<P: Density<2> + Density<2, Tensor<2>>>(density: &P, rows: &Prepared, device: &Device) -> Vec<f64> {
    let (features, width) = rows.columns;
    let x = matrix(rows.x.clone(), features, device);
    let scores = match width {
        0 => log_probs(density, &x, &()),
        _ => log_probs(density, &x, &matrix(rows.context.clone(), width, device)),
    };
    scores.into_iter().zip(&rows.log_dets).map(|(score, log_det)| score + log_det).collect()
}
