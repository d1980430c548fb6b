//! `flows show` of a model of a mixed table.

use burn_flows::mixed::MixedFlow;
use flows_data::shell_word;
use serde_json::{Value, json};

use super::model::codec;
use crate::problem::Problem;
use crate::terminal::{bold, dim};

/// What a model is, for people and for programs.
pub(crate) fn show(flow: &MixedFlow, file: &str) -> Result<(String, Value), Problem> {
    let (config, figures, codec) = (flow.config(), flow.figures(), codec(flow)?);
    let mut text = String::new();
    let mut line = |words: String| {
        text.push_str(&words);
        text.push('\n');
    };
    line(format!("{} p({}), any of them given any others", bold(format_args!("{file}:")), flow.names().join(", ")));
    let members = if figures.members > 1 { format!("mean of {} networks, ", figures.members) } else { String::new() };
    line(format!(
        "model           {} ({members}{} parameters): {}",
        figures.chosen, figures.parameters, figures.reason
    ));
    line(format!("held-out rows   {:.3} nats a row, higher is better, with two standard errors", figures.test));
    for candidate in figures.candidates.iter().filter(|candidate| candidate.family != figures.chosen) {
        line(dim(format!("                {:.3} {} {}", candidate.test, candidate.family, candidate.detail)));
    }
    let folds = figures.folds.map_or(String::new(), |folds| format!(", in {folds} folds"));
    let rows = figures.rows;
    line(format!(
        "rows            {} to learn from, {} to choose by, {} to report{folds}",
        rows.train, rows.validation, rows.test
    ));
    line("columns".to_owned());
    for column in codec.columns() {
        let words = column.words().map_or(String::new(), |words| format!(" of {}", words.len()));
        line(format!("                {} ({}{words})", column.name(), column.kind()));
    }
    if let Some(weights) = codec.weights() {
        line(format!("                {weights} (weights)"));
    }
    if let Some(tables) = config.source["tables"].as_array() {
        let tables: Vec<String> = tables.iter().filter_map(Value::as_str).map(shell_word).collect();
        line(format!("fitted to       {}", tables.join(", ")));
    }
    line(format!("data            sha256:{}", config.data_hash));
    if let Some(split) = config.source["split"].as_str() {
        line(format!("split           {split}"));
    }
    let settings = serde_json::to_value(&config.settings).map_err(|error| Problem::new(error.to_string()))?;
    line(format!("settings        {}", crate::show::settings(&settings)));
    let record = json!({
        "columns": codec.columns().iter().map(|column| {
            json!({"name": column.name(), "kind": column.kind().to_string(), "words": column.words()})
        }).collect::<Vec<_>>(),
        "weights": codec.weights(),
        "figures": figures,
        "settings": config.settings,
        "source": config.source,
        "data_hash": config.data_hash,
    });
    Ok((text.trim_end().to_owned(), record))
}
