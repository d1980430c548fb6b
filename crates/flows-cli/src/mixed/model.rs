//! Models of mixed tables from files.

use std::path::Path;

use burn::tensor::Device;
use burn_flows::mixed::{Expected, MixedFlow};
use flows_core::{FileProblem, FlowError};
use flows_data::MixedCodec;

use crate::problem::Problem;

/// Loads a model of `fit --missing model`; `None` where the file holds another kind.
pub(crate) fn load(path: &Path, device: &Device) -> Result<Option<MixedFlow>, Problem> {
    match MixedFlow::load(path, device) {
        Ok(flow) if flow.codec().is_none() => {
            Err(Problem::new(format!("{}: the model knows no columns of a file", path.display()))
                .hint("`flows fit TABLE --missing model` makes one that does"))
        }
        Ok(flow) => Ok(Some(flow)),
        // Whoever asks next says what is wrong with it.
        Err(FlowError::File { problem: FileProblem::Kind { .. }, .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The codec of a model.
pub(super) fn codec(flow: &MixedFlow) -> Result<&MixedCodec, Problem> {
    flow.codec().ok_or_else(|| Problem::new("the model knows no columns of a file"))
}

/// That a verb knows nothing to do with such a model, if the file holds one.
pub(crate) fn refuse(path: &Path, verb: &str, device: &Device) -> Result<(), Problem> {
    match load(path, device)? {
        Some(_) => Err(Problem::new(format!(
            "{}: `flows {verb}` cannot do that yet with a model of `--missing model`",
            path.display()
        ))
        .hint("`score`, `sample`, `predict`, `impute`, `explain`, `compare` and `show` can")),
        None => Ok(()),
    }
}

/// What is expected of a cell, in words; `column` is its place.
pub(super) fn told(codec: &MixedCodec, column: usize, expected: &Expected) -> String {
    let text = |value: f64| codec.text(column, value).unwrap_or_else(|| "nothing".to_owned());
    match expected {
        Expected::Number { quantiles, .. } if quantiles.len() == 3 => {
            format!("{} ({} to {})", text(quantiles[1]), text(quantiles[0]), text(quantiles[2]))
        }
        Expected::Number { mean, .. } => text(*mean),
        Expected::Classes(shares) => {
            let best = (0..shares.len()).max_by(|a, b| shares[*a].total_cmp(&shares[*b])).unwrap_or(0);
            let share = shares.get(best).copied().unwrap_or(f64::NAN);
            format!("{} (probability {share:.2})", text(best as f64))
        }
    }
}
