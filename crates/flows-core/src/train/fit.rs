//! Maximum-likelihood training of a density.

use std::time::Instant;

use burn::optim::ModuleOptimizer;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::checkpoint::{self, Fingerprint, State, bad_rows};
use super::monitor::Monitor;
use super::progress::Progress;
use super::rows::{mix, shuffled};
use super::{FitConfig, Rows, TrainingError, Workers, clip_global_norm};
use crate::event::event_size;
use crate::{Context, Density, FlowError, log_probs};

/// What one epoch came to.
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
    /// The mean norm of the gradient, before clipping.
    pub gradient_norm: f64,
    /// Seconds of training so far.
    pub seconds: f64,
}

/// Why training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stop {
    /// All epochs are done.
    Epochs,
    /// The validation loss did not get better for as many epochs as the patience says.
    Patience,
    /// The time was over.
    Time,
}

/// A trained flow and how it came about.
#[derive(Debug, Clone)]
pub struct Fitted<F> {
    /// The flow with the best validation loss (the last one, where nothing was set aside for validation), without
    /// autodiff.
    pub flow: F,
    /// All epochs.
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
}

/// Trains a density on the rows of a tensor by maximum likelihood.
///
/// Mini-batches are cut straight out of the tensor. A share of the rows is set aside for validation, and the
/// parameters that were best on them are what comes back. Everything random follows from one seed, so that a run can
/// be repeated; with a checkpoint, a run that was cut off goes on bit for bit as if it had not been.
///
/// # Errors
/// If rows are not finite or too few, the configuration cannot be meant, a checkpoint cannot be read or is of another
/// run, and at a loss or gradient that is not finite; the error then names the step, and the last good checkpoint
/// stays.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Distribution, Tensor};
/// use flows_core::RealNvpConfig;
/// use flows_core::train::{FitConfig, Reporting, fit};
///
/// let device = Device::default();
/// let x = Tensor::<2>::random([512, 2], Distribution::Normal(3.0, 0.5), &device);
/// let flow = RealNvpConfig::new(2).with_layers(2).with_hidden(vec![16]).init(&device);
/// let config = FitConfig::new().with_epochs(3).with_reporting(Reporting::Silent);
/// let fitted = fit(flow, &x, &config)?;
/// assert_eq!(fitted.history.len(), 3);
/// assert!(fitted.best_validation_loss().unwrap() < 2.0); // the entropy is 2 · (½ log 2πe - log 2) = 1.45
/// # Ok::<(), flows_core::FlowError>(())
/// ```
///
/// # Notes
/// The random state of the device (dropout) is seeded anew at every epoch.
pub fn fit<const D: usize, F: Density<D>>(flow: F, x: &Tensor<D>, config: &FitConfig) -> Result<Fitted<F>, FlowError> {
    fit_on(flow, &Rows::new(x), None, config)
}

/// Trains a conditional density; the context has one row a row of `x`. See [`fit`].
///
/// # Errors
/// As [`fit`].
pub fn fit_given<const D: usize, C: Context, F: Density<D, C>>(
    flow: F,
    x: &Tensor<D>,
    context: &C,
    config: &FitConfig,
) -> Result<Fitted<F>, FlowError> {
    fit_on(flow, &Rows::given(x, context), None, config)
}

/// Trains on the one rows and validates on the others; without validation rows some are set aside. See [`fit`].
///
/// # Errors
/// As [`fit`].
pub fn fit_on<const D: usize, C: Context, F: Density<D, C>>(
    flow: F,
    train: &Rows<D, C>,
    validation: Option<&Rows<D, C>>,
    config: &FitConfig,
) -> Result<Fitted<F>, FlowError> {
    fit_watched(flow, train, validation, config, |_, _| Ok(()))
}

/// Trains as [`fit_on`], and calls `watch` after every epoch with its record and the flow as it is then, without
/// autodiff: to draw samples, to print a figure of one's own, or to stop by an error.
///
/// # Errors
/// As [`fit`], and what `watch` returns; the checkpoint of the epoch is written before.
pub fn fit_watched<const D: usize, C: Context, F: Density<D, C>>(
    flow: F,
    train: &Rows<D, C>,
    validation: Option<&Rows<D, C>>,
    config: &FitConfig,
    mut watch: impl FnMut(&EpochRecord, &F) -> Result<(), FlowError>,
) -> Result<Fitted<F>, FlowError> {
    config.check()?;
    if train.context.rows().is_some() && !flow.sees_context() {
        return Err(TrainingError::ContextUnseen.into());
    }
    let device = train.x.device().without_autodiff();
    let device = flow.devices().first().cloned().unwrap_or(device).without_autodiff();
    let train = checked("the training data", train)?.on(&device);
    let (train, validation) = match validation {
        Some(rows) => (train, Some(checked("the validation data", rows)?.on(&device))),
        None => set_aside(train, config)?,
    };
    Run::start(flow, train, validation, device, config)?.train(&mut watch)
}

