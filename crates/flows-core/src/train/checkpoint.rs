//! The state of a training run in one file.

use std::collections::BTreeMap;
use std::path::Path;

use burn::module::Module;
use burn::optim::{ModuleOptimizer, OptimizerRecord};
use burn::tensor::Bytes;
use serde::{Deserialize, Serialize};

use super::describe::{Fields, differences, fields_of_json, fields_of_module};
use super::monitor::Partial;
use super::schedule::CoolDown;
use super::{EpochRecord, FitConfig, Rows, Stop, TrainingError};
use crate::file::{self, FileProblem, Header};
use crate::{Context, FlowError};

/// Fields of a model that are named, where nothing but they differ.
const SHOWN: usize = 4;
const KIND: &str = "flows-core/training checkpoint";

/// What a run must have in common with the run it goes on from, field by field.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Fingerprint {
    settings: Fields,
    identity: Fields,
    data: Fields,
    module: Fields,
}

impl Fingerprint {
    pub(super) fn new<const D: usize, C: Context, F: Module>(
        config: &FitConfig,
        identity: &serde_json::Value,
        train: &Rows<D, C>,
        validation: Option<&Rows<D, C>>,
        flow: &F,
    ) -> Result<Self, FlowError> {
        let mut settings = fields_of_json(&file::to_json(config, Path::new("the configuration"))?);
        // How long to train and what to show may change between two runs of one training.
        for free in ["epochs", "max_seconds", "patience", "reporting", "checkpoint", "checkpoint_every"] {
            settings.remove(free);
        }
        let mut data = Fields::new();
        for (name, rows) in [("the training data", Some(train)), ("the validation data", validation)] {
            let Some(rows) = rows else { continue };
            let checksum = |bytes: &[u8]| format!("checksum {:08x}", crc32fast::hash(bytes));
            data.insert(name.to_owned(), format!("{:?}, {}", rows.x.dims(), checksum(rows.x.to_data().as_bytes())));
            data.insert(format!("the context of {name}"), checksum(&rows.context.bytes()));
        }
        let identity = if identity.is_null() { Fields::new() } else { fields_of_json(identity) };
        Ok(Self { settings, identity, data, module: fields_of_module(flow) })
    }

    /// What differs, the settings first; the details of the module where nothing else says it.
    fn differences(&self, now: &Self) -> Vec<String> {
        let parts = [(&self.settings, &now.settings), (&self.identity, &now.identity), (&self.data, &now.data)];
        let mut found: Vec<String> = parts.into_iter().flat_map(|(before, now)| differences(before, now)).collect();
        if found.is_empty() {
            found = differences(&self.module, &now.module);
            let more = found.len().saturating_sub(SHOWN);
            found.truncate(SHOWN);
            if more > 0 {
                found.push(format!("{more} more fields of the model"));
            }
        }
        found
    }
}

/// How long a run may be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Limits {
    epochs: usize,
    patience: Option<usize>,
    max_seconds: Option<f64>,
}

impl Limits {
    pub(super) fn new(config: &FitConfig) -> Self {
        Self { epochs: config.epochs, patience: config.patience, max_seconds: config.max_seconds }
    }
}

/// Where a run stands, after an epoch or within one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) fingerprint: Fingerprint,
    pub(super) limits: Limits,
    pub(super) history: Vec<EpochRecord>,
    pub(super) step: usize,
    pub(super) best_epoch: usize,
    pub(super) stale: usize,
    pub(super) seconds: f64,
    pub(super) stopped: Option<Stop>,
    pub(super) cool_down: Option<CoolDown>,
    /// What is done of the epoch in which the run was interrupted.
    pub(super) partial: Option<Partial>,
}

impl State {
    pub(super) fn new(fingerprint: Fingerprint, config: &FitConfig) -> Self {
        Self {
            fingerprint,
            limits: Limits::new(config),
            history: vec![],
            step: 0,
            best_epoch: 0,
            stale: 0,
            seconds: 0.0,
            stopped: None,
            cool_down: None,
            partial: None,
        }
    }

