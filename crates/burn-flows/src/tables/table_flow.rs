//! A model of a table in one file.

use std::path::Path;

use burn::tensor::Device;
use flows_core::{FlowConfig, FlowError, Scaled, ScoreRanks, load, save};
use flows_data::Codec;
use serde::{Deserialize, Serialize};

use super::predict::{Prediction, predict};
use super::prepared::matrix;
use super::{
    Effort, Ensemble, Evaluation, Figures, FitSettings, Preparation, TableRows, TablesError, Whitened, WorstColumn,
    evaluation, grid, worst_column,
};
use crate::model::Model;

/// What the file of a [`TableFlow`] says beside the weights.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TableFlowConfig {
    /// What makes the flow.
    pub model: Model,
    /// The number of flows whose mean the density is.
    pub members: usize,
    /// Whether a linear map stands before each flow.
    pub whitened: bool,
    /// Whether a linear map stands before what each flow is given.
    #[serde(default)]
    pub given_whitened: bool,
    /// What lies between the units of the table and those of the flow.
    pub preparation: Preparation,
    /// Between the columns of a file and the numbers of the model, where it was fitted to a file.
    pub codec: Option<Codec>,
    /// The log-densities of the rows that were held out.
    pub ranks: ScoreRanks,
    /// How it did, as it was reported then.
    pub figures: serde_json::Value,
    /// How it does on rows that were held out, as an [`Evaluation`].
    pub evaluation: serde_json::Value,
    /// How it was fitted.
    pub settings: serde_json::Value,
    /// What a program says of the rows: their file, what became of its columns; see [`Fit::source`](super::Fit::source).
    pub source: serde_json::Value,
    /// A hash of the data it was fitted to.
    pub data_hash: String,
}

impl FlowConfig for TableFlowConfig {
    const NAME: &'static str = "flows/table";
    type Flow = Scaled<Ensemble>;

    /// # Panics
    /// If the model is of other columns or another context than the preparation.
    fn init(&self, device: &Device) -> Scaled<Ensemble> {
        let (names, given) = (self.preparation.names().len(), self.preparation.given_names().len());
        for (what, found, expected) in
            [("features", self.model.features(), names), ("conditions", self.model.context, given)]
        {
            assert_eq!(found, expected, "expected a model of {expected} {what}, as there are columns, got {found}");
        }
        if let Some(codec) = &self.codec {
            let preparation = &self.preparation;
            let same = codec.names() == preparation.names()
                && codec.feature_names() == preparation.given_names()
                && codec.scaling() == preparation.scaling()
                && codec.whole() == *preparation.whole();
            assert!(same, "expected a codec of the columns of the model, got one of {}", codec.names().join(", "));
        }
        let whitened = Whitened { columns: self.whitened, given: self.given_whitened };
        let ensemble = Ensemble::init(&self.model, self.members, whitened, device);
        Scaled::new(ensemble, self.preparation.scaling().clone())
    }
}

/// A model of a table, in the units of its columns; made by [`fit`](super::fit), and kept in one file.
///
/// # Example
/// ```
/// use burn_flows::prelude::*;
///
/// let rows = TableRows::new(["a", "b"], (0..400).map(|i| (f64::from(i) * 0.7).sin()).collect())?;
/// let flow = fit(Gaussian::new(), &rows)?;
/// let path = std::env::temp_dir().join("burn-flows-doc-table.flow");
/// flow.save(&path)?;
/// let again = TableFlow::load(&path, &Device::default())?;
/// assert_eq!(again.log_probs(&rows)?, flow.log_probs(&rows)?);
/// assert_eq!(again.sample(3, 0)?.len(), 3);
/// # std::fs::remove_file(path).unwrap();
/// # Ok::<(), burn_flows::tables::TablesError>(())
/// ```
#[derive(Debug, Clone)]
pub struct TableFlow {
    config: TableFlowConfig,
    flow: Scaled<Ensemble>,
}

/// Rows sampled at a time.
const BATCH: usize = 1 << 14;

