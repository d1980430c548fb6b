//! The epochs of a training run.

use std::path::{Path, PathBuf};
use std::time::Instant;

use burn::optim::ModuleOptimizer;
use burn::tensor::Device;

use super::check::{check_fit, check_support, fitting, least_likely};
use super::checkpoint::{self, Fingerprint, State};
use super::data::{Data, LEAST, TRAINING, VALIDATION_STREAM};
use super::monitor::Monitor;
use super::progress::Progress;
use super::rows::{batch_count, batches, shuffled};
use super::schedule::{CoolDown, Place};
use super::training::Watch;
use super::{
    EpochRecord, FitConfig, Fitted, Phase, Rows, Schedule, Stop, StopFlag, Training, TrainingError, Workers,
    clip_global_norm,
};
use crate::event::event_size;
use crate::generator::mix;
use crate::{Context, Density, FlowError, log_probs, noise};

/// Checks everything, then trains.
pub(super) fn run<const D: usize, C: Context, F: Density<D, C>>(
    training: Training<'_, F>,
    flow: F,
    train: &Rows<D, C>,
    validation: Option<&Rows<D, C>>,
) -> Result<Fitted<F>, FlowError> {
    let Training { config, identity, stop, cool_down, anew, started, mut watch } = training;
    config.check()?;
    if train.context.rows().is_some() && !flow.sees_context() {
        return Err(TrainingError::ContextUnseen.into());
    }
    let device = train.x.device().without_autodiff();
    let device = flow.devices().first().cloned().unwrap_or(device).without_autodiff();
    let data = Data::new(train.on(&device), validation.map(|rows| rows.on(&device)), config)?;
    let there = config.checkpoint.as_deref().filter(|path| path.exists());
    let run = Run::start(flow, data, device, config, &identity, [stop, cool_down], there.filter(|_| !anew))?;
    if let Some(started) = started {
        started()?;
    }
    if let Some(path) = there.filter(|_| anew) {
        std::fs::remove_file(path).map_err(|source| FlowError::Io {
            action: "remove",
            path: path.to_owned(),
            source,
        })?;
    }
    run.train(&mut watch)
}

/// A stream of random numbers, apart from those of the epochs, which count from 1, and of the validation split.
const INIT_STREAM: u64 = u64::MAX - 1;

/// Why the flow of a run is there: only a step takes it.
const PUT_BACK: &str = "a step puts the flow back";

struct Run<'a, const D: usize, C, F> {
    config: &'a FitConfig,
    device: Device,
    data: Data<D, C>,
    stop: StopFlag,
    cool_down: StopFlag,
    workers: Workers,
    optimizer: ModuleOptimizer,
    flow: Option<F>,
    best: F,
    state: State,
}

impl<'a, const D: usize, C: Context, F: Density<D, C>> Run<'a, D, C, F> {
    fn start(
        flow: F,
        data: Data<D, C>,
        device: Device,
        config: &'a FitConfig,
        identity: &serde_json::Value,
        [stop, cool_down]: [StopFlag; 2],
        goes_on_from: Option<&Path>,
    ) -> Result<Self, FlowError> {
        let (workers, optimizer) = (Workers::new(config.workers), config.optimizer.init());
        let (flow, train, validation) = (flow.train(), &data.train, data.validation.as_ref());
        check_fit(&flow, train)?;
        if let Some(validation) = validation {
            check_fit(&flow, validation)?;
        }
        let fingerprint = match &config.checkpoint {
            Some(_) => Fingerprint::new(config, identity, train, validation, &flow)?,
            None => Fingerprint::default(),
        };
        if let Some(path) = goes_on_from {
            let (state, flow, best, optimizer) = checkpoint::read(path, &fingerprint, config, flow, optimizer)?;
            let flow = Some(flow);
            return Ok(Self { config, device, data, stop, cool_down, workers, optimizer, flow, best, state });
        }
        device.seed(mix(config.seed, INIT_STREAM));
        let flow = match config.init_from_data {
            true => fitting("start from", &train.x, || init_from_data(flow, train, config))?,
            false => flow,
        };
        let best = flow.valid();
        check_support(TRAINING, &best, train, |row| data.place_of_training(row))?;
        if let Some(validation) = validation {
            check_support(data.validation_name(), &best, validation, |row| data.place_of_validation(row))?;
        }
        let state = State::new(fingerprint, config);
        let flow = Some(flow);
        Ok(Self { config, device, data, stop, cool_down, workers, optimizer, flow, best, state })
    }

