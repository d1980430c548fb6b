//! A density of a mixed table in one file.

use std::path::Path;

use burn::module::Module;
use burn::tensor::Device;
use flows_autoregressive::AnyOrder;
use flows_core::{FlowConfig, FlowError, ScoreRanks, load, save};
use flows_data::{Counted, Frame, MixedCodec, Unknown};
use serde::{Deserialize, Serialize};

use super::density::{MixedDensity, Networks};
use super::exact::{exact, mean_over_noise};
use super::{MixedFigures, MixedModel, MixedPreparation, MixedSettings, MixedTable};
use crate::tables::TablesError;

/// What the file of a [`MixedFlow`] says beside the weights.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MixedFlowConfig {
    /// What makes the density.
    pub model: MixedModel,
    /// What lies between the units of the table and those of the density.
    pub preparation: MixedPreparation,
    /// Between the columns of a file and the numbers of the model, where it was fitted to a file.
    pub codec: Option<MixedCodec>,
    /// The log-densities of the rows that were held out.
    pub ranks: ScoreRanks,
    /// How it did.
    pub figures: MixedFigures,
    /// How it was fitted.
    pub settings: MixedSettings,
    /// What a program says of the rows.
    pub source: serde_json::Value,
    /// A hash of the data it was fitted to.
    pub data_hash: String,
}

impl FlowConfig for MixedFlowConfig {
    const NAME: &'static str = "flows/mixed-table";
    type Flow = Networks;

    /// # Panics
    /// If the model is of other columns than the preparation or the codec.
    fn init(&self, device: &Device) -> Networks {
        let names = self.preparation.names();
        if let Some(codec) = &self.codec {
            assert!(
                codec.names() == names,
                "expected a codec of {}, got one of {}",
                names.join(", "),
                codec.names().join(", ")
            );
        }
        let (measures, members) = match &self.model {
            MixedModel::Classes(classes) => (classes.measures(), 0),
            MixedModel::Networks { config, members } => (config.columns.as_slice(), *members),
        };
        assert!(measures == self.preparation.measures(), "expected a model of the columns of the preparation");
        let member = |_| match &self.model {
            MixedModel::Networks { config, .. } => Some(config.init(device)),
            MixedModel::Classes(_) => None,
        };
        Networks { members: (0..members).filter_map(member).collect() }
    }
}

/// A density of a table whose columns are of any kind and any of whose cells may be missing, in the units of the columns; made
/// by [`MixedFit`](super::MixedFit), and kept in one file.
///
/// log p of a row is the log-probability of its classes, whole numbers and atoms plus the log-density of its numbers given these,
/// of the cells that it has: what is missing is integrated out, which is right where it is missing at random. For a mixture of
/// classes that is exact in every way; for networks each order has an exact density, and the orders, over which the mean is
/// taken, agree as well as the networks have learnt that they should.
///
/// # Example
/// ```
/// use burn_flows::burn::tensor::Device;
/// use burn_flows::mixed::{Family, Holds, MixedFit, MixedFlow, MixedSettings, MixedTable};
///
/// let row = |i: usize| [(i % 2) as f64, (i % 2) as f64 * 5.0 + (i as f64 * 0.7).sin()];
/// let holds = vec![Holds::Classes { classes: 2 }, Holds::numbers()];
/// let table = MixedTable::new(["class", "x"], holds, (0..200).flat_map(row).collect())?;
/// let settings = MixedSettings { family: Some(Family::Classes), ..MixedSettings::default() };
/// let flow = MixedFit::new(settings).run(&table)?.flow;
/// let path = std::env::temp_dir().join("burn-flows-doc-mixed.flow");
/// flow.save(&path)?;
/// let again = MixedFlow::load(&path, &Device::default())?;
/// assert_eq!(again.log_probs(&table)?, flow.log_probs(&table)?);
/// // Of a row of which nothing is known, everything is drawn.
/// assert_eq!(again.sample(3, 0).len(), 3);
/// # std::fs::remove_file(path).unwrap();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct MixedFlow {
    pub(super) config: MixedFlowConfig,
    networks: Networks,
    pub(super) density: MixedDensity,
}

