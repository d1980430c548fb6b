//! A density of a mixed table: chosen, trained and tested.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use burn::module::Module;
use burn::tensor::Device;
use flows_core::ScoreRanks;
use flows_core::train::{Stop, StopFlag};
use flows_data::MixedCodec;
use serde::{Deserialize, Serialize};

use super::density::{MixedDensity, Networks};
use super::network::{Plan, Run};
use super::preparation::Scaled;
use super::{LatentClasses, MixedFigures, MixedFlow, MixedFlowConfig, MixedModel, MixedPreparation, MixedTable};
use super::{MixedCandidate, Family};
use crate::model::Quality;
use crate::tables::{Losses, Mean, Progress, RowCounts, Stage, TablesError, choose, folds, shuffled};

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

    fn threads(&self) -> usize {
        self.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get))
    }
}

/// Fits a density to a table of columns of any kind, some of whose cells are missing: the best of independent columns, a mixture of
/// classes and a network over columns in any order, on rows that are held out.
///
/// # Example
/// ```
/// use burn_flows::mixed::{Holds, MixedFit, MixedSettings, MixedTable};
///
/// // Two classes with a number each; of every fourth row one of them is missing.
/// let row = |i: usize| {
///     let (class, x) = ((i % 2) as f64, (i % 2) as f64 * 5.0 + (i as f64 * 0.7).sin());
///     if i % 4 == 1 { [f64::NAN, x] } else { [class, x] }
/// };
/// let holds = vec![Holds::Classes { classes: 2 }, Holds::numbers()];
/// let table = MixedTable::new(["class", "x"], holds, (0..200).flat_map(row).collect())?;
/// let settings = MixedSettings { seconds: 2.0, ..MixedSettings::default() };
/// let fitted = MixedFit::new(settings).run(&table)?;
/// let completed = fitted.flow.complete(&table, 0)?;
/// assert!(completed.values().iter().all(|value| value.is_finite()));
/// assert_eq!(completed.values()[2], 1.0); // x = 5.6 goes with the second class
/// # Ok::<(), burn_flows::tables::TablesError>(())
/// ```
#[must_use = "nothing is fitted before `run`"]
pub struct MixedFit<'a> {
    settings: MixedSettings,
    checkpoint: Option<PathBuf>,
    anew: bool,
    stop: StopFlag,
    cool_down: StopFlag,
    device: Device,
    data_hash: String,
    source: serde_json::Value,
    codec: Option<MixedCodec>,
    started: Instant,
    on_progress: Box<dyn FnMut(&Progress) + Send + 'a>,
}

/// A density that was fitted, and how it did.
#[derive(Debug)]
pub struct FittedMixed {
    /// The density.
    pub flow: MixedFlow,
    /// How it was chosen and trained.
    pub figures: MixedFigures,
}

/// Fewer rows are no table.
const LEAST: usize = 10;
/// Numbers of classes that are tried, one after the other.
const CLASSES: [usize; 12] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];
/// Starts of a mixture of classes.
const STARTS: u64 = 3;
/// The share of the time that the mixtures may take.
const SHARE: f64 = 0.25;
/// The share of a fold's rows by which a network's training is ended.
const INNER: f64 = 0.15;

/// A model that was fitted to a part of the rows.
struct Contender {
    family: Family,
    detail: String,
    density: MixedDensity,
    model: MixedModel,
    networks: Networks,
    losses: Vec<Losses>,
    best_epoch: usize,
    stopped: &'static str,
}

impl<'a> MixedFit<'a> {
    /// A fit by these settings.
    pub fn new(settings: MixedSettings) -> Self {
        Self {
            settings,
            checkpoint: None,
            anew: false,
            stop: StopFlag::new(),
            cool_down: StopFlag::new(),
            device: Device::default(),
            data_hash: String::new(),
            source: serde_json::Value::Null,
            codec: None,
            started: Instant::now(),
            on_progress: Box::new(|_| {}),
        }
    }

    /// Keeps the state of training there, so that a fit of 1,000 rows and more that is killed goes on; when it ends by itself, it is
    /// removed. Folds are trained anew, as they take seconds.
    pub fn checkpoint(mut self, path: impl AsRef<Path>) -> Self {
        self.checkpoint = Some(path.as_ref().to_path_buf());
        self
    }