impl TableFlow {
    /// Puts a configuration and its flow together.
    pub fn new(config: TableFlowConfig, flow: Scaled<Ensemble>) -> Self {
        Self { config, flow }
    }

    /// Loads a model that [`save`](Self::save) has written.
    ///
    /// # Errors
    /// If the file cannot be read, or is damaged or of another kind.
    pub fn load(path: impl AsRef<Path>, device: &Device) -> Result<Self, FlowError> {
        let (config, flow) = load::<TableFlowConfig>(path, device)?;
        Ok(Self { config, flow })
    }

    /// Saves the model; the file appears whole or not at all.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), FlowError> {
        save(path, &self.config, &self.flow)
    }

    /// What the file says.
    pub fn config(&self) -> &TableFlowConfig {
        &self.config
    }

    /// How it was chosen and trained; `None` where the file says something else.
    pub fn figures(&self) -> Option<Figures> {
        serde_json::from_value(self.config.figures.clone()).ok()
    }

    /// How it does on rows that were held out when it was fitted; `None` where the file says something else.
    pub fn evaluation(&self) -> Option<Evaluation> {
        serde_json::from_value(self.config.evaluation.clone()).ok()
    }

    /// How it was fitted; `None` where the file says something else.
    pub fn settings(&self) -> Option<FitSettings> {
        serde_json::from_value(self.config.settings.clone()).ok()
    }

    /// The density behind the scaling.
    pub fn density(&self) -> &Scaled<Ensemble> {
        &self.flow
    }

    /// The names of the columns.
    pub fn names(&self) -> &[String] {
        self.config.preparation.names()
    }

    /// The names of what rows are given.
    pub fn given_names(&self) -> &[String] {
        self.config.preparation.given_names()
    }

    pub(super) fn preparation(&self) -> &Preparation {
        &self.config.preparation
    }

    pub(super) fn ensemble(&self) -> &Ensemble {
        &self.flow.flow
    }

    pub(super) fn device(&self) -> Device {
        use burn::module::Module;
        self.flow.devices().first().cloned().unwrap_or_default().without_autodiff()
    }

    /// The log-density of each row, in nats, in the units of the table; of columns of whole numbers it is the probability.
    ///
    /// # Errors
    /// If the rows have other columns than the model.
    pub fn log_probs(&self, rows: &TableRows) -> Result<Vec<f64>, TablesError> {
        self.require_columns(rows)?;
        Ok(log_probs(self.preparation(), &self.flow, &rows.values, &rows.context))
    }

    /// The conformal p-value of each log-density: the share of rows held out that are no more likely.
    pub fn p_values(&self, log_probs: &[f64]) -> Vec<f64> {
        log_probs.iter().map(|score| self.config.ranks.p_value(*score)).collect()
    }

    /// For each row the column that makes it odd, and how much; see [`WorstColumn`].
    ///
    /// # Errors
    /// If the rows have other columns than the model.
    ///
    /// # Notes
    /// A row costs about 50 evaluations a column: ask for the few rows that matter.
    pub fn worst_columns(&self, rows: &TableRows) -> Result<Vec<WorstColumn>, TablesError> {
        self.require_columns(rows)?;
        Ok(worst_column::worst_columns(self, rows))
    }

    /// The least likely rows, the oddest first, each with its log-density.
    ///
    /// Columns of whole numbers make exact log-densities dear: a rough one of each row tells which few of them need it.
    ///
    /// # Errors
    /// If the rows have other columns than the model.
    pub fn oddest(&self, rows: &TableRows, count: usize) -> Result<Vec<(usize, f64)>, TablesError> {
        self.require_columns(rows)?;
        let count = count.min(rows.len());
        let prepared = self.preparation().apply(rows, 0);
        let rough = super::gradient::scores(self.ensemble(), &prepared, &self.device());
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by(|a, b| rough[*a].total_cmp(&rough[*b]).then(a.cmp(b)));
        order.truncate(4 * count + 50);
        let exact = self.log_probs(&rows.select(&order))?;
        let mut found: Vec<(usize, f64)> = order.into_iter().zip(exact).collect();
        found.sort_by(|(a, x), (b, y)| x.total_cmp(y).then(a.cmp(b)));
        found.truncate(count);
        Ok(found)
    }

    /// Draws rows of a model without conditions; equal seeds draw equal rows.
    ///
    /// # Errors
    /// If the model has conditions: see [`sample_given`](Self::sample_given).
    pub fn sample(&self, n: usize, seed: u64) -> Result<TableRows, TablesError> {
        self.rows_of_context(&[])?;
        let values = self.draw(n, &[], seed);
        Ok(self.drawn(values, vec![]))
    }

    /// Draws `n` rows for each row of conditions, those of the first one first.
    ///
    /// # Errors
    /// If the conditions do not fill whole rows, or the model has none.
    pub fn sample_given(&self, n: usize, context: &[f64], seed: u64) -> Result<TableRows, TablesError> {
        let rows = self.rows_of_context(context)?.unwrap_or(1);
        let width = self.given_names().len();
        let repeated: Vec<f64> = (0..rows).flat_map(|row| context[row * width..][..width].repeat(n)).collect();
        let values = self.draw(rows * n, &repeated, seed);
        Ok(self.drawn(values, repeated))
    }

    fn drawn(&self, values: Vec<f64>, context: Vec<f64>) -> TableRows {
        TableRows {
            names: self.names().to_vec(),
            values,
            given: self.given_names().to_vec(),
            context,
            weights: None,
            whole: self.preparation().whole().places().to_vec(),
            scaling: None,
        }
    }

    /// Draws a row for each row of the context, which is in its own units.
    fn draw(&self, n: usize, context: &[f64], seed: u64) -> Vec<f64> {
        let (preparation, device, width) = (self.preparation(), self.device(), self.given_names().len());
        let mut values = Vec::with_capacity(n * self.names().len());
        for start in (0..n).step_by(BATCH) {
            let count = BATCH.min(n - start);
            let scaled = preparation.scaled_context(&context[start * width..][..count * width]);
            let y = evaluation::draw(self.ensemble(), count, &scaled, width, (seed, start as u64), &device);
            values.extend(preparation.whole().floored(preparation.scaling().inverse(&y)));
        }
        values
    }

    /// The model given one row of conditions.
    ///
    /// # Errors
    /// If there is not a number for each condition.
    pub fn given(&self, context: impl Into<Vec<f64>>) -> Result<Given<'_>, TablesError> {
        let context = context.into();
        match self.rows_of_context(&context)? {
            None | Some(1) => Ok(Given { flow: self, context }),
            Some(_) => Err(self.wrong_conditions(context.len())),
        }
    }

    /// What each row of conditions says of the columns: mean, standard deviation, quantiles and mode.
    ///
    /// # Errors
    /// If the conditions do not fill whole rows, or the model has none.
    pub fn predict(&self, context: &[f64], quantiles: &[f64], seed: u64) -> Result<Vec<Prediction>, TablesError> {
        let rows = self.rows_of_context(context)?.unwrap_or(1);
        Ok(predict(self, rows, context, quantiles, seed))
    }

    /// The density of the one column of the model at the points of a grid, given each row of conditions, in the units of
    /// the column: `[rows * points]`.
    ///
    /// # Errors
    /// If the model has several columns, or the conditions do not fill whole rows.
    pub fn posterior(&self, context: &[f64], points: &[f64]) -> Result<Vec<f64>, TablesError> {
        let rows = self.rows_of_context(context)?.unwrap_or(1);
        grid::posterior(self, rows, context, points)
    }

    /// How the model does on rows that it was not trained on.
    ///
    /// # Errors
    /// If the rows have other columns than the model.
    pub fn evaluate(&self, rows: &TableRows) -> Result<Evaluation, TablesError> {
        self.evaluate_with(rows, Effort::default(), 0)
    }

    /// [`evaluate`](Self::evaluate) with so much effort, and another seed.
    ///
    /// # Errors
    /// If the rows have other columns than the model.
    pub fn evaluate_with(&self, rows: &TableRows, effort: Effort, seed: u64) -> Result<Evaluation, TablesError> {
        let scores = self.log_probs(rows)?;
        let held_out = super::fit::HeldOut { ensemble: self.ensemble().clone(), rows: rows.clone(), scores };
        let mut evaluation =
            evaluation::of_held_out(self.preparation(), &[held_out], self.codec(), effort, seed, &self.device());
        if let Some(figures) = self.figures() {
            let others = figures.candidates.iter().filter(|candidate| candidate.model != figures.chosen);
            evaluation.baselines = others.map(|candidate| (candidate.model, candidate.test)).collect();
        }
        Ok(evaluation)
    }

    fn require_columns(&self, rows: &TableRows) -> Result<(), TablesError> {
        for (expected, got) in [(self.names(), &rows.names), (self.given_names(), &rows.given)] {
            if expected != got.as_slice() {
                return Err(TablesError::Columns { expected: expected.to_vec(), got: got.clone() });
            }
        }
        Ok(())
    }

    fn wrong_conditions(&self, got: usize) -> TablesError {
        let names = self.given_names().to_vec();
        TablesError::Conditions { expected: names.len(), names, got }
    }

    /// The number of rows of conditions; `None` where the model has none, and none are given.
    fn rows_of_context(&self, context: &[f64]) -> Result<Option<usize>, TablesError> {
        let width = self.given_names().len();
        let fits =
            if width == 0 { context.is_empty() } else { !context.is_empty() && context.len().is_multiple_of(width) };
        match fits {
            true => Ok(context.len().checked_div(width)),
            false => Err(self.wrong_conditions(context.len())),
        }
    }
}

