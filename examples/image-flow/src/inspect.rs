//! What a saved flow is.

use std::path::PathBuf;

use burn::module::Module;
use burn::tensor::Device;
use flows_core::load;

use crate::output::say;
use crate::problem::Problem;
use crate::saved::Saved;

/// What to look at.
#[derive(Debug, clap::Args)]
pub(crate) struct Inspect {
    /// The file that `train` saved
    flow: PathBuf,
}

/// Prints what a saved flow is for, and its configuration.
pub(crate) fn inspect(arguments: &Inspect, device: &Device) -> Result<(), Problem> {
    let (saved, flow) = load::<Saved>(&arguments.flow, device)?;
    let [channels, height, width] = flow.event();
    say(format_args!("images: {channels} x {height} x {width} (channels x height x width)"))?;
    match (saved.model.classes(), saved.class_names.as_slice()) {
        (None, []) => say("classes: none")?,
        (None, names) => say(format_args!("classes: not looked at, of {}", names.join(", ")))?,
        (Some(classes), []) => say(format_args!("classes: {classes}, without names"))?,
        (Some(_), names) => say(format_args!("classes: {}", names.join(", ")))?,
    }
    say(format_args!("parameters: {}", Module::num_params(&flow)))?;
    say(serde_json::to_string_pretty(&saved.model).expect("numbers and names"))
}
