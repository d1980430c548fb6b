//! `flows score` with a model of a mixed table.

use burn_flows::mixed::MixedFlow;
use burn_flows::tables::Mean;
use flows_data::FrameColumn;
use serde_json::json;

use super::model::{codec, told};
use super::rows::hash;
use crate::problem::Problem;
use crate::score::{ODD, Reasons, Score, numbers};
use crate::{output, terminal};

/// Rows that a reason is looked for, if nothing else is said.
const MOST_REASONS: usize = 100;

/// Scores, and writes the rows.
pub(crate) fn score(score: &Score, flow: &MixedFlow) -> Result<(), Problem> {
    let used = flow.names();
    let (frame, beside) = score.reading.read_beside(&score.table, &used, (&score.writing, &score.output))?;
    let encoded = flow.encode(&frame, score.unknown.into(), &[])?;
    encoded.counted.iter().for_each(|counted| terminal::note(format_args!("{}: {counted}", frame.origin())));
    if hash([Some(&encoded.table), None, None]) == flow.config().data_hash {
        terminal::note(format_args!(
            "{}: this is the table that the model was fitted to; rows that were learnt from flatter it",
            frame.origin()
        ));
    }
    let missing = encoded.table.values().len() - encoded.table.known();
    if missing > 0 {
        terminal::note(format_args!(
            "{}: {missing} cells are missing; a row is scored by the cells that it has, and its p-value is that among rows which may \
             have others",
            frame.origin()
        ));
    }
    let scores = flow.log_probs(&encoded.table)?;
    let p_values = flow.p_values(&scores);
    let mut order: Vec<usize> = (0..scores.len()).collect();
    if let Some(top) = score.top {
        // What has no number is the oddest of all.
        let key = |row: usize| if scores[row].is_nan() { f64::NEG_INFINITY } else { scores[row] };
        order.sort_by(|a, b| key(*a).total_cmp(&key(*b)).then(a.cmp(b)));
        order.truncate(usize::try_from(top).unwrap_or(usize::MAX));
    }
    let mut explained: Vec<usize> = (0..order.len())
        .filter(|at| match score.reasons {
            Reasons::None => false,
            Reasons::All => true,
            Reasons::Odd => score.top.is_some() || p_values[order[*at]] <= ODD,
        })
        .collect();
    if score.reasons == Reasons::Odd && explained.len() > MOST_REASONS {
        explained.sort_by(|a, b| scores[order[*a]].total_cmp(&scores[order[*b]]));
        let more = explained.split_off(MOST_REASONS).len();
        terminal::note(format_args!(
            "the column that makes a row odd is told of the {MOST_REASONS} oddest rows; {more} more have a p-value of {ODD} at \
             most, and `--reasons all` tells it of all"
        ));
    }
    let (mut worst, mut expected) = (vec![None; order.len()], vec![None; order.len()]);
    for at in explained {
        let cells = flow.explain(&encoded.table.select(&[order[at]]), 0)?;
        if let Some(cell) = cells.first() {
            worst[at] = Some(flow.names()[cell.column].to_owned());
            expected[at] = Some(told(codec(flow)?, cell.column, &cell.expected));
        }
    }
    let places: Vec<usize> = order.iter().map(|row| encoded.places[*row]).collect();
    let mut written = beside.pick(&places);
    let of = |values: &[f64]| order.iter().map(|row| values[*row]).collect::<Vec<f64>>();
    let mut columns = vec![];
    if score.top.is_some() {
        let name = if written.names().contains(&"row") { "row_counting_from_0" } else { "row" };
        columns.push(FrameColumn::numbers(name, places.iter().map(|place| *place as f64)));
    }
    columns.extend([numbers("log_density", &of(&scores), 6), numbers("p_value", &of(&p_values), 6)]);
    if score.reasons != Reasons::None {
        columns.push(FrameColumn::new("worst_column", worst.into_iter().collect()));
        columns.push(FrameColumn::new("worst_expected", expected.into_iter().collect()));
    }
    output::tell_replaced(&written, &columns);
    for column in columns {
        written = written.with_column(column)?;
    }
    let mut writer = score.writing.writer(&score.output)?;
    writer.write(&written)?;
    writer.commit()?;
    let mean = Mean::of(&scores, encoded.table.weights());
    match scores.len() {
        0 => terminal::note("there is no row to score"),
        rows => terminal::note(format_args!("{rows} rows: {mean} nats a row, higher is better")),
    }
    match &score.json {
        Some(path) => {
            // The mean deviation of a row's log-densities by the orders of the network.
            let spread = Mean::of(&flow.spread(&encoded.table)?, encoded.table.weights()).mean;
            let record = json!({
                "rows": scores.len(),
                "missing_cells": missing,
                "log_likelihood": mean.mean,
                "two_standard_errors": 2.0 * mean.error,
                "spread_over_orders": spread,
            });
            output::json(path, &record)
        }
        None => Ok(()),
    }
}
