//! A density of a mixed table: chosen, trained and tested.

use std::path::{Path, PathBuf};
use std::time::Instant;

use burn::tensor::Device;
use flows_core::ScoreRanks;
use flows_core::train::StopFlag;
use flows_data::MixedCodec;

use super::{Family, MixedFigures, MixedFlow, MixedFlowConfig, MixedPreparation, MixedSettings, MixedTable};
use crate::tables::{Progress, Stage, TablesError, shuffled};

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
    pub(super) settings: MixedSettings,
    pub(super) checkpoint: Option<PathBuf>,
    pub(super) anew: bool,
    pub(super) stop: StopFlag,
    pub(super) cool_down: StopFlag,
    pub(super) device: Device,
    data_hash: String,
    source: serde_json::Value,
    codec: Option<MixedCodec>,
    pub(super) started: Instant,
    pub(super) on_progress: Box<dyn FnMut(&Progress) + Send + 'a>,
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

    pub(super) fn left(&self) -> f64 {
        (self.settings.seconds - self.started.elapsed().as_secs_f64()).max(0.0)
    }

    pub(super) fn progress(&mut self, stage: Stage, best: Option<f64>) {
        let seconds = self.started.elapsed().as_secs_f64();
        let done = (seconds / self.settings.seconds).min(1.0);
        (self.on_progress)(&Progress { stage, model: None, epochs: 0, best, seconds, done });
    }

    pub(super) fn wants(&self, family: Family) -> bool {
        self.settings.family.is_none_or(|wanted| wanted == family)
    }
}
