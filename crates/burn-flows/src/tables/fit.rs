//! A model of a table: chosen, trained and tested.

use std::path::{Path, PathBuf};
use std::time::Instant;

use burn::module::Module;
use burn::tensor::Device;
use flows_core::train::StopFlag;
use flows_core::{Scaled, ScoreRanks};
use flows_data::{Codec, Frame, Plan, Unknown};

use super::hold_out::hold_out;
use super::{
    Effort, Ensemble, Evaluation, Figures, FitSettings, Parts, Preparation, Progress, Stage, TableFlow,
    TableFlowConfig, TableRows, TablesError, Wanted, folds,
};
use super::{evaluation, figures};
use crate::model::Model;

/// Fits a model to rows: the best of a Gaussian, a mixture of Gaussians and a flow, or the one that is asked for.
///
/// Rows may be in any units; of 1,000 or more, a tenth are held out to choose by and a tenth to report, of fewer five folds
/// are made. It takes a minute at most, and as little as convergence needs. [`Fit`] has settings for all of that.
///
/// # Errors
/// If there are too few rows, a column does not vary, a setting cannot be meant, or training fails.
///
/// # Example
/// ```
/// use burn_flows::prelude::*;
///
/// // A column of weights in pounds, and another that depends on it.
/// let wave = |i: usize, step: f64| (i as f64 * step).sin();
/// let rows = (0..200).flat_map(|i| [3000.0 + 500.0 * wave(i, 0.7), 23.0 - 5.0 * wave(i, 0.7) + wave(i, 1.9)]);
/// let rows = TableRows::new(["weight", "mpg"], rows.collect())?;
/// let flow = fit(Gaussian::new(), &rows)?;
/// assert!(flow.log_probs(&rows)?.iter().all(|score| score.is_finite()));
///
/// let mpg = fit(Gaussian::new().given(1), rows.target(&["mpg"])?)?;
/// let [median] = mpg.given([3250.0])?.quantiles([0.5])?;
/// assert!((median - 20.5).abs() < 0.2);
/// # Ok::<(), burn_flows::tables::TablesError>(())
/// ```
pub fn fit(model: impl Into<Wanted>, rows: impl Into<Parts>) -> Result<TableFlow, TablesError> {
    Ok(Fit::new(FitSettings { model: model.into(), ..FitSettings::default() }).run(rows)?.flow)
}

/// A fit with all that [`fit`] leaves out.
///
/// # Example
/// ```
/// use burn_flows::prelude::*;
/// use burn_flows::tables::FitSettings;
///
/// let rows = TableRows::new(["a"], (0..300).map(|i| (f64::from(i) * 0.7).sin()).collect())?;
/// let settings = FitSettings { model: ModelKind::Mixture.into(), seed: 7, ..FitSettings::default() };
/// let mut stages = vec![];
/// let fitted = Fit::new(settings).on_progress(|progress| stages.push(progress.stage)).run(&rows)?;
/// assert_eq!((fitted.figures.chosen, fitted.figures.folds), (ModelKind::Mixture, Some(5)));
/// assert!(!stages.is_empty());
/// # Ok::<(), burn_flows::tables::TablesError>(())
/// ```
#[must_use = "nothing is fitted before `run`"]
pub struct Fit<'a> {
    pub(super) settings: FitSettings,
    pub(super) checkpoint: Option<PathBuf>,
    pub(super) anew: bool,
    pub(super) stop: StopFlag,
    pub(super) cool_down: StopFlag,
    pub(super) effort: Effort,
    pub(super) device: Device,
    pub(super) data_hash: String,
    source: serde_json::Value,
    codec: Option<Codec>,
    pub(super) started: Instant,
    on_progress: Box<dyn FnMut(&Progress) + 'a>,
}

/// A model that was fitted, and how it did.
#[derive(Debug)]
pub struct FittedTable {
    /// The model.
    pub flow: TableFlow,
    /// How it was chosen and trained.
    pub figures: Figures,
    /// How it does on rows that it was not trained on.
    pub evaluation: Evaluation,
}

/// What came of choosing and training.
pub(super) struct Outcome {
    pub(super) ensemble: Ensemble,
    pub(super) model: Model,
    pub(super) figures: Figures,
    /// Rows that were held out, with the density that was not trained on them, and their log-densities.
    pub(super) held_out: Vec<HeldOut>,
    /// The log-densities of all rows that were held out.
    pub(super) scores: Vec<f64>,
}

/// Rows that a density was not trained on.
pub(super) struct HeldOut {
    pub(super) ensemble: Ensemble,
    pub(super) rows: TableRows,
    pub(super) scores: Vec<f64>,
}