    /// Begins anew, if `anew`, where a checkpoint is there already.
    pub fn anew(mut self, anew: bool) -> Self {
        self.anew = anew;
        self
    }

    /// Ends training at the next step once the flag is raised; what is best so far is kept.
    pub fn stop_on(mut self, flag: &StopFlag) -> Self {
        self.stop = flag.clone();
        self
    }

    /// Cools the learning rate down once the flag is raised, and then ends training.
    pub fn cool_down_on(mut self, flag: &StopFlag) -> Self {
        self.cool_down = flag.clone();
        self
    }

    /// The device to train on.
    pub fn device(mut self, device: &Device) -> Self {
        self.device = device.clone();
        self
    }

    /// A hash of the data, which is kept with the model.
    pub fn data_hash(mut self, hash: impl Into<String>) -> Self {
        self.data_hash = hash.into();
        self
    }

    /// What is to be known of the rows, such as their file, which is kept with the model.
    pub fn source(mut self, source: serde_json::Value) -> Self {
        self.source = source;
        self
    }

    /// Keeps the codec of the rows with the model.
    pub fn codec(mut self, codec: MixedCodec) -> Self {
        self.codec = Some(codec);
        self
    }

    /// Calls `on_progress` now and then.
    pub fn on_progress(mut self, on_progress: impl FnMut(&Progress) + Send + 'a) -> Self {
        self.on_progress = Box::new(on_progress);
        self
    }

    /// Chooses, trains and tests, on parts of the rows that are split by chance.
    ///
    /// # Errors
    /// If there are too few rows, a column does not vary, a setting cannot be meant, or training fails.
    pub fn run(self, table: &MixedTable) -> Result<FittedMixed, TablesError> {
        self.run_parts(table, None, None)
    }

    /// Chooses, trains and tests, on rows that are held out already where they are given.
    ///
    /// # Errors
    /// As [`run`](Self::run), and if the parts have other columns.
    pub fn run_parts(
        mut self,
        train: &MixedTable,
        validation: Option<&MixedTable>,
        test: Option<&MixedTable>,
    ) -> Result<FittedMixed, TablesError> {
        self.started = Instant::now();
        self.settings.check()?;
        for part in [validation, test].into_iter().flatten() {
            if part.names != train.names {
                return Err(TablesError::Columns { expected: train.names.clone(), got: part.names.clone() });
            }
        }
        let rows = train.len();
        if rows < LEAST {
            return Err(TablesError::TooFewRows { rows, action: "fit a model", needed: LEAST });
        }
        self.progress(Stage::Preparing, None);
        let preparation = MixedPreparation::of(train, self.settings.components)?;
        let seed = self.settings.seed;
        let (contender, figures, scores) = match validation {
            Some(validation) => self.hold_out(&preparation, train, validation, test)?,
            None if rows < self.settings.folds_below => self.by_folds(&preparation, train, test)?,
            None => {
                let order = shuffled(rows, seed);
                let [for_validation, for_test] = self.settings.held_out;
                let count = |share: f64| ((share * rows as f64).round() as usize).max(1);
                let tested = if test.is_none() && for_test > 0.0 { count(for_test) } else { 0 };
                let (held, rest) = order.split_at(tested);
                let (validation, train_rows) = rest.split_at(count(for_validation).min(rest.len()));
                if train_rows.len() < LEAST {
                    let got = format!("{for_validation} and {for_test} of {rows} rows");
                    let expected = "shares that leave ten rows to learn from";
                    return Err(TablesError::Setting { setting: "held_out", expected, got });
                }
                let held = (tested > 0).then(|| train.select(held));
                let (part, validation) = (train.select(train_rows), train.select(validation));
                self.hold_out(&preparation, &part, &validation, test.or(held.as_ref()))?
            }
        };
        let config = MixedFlowConfig {
            model: contender.model,
            preparation,
            codec: self.codec.clone(),
            ranks: ScoreRanks::new(scores),
            figures: figures.clone(),
            settings: self.settings.clone(),
            source: self.source.clone(),
            data_hash: self.data_hash.clone(),
        };
        let flow = MixedFlow::new(config, contender.networks);
        let cut_short = matches!(figures.stopped.as_str(), "time" | "interrupted");
        if let Some(path) = self.checkpoint.as_ref().filter(|path| !cut_short && path.exists()) {
            // It was for a run that did not end.
            let _ = std::fs::remove_file(path);
        }
        Ok(FittedMixed { flow, figures: MixedFigures { seconds: self.started.elapsed().as_secs_f64(), ..figures } })
    }

