//! What came of a fit.

use std::path::Path;

use burn_flows::mixed::{FittedMixed, MixedFlow};
use comfy_table::{CellAlignment, Table, presets};
use flows_data::shell_word;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::model::{codec, told};
use super::rows::Prepared;
use crate::interrupt::interrupt;
use crate::peek;
use crate::problem::Problem;
use crate::terminal::{bold, dim};
use crate::{duration, fit};

/// A row that a model finds unlikely, and the cell that goes least with the others.
#[derive(Debug, Serialize)]
pub(super) struct OddRow {
    row: usize,
    log_density: f64,
    p_value: f64,
    worst_column: Option<String>,
    value: Option<String>,
    expected: Option<String>,
    /// The share of what is expected of the cell that is no more likely.
    cell_p_value: Option<f64>,
}

/// Rows that are told.
const ODD: usize = 3;
/// A cell with a larger p-value is not what makes a row odd.
const LIKELY: f64 = 0.05;

/// The oddest rows of the table that was learnt from.
pub(super) fn odd_rows(flow: &MixedFlow, prepared: &Prepared) -> Result<Vec<OddRow>, Problem> {
    let flags = interrupt();
    let encoded = flow.encode(&prepared.frame, flows_data::Unknown::Count, &[])?;
    let scores = flow.log_probs(&encoded.table)?;
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]).then(a.cmp(b)));
    order.truncate(ODD);
    let p_values = flow.p_values(&scores);
    let codec = codec(flow)?;
    let each = order.into_iter().map(|row| {
        let row_of = encoded.table.select(&[row]);
        let worst = match flags.stop.is_raised() {
            true => None,
            false => flow.explain(&row_of, 0)?.into_iter().next().filter(|cell| cell.p_value < LIKELY),
        };
        let value = worst.as_ref().and_then(|cell| codec.text(cell.column, row_of.values()[cell.column]));
        Ok(OddRow {
            row: prepared.places[encoded.places[row]],
            log_density: scores[row],
            p_value: p_values[row],
            worst_column: worst.as_ref().map(|cell| flow.names()[cell.column].to_owned()),
            value,
            expected: worst.as_ref().map(|cell| told(codec, cell.column, &cell.expected)),
            cell_p_value: worst.as_ref().map(|cell| cell.p_value),
        })
    });
    each.collect()
}

/// How many rows there are, in words.
pub(super) fn rows(prepared: &Prepared) -> String {
    let dropped = match prepared.read - prepared.frame.rows() {
        0 => String::new(),
        dropped => format!(", {dropped} of them left out, as they have no cell of the model"),
    };
    let missing = match prepared.missing {
        0 => String::new(),
        missing => format!(", {missing} missing cells, which are modelled"),
    };
    format!("{} rows{dropped}, {} columns{missing}", prepared.read, prepared.plan.columns.len())
}

/// The result, for people.
pub(super) fn text(
    fitted: &FittedMixed,
    prepared: &Prepared,
    odd: &[OddRow],
    output: &Path,
    table: Option<&Path>,
) -> String {
    let figures = &fitted.figures;
    let mut text = String::new();
    let mut line = |words: String| {
        text.push_str(&words);
        text.push('\n');
    };
    line(format!("{}: {}", bold(figures.chosen), figures.reason));
    let mut candidates = Table::new();
    candidates.load_preset(presets::NOTHING);
    candidates.set_header(["model", "held-out log-likelihood", ""]);
    for candidate in &figures.candidates {
        let kept = if candidate.family == figures.chosen { "kept" } else { "" };
        let detail = [candidate.detail.as_str(), kept].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        candidates.add_row([candidate.family.to_string(), format!("{:.3}", candidate.test), detail.join(", ")]);
    }
    if let Some(column) = candidates.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    line(format!("\n{}", candidates.trim_fmt()));
    let rows = match figures.folds {
        Some(folds) => {
            format!("each of {} rows by the models of {folds} folds that were not fitted to it", figures.rows.train)
        }
        None => format!(
            "{} rows to learn from, {} to choose by, {} to report",
            figures.rows.train, figures.rows.validation, figures.rows.test
        ),
    };
    line(dim(format!("nats a row of the cells that are there, higher is better, with two standard errors; {rows}")));
    if !odd.is_empty() {
        line("\nthe oddest rows, counting from 0:".to_owned());
    }
    for row in odd {
        let reason = match (&row.worst_column, &row.value, &row.expected) {
            (Some(column), Some(value), Some(expected)) => format!("{column} = {value}, where {expected} is expected"),
            _ => "no cell alone makes it odd".to_owned(),
        };
        line(format!("  row {}: {reason} {}", row.row, dim(format!("(log-density {:.2})", row.log_density))));
    }
    match figures.stopped.as_str() {
        "time" => line(format!(
            "\ntraining ended for want of time after {}; `--time` gives it more",
            duration::shown(figures.seconds)
        )),
        "interrupted" => line("\ntraining was interrupted; the best so far is kept".to_owned()),
        _ => {}
    }
    let size = std::fs::metadata(output).map_or(0, |file| file.len());
    let name = shell_word(&output.display().to_string());
    line(format!(
        "\nwritten: {name} ({}, {} parameters, {})",
        fit::bytes(size),
        figures.parameters,
        duration::shown(figures.seconds)
    ));
    let table = table.map_or("TABLE".to_owned(), |table| shell_word(&table.display().to_string()));
    line(format!("next: {}", bold(format_args!("flows score {name} {table} --top 20"))));
    if prepared.missing > 0 {
        line(format!("      {}", bold(format_args!("flows impute {name} {table}"))));
    }
    line(format!("      {}", bold(format_args!("flows explain {name} {table} --row 0"))));
    text.trim_end().to_owned()
}

/// The result, for programs. Likelihoods are in nats a row; what is not finite is null.
pub(super) fn record(fitted: &FittedMixed, prepared: &Prepared, odd: &[OddRow], output: &Path) -> Value {
    let figures = &fitted.figures;
    let each = |of: &dyn Fn(&burn_flows::mixed::MixedCandidate) -> Option<Value>| -> Map<String, Value> {
        let pairs =
            figures.candidates.iter().filter_map(|candidate| Some((candidate.family.to_string(), of(candidate)?)));
        pairs.collect()
    };
    let kept = figures.candidates.iter().find(|candidate| candidate.family == figures.chosen);
    json!({
        "model": output.display().to_string(),
        "chosen": figures.chosen.to_string(),
        "reason": figures.reason,
        "test_log_likelihood": figures.test.mean,
        "two_standard_errors": 2.0 * figures.test.error,
        "validation_log_likelihood": kept.map(|kept| kept.validation.mean),
        "baselines": each(&|candidate| Some(json!(candidate.test.mean))),
        "differences": each(&|candidate| {
            let difference = candidate.difference?;
            Some(json!({"mean": difference.mean, "two_standard_errors": 2.0 * difference.error}))
        }),
        "columns": peek::describe(&prepared.plan),
        "rows": {
            "train": figures.rows.train,
            "validation": figures.rows.validation,
            "test": if figures.rows.test == 0 { figures.rows.validation } else { figures.rows.test },
            "dropped": prepared.read - prepared.frame.rows(),
        },
        "missing_cells": prepared.missing,
        "folds": figures.folds,
        "params": figures.parameters,
        "epochs": figures.epochs,
        "best_epoch": figures.best_epoch,
        "stopped": figures.stopped,
        "seconds": figures.seconds,
        "oddest_rows": odd,
        "seed": fitted.flow.config().settings.seed,
        "data_hash": prepared.hash,
    })
}
