//! A model that is there already.

use std::path::Path;

use super::rows::Prepared;
use crate::differences::differences;
use crate::problem::Problem;
use crate::terminal;
use burn::tensor::Device;
use burn_flows::tables::{FitSettings, TableFlow};

/// Whether a fit may replace the file at its output: a model of the same data and settings.
pub(super) fn check(
    output: &Path,
    prepared: &Prepared,
    settings: &FitSettings,
    device: &Device,
) -> Result<(), Problem> {
    if !output.exists() {
        return Ok(());
    }
    let refuse = |what: String| {
        Problem::new(format!("{}: {what}, and is not replaced", output.display()))
            .hint("`-o NAME.flow` writes another file, `--force` replaces this one")
    };
    let Ok(flow) = TableFlow::load(output, device) else {
        return Err(refuse("it is there already, and no model of a table".to_owned()));
    };
    let config = flow.config();
    let now = serde_json::to_value(settings).map_err(|error| Problem::new(error.to_string()))?;
    let mut found = differences("", &config.settings, &now);
    if config.data_hash != prepared.hash {
        found.push("the rows".to_owned());
    }
    if !found.is_empty() {
        return Err(refuse(format!("it is a model of another fit ({})", found.join("; "))));
    }
    terminal::note(format_args!("{}: a model of the same rows and settings is fitted again", output.display()));
    Ok(())
}