/// Fewer rows tell nothing.
const LEAST: usize = 10;

impl<'a> Fit<'a> {
    /// A fit as the settings say.
    pub fn new(settings: FitSettings) -> Self {
        Self {
            settings,
            checkpoint: None,
            anew: false,
            stop: StopFlag::new(),
            cool_down: StopFlag::new(),
            effort: Effort::default(),
            device: Device::default(),
            data_hash: String::new(),
            source: serde_json::Value::Null,
            codec: None,
            started: Instant::now(),
            on_progress: Box::new(|_| {}),
        }
    }

    /// The file to which the state of training is written now and then. Where it exists, training goes on from it; when
    /// the fit is done, it is removed. Folds are trained anew, as they take seconds.
    pub fn checkpoint(mut self, path: impl AsRef<Path>) -> Self {
        self.checkpoint = Some(path.as_ref().to_path_buf());
        self
    }

    /// Begins anew, if `anew`, where a checkpoint is there already. It is forgotten once nothing can be refused any more.
    pub fn anew(mut self, anew: bool) -> Self {
        self.anew = anew;
        self
    }

    /// The signs beside the numbers of the columns, where there are any: 5 $ are not 5 €.
    pub(super) fn signs(&self) -> Vec<String> {
        self.codec.as_ref().map_or(vec![], Codec::signs)
    }