/// The log-density of rows in the units of the table.
pub(super) fn log_probs(
    preparation: &Preparation,
    flow: &Scaled<Ensemble>,
    values: &[f64],
    context: &[f64],
) -> Vec<f64> {
    use burn::module::Module;
    let width = preparation.given_names().len();
    let device = flow.devices().first().cloned().unwrap_or_default().without_autodiff();
    let context = (width > 0).then(|| matrix(preparation.scaled_context(context), width, &device));
    preparation.whole().log_probs(values, |rows| match &context {
        Some(context) => flow.log_probs_given(rows, context),
        None => flow.log_probs(rows),
    })
}

/// A [`TableFlow`] with its conditions filled in.
#[derive(Debug)]
pub struct Given<'a> {
    flow: &'a TableFlow,
    context: Vec<f64>,
}

impl Given<'_> {
    /// Quantiles of the one column of the model.
    ///
    /// # Errors
    /// If the model has several columns: see [`TableFlow::predict`].
    pub fn quantiles<const N: usize>(&self, quantiles: [f64; N]) -> Result<[f64; N], TablesError> {
        let mut predicted = self.flow.predict(&self.context, &quantiles, 0)?;
        match predicted.remove(0).targets.as_slice() {
            [target] => Ok(std::array::from_fn(|i| target.quantiles[i])),
            targets => Err(TablesError::Targets { targets: targets.len() }),
        }
    }

    /// What the conditions say of the columns.
    ///
    /// # Errors
    /// As [`TableFlow::predict`].
    pub fn predict(&self, quantiles: &[f64]) -> Result<Prediction, TablesError> {
        Ok(self.flow.predict(&self.context, quantiles, 0)?.remove(0))
    }

    /// Draws rows.
    ///
    /// # Errors
    /// As [`TableFlow::sample_given`].
    pub fn sample(&self, n: usize, seed: u64) -> Result<TableRows, TablesError> {
        self.flow.sample_given(n, &self.context, seed)
    }

    /// The density of the one column at the points of a grid.
    ///
    /// # Errors
    /// If the model has several columns.
    pub fn posterior(&self, points: &[f64]) -> Result<Vec<f64>, TablesError> {
        self.flow.posterior(&self.context, points)
    }
}