/// Rows of a frame for a [`MixedFlow`].
#[derive(Debug, Clone)]
pub struct EncodedMixed {
    /// The rows.
    pub table: MixedTable,
    /// Where each of them stands in the frame: the rows that have a weight.
    pub places: Vec<usize>,
    /// What the training rows had not.
    pub counted: Vec<Counted>,
}

/// Rows completed at a time.
const BATCH: usize = 1 << 14;

impl MixedFlow {
    /// Puts a configuration and its networks together.
    pub fn new(config: MixedFlowConfig, networks: Networks) -> Self {
        let density = MixedDensity::of(&config.model, &networks);
        Self { config, networks, density }
    }

    /// Loads a model that [`save`](Self::save) has written.
    ///
    /// # Errors
    /// If the file cannot be read, or is damaged or of another kind.
    pub fn load(path: impl AsRef<Path>, device: &Device) -> Result<Self, FlowError> {
        let (config, networks) = load::<MixedFlowConfig>(path, device)?;
        Ok(Self::new(config, networks))
    }

    /// Saves the model; the file appears whole or not at all.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), FlowError> {
        save(path, &self.config, &self.networks)
    }

    /// What the file says.
    pub fn config(&self) -> &MixedFlowConfig {
        &self.config
    }

    /// How it was chosen and trained.
    pub fn figures(&self) -> &MixedFigures {
        &self.config.figures
    }

    /// The codec of its file, where it was fitted to one.
    pub fn codec(&self) -> Option<&MixedCodec> {
        self.config.codec.as_ref()
    }

    /// The names of the columns.
    pub fn names(&self) -> Vec<&str> {
        self.config.preparation.names()
    }

    /// The networks, where it has any.
    pub fn networks(&self) -> &[AnyOrder] {
        &self.networks.members
    }

    pub(super) fn device(&self) -> Device {
        self.networks.devices().first().cloned().unwrap_or_default().without_autodiff()
    }

    pub(super) fn require(&self, table: &MixedTable) -> Result<(), TablesError> {
        let expected: Vec<String> = self.names().into_iter().map(str::to_owned).collect();
        if expected != table.names {
            return Err(TablesError::Columns { expected, got: table.names.clone() });
        }
        Ok(())
    }

    /// The rows of a frame as the model takes them; the columns named in `absent` need not be there.
    ///
    /// # Errors
    /// If the model was fitted to bare numbers, a column is missing, or cells are not what they should be.
    pub fn encode(&self, frame: &Frame, unknown: Unknown, absent: &[&str]) -> Result<EncodedMixed, TablesError> {
        let codec = self.codec().ok_or(TablesError::NoCodec)?;
        let mut rows = codec.encode(frame, unknown, absent)?;
        let (places, counted) = (std::mem::take(&mut rows.rows), std::mem::take(&mut rows.counted));
        Ok(EncodedMixed { table: MixedTable::encoded(codec, rows)?, places, counted })
    }

    /// Rows as a frame.
    ///
    /// # Errors
    /// If the model was fitted to bare numbers.
    pub fn decode(&self, table: &MixedTable) -> Result<Frame, TablesError> {
        Ok(self.codec().ok_or(TablesError::NoCodec)?.decode(&table.values))
    }

    /// The log-density of the cells that each row has, in nats, in the units of the table; zero of a row without any.
    ///
    /// # Errors
    /// If the rows have other columns than the model.
    pub fn log_probs(&self, table: &MixedTable) -> Result<Vec<f64>, TablesError> {
        self.require(table)?;
        Ok(exact(&self.density, &self.config.preparation, table, &self.device()))
    }

    /// The log-density of the cells of all other columns given those of some, row by row; NaN of a row of which a given cell
    /// cannot be.
    ///
    /// # Errors
    /// If the rows have other columns than the model, or there is no column of a name.
    pub fn log_probs_given(&self, table: &MixedTable, given: &[&str]) -> Result<Vec<f64>, TablesError> {
        self.require(table)?;
        let places = given.iter().map(|name| self.place(name)).collect::<Result<Vec<usize>, _>>()?;
        let width = table.width();
        let kept = |(at, value): (usize, &f64)| if places.contains(&(at % width)) { *value } else { f64::NAN };
        let part = table.with_values(table.values.iter().enumerate().map(kept).collect());
        let preparation = &self.config.preparation;
        Ok(mean_over_noise(preparation, |noise| {
            let (all, part) = (preparation.forward(table, noise), preparation.forward(&part, noise));
            self.density.log_probs_given(&all, &part, &self.device())
        }))
    }

    /// The place of a column.
    ///
    /// # Errors
    /// If there is none of that name.
    pub fn place(&self, name: &str) -> Result<usize, TablesError> {
        let names = || self.names().into_iter().map(str::to_owned).collect();
        let place = self.names().iter().position(|other| *other == name);
        place.ok_or_else(|| TablesError::NoColumn { name: name.to_owned(), names: names() })
    }

    /// The columns of which likelihoods of the two models do not compare: those that one has a probability of and the other a
    /// density, that have other values with a probability beside a density, or that the other has not.
    pub fn measured_otherwise(&self, other: &Self) -> Vec<&str> {
        self.config.preparation.measured_otherwise(&other.config.preparation)
    }

    /// The conformal p-value of each log-density: the share of rows held out that are no more likely. Of rows that lack other cells
    /// than those it says little.
    pub fn p_values(&self, log_probs: &[f64]) -> Vec<f64> {
        log_probs.iter().map(|score| self.config.ranks.p_value(*score)).collect()
    }

    /// Draws rows; equal seeds draw equal rows.
    pub fn sample(&self, n: usize, seed: u64) -> MixedTable {
        let nothing = vec![f64::NAN; n * self.names().len()];
        self.completed(&self.like(nothing), seed)
    }

    /// Draws `n` rows for each row, with the cells that it has.
    ///
    /// # Errors
    /// If the rows have other columns than the model.
    pub fn sample_given(&self, n: usize, table: &MixedTable, seed: u64) -> Result<MixedTable, TablesError> {
        self.require(table)?;
        let values = table.values.chunks_exact(table.width()).flat_map(|row| row.repeat(n)).collect();
        Ok(self.completed(&self.like(values), seed))
    }

    /// The rows with a draw in each cell that is missing, given the cells that are there, which stay as they are.
    ///
    /// # Errors
    /// If the rows have other columns than the model.
    pub fn complete(&self, table: &MixedTable, seed: u64) -> Result<MixedTable, TablesError> {
        self.require(table)?;
        Ok(MixedTable { weights: table.weights.clone(), ..self.completed(table, seed) })
    }

    /// A table of the model's columns.
    pub(super) fn like(&self, values: Vec<f64>) -> MixedTable {
        let names = self.names().into_iter().map(str::to_owned).collect();
        // What the columns hold does not matter any more.
        MixedTable { names, holds: vec![super::Holds::numbers(); self.names().len()], values, weights: None }
    }

    fn completed(&self, table: &MixedTable, seed: u64) -> MixedTable {
        let (width, preparation, device) = (table.width(), &self.config.preparation, self.device());
        let mut values = Vec::with_capacity(table.values.len());
        for (batch, rows) in table.values.chunks(BATCH * width).enumerate() {
            let part = table.with_values(rows.to_vec());
            let seed = seed.wrapping_add((batch as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let drawn = preparation.inverse(&self.density.complete(&preparation.forward(&part, seed), seed, &device));
            values.extend(rows.iter().zip(drawn).map(|(value, drawn)| if value.is_nan() { drawn } else { *value }));
        }
        table.with_values(values)
    }
}