    fn left(&self) -> f64 {
        (self.settings.seconds - self.started.elapsed().as_secs_f64()).max(0.0)
    }

    fn progress(&mut self, stage: Stage, best: Option<f64>) {
        let seconds = self.started.elapsed().as_secs_f64();
        let done = (seconds / self.settings.seconds).min(1.0);
        (self.on_progress)(&Progress { stage, model: None, epochs: 0, best, seconds, done });
    }

    fn wants(&self, family: Family) -> bool {
        self.settings.family.is_none_or(|wanted| wanted == family)
    }

    /// Fits all models to the training rows, chooses by the validation rows and reports the test rows.
    fn hold_out(
        &mut self,
        preparation: &MixedPreparation,
        train: &MixedTable,
        validation: &MixedTable,
        test: Option<&MixedTable>,
    ) -> Result<(Contender, MixedFigures, Vec<f64>), TablesError> {
        let (seed, device) = (self.settings.seed, self.device.clone());
        let train_rows = possible(&preparation.forward(train, seed));
        let held = possible(&preparation.forward(validation, seed.wrapping_add(1)));
        self.progress(Stage::Classical, None);
        let mut contenders = self.classes(preparation, &train_rows, &held);
        let best = contenders.iter().map(|c| Mean::of(&c.density.log_probs(&held, &device), held.weights.as_deref()).mean);
        let best = best.fold(f64::NEG_INFINITY, f64::max);
        if self.wants(Family::AnyOrder) {
            let plan = Plan::of(preparation.measures(), train_rows.len(), self.settings.quality, seed);
            let run = Run {
                // What is left over is for the evaluation.
                seconds: (0.85 * self.left()).max(0.05 * self.settings.seconds),
                seed,
                workers: plan.workers(self.settings.threads(), &device),
                checkpoint: self.checkpoint.clone(),
                anew: self.anew,
                stop: self.stop.clone(),
                cool_down: self.cool_down.clone(),
                identity: serde_json::json!({ "model": &plan.config, "preparation": preparation }),
            };
            let (limit, before, on_progress) =
                (self.settings.seconds, self.started.elapsed().as_secs_f64(), &mut self.on_progress);
            let (started, mut best) = (Instant::now(), best);
            let trained = plan.train(plan.start(seed, &device), [&train_rows, &held], &run, &device, |epochs, found| {
                best = found.map_or(best, |found| best.max(found));
                let seconds = before + started.elapsed().as_secs_f64();
                let (stage, done) = (Stage::Training, (seconds / limit).min(1.0));
                on_progress(&Progress { stage, model: None, epochs, best: best.is_finite().then_some(best), seconds, done });
            })?;
            contenders.push(Contender::network(&plan, vec![trained.network], trained.losses, trained.best_epoch, trained.stopped));
        }
        self.progress(Stage::Evaluating, None);
        let scores_of = |table: &MixedTable| -> Vec<Vec<f64>> {
            contenders.iter().map(|contender| exact(&contender.density, preparation, table, &device)).collect()
        };
        let of_validation = scores_of(validation);
        let chosen = choose(&of_validation, validation.weights());
        let (of_reported, reported) = match test {
            Some(test) => (scores_of(test), test),
            None => (of_validation.clone(), validation),
        };
        let mut all_scores = of_reported[chosen].clone();
        if test.is_some() {
            all_scores.extend(&of_validation[chosen]);
        }
        let rows = RowCounts { train: train.len(), validation: validation.len(), test: test.map_or(0, MixedTable::len) };
        let figures = figures(
            &contenders,
            chosen,
            (&of_validation, validation.weights()),
            (&of_reported, reported.weights()),
            self.settings.family.is_some(),
            MixedFigures { rows, ..MixedFigures::default() },
        );
        Ok((contenders.swap_remove(chosen), figures, all_scores))
    }