fn checked<'a, const D: usize, C: Context>(
    name: &'static str,
    rows: &'a Rows<D, C>,
) -> Result<&'a Rows<D, C>, TrainingError> {
    if let Some(context) = rows.context.rows().filter(|context| *context != rows.len()) {
        return Err(TrainingError::Context { context, rows: rows.len() });
    }
    if rows.is_empty() {
        return Err(TrainingError::TooFewRows { rows: 0, needed: 1 });
    }
    if let [first, ref others @ ..] = crate::context::bad_rows(&rows.context)[..] {
        return Err(TrainingError::ContextData { name, rows: rows.len(), count: 1 + others.len(), first });
    }
    match bad_rows(&rows.x).as_slice() {
        [] => Ok(rows),
        bad => Err(TrainingError::Data { name, rows: rows.len(), count: bad.len(), first: bad[0] }),
    }
}

fn set_aside<const D: usize, C: Context>(
    rows: Rows<D, C>,
    config: &FitConfig,
) -> Result<(Rows<D, C>, Option<Rows<D, C>>), TrainingError> {
    if config.validation_fraction == 0.0 {
        return Ok((rows, None));
    }
    let n = rows.len();
    let held = ((n as f64 * config.validation_fraction).round() as usize).max(1);
    if held >= n {
        return Err(TrainingError::TooFewRows { rows: n, needed: 2 });
    }
    let order = shuffled(n, config.seed, VALIDATION_STREAM);
    let (validation, train) = order.split_at(held);
    Ok((rows.select(train), Some(rows.select(validation))))
}

// Streams of random numbers, apart from the epochs, which count from 1.
const VALIDATION_STREAM: u64 = u64::MAX;
const INIT_STREAM: u64 = u64::MAX - 1;

/// Why the flow of a run is there: only a step takes it.
const PUT_BACK: &str = "a step puts the flow back";

struct Run<'a, const D: usize, C, F> {
    config: &'a FitConfig,
    device: Device,
    train: Rows<D, C>,
    validation: Option<Rows<D, C>>,
    workers: Workers,
    optimizer: ModuleOptimizer,
    flow: Option<F>,
    best: F,
    state: State,
}

impl<'a, const D: usize, C: Context, F: Density<D, C>> Run<'a, D, C, F> {
    fn start(
        flow: F,
        train: Rows<D, C>,
        validation: Option<Rows<D, C>>,
        device: Device,
        config: &'a FitConfig,
    ) -> Result<Self, FlowError> {
        let (workers, optimizer) = (Workers::new(config.workers), config.optimizer.init());
        let flow = flow.train();
        let fingerprint = Fingerprint::new(config, &train, validation.as_ref(), &flow)?;
        if let Some(path) = config.checkpoint.as_deref().filter(|path| path.exists()) {
            let (state, flow, best, optimizer) = checkpoint::read(path, &fingerprint, flow, optimizer)?;
            return Ok(Self { config, device, train, validation, workers, optimizer, flow: Some(flow), best, state });
        }
        device.seed(mix(config.seed, INIT_STREAM));
        let flow = if config.init_from_data { init_from_data(flow, &train, config) } else { flow };
        let (best, state) = (
            flow.valid(),
            State { fingerprint, history: vec![], step: 0, best_epoch: 0, stale: 0, seconds: 0.0, stopped: None },
        );
        Ok(Self { config, device, train, validation, workers, optimizer, flow: Some(flow), best, state })
    }

    fn train(
        mut self,
        watch: &mut impl FnMut(&EpochRecord, &F) -> Result<(), FlowError>,
    ) -> Result<Fitted<F>, FlowError> {
        let steps_per_epoch = self.train.len().div_ceil(self.config.batch_size);
        let done = self.state.history.len();
        let progress = Progress::new(self.config.reporting, self.config.epochs, steps_per_epoch, done);
        // A run that ended by its epochs may go on when there are more of them now.
        if self.state.stopped == Some(Stop::Epochs) {
            self.state.stopped = None;
        }
        while self.state.stopped.is_none() && self.state.history.len() < self.config.epochs {
            self.epoch(steps_per_epoch, &progress)?;
            let epoch = self.state.history.len();
            if epoch == self.config.epochs {
                self.state.stopped.get_or_insert(Stop::Epochs);
            }
            let due = self.state.stopped.is_some() || epoch.is_multiple_of(self.config.checkpoint_every);
            if let Some(path) = self.config.checkpoint.as_ref().filter(|_| due) {
                checkpoint::write(path, &self.state, self.flow(), &self.best, &self.optimizer)?;
            }
            if let Some(record) = self.state.history.last() {
                watch(record, &self.flow().valid())?;
            }
        }
        progress.finish();
        Ok(Fitted {
            flow: self.best,
            history: self.state.history,
            best_epoch: self.state.best_epoch,
            stopped: self.state.stopped.unwrap_or(Stop::Epochs),
        })
    }