    /// The checkpoint to go on from, if there is one.
    pub(super) fn interrupted(&self) -> Option<&Path> {
        self.checkpoint.as_deref().filter(|path| !self.anew && path.exists())
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

    /// How much work the evaluation at the end may be.
    pub fn effort(mut self, effort: Effort) -> Self {
        self.effort = effort;
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

    /// What is to be known of the rows, such as their file and what became of its columns, which is kept with the model.
    pub fn source(mut self, source: serde_json::Value) -> Self {
        self.source = source;
        self
    }

    /// Keeps the codec of the rows with the model, so that it takes frames and gives them; see
    /// [`TableRows::encoded`].
    pub fn codec(mut self, codec: Codec) -> Self {
        self.codec = Some(codec);
        self
    }

    /// Fits a model to the rows of a frame as a plan says, splitting them by chance. For other splits encode the parts
    /// by one [`codec`](Self::codec), and [`run`](Self::run) on them.
    ///
    /// # Errors
    /// As [`run`](Self::run), and if the columns are not what the plan says.
    ///
    /// # Example
    /// ```
    /// use burn_flows::data::{Frame, Plan, PlanOptions, ReadOptions};
    /// use burn_flows::prelude::*;
    ///
    /// let line = |i: usize| format!("{},{:.1}\n", ["Adelie", "Gentoo"][i % 2], 40.0 + 9.0 * (i % 2) as f64 + (i as f64).sin());
    /// let csv = String::from("species,bill\n") + &(0..100).map(line).collect::<String>();
    /// let frame = Frame::from_text(csv.as_bytes(), "penguins.csv", &ReadOptions::new())?;
    /// let plan = Plan::new(&frame, &PlanOptions::new().with_given(["species"]))?;
    /// let settings = FitSettings { model: ModelKind::Gaussian.into(), ..FitSettings::default() };
    /// let flow = Fit::new(settings).run_frame(&frame, &plan)?.flow;
    /// let gentoo = flow.conditions(&flow.codec().unwrap().given("species=Gentoo")?)?;
    /// let drawn = flow.decode(&flow.sample_given(5, &gentoo.context, 0)?)?;
    /// assert_eq!((drawn.names(), drawn.rows()), (vec!["bill"], 5));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn run_frame(self, frame: &Frame, plan: &Plan) -> Result<FittedTable, TablesError> {
        let codec = Codec::fit(plan, frame)?;
        let rows = TableRows::encoded(&codec, codec.encode(frame, Unknown::Refuse)?)?;
        self.codec(codec).run(rows)
    }

    /// Calls `on_progress` now and then.
    pub fn on_progress(mut self, on_progress: impl FnMut(&Progress) + 'a) -> Self {
        self.on_progress = Box::new(on_progress);
        self
    }

    /// Chooses, trains and tests.
    ///
    /// # Errors
    /// As [`fit`], and if a checkpoint cannot be read or written.
    pub fn run(mut self, parts: impl Into<Parts>) -> Result<FittedTable, TablesError> {
        self.started = Instant::now();
        self.settings.check()?;
        let Parts { train, validation, test } = parts.into();
        self.settings.model.check(train.names.len(), &train.given)?;
        for part in [&validation, &test].into_iter().flatten() {
            same_columns(&train, part)?;
        }
        let rows = train.len();
        if rows < LEAST {
            return Err(TablesError::TooFewRows { rows, action: "fit a model", needed: LEAST });
        }
        if let Some(weights) = &train.weights {
            // Kish's effective number of rows.
            let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
            let rows = (weights.iter().sum::<f64>().powi(2) / squares) as usize;
            if rows < LEAST {
                return Err(TablesError::TooFewRows { rows, action: "fit a model with these weights", needed: LEAST });
            }
        }
        self.progress(Stage::Preparing, None);
        let preparation = Preparation::of(&train, self.settings.seed)?;
        let seed = self.settings.seed;
        let mut outcome = match validation {
            Some(validation) => hold_out(&mut self, &preparation, &train, &validation, test.as_ref())?,
            None if rows < self.settings.folds_below => {
                let folds = folds(rows, self.settings.folds.min(rows / 2), seed);
                super::folds::by_folds(&mut self, &preparation, &train, &folds, test.as_ref())?
            }
            None => {
                let [for_validation, for_test] = self.settings.held_out;
                let (rest, held_out) = match test {
                    Some(test) => (train, Some(test)),
                    None if for_test > 0.0 => {
                        let (rest, test) = train.split(1.0 - for_test, seed);
                        (rest, Some(test))
                    }
                    None => (train, None),
                };
                let share = for_validation / if held_out.is_some() { 1.0 - for_test } else { 1.0 };
                let (train, validation) = rest.split(1.0 - share, seed.wrapping_add(1));
                if validation.is_empty() || held_out.as_ref().is_some_and(TableRows::is_empty) || train.len() < LEAST {
                    let got = format!("{for_validation} and {for_test} of {rows} rows");
                    return Err(TablesError::Setting {
                        setting: "held_out",
                        expected: "shares that leave a row or more of each kind, and ten to learn from",
                        got,
                    });
                }
                hold_out(&mut self, &preparation, &train, &validation, held_out.as_ref())?
            }
        };
        self.progress(Stage::Evaluating, None);
        let evaluation = evaluation::of_held_out(
            &preparation,
            &outcome.held_out,
            self.codec.as_ref(),
            self.effort,
            seed,
            &self.device,
        );
        outcome.figures.seconds = self.started.elapsed().as_secs_f64();
        let config = TableFlowConfig {
            model: outcome.model,
            members: outcome.ensemble.members.len(),
            whitened: outcome.figures.whitened,
            given_whitened: outcome.figures.given_whitened,
            preparation: preparation.clone(),
            codec: self.codec.clone(),
            ranks: ScoreRanks::new(outcome.scores),
            figures: serde_json::to_value(&outcome.figures).expect("numbers and names"),
            evaluation: serde_json::to_value(&evaluation).expect("numbers and names"),
            settings: serde_json::to_value(&self.settings).expect("numbers and names"),
            source: self.source.clone(),
            data_hash: self.data_hash.clone(),
        };
        let flow = TableFlow::new(config, Scaled::new(outcome.ensemble, preparation.scaling().clone()));
        let cut_short = matches!(outcome.figures.stopped.as_str(), "time" | "interrupted");
        // Folds write none: what is there is of another fit.
        let forgotten = !cut_short || (self.anew && outcome.figures.folds.is_some());
        if let Some(path) = self.checkpoint.as_ref().filter(|path| forgotten && path.exists()) {
            // It was for a run that did not end.
            let _ = std::fs::remove_file(path);
        }
        Ok(FittedTable { flow, figures: outcome.figures, evaluation })
    }

    /// Seconds that are left.
    pub(super) fn left(&self) -> f64 {
        (self.settings.seconds - self.started.elapsed().as_secs_f64()).max(0.0)
    }

    /// Tells how far it has got, apart from training.
    pub(super) fn progress(&mut self, stage: Stage, best: Option<f64>) {
        let seconds = self.started.elapsed().as_secs_f64();
        let done = (seconds / self.settings.seconds).min(1.0);
        self.tell(&Progress { stage, model: None, epochs: 0, best, seconds, done });
    }

    pub(super) fn tell(&mut self, progress: &Progress) {
        (self.on_progress)(progress);
    }
}

/// The number of parameters of a density.
pub(super) fn parameters(ensemble: &Ensemble) -> usize {
    ensemble.members.iter().map(|member| Module::num_params(&member.flow)).sum()
}

fn same_columns(train: &TableRows, part: &TableRows) -> Result<(), TablesError> {
    for (expected, got) in [(&train.names, &part.names), (&train.given, &part.given)] {
        if expected != got {
            return Err(TablesError::Columns { expected: expected.clone(), got: got.clone() });
        }
    }
    Ok(())
}

pub(super) use figures::reason;