    /// Independent columns, and the mixture whose number of classes is best for the rows that are held out.
    fn classes(&self, preparation: &MixedPreparation, train: &Scaled, held: &Scaled) -> Vec<Contender> {
        let measures = preparation.measures();
        let mean = |classes: &LatentClasses| {
            let scores = MixedDensity::Classes(classes.clone()).log_probs(held, &self.device);
            Mean::of(&scores, held.weights.as_deref()).mean
        };
        let (mut contenders, mut worse, mut best) = (vec![], 0, None::<(f64, LatentClasses)>);
        let before = self.started.elapsed().as_secs_f64();
        for classes in CLASSES.into_iter().take_while(|classes| 4 * classes <= train.len()) {
            let starts = if classes == 1 || train.len() > 20_000 { 1 } else { STARTS };
            let fits = (0..starts).map(|start| LatentClasses::fit(&measures, train, classes, self.settings.seed ^ (start << 32)));
            let found = fits.map(|fit| (mean(&fit), fit)).max_by(|a, b| a.0.total_cmp(&b.0)).expect("a start");
            if classes == 1 {
                contenders.push(Contender::classes(Family::Independent, found.1));
                continue;
            }
            if best.as_ref().is_none_or(|(best, _)| found.0 > *best) {
                (best, worse) = (Some(found), 0);
            } else {
                worse += 1;
            }
            let spent = self.started.elapsed().as_secs_f64() - before;
            if worse == 2 || spent > SHARE * self.settings.seconds || self.stop.is_raised() {
                break;
            }
        }
        contenders.extend(best.map(|(_, classes)| Contender::classes(Family::Classes, classes)));
        contenders.retain(|contender| self.wants(contender.family));
        contenders
    }

    /// Fits all models to the rows outside of each fold and chooses by the rows inside. Classes that are kept are fitted to all
    /// rows; networks are the mean of those of the folds.
    fn by_folds(
        &mut self,
        preparation: &MixedPreparation,
        table: &MixedTable,
        test: Option<&MixedTable>,
    ) -> Result<(Contender, MixedFigures, Vec<f64>), TablesError> {
        let (seed, device) = (self.settings.seed, self.device.clone());
        let all = preparation.forward(table, seed);
        let numbers = folds(table.len(), self.settings.folds.min(table.len() / 2), seed);
        let rest = |numbers: &Vec<usize>| -> Vec<usize> {
            (0..table.len()).filter(|row| numbers.binary_search(row).is_err()).collect()
        };
        self.progress(Stage::Classical, None);
        // Of each family the scores of every row by a model that was not fitted to it, and the model.
        let mut found: Vec<(Contender, Vec<f64>)> = vec![];
        let measures = preparation.measures();
        let of_folds = |fits: &[MixedDensity]| -> Vec<f64> {
            let mut scores = vec![0.0; table.len()];
            for (numbers, fit) in numbers.iter().zip(fits) {
                let held = exact(fit, preparation, &table.select(numbers), &device);
                numbers.iter().zip(held).for_each(|(row, score)| scores[*row] = score);
            }
            scores
        };
        let (mut worse, mut best) = (0, None::<(f64, usize, Vec<f64>)>);
        for classes in CLASSES.into_iter().take_while(|classes| 5 * classes <= table.len()) {
            let fit = |numbers: &Vec<usize>| {
                MixedDensity::Classes(LatentClasses::fit(&measures, &all.select(&rest(numbers)), classes, seed))
            };
            let scores = of_folds(&numbers.iter().map(fit).collect::<Vec<_>>());
            if classes == 1 {
                let whole = LatentClasses::fit(&measures, &all, 1, seed);
                found.push((Contender::classes(Family::Independent, whole), scores));
                continue;
            }
            let mean = Mean::of(&scores, table.weights()).mean;
            if best.as_ref().is_none_or(|(best, ..)| mean > *best) {
                (best, worse) = (Some((mean, classes, scores)), 0);
            } else {
                worse += 1;
            }
            if worse == 2 || self.started.elapsed().as_secs_f64() > SHARE * self.settings.seconds {
                break;
            }
        }
        if let Some((_, classes, scores)) = best {
            let whole = LatentClasses::fit(&measures, &all, classes, seed);
            found.push((Contender::classes(Family::Classes, whole), scores));
        }
        found.retain(|(contender, _)| self.wants(contender.family));
        if self.wants(Family::AnyOrder) {
            found.push(self.networks_of_folds(preparation, &all, &numbers, &rest, &of_folds)?);
        }
        self.progress(Stage::Evaluating, None);
        let (mut contenders, held): (Vec<Contender>, Vec<Vec<f64>>) = found.into_iter().unzip();
        let chosen = choose(&held, table.weights());
        let of_test = test.map(|test| {
            contenders.iter().map(|c| exact(&c.density, preparation, test, &device)).collect::<Vec<_>>()
        });
        let reported_weights = test.map_or(table.weights(), MixedTable::weights);
        let reported = of_test.as_ref().unwrap_or(&held);
        let rows = RowCounts { train: table.len(), validation: table.len(), test: test.map_or(0, MixedTable::len) };
        let figures = figures(
            &contenders,
            chosen,
            (&held, table.weights()),
            (reported, reported_weights),
            self.settings.family.is_some(),
            MixedFigures { rows, folds: Some(numbers.len()), ..MixedFigures::default() },
        );
        let scores = held[chosen].clone();
        Ok((contenders.swap_remove(chosen), figures, scores))
    }

