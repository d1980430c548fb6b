//! A model that is there already.

use std::path::{Path, PathBuf};

use super::rows::Prepared;
use crate::differences::differences;
use crate::problem::Problem;
use crate::terminal;
use burn::tensor::Device;
use burn_flows::core::Mixing;
use burn_flows::tables::{FitSettings, TableFlow};

/// Where a model goes: to its output, unless another program has written there since the fit began, whose work is not
/// lost then; nor is ours.
pub(super) fn spare(output: PathBuf, before: Option<&[u8]>) -> PathBuf {
    if std::fs::read(&output).ok().as_deref() == before {
        return output;
    }
    let name = output.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let other = |n: usize| output.with_file_name(format!("{name}-{n}.flow"));
    let spare = (2..).map(other).find(|path| !path.exists()).unwrap_or_else(|| output.clone());
    terminal::note(format_args!(
        "{}: another program has written there meanwhile, and this model is {}",
        output.display(),
        spare.display()
    ));
    spare
}

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
    let usual = serde_json::to_value(Mixing::Plu).map_err(|error| Problem::new(error.to_string()))?;
    let but_time = |settings: &serde_json::Value| {
        let mut settings = settings.clone();
        settings.as_object_mut().and_then(|fields| fields.remove("seconds"));
        // What there is where none is named.
        let mixing = settings.pointer_mut("/model/model").and_then(|preset| preset.as_object_mut());
        if let Some(preset) = mixing.filter(|preset| preset.get("mixing") == Some(&usual)) {
            preset.remove("mixing");
        }
        settings
    };
    let mut found = differences("", &but_time(&config.settings), &but_time(&now));
    let density = |codec: &flows_data::Codec| -> String {
        let given: Vec<&str> = codec.conditions().iter().map(|condition| condition.name.as_str()).collect();
        let bar = if given.is_empty() { "" } else { " | " };
        format!("p({}{bar}{})", codec.names().join(", "), given.join(", "))
    };
    if let Some(there) = config.codec.as_ref().map(density)
        && there != density(&prepared.codec)
    {
        found.push(format!("{there} there, {} now", density(&prepared.codec)));
    }
    if config.codec.as_ref().is_some_and(|codec| codec.signs() != prepared.codec.signs()) {
        found.push("the signs beside numbers".to_owned());
    }
    if config.data_hash != prepared.hash {
        found.push("the rows".to_owned());
    }
    if !found.is_empty() {
        return Err(refuse(format!("it is a model of another fit ({})", found.join("; "))));
    }
    terminal::note(format_args!("{}: a model of the same rows and settings is fitted again", output.display()));
    Ok(())
}
