//! `flows explain`: what makes a row odd.

use std::path::PathBuf;

use burn::tensor::Device;
use burn_flows::mixed::{CellExplanation, Expected};
use comfy_table::{CellAlignment, Table, presets};
use flows_data::{Style, Unknown};
use serde_json::{Value, json};

use super::model::{codec, load, told};
use crate::output;
use crate::problem::Problem;
use crate::reading::Reading;
use crate::terminal::{self, bold};

/// Which cells of a row go least with the others, and what would have been likely.
///
/// Of each cell that the row has: its log-density given all others, the share of what is expected that is no more likely, and
/// what is expected, the middle and 5 to 95 %.
#[derive(Debug, clap::Args)]
pub(crate) struct Explain {
    /// The model, of `fit --missing model`
    model: PathBuf,
    /// The table; `-` is standard input
    table: PathBuf,
    /// The rows, counting from 0
    #[arg(long = "row", value_name = "N", required = true, value_delimiter = ',')]
    rows: Vec<usize>,
    /// Only so many cells of each row, the oddest first
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    top: Option<u32>,
    /// Seeds the draws
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Writes all of it as JSON; `-` is standard output
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
}

impl Explain {
    /// Explains, and tells.
    pub(crate) fn run(&self, device: &Device) -> Result<(), Problem> {
        output::prepare(&[self.json.as_deref()], &[Some(&self.model), Some(&self.table)])?;
        let flow = load(&self.model, device)?.ok_or_else(|| {
            Problem::new(format!("{}: `flows explain` needs a model of `--missing model`", self.model.display()))
                .hint("`flows fit TABLE --missing model` makes one; `flows score --top` tells the worst column of other models")
        })?;
        let frame = self.reading.read(&self.table)?;
        if let Some(row) = self.rows.iter().find(|row| **row >= frame.rows()) {
            return Err(Problem::usage(format!("--row {row}: {} has {} rows", frame.origin(), frame.rows()))
                .hint("rows are counted from 0"));
        }
        let codec = codec(&flow)?;
        let picked = frame.pick(&self.rows).named(frame.origin());
        let encoded = flow.encode(&picked, Unknown::Count, &[])?;
        let scores = flow.log_probs(&encoded.table)?;
        let p_values = flow.p_values(&scores);
        let mut records = vec![];
        for (at, place) in encoded.places.iter().enumerate() {
            let row = encoded.table.select(&[at]);
            let mut cells = flow.explain(&row, self.seed)?;
            cells.truncate(self.top.map_or(usize::MAX, |top| top as usize));
            let value =
                |cell: &CellExplanation| picked.column(flow.names()[cell.column]).ok().and_then(|c| c.text(*place));
            terminal::tell(format!(
                "{} log-density {:.2}, p-value {:.3}\n{}",
                bold(format_args!("row {}:", self.rows[*place])),
                scores[at],
                p_values[at],
                table(&cells, &|cell| (
                    flow.names()[cell.column].to_owned(),
                    value(cell),
                    told(codec, cell.column, &cell.expected)
                ))
            ))?;
            records.push(json!({
                "row": self.rows[*place],
                "log_density": scores[at],
                "p_value": p_values[at],
                "cells": cells.iter().map(|cell| record(cell, flow.names()[cell.column], value(cell), codec)).collect::<Vec<_>>(),
            }));
        }
        match &self.json {
            Some(path) => output::json(path, &records),
            None => Ok(()),
        }
    }
}

type Told = (String, Option<String>, String);

fn table(cells: &[CellExplanation], told: &dyn Fn(&CellExplanation) -> Told) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_header(["column", "value", "expected, given the others", "p-value", "log-density"]);
    for cell in cells {
        let (column, value, expected) = told(cell);
        table.add_row([
            column,
            value.unwrap_or_default(),
            expected,
            format!("{:.4}", cell.p_value),
            format!("{:.2}", cell.log_prob),
        ]);
    }
    for place in [3, 4] {
        if let Some(column) = table.column_mut(place) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

fn record(cell: &CellExplanation, column: &str, value: Option<String>, codec: &flows_data::MixedCodec) -> Value {
    let text = |value: f64| codec.text(cell.column, value);
    let expected = match &cell.expected {
        Expected::Number { mean, sd, quantiles } => {
            let column = &codec.columns()[cell.column];
            // A mean of whole numbers is none, and times are written as such.
            let number = |value: f64| match column.style() {
                Style::Time(_) => json!(text(value)),
                _ => json!(value),
            };
            json!({
                "mean": number(*mean),
                "sd": sd,
                "quantiles_5_50_95": quantiles.iter().map(|q| number(*q)).collect::<Vec<_>>(),
            })
        }
        Expected::Classes(shares) => {
            let pairs =
                shares.iter().enumerate().map(|(class, share)| (text(class as f64).unwrap_or_default(), json!(share)));
            json!({ "probabilities": pairs.collect::<serde_json::Map<String, Value>>() })
        }
    };
    json!({ "column": column, "value": value, "log_density": cell.log_prob, "p_value": cell.p_value, "expected": expected })
}
