//! What came of a fit.

use std::path::Path;

use burn_flows::tables::{FittedTable, Mean, TableFlow};
use comfy_table::{CellAlignment, Table, presets};
use flows_data::shell_word;
use serde_json::{Map, Value, json};

use super::rows::Prepared;
use crate::duration;
use crate::interrupt::interrupt;
use crate::odd::{self, OddRow};
use crate::peek;
use crate::problem::Problem;
use crate::terminal::{bold, dim};

/// Rows that are told.
const ODD: usize = 3;

/// The oddest rows of all tables of a fit.
pub(super) fn odd_rows(flow: &TableFlow, prepared: &Prepared) -> Result<Vec<OddRow>, Problem> {
    let mut found = vec![];
    // Ctrl-C has cooled training down, perhaps; once more, or for the first time now, it ends this.
    let (flags, cooled) = (interrupt(), interrupt().cool_down.is_raised());
    let ended = || flags.stop.is_raised() || (flags.cool_down.is_raised() && !cooled);
    for table in &prepared.tables {
        found.extend(odd::oddest(flow, &table.name, &table.frame, &table.places, ODD, ended)?);
    }
    found.sort_by(|a, b| a.log_density.total_cmp(&b.log_density));
    found.truncate(ODD);
    Ok(found)
}

/// The result, for people.
pub(super) fn text(
    fitted: &FittedTable,
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
    line(format!("\n{}", baselines(fitted)));
    let rows = match figures.folds {
        Some(folds) => {
            format!("each of {} rows by the models of {folds} folds that were not fitted to it", figures.rows.train)
        }
        None if figures.rows.test == 0 => format!(
            "{} rows to learn from; the figures are of the {} rows that chose the model, which flatters it",
            figures.rows.train, figures.rows.validation
        ),
        None => format!(
            "{} rows to learn from, {} to choose by, {} to report",
            figures.rows.train, figures.rows.validation, figures.rows.test
        ),
    };
    line(dim(format!("nats a row, higher is better, with two standard errors; {rows}")));
    let evaluation = &fitted.evaluation;
    line(format!(
        "\nregions of 90 % hold {} of the held-out rows{}",
        percent(evaluation.coverage_90),
        fault(evaluation.coverage_90)
    ));
    if let Some(test) = &evaluation.two_sample {
        line(format!("samples against held-out rows: {test}"));
    }
    if !odd.is_empty() {
        line("\nthe oddest rows, counting from 0:".to_owned());
    }
    for row in odd {
        let table = if prepared.tables.len() > 1 { format!("{}, ", row.table) } else { String::new() };
        line(format!(
            "  {table}row {}: {} {}",
            row.row,
            row.reason(),
            dim(format!("(log-density {:.2})", row.log_density))
        ));
    }
    if figures.stopped == "time" {
        line(format!(
            "\ntraining ended for want of time after {}; `--time` gives it more",
            duration::shown(figures.seconds)
        ));
    } else if figures.stopped == "interrupted" {
        line("\ntraining was interrupted; the best so far is kept".to_owned());
    }
    let size = std::fs::metadata(output).map_or(0, |file| file.len());
    let name = shell_word(&output.display().to_string());
    line(format!(
        "\nwritten: {name} ({}, {} parameters, {})",
        bytes(size),
        figures.parameters,
        duration::shown(figures.seconds)
    ));
    let table = table.map_or("TABLE".to_owned(), |table| shell_word(&table.display().to_string()));
    let conditional = fitted.flow.codec().is_some_and(|codec| !codec.conditions().is_empty());
    let next = if conditional {
        format!("flows predict {name} {table}")
    } else {
        format!("flows score {name} {table} --top 20")
    };
    line(format!("next: {}", bold(&next)));
    line(format!("      {}", bold(format_args!("flows report {name} {table}"))));
    text.trim_end().to_owned()
}

/// The models that were compared.
/// What coverage of 90 % regions says of a model, beyond two standard errors.
pub(crate) fn fault(coverage: Mean) -> &'static str {
    match coverage.mean - 0.9 {
        off if off < -2.0 * coverage.error => ": the model is too narrow",
        off if off > 2.0 * coverage.error => ": the model is too wide",
        _ => "",
    }
}

fn baselines(fitted: &FittedTable) -> String {
    let figures = &fitted.figures;
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_header(["model", "held-out log-likelihood", ""]);
    for candidate in &figures.candidates {
        let kept = if candidate.model == figures.chosen { "kept" } else { "" };
        let detail = [candidate.detail.as_str(), kept].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        table.add_row([candidate.model.to_string(), candidate.test.to_string(), detail.join(", ")]);
    }
    if let Some(column) = table.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.trim_fmt()
}

pub(crate) fn percent(mean: Mean) -> String {
    match mean.error.is_nan() {
        true => format!("{:.1} %", 100.0 * mean.mean),
        false => format!("{:.1} % ± {:.1}", 100.0 * mean.mean, 200.0 * mean.error),
    }
}

pub(crate) fn bytes(size: u64) -> String {
    match size {
        0..1_000_000 => format!("{:.0} kB", size as f64 / 1e3),
        _ => format!("{:.1} MB", size as f64 / 1e6),
    }
}

/// The result, for programs. Likelihoods are in nats a row; what is not finite is null.
pub(super) fn record(fitted: &FittedTable, prepared: &Prepared, odd: &[OddRow], output: &Path) -> Value {
    let figures = &fitted.figures;
    let baselines: Map<String, Value> =
        figures.candidates.iter().map(|candidate| (candidate.model.to_string(), json!(candidate.test.mean))).collect();
    let kept = figures.candidates.iter().find(|candidate| candidate.model == figures.chosen);
    let differences: Map<String, Value> = (figures.differences.iter())
        .map(|other| {
            let Mean { mean, error } = other.difference;
            (other.against.to_string(), json!({"mean": mean, "two_standard_errors": 2.0 * error}))
        })
        .collect();
    json!({
        "model": output.display().to_string(),
        "chosen": figures.chosen.to_string(),
        "reason": figures.reason,
        "test_log_likelihood": figures.test.mean,
        "two_standard_errors": 2.0 * figures.test.error,
        "validation_log_likelihood": kept.map(|kept| kept.validation.mean),
        "baselines": baselines,
        "differences": differences,
        "columns": peek::describe(&prepared.plan),
        // With folds each row is learnt from, chosen by and reported, by models of their own.
        "rows": {
            "train": figures.rows.train,
            "validation": figures.rows.validation,
            "test": if figures.rows.test == 0 && figures.folds.is_some() { figures.rows.validation } else { figures.rows.test },
            "dropped": prepared.dropped(),
        },
        "folds": figures.folds,
        "params": figures.parameters,
        "epochs": figures.epochs,
        "best_epoch": figures.best_epoch,
        "stopped": figures.stopped,
        "seconds": figures.seconds,
        "coverage_90": fitted.evaluation.coverage_90.mean,
        "coverage_90_two_standard_errors": 2.0 * fitted.evaluation.coverage_90.error,
        "c2st": fitted.evaluation.two_sample.as_ref().map(|test| test.accuracy),
        "c2st_two_standard_errors": fitted.evaluation.two_sample.as_ref().map(|test| 2.0 * test.error),
        "oddest_rows": odd,
        "seed": fitted.flow.config().settings["seed"],
        "data_hash": prepared.hash,
    })
}