    /// The state under the limits that hold now: a run that was stopped goes on where there is more of what it ran out of.
    fn under(mut self, limits: Limits) -> Self {
        let more = |now: Option<f64>, before: Option<f64>| match (now, before) {
            (Some(now), Some(before)) => now > before,
            (None, before) => before.is_some(),
            (Some(_), None) => false,
        };
        let steps = |patience: Option<usize>| patience.map(|epochs| epochs as f64);
        let goes_on = match self.stopped {
            None | Some(Stop::Interrupted) => true,
            Some(Stop::Epochs) => limits.epochs > self.history.len(),
            Some(Stop::Time) => more(limits.max_seconds, self.limits.max_seconds),
            Some(Stop::Patience) => more(steps(limits.patience), steps(self.limits.patience)),
        };
        if goes_on {
            let ended = !matches!(self.stopped, None | Some(Stop::Interrupted));
            self.stopped = None;
            // A cool-down was made for the limits of its time, and is made anew for others.
            self.cool_down = self.cool_down.filter(|_| !ended && limits == self.limits);
        }
        self.limits = limits;
        self
    }
}

pub(super) fn write<F: Module>(
    path: &Path,
    state: &State,
    flow: &F,
    best: &F,
    optimizer: &ModuleOptimizer,
) -> Result<(), FlowError> {
    let optimizer = optimizer.into_bytes().map_err(|e| FileProblem::Weights(e.to_string()).at(path))?;
    let sections = vec![file::weights(flow, path)?, file::weights(best, path)?, optimizer.to_vec()];
    file::write(path, Header { kind: KIND.to_owned(), config: file::to_json(state, path)?, sections: vec![] }, sections)
}

/// The identity of the run that a checkpoint is of, field by field, as [`Training::identity`](super::Training::identity) was
/// given it: for a program that chooses something before it trains, and is to choose the same when it goes on.
///
/// # Errors
/// If the file cannot be read, or is no checkpoint.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::RealNvpConfig;
/// use flows_core::train::{FitConfig, Reporting, Rows, Training, checkpoint_identity};
///
/// let path = std::env::temp_dir().join("flows-core-doc-identity.part");
/// let x = Tensor::<2>::from_data([[0.1, 0.2], [0.4, -0.3], [-1.0, 0.6], [0.5, 1.5]], &Device::default());
/// let config = FitConfig::new()
///     .with_epochs(1)
///     .with_reporting(Reporting::Silent)
///     .with_checkpoint(Some(path.clone()));
/// let flow = RealNvpConfig::new(2).init(&Device::default());
/// Training::new(&config).identity(&serde_json::json!({"whitened": true})).run(flow, &Rows::new(&x), None)?;
/// assert_eq!(checkpoint_identity(&path)?["whitened"], "true");
/// # std::fs::remove_file(path).unwrap();
/// # Ok::<(), flows_core::FlowError>(())
/// ```
pub fn checkpoint_identity(path: impl AsRef<Path>) -> Result<BTreeMap<String, String>, FlowError> {
    let path = path.as_ref();
    let state: State = serde_json::from_value(file::read(path, KIND)?.0.config)
        .map_err(|e| FileProblem::Config(e.to_string()).at(path))?;
    Ok(state.fingerprint.identity)
}

/// The run that stands in a file: its state, the flow (in training), the best flow so far, the optimizer.
pub(super) fn read<F: Module>(
    path: &Path,
    fingerprint: &Fingerprint,
    config: &FitConfig,
    flow: F,
    optimizer: ModuleOptimizer,
) -> Result<(State, F, F, ModuleOptimizer), FlowError> {
    let (header, sections) = file::read(path, KIND)?;
    let state: State =
        serde_json::from_value(header.config).map_err(|e| FileProblem::Config(e.to_string()).at(path))?;
    let differences = state.fingerprint.differences(fingerprint);
    if !differences.is_empty() {
        return Err(TrainingError::Checkpoint { path: path.to_path_buf(), differences }.into());
    }
    let [current, best, moments] = sections.as_slice() else {
        return Err(FileProblem::Config(format!("expected 3 sections, found {}", sections.len())).at(path));
    };
    let best = file::with_weights(flow.valid(), best, path)?;
    let flow = file::with_weights(flow, current, path)?;
    let record = OptimizerRecord::from_bytes(Bytes::from_bytes_vec(moments.clone()))
        .map_err(|e| FileProblem::Weights(e.to_string()).at(path))?;
    Ok((state.under(Limits::new(config)), flow, best, optimizer.load_record(record)))
}
