//! `flows show`: what a model is.

use std::path::PathBuf;

use burn::tensor::Device;
use burn_flows::tables::TableFlow;
use flows_data::{Kind, shell_word};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::problem::Problem;
use crate::terminal::{self, bold, dim};
use crate::{conditions, images, mixed, model_file, output};

/// What a model is: its columns, its kind, its figures, and how it was fitted.
#[derive(Debug, clap::Args)]
pub(crate) struct Show {
    /// The model, of a table or of pictures
    model: PathBuf,
    /// Writes it as JSON; `-` is standard output
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl Show {
    /// Loads, and tells.
    pub(crate) fn run(&self, device: &Device) -> Result<(), Problem> {
        output::prepare(&[self.json.as_deref()], &[Some(&self.model)])?;
        if let Some((text, record)) = images::show(&self.model, device)? {
            terminal::tell(text)?;
            return self.json.as_ref().map_or(Ok(()), |path| output::json(path, &record));
        }
        if let Some(flow) = mixed::load(&self.model, device)? {
            let (text, record) = mixed::show(&flow, &self.model.display().to_string())?;
            terminal::tell(text)?;
            return self.json.as_ref().map_or(Ok(()), |path| output::json(path, &record));
        }
        let flow = model_file::load(&self.model, device)?;
        terminal::tell(text(&flow, &self.model.display().to_string()))?;
        match &self.json {
            Some(path) => output::json(path, &record(&flow)),
            None => Ok(()),
        }
    }
}

fn text(flow: &TableFlow, file: &str) -> String {
    let config = flow.config();
    let mut text = String::new();
    let mut line = |words: String| {
        text.push_str(&words);
        text.push('\n');
    };
    let modelled = flow.names().join(", ");
    let given = conditions::names(flow);
    let density = if given.is_empty() { format!("p({modelled})") } else { format!("p({modelled} | {given})") };
    line(format!("{} {density}", bold(format_args!("{file}:"))));
    if let Some(figures) = flow.figures() {
        let members = if figures.members > 1 { format!("mean of {} models, ", figures.members) } else { String::new() };
        line(format!(
            "model           {} ({members}{} parameters): {}",
            figures.chosen, figures.parameters, figures.reason
        ));
        line(format!("held-out rows   {} nats a row, higher is better, with two standard errors", figures.test));
        for candidate in figures.candidates.iter().filter(|candidate| candidate.model != figures.chosen) {
            line(dim(format!("                {} {} {}", candidate.test, candidate.model, candidate.detail)));
        }
        let folds = figures.folds.map_or(String::new(), |folds| format!(", in {folds} folds"));
        let rows = figures.rows;
        line(format!(
            "rows            {} to learn from, {} to choose by, {} to report{folds}",
            rows.train, rows.validation, rows.test
        ));
    }
    if let Some(evaluation) = flow.evaluation() {
        line(format!(
            "90 % regions    hold {} of held-out rows{}",
            crate::fit::percent(evaluation.coverage_90),
            crate::fit::fault(evaluation.coverage_90)
        ));
        if let Some(test) = evaluation.two_sample {
            line(format!("samples         {test}"));
        }
    }
    if let Some(codec) = flow.codec() {
        line("columns".to_owned());
        for column in codec.columns() {
            line(format!("                {} ({})", column.name, column.kind));
        }
        for condition in codec.conditions() {
            line(format!("                {} (given, {})", condition.name, condition.kind));
        }
        if let Some(weights) = codec.weights() {
            line(format!("                {weights} (weights)"));
        }
        let heavy = codec.heavy_tailed();
        if !heavy.is_empty() {
            line(format!("heavy tails     {}", heavy.join(", ")));
        }
    }
    if let Some(tables) = config.source["tables"].as_array() {
        let tables: Vec<String> = tables.iter().filter_map(Value::as_str).map(shell_word).collect();
        line(format!("fitted to       {}", tables.join(", ")));
    }
    line(format!("data            sha256:{}", config.data_hash));
    if let Some(split) = config.source["split"].as_str() {
        line(format!("split           {split}"));
    }
    line(format!("settings        {}", settings(&config.settings)));
    line(format!("                sha256:{}", settings_hash(flow)));
    text.trim_end().to_owned()
}

/// What has a value, in words; what is nested stands in parentheses.
pub(crate) fn settings(settings: &Value) -> String {
    fn words(value: &Value) -> String {
        match value {
            Value::String(text) => text.clone(),
            Value::Array(values) => values.iter().map(words).collect::<Vec<_>>().join(", "),
            Value::Object(inner) => format!("({})", named(inner).join(", ")),
            value => value.to_string(),
        }
    }
    fn named(values: &serde_json::Map<String, Value>) -> Vec<String> {
        let known = values.iter().filter(|(_, value)| !value.is_null());
        known.map(|(name, value)| format!("{} {}", name.replace('_', " "), words(value))).collect()
    }
    settings.as_object().map_or_else(|| words(settings), |all| named(all).join("; "))
}

/// A hash of how a model was fitted, apart from the data.
pub(crate) fn settings_hash(flow: &TableFlow) -> String {
    let config = flow.config();
    let text = json!([config.settings, config.source["split"], config.source["columns"]]).to_string();
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn record(flow: &TableFlow) -> Value {
    let config = flow.config();
    let kind = |kind: Kind| kind.to_string();
    let codec = flow.codec();
    json!({
        "columns": codec.map(|codec| {
            codec.columns().iter().map(|column| json!({"name": column.name, "kind": kind(column.kind)})).collect::<Vec<_>>()
        }),
        "given": codec.map(|codec| codec.conditions().iter().map(|c| c.name.clone()).collect::<Vec<_>>()),
        "weights": codec.and_then(|codec| codec.weights().map(str::to_owned)),
        "figures": config.figures,
        "settings": config.settings,
        "source": config.source,
        "data_hash": config.data_hash,
        "settings_hash": settings_hash(flow),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_has_a_value_is_left_out() {
        let value = json!({"seed": 0, "whiten": null, "model": {"model": {"kind": "nsf", "hidden": [8, 8], "bins": null}},
            "test": {"bits_per_dim": 3.5}, "held_out": [0.1, 0.1]});
        assert_eq!(
            settings(&value),
            "held out 0.1, 0.1; model (model (hidden 8, 8, kind nsf)); seed 0; test (bits per dim 3.5)"
        );
        assert_eq!(settings(&json!("none")), "none");
    }
}