    fn flow(&self) -> &F {
        self.flow.as_ref().expect(PUT_BACK)
    }

    fn epoch(&mut self, steps_per_epoch: usize, progress: &Progress) -> Result<(), FlowError> {
        let epoch = self.state.history.len() + 1;
        let started = Instant::now();
        let before = self.state.seconds;
        let elapsed = || before + started.elapsed().as_secs_f64();
        let over = |seconds: f64| self.config.max_seconds.is_some_and(|limit| seconds >= limit);
        // Dropout draws from the device; the order of rows from a generator of its own.
        self.device.seed(mix(self.config.seed, epoch as u64));
        let order = shuffled(self.train.len(), self.config.seed, epoch as u64);
        let written = self.config.checkpoint.clone().filter(|path| path.exists());
        let mut monitor = Monitor::new(epoch, written.clone());
        let mut learning_rate = self.config.learning_rate;
        for batch in order.chunks(self.config.batch_size) {
            let by_steps = self.state.step as f64 / (steps_per_epoch * self.config.epochs) as f64;
            let by_time = self.config.max_seconds.map_or(0.0, |limit| elapsed() / limit);
            learning_rate = self.config.learning_rate * self.config.schedule.factor(by_steps.max(by_time));
            self.state.step += 1;
            self.step(batch, learning_rate, &mut monitor)?;
            progress.step();
            if over(elapsed()) {
                self.state.stopped = Some(Stop::Time);
                break;
            }
        }
        monitor.flush()?;
        let validation_loss = self.validate(epoch, written)?;
        self.state.seconds = elapsed();
        let record = EpochRecord {
            epoch,
            train_loss: monitor.loss(),
            validation_loss,
            learning_rate,
            gradient_norm: monitor.norm(),
            seconds: self.state.seconds,
        };
        self.state.history.push(record.clone());
        let best = self.state.history.iter().find(|r| r.epoch == self.state.best_epoch);
        progress.epoch(&record, best.and_then(|r| r.validation_loss).unwrap_or(f64::NAN));
        if self.config.patience.is_some_and(|patience| self.state.stale >= patience) {
            self.state.stopped.get_or_insert(Stop::Patience);
        }
        Ok(())
    }

    fn step(&mut self, batch: &[usize], learning_rate: f64, monitor: &mut Monitor) -> Result<(), TrainingError> {
        let (rows, batch) = (batch.len(), self.train.select(batch));
        // Taken, not cloned: the optimizer changes parameters in place that nobody else holds.
        let flow = self.flow.take().expect(PUT_BACK);
        let (loss, mut grads) = self.workers.gradients(&flow, batch);
        let norm = clip_global_norm(&flow, &mut grads, self.config.clip_norm);
        self.flow = Some(self.optimizer.step(learning_rate, flow, grads));
        let norm = norm.unwrap_or_else(|| loss.zeros_like());
        monitor.push(self.state.step, rows, loss, norm)
    }

    /// The validation loss, and the best flow so far put aside.
    fn validate(&mut self, epoch: usize, written: Option<std::path::PathBuf>) -> Result<Option<f64>, TrainingError> {
        let mut snapshot = self.flow().valid();
        if self.config.recompute_statistics {
            snapshot = snapshot.recompute_statistics(self.train.x.clone(), &self.train.context);
        }
        let Some(rows) = &self.validation else {
            (self.best, self.state.best_epoch) = (snapshot, epoch);
            return Ok(None);
        };
        let values = log_probs(&snapshot, &rows.x, &rows.context);
        let loss = -values.iter().sum::<f64>() / values.len() as f64;
        if !loss.is_finite() {
            return Err(TrainingError::Validation { epoch, value: loss, checkpoint: written });
        }
        let best = self.state.history.iter().find(|r| r.epoch == self.state.best_epoch);
        if best.and_then(|r| r.validation_loss).is_none_or(|best| loss < best) {
            (self.best, self.state.best_epoch, self.state.stale) = (snapshot, epoch, 0);
        } else {
            self.state.stale += 1;
        }
        Ok(Some(loss))
    }
}

/// Elements that set the data-dependent parameters at most: the networks inside take many times as much memory.
const INIT_ELEMENTS: usize = 1 << 22;

fn init_from_data<const D: usize, C: Context, F: Density<D, C>>(flow: F, train: &Rows<D, C>, config: &FitConfig) -> F {
    let rows = config.init_rows.min((INIT_ELEMENTS / event_size(&train.x).max(1)).max(2));
    if train.len() <= rows {
        return flow.init_from_data(train.x.clone(), &train.context);
    }
    let mut order = shuffled(train.len(), config.seed, INIT_STREAM);
    order.truncate(rows);
    let rows = train.select(&order);
    flow.init_from_data(rows.x, &rows.context)
}
