//! The network that is trained by gradients.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use flows_autoregressive::{AnyOrder, AnyOrderConfig, Measure};
use flows_core::train::{FitConfig, Optimizer, Reporting, Rows, Schedule, StopFlag, Training};
use flows_core::{Density, FlowError, draw};

use super::preparation::Scaled;
use crate::model::Quality;
use crate::tables::{Losses, matrix};

/// A density whose context is what each row brings along: the log-determinant of its maps, its weight, and which cells are known.
#[derive(Module, Debug)]
pub(super) struct Learner {
    pub(super) network: AnyOrder,
}

impl Density<2, Tensor<2>> for Learner {
    fn log_prob(&self, x: Tensor<2>, brought: &Tensor<2>) -> Tensor<1> {
        let [_, width] = brought.dims();
        let column = |place: usize| brought.clone().narrow(1, place, 1).squeeze_dim::<1>(1);
        let known = brought.clone().narrow(1, 2, width - 2);
        // By one order of each row in training. Rows that are held out are scored after every epoch, by few orders: all of them
        // would take longer than the training.
        let times = if self.devices().iter().any(Device::is_autodiff) { 1 } else { ESTIMATES };
        let each = (0..times).map(|_| self.network.log_prob_estimate(x.clone(), &known).unsqueeze::<2>());
        let found = Tensor::cat(each.collect(), 0).mean_dim(0).squeeze_dim::<1>(0);
        (found + column(0)) * column(1)
    }

    fn sample(&self, n: usize, brought: &Tensor<2>, device: &Device) -> Tensor<2> {
        Density::<2, Tensor<2>>::sample(&self.network, n, brought, device)
    }
}

/// How a network is made and trained.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) config: AnyOrderConfig,
    batch_size: usize,
    weight_decay: f64,
    patience: usize,
}

/// What came of training.
#[derive(Debug)]
pub(super) struct Trained {
    pub(super) network: AnyOrder,
    pub(super) losses: Vec<Losses>,
    pub(super) best_epoch: usize,
    pub(super) stopped: flows_core::train::Stop,
}

/// When and how a run ends and goes on.
#[derive(Debug, Clone, Default)]
pub(super) struct Run {
    pub(super) seconds: f64,
    pub(super) seed: u64,
    pub(super) workers: usize,
    pub(super) checkpoint: Option<std::path::PathBuf>,
    pub(super) anew: bool,
    pub(super) stop: StopFlag,
    pub(super) cool_down: StopFlag,
    pub(super) identity: serde_json::Value,
}

/// Orders by which a row that is held out is scored after an epoch.
const ESTIMATES: usize = 4;
/// More epochs than there is time for.
const ENDLESS: usize = 1_000_000;
/// Steps in which the learning rate rises.
const WARM_UP: usize = 50;
/// The largest learning rate.
const LEARNING_RATE: f64 = 1e-3;

impl Plan {
    /// The one for so many rows.
    pub(super) fn of(measures: Vec<Measure>, rows: usize, quality: Quality, seed: u64) -> Self {
        let (hidden, depth, dropout, batch_size) = match rows {
            0..600 => (48, 2, 0.1, 64),
            600..3_000 => (64, 2, 0.05, 128),
            3_000..20_000 => (96, 2, 0.0, 256),
            20_000..100_000 => (160, 2, 0.0, 256),
            _ => (256, 3, 0.0, 512),
        };
        // Many columns need wide layers.
        let hidden = hidden.max((measures.len() * 2).min(hidden * 2));
        let (hidden, patience) = match quality {
            Quality::Fast => ((hidden / 2).max(16), 800),
            Quality::Normal => (hidden, 1_500),
            Quality::Best => (hidden * 2, 4_000),
        };
        let config =
            AnyOrderConfig::new(measures).with_hidden(vec![hidden; depth]).with_dropout(dropout).with_seed(seed);
        Self { config, batch_size, weight_decay: if rows < 20_000 { 1e-2 } else { 1e-4 }, patience }
    }

    /// What it is made of, in words.
    pub(super) fn told(&self) -> String {
        let widths: Vec<String> = self.config.hidden.iter().map(usize::to_string).collect();
        format!("a network of {} units, the mean over {} orders", widths.join(", "), self.config.orders)
    }

    /// Threads that share the rows of a step: small networks are faster on one.
    pub(super) fn workers(&self, threads: usize, device: &Device) -> usize {
        let widest = self.config.hidden.iter().copied().max().unwrap_or(1);
        if flows_core::is_host(device) && widest * self.batch_size >= 16_384 { threads } else { 1 }
    }

    /// An untrained network; its weights follow from the seed.
    pub(super) fn start(&self, seed: u64, device: &Device) -> Learner {
        device.seed(seed);
        Learner { network: draw(self.config.init(device)) }
    }

    /// Trains for as long as the rows that are held out get more likely, or the time lasts.
    pub(super) fn train(
        &self,
        start: Learner,
        [train, held]: [&Scaled; 2],
        run: &Run,
        device: &Device,
        mut watch: impl FnMut(usize, Option<f64>),
    ) -> Result<Trained, FlowError> {
        let steps = train.len().div_ceil(self.batch_size).max(1);
        let config = FitConfig::new()
            .with_batch_size(self.batch_size)
            .with_learning_rate(LEARNING_RATE)
            .with_optimizer(Optimizer::AdamW { weight_decay: self.weight_decay })
            .with_schedule(Schedule::WarmupStableDecay {
                warm_up: WARM_UP as f64 / (steps * ENDLESS) as f64,
                decay: 0.2,
            })
            .with_epochs(ENDLESS)
            .with_max_seconds(Some(run.seconds))
            .with_patience(Some((self.patience / steps).max(5)))
            .with_workers(run.workers)
            .with_checkpoint(run.checkpoint.clone())
            .with_checkpoint_every((50_000 / train.len().max(1)).clamp(1, 50))
            .with_check_rows(false)
            .with_reporting(Reporting::Silent)
            .with_seed(run.seed);
        let training = Training::new(&config)
            .identity(&run.identity)
            .anew(run.anew)
            .stop_on(&run.stop)
            .cool_down_on(&run.cool_down)
            .watch(|record, _| {
                watch(record.epoch, record.validation_loss.map(|loss| -loss));
                Ok(())
            });
        let fitted = training.run(start, &to_train(train, device), Some(&to_train(held, device)))?;
        Ok(Trained {
            network: fitted.flow.network.valid(),
            losses: fitted.history.iter().map(Losses::from).collect(),
            best_epoch: fitted.best_epoch,
            stopped: fitted.stopped,
        })
    }
}

/// Rows with what each brings along.
fn to_train(rows: &Scaled, device: &Device) -> Rows<2, Tensor<2>> {
    let (width, weights) = (rows.width, rows.weights());
    let each = |row: usize| {
        let known = &rows.known[row * width..][..width];
        // A row that cannot be would make every loss infinite.
        [rows.log_dets[row], weights[row]].into_iter().chain(known.iter().copied())
    };
    let brought: Vec<f64> = (0..rows.len()).flat_map(each).collect();
    Rows::given(&matrix(rows.x.clone(), width, device), &matrix(brought, width + 2, device))
}