    fn train(mut self, watch: &mut Watch<'_, F>) -> Result<Fitted<F>, FlowError> {
        let steps_per_epoch = batch_count(self.data.train.len(), self.config.batch_size, self.least());
        let done = self.state.history.len();
        let progress = Progress::new(self.config.reporting, self.config.epochs, steps_per_epoch, done);
        while self.state.stopped.is_none() && self.state.history.len() < self.config.epochs {
            if self.is_over(self.state.seconds) {
                self.state.stopped = Some(Stop::Time);
                break;
            }
            self.epoch(steps_per_epoch, &progress)?;
            let epoch = self.state.history.len();
            if epoch == self.config.epochs {
                self.state.stopped.get_or_insert(Stop::Epochs);
            }
            let due = self.state.stopped.is_some() || epoch.is_multiple_of(self.config.checkpoint_every);
            if let Some(path) = self.config.checkpoint.as_ref().filter(|_| due) {
                checkpoint::write(path, &self.state, self.flow(), &self.best, &self.optimizer)?;
            }
            if self.state.stopped == Some(Stop::Interrupted) {
                self.end_within_an_epoch();
            } else if let Some(record) = self.state.history.last() {
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

    /// The fewest rows of a batch, where there are more.
    fn least(&self) -> usize {
        LEAST * self.config.workers
    }

    fn is_over(&self, seconds: f64) -> bool {
        self.config.max_seconds.is_some_and(|limit| seconds >= limit)
    }

    fn epoch(&mut self, steps_per_epoch: usize, progress: &Progress) -> Result<(), FlowError> {
        let epoch = self.state.history.len() + 1;
        let (started, before) = (Instant::now(), self.state.seconds);
        let elapsed = || before + started.elapsed().as_secs_f64();
        // Layers of the user may draw from the device; the order of rows is from a generator of its own.
        self.device.seed(mix(self.config.seed, epoch as u64));
        let order = shuffled(self.data.train.len(), self.config.seed, epoch as u64);
        let batches = batches(&order, self.config.batch_size, self.least());
        let done = self.state.partial.take().unwrap_or_default();
        let first_step = self.state.step - done.batches;
        let mut monitor = Monitor::new(epoch, self.written(), done);
        let place = |batch: usize, seconds: f64| self.config.place(epoch, batch, steps_per_epoch, seconds);
        let (mut learning_rate, mut phase) = (done.learning_rate, done.phase);
        for (k, batch) in batches.iter().enumerate().skip(done.batches) {
            if self.stop.is_raised() || self.ends_without_cool_down() {
                monitor.flush().map_err(|error| self.blame(error, &batches, first_step))?;
                self.state.partial = (k > 0).then(|| monitor.sums().under(learning_rate, phase));
                (self.state.stopped, self.state.seconds) = (Some(Stop::Interrupted), elapsed());
                return Ok(());
            }
            let mut at = place(k, elapsed());
            if self.state.step == 0 && matches!(self.config.schedule, Schedule::WarmupStableDecay { .. }) {
                // From its middle: at zero the first step, which may be the only one, would change nothing.
                at = place(k + 1, elapsed()).half();
            }
            self.look_at_request(at);
            (learning_rate, phase) = self.rate(at);
            self.state.step += 1;
            let stepped = self.step(batch, learning_rate, &mut monitor);
            stepped.map_err(|error| self.blame(error, &batches, first_step))?;
            progress.step();
            if self.is_over(elapsed()) {
                self.state.stopped = Some(Stop::Time);
                break;
            }
            if let Some(c) = self.state.cool_down.filter(|c| c.is_over(place(k + 1, elapsed()))) {
                match c {
                    CoolDown { requested: true, .. } => self.state.stopped = Some(Stop::Interrupted),
                    CoolDown { patience: true, .. } => self.state.stopped = Some(Stop::Patience),
                    _ => continue,
                }
                break;
            }
        }
        monitor.flush().map_err(|error| self.blame(error, &batches, first_step))?;
        let validation_loss = self.validate(epoch)?;
        self.state.seconds = elapsed();
        let record = EpochRecord {
            epoch,
            train_loss: monitor.sums().loss(),
            validation_loss,
            learning_rate,
            phase,
            gradient_norm: monitor.sums().norm(),
            seconds: self.state.seconds,
        };
        self.state.history.push(record.clone());
        let best = self.state.history.iter().find(|r| r.epoch == self.state.best_epoch);
        progress.epoch(&record, best.and_then(|r| r.validation_loss).unwrap_or(f64::NAN));
        self.look_at_patience(place(steps_per_epoch, self.state.seconds));
        Ok(())
    }

    /// The learning rate at a place.
    fn rate(&mut self, place: Place) -> (f64, Phase) {
        let schedule = self.config.schedule;
        if let (Schedule::WarmupStableDecay { decay, .. }, None) = (schedule, self.state.cool_down) {
            self.state.cool_down = CoolDown::of_budget(decay).filter(|cool_down| place.ahead() >= cool_down.start);
        }
        let (factor, phase) = match (self.state.cool_down, schedule) {
            (Some(cool_down), _) if cool_down.patience => (cool_down.factor(place), Phase::CoolDownOutOfPatience),
            (Some(cool_down), _) => (cool_down.factor(place), Phase::CoolDown),
            (None, Schedule::WarmupStableDecay { warm_up, .. }) => (place.warmed_up(warm_up), Phase::Scheduled),
            (None, _) => (schedule.factor(place.ahead()), Phase::Scheduled),
        };
        (self.config.learning_rate * factor, phase)
    }

    /// Starts the cool-down that somebody asks for.
    fn look_at_request(&mut self, place: Place) {
        if !self.cool_down.is_raised() || self.state.cool_down.is_some() {
            return;
        }
        if let Schedule::WarmupStableDecay { decay, .. } = self.config.schedule {
            // An epoch may take longer than anybody waits.
            let whole = self.config.max_seconds.is_none().then_some(self.config.epochs);
            self.state.cool_down = CoolDown::of_request(decay, place, whole);
        }
    }

    /// Whether the end is asked for, and no cool-down comes before it.
    fn ends_without_cool_down(&self) -> bool {
        let cools = matches!(self.config.schedule, Schedule::WarmupStableDecay { decay, .. } if decay > 0.0);
        self.cool_down.is_raised() && !cools
    }

    /// Ends training where the patience has run out, or starts the cool-down from the best parameters so far.
    fn look_at_patience(&mut self, place: Place) {
        let out = self.config.patience.is_some_and(|patience| self.state.stale >= patience);
        if !out || self.state.stopped.is_some() || self.state.cool_down.is_some() {
            return;
        }
        self.state.cool_down = match self.config.schedule {
            Schedule::WarmupStableDecay { decay, .. } => CoolDown::of_patience(decay, place, Some(self.config.epochs)),
            _ => None,
        };
        match self.state.cool_down {
            Some(_) => self.flow = Some(self.best.clone().train()),
            None => self.state.stopped = Some(Stop::Patience),
        }
    }

    fn step(&mut self, batch: &[usize], learning_rate: f64, monitor: &mut Monitor) -> Result<(), TrainingError> {
        let (rows, numbers, batch) = (batch.len(), batch, self.data.train.select(batch));
        // Taken, not cloned: the optimizer changes parameters in place that nobody else holds.
        let flow = self.flow.take().expect(PUT_BACK);
        let (seed, step) = (self.config.seed, self.state.step as u64);
        let x = batch.x.clone();
        let gradients = || noise::scope(seed, step, numbers, || self.workers.gradients(&flow, batch));
        // What a flow cannot do in training alone, it cannot do at the first step.
        let (loss, mut grads) = if step == 1 { fitting("train on", &x, gradients)? } else { gradients() };
        let norm = clip_global_norm(&flow, &mut grads, self.config.clip_norm);
        self.flow = Some(self.optimizer.step(learning_rate, flow, grads));
        let norm = norm.unwrap_or_else(|| loss.zeros_like());
        monitor.push(self.state.step, rows, loss, norm)
    }

    /// The validation loss, and the best flow so far put aside.
    fn validate(&mut self, epoch: usize) -> Result<Option<f64>, TrainingError> {
        let mut snapshot = self.flow().valid();
        if self.config.recompute_statistics {
            let (Rows { x, context }, numbers) = (&self.data.train, (0..self.data.train.len()).collect::<Vec<_>>());
            let recompute = || snapshot.recompute_statistics(x.clone(), context);
            snapshot = noise::scope(self.config.seed, INIT_STREAM, &numbers, recompute);
        }
        let Some(rows) = &self.data.validation else {
            (self.best, self.state.best_epoch) = (snapshot, epoch);
            return Ok(None);
        };
        // The same noise after every epoch, so that epochs compare.
        let numbers: Vec<usize> = (0..rows.len()).collect();
        let scores = || log_probs(&snapshot, &rows.x, &rows.context);
        let values = noise::scope(self.config.seed, VALIDATION_STREAM, &numbers, scores);
        let loss = -values.iter().sum::<f64>() / values.len() as f64;
        if !loss.is_finite() {
            let row = least_likely(&values).map(|(row, value)| (self.data.place_of_validation(row), value));
            return Err(TrainingError::Validation { epoch, value: loss, row, checkpoint: self.written() });
        }
        let best = self.state.history.iter().find(|r| r.epoch == self.state.best_epoch);
        if best.and_then(|r| r.validation_loss).is_none_or(|best| loss < best) {
            (self.best, self.state.best_epoch, self.state.stale) = (snapshot, epoch, 0);
        } else if self.state.cool_down.is_none() {
            self.state.stale += 1;
        }
        Ok(Some(loss))
    }

    /// After an interruption: what was trained of the epoch under way counts too. The checkpoint is written already.
    fn end_within_an_epoch(&mut self) {
        let epoch = self.state.history.len() + 1;
        let Some(done) = self.state.partial else { return };
        // Where the loss is not finite the best flow so far stands.
        let Ok(validation_loss) = self.validate(epoch) else { return };
        self.state.history.push(EpochRecord {
            epoch,
            train_loss: done.loss(),
            validation_loss,
            learning_rate: done.learning_rate,
            phase: done.phase,
            gradient_norm: done.norm(),
            seconds: self.state.seconds,
        });
    }

    /// The checkpoint, where there is one already.
    fn written(&self) -> Option<PathBuf> {
        self.config.checkpoint.clone().filter(|path| path.exists())
    }

    /// The error of a step with the least likely of its rows.
    fn blame(&self, mut error: TrainingError, batches: &[&[usize]], first_step: usize) -> TrainingError {
        if let TrainingError::Loss { step, row, .. } | TrainingError::Gradient { step, row, .. } = &mut error
            && let Some(batch) = batches.get(*step - first_step - 1)
        {
            let rows = self.data.train.select(batch);
            let least = least_likely(&log_probs(&self.best, &rows.x, &rows.context));
            *row = least.map(|(row, value)| (self.data.place_of_training(batch[row]), value));
        }
        error
    }
}

impl FitConfig {
    /// Where a run stands before a batch.
    fn place(&self, epoch: usize, batch: usize, steps_per_epoch: usize, seconds: f64) -> Place {
        let steps = (epoch - 1) * steps_per_epoch + batch;
        let steps = steps as f64 / (steps_per_epoch as f64 * self.epochs as f64);
        Place { steps, time: self.max_seconds.map_or(0.0, |limit| seconds / limit) }
    }
}

/// Elements that set the data-dependent parameters at most: the networks inside take many times as much memory.
const INIT_ELEMENTS: usize = 1 << 22;

fn init_from_data<const D: usize, C: Context, F: Density<D, C>>(flow: F, train: &Rows<D, C>, config: &FitConfig) -> F {
    let rows = config.init_rows.min((INIT_ELEMENTS / event_size(&train.x).max(1)).max(2));
    let mut order: Vec<usize> = (0..train.len()).collect();
    let mut first = train.clone();
    if train.len() > rows {
        order = shuffled(train.len(), config.seed, INIT_STREAM);
        order.truncate(rows);
        first = train.select(&order);
    }
    noise::scope(config.seed, INIT_STREAM, &order, || flow.init_from_data(first.x, &first.context))
}