    /// A network of each fold, trained beside each other.
    fn networks_of_folds(
        &mut self,
        preparation: &MixedPreparation,
        all: &Scaled,
        numbers: &[Vec<usize>],
        rest: &dyn Fn(&Vec<usize>) -> Vec<usize>,
        of_folds: &dyn Fn(&[MixedDensity]) -> Vec<f64>,
    ) -> Result<(Contender, Vec<f64>), TablesError> {
        let (seed, device) = (self.settings.seed, self.device.clone());
        let plan = Plan::of(preparation.measures(), all.len(), self.settings.quality, seed);
        let threads = if flows_core::is_host(&device) { self.settings.threads().min(numbers.len()) } else { 1 };
        let rounds = numbers.len().div_ceil(threads) as f64;
        let run = Run {
            seconds: (0.85 * self.left() / rounds).max(0.05 * self.settings.seconds / rounds),
            seed,
            workers: 1,
            stop: self.stop.clone(),
            cool_down: self.cool_down.clone(),
            ..Run::default()
        };
        // Weights are drawn from the one generator of the device: one after the other.
        let jobs: Vec<_> = numbers
            .iter()
            .enumerate()
            .map(|(fold, numbers)| {
                let order = shuffled(all.len() - numbers.len(), seed.wrapping_add(fold as u64));
                let rest = rest(numbers);
                let (inner, train) = order.split_at(((INNER * order.len() as f64).round() as usize).max(1));
                let rows_of = |places: &[usize]| all.select(&places.iter().map(|place| rest[*place]).collect::<Vec<_>>());
                (fold, plan.start(seed.wrapping_add(fold as u64), &device), rows_of(train), rows_of(inner))
            })
            .collect();
        let (waiting, done) = (Mutex::new(jobs.into_iter()), Mutex::new(vec![]));
        let limit = self.settings.seconds;
        let (begun, progress) = (self.started, Mutex::new(&mut self.on_progress));
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    loop {
                        let next = waiting.lock().expect("no thread panics with it").next();
                        let Some((fold, start, train, inner)) = next else { return };
                        let trained = plan.train(start, [&train, &inner], &run, &device, |epochs, best| {
                            let seconds = begun.elapsed().as_secs_f64();
                            let (stage, done) = (Stage::Training, (seconds / limit).min(1.0));
                            let told = Progress { stage, model: None, epochs, best, seconds, done };
                            if let Ok(mut tell) = progress.try_lock() {
                                (*tell)(&told);
                            }
                        });
                        done.lock().expect("no thread panics with it").push((fold, trained));
                    }
                });
            }
        });
        let mut done = done.into_inner().expect("no thread panics with it");
        done.sort_by_key(|(fold, _)| *fold);
        let (mut members, mut traces) = (vec![], vec![]);
        for (_, trained) in done {
            let trained = trained?;
            members.push(trained.network);
            traces.push((trained.losses, trained.best_epoch, trained.stopped));
        }
        let each: Vec<MixedDensity> =
            members.iter().map(|member| MixedDensity::Networks(vec![member.clone()])).collect();
        let scores = of_folds(&each);
        // The run that took longest stands for all.
        let (losses, best_epoch, stopped) = traces.into_iter().max_by_key(|(losses, ..)| losses.len()).expect("a fold");
        Ok((Contender::network(&plan, members, losses, best_epoch, stopped), scores))
    }
}

