//! The state of a training run in one file.

use std::path::Path;

use burn::module::Module;
use burn::optim::{ModuleOptimizer, OptimizerRecord};
use burn::tensor::{Bytes, Tensor};
use serde::{Deserialize, Serialize};

use super::{EpochRecord, FitConfig, Rows, TrainingError};
use crate::file::{self, FileProblem, Header};
use crate::numerics::host;
use crate::{Context, FlowError};

const KIND: &str = "flows-core/training checkpoint";

/// What a run must have in common with the run it goes on from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Fingerprint {
    config: serde_json::Value,
    rows: Vec<usize>,
    checksum: u32,
    params: usize,
}

impl Fingerprint {
    pub(super) fn new<const D: usize, C: Context, F: Module>(
        config: &FitConfig,
        train: &Rows<D, C>,
        validation: Option<&Rows<D, C>>,
        flow: &F,
    ) -> Result<Self, FlowError> {
        // How long to train and what to show may change between two runs of one training.
        let mut alike = config.clone();
        (alike.reporting, alike.checkpoint, alike.checkpoint_every) = (super::Reporting::Silent, None, 1);
        if alike.schedule == super::Schedule::Constant {
            alike.epochs = 0;
        }
        let config = file::to_json(&alike, Path::new("the configuration"))?;
        let mut hasher = crc32fast::Hasher::new();
        let mut rows = vec![];
        for part in std::iter::once(train).chain(validation) {
            rows.extend(part.x.dims());
            hasher.update(part.x.to_data().as_bytes());
            hasher.update(&part.context.bytes());
        }
        Ok(Self { config, rows, checksum: hasher.finalize(), params: flow.num_params() })
    }

    fn difference(&self, other: &Self) -> Option<String> {
        let mut differences = vec![];
        if let (Some(mine), Some(theirs)) = (self.config.as_object(), other.config.as_object()) {
            differences.extend(mine.iter().filter(|(k, v)| theirs.get(*k) != Some(v)).map(|(k, _)| format!("`{k}`")));
        }
        if self.rows != other.rows || self.checksum != other.checksum {
            differences.push("the data".to_owned());
        }
        if self.params != other.params {
            differences.push(format!("the numbers of parameters, {} and {},", self.params, other.params));
        }
        (!differences.is_empty()).then(|| differences.join(", "))
    }
}

/// Where a run stands after an epoch.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) fingerprint: Fingerprint,
    pub(super) history: Vec<EpochRecord>,
    pub(super) step: usize,
    pub(super) best_epoch: usize,
    pub(super) stale: usize,
    pub(super) seconds: f64,
    pub(super) stopped: Option<super::Stop>,
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

/// The run that stands in a file: its state, the flow (in training), the best flow so far, the optimizer.
pub(super) fn read<F: Module>(
    path: &Path,
    fingerprint: &Fingerprint,
    flow: F,
    optimizer: ModuleOptimizer,
) -> Result<(State, F, F, ModuleOptimizer), FlowError> {
    let (header, sections) = file::read(path, KIND)?;
    let state: State =
        serde_json::from_value(header.config).map_err(|e| FileProblem::Config(e.to_string()).at(path))?;
    if let Some(difference) = fingerprint.difference(&state.fingerprint) {
        return Err(TrainingError::Checkpoint { path: path.to_path_buf(), difference }.into());
    }
    let [current, best, moments] = sections.as_slice() else {
        return Err(FileProblem::Config(format!("expected 3 sections, found {}", sections.len())).at(path));
    };
    let best = file::with_weights(flow.valid(), best, path)?;
    let flow = file::with_weights(flow, current, path)?;
    let record = OptimizerRecord::from_bytes(Bytes::from_bytes_vec(moments.clone()))
        .map_err(|e| FileProblem::Weights(e.to_string()).at(path))?;
    Ok((state, flow, best, optimizer.load_record(record)))
}

/// The rows that hold a value that is not finite.
pub(super) fn bad_rows<const D: usize>(x: &Tensor<D>) -> Vec<usize> {
    let rows = x.dims()[0];
    let size: usize = x.dims()[1..].iter().product();
    let bad = x.clone().without_autodiff().is_finite().bool_not().int().reshape([rows, size]).sum_dim(1);
    host(bad.float()).iter().enumerate().filter(|(_, count)| **count > 0.0).map(|(row, _)| row).collect()
}
