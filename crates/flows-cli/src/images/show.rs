//! What `flows show` tells of a flow of pictures.

use std::path::Path;

use burn::module::Module;
use burn::tensor::Device;
use flows_core::{FlowError, load};
use serde_json::{Value, json};

use super::saved::Saved;
use crate::problem::Problem;
use crate::show::settings;
use crate::terminal::bold;

/// What a flow of pictures is, in words and as JSON; `None` where the file holds something else.
pub(crate) fn show(path: &Path, device: &Device) -> Result<Option<(String, Value)>, Problem> {
    let (saved, flow) = match load::<Saved>(path, device) {
        Ok(loaded) => loaded,
        Err(error @ FlowError::Io { .. }) => return Err(error.into()),
        Err(_) => return Ok(None),
    };
    let [channels, height, width] = flow.event();
    let classes = match (saved.model.classes(), saved.class_names.as_slice()) {
        (None, []) => "none".to_owned(),
        (None, names) => format!("not looked at, of {}", names.join(", ")),
        (Some(classes), []) => format!("{classes}, without names"),
        (Some(_), names) => names.join(", "),
    };
    let record = json!({
        "kind": "pictures",
        "channels": channels,
        "height": height,
        "width": width,
        "classes": saved.class_names,
        "params": Module::num_params(&flow),
        "figures": saved.figures,
        "settings": saved.settings,
        "model": saved.model,
    });
    let text = format!(
        "{} pictures of {channels} x {height} x {width} (channels x height x width)\nclasses         {classes}\n\
         parameters      {}\nfigures         {}\nsettings        {}\nmodel           {}",
        bold(format_args!("{}:", path.display())),
        Module::num_params(&flow),
        settings(&saved.figures),
        settings(&saved.settings),
        settings(&serde_json::to_value(&saved.model).unwrap_or_default()),
    );
    Ok(Some((text, record)))
}