impl Contender {
    fn classes(family: Family, classes: LatentClasses) -> Self {
        let detail = match family {
            Family::Independent => String::new(),
            _ => format!("{} classes", classes.classes()),
        };
        Self {
            family,
            detail,
            density: MixedDensity::Classes(classes.clone()),
            model: MixedModel::Classes(classes),
            networks: Networks { members: vec![] },
            losses: vec![],
            best_epoch: 0,
            stopped: "none",
        }
    }

    fn network(
        plan: &Plan,
        members: Vec<flows_autoregressive::AnyOrder>,
        losses: Vec<Losses>,
        best_epoch: usize,
        stopped: Stop,
    ) -> Self {
        Self {
            family: Family::AnyOrder,
            detail: plan.told(),
            density: MixedDensity::Networks(members.clone()),
            model: MixedModel::Networks { config: plan.config.clone(), members: members.len() },
            networks: Networks { members },
            losses,
            best_epoch,
            stopped: crate::tables::ended(stopped),
        }
    }

    fn parameters(&self) -> usize {
        match &self.density {
            MixedDensity::Classes(classes) => classes.parameters(),
            MixedDensity::Networks(members) => members.iter().map(Module::num_params).sum(),
        }
    }
}

/// The rows that can be: an impossible one would make the likelihood of all of them minus infinity.
fn possible(rows: &Scaled) -> Scaled {
    let places: Vec<usize> = (0..rows.len()).filter(|row| rows.log_dets[*row].is_finite()).collect();
    if places.len() == rows.len() { rows.clone() } else { rows.select(&places) }
}

/// Points of noise for a row with intervals.
const POINTS: u64 = 16;

/// The log-densities of the cells of rows, in the units of the table: of intervals, the mean over points of noise.
pub(super) fn exact(
    density: &MixedDensity,
    preparation: &MixedPreparation,
    table: &MixedTable,
    device: &Device,
) -> Vec<f64> {
    mean_over_noise(preparation, |noise| density.log_probs(&preparation.forward(table, noise), device))
}

/// The logarithm of the mean of densities over the noise of intervals, where there are any.
pub(super) fn mean_over_noise(preparation: &MixedPreparation, of: impl Fn(u64) -> Vec<f64>) -> Vec<f64> {
    if !preparation.is_noisy() {
        return of(0);
    }
    let each: Vec<Vec<f64>> = (0..POINTS).map(|point| of(0x9015e + point)).collect();
    let mean = |row: usize| {
        let largest = each.iter().map(|scores| scores[row]).fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = each.iter().map(|scores| (scores[row] - largest).exp()).sum();
        if largest == f64::NEG_INFINITY { largest } else { largest + (sum / POINTS as f64).ln() }
    };
    (0..each[0].len()).map(mean).collect()
}

/// What is told of the models.
fn figures(
    contenders: &[Contender],
    chosen: usize,
    (held, held_weights): (&[Vec<f64>], Option<&[f64]>),
    (reported, weights): (&[Vec<f64>], Option<&[f64]>),
    asked: bool,
    rows: MixedFigures,
) -> MixedFigures {
    let candidate = |at: usize| MixedCandidate {
        family: contenders[at].family,
        detail: contenders[at].detail.clone(),
        validation: Mean::of(&held[at], held_weights),
        test: Mean::of(&reported[at], weights),
        difference: (at != chosen).then(|| Mean::of_differences(&reported[chosen], &reported[at], weights)),
    };
    let candidates: Vec<MixedCandidate> = (0..contenders.len()).map(candidate).collect();
    let kept = &contenders[chosen];
    MixedFigures {
        chosen: kept.family,
        reason: super::figures::reason(kept.family, &candidates, asked),
        test: candidates[chosen].test,
        candidates,
        members: kept.networks.members.len().max(1),
        parameters: kept.parameters(),
        epochs: kept.losses.len(),
        best_epoch: kept.best_epoch,
        stopped: contenders.last().map_or("none", |last| last.stopped).to_owned(),
        losses: kept.losses.clone(),
        ..rows
    }
}
