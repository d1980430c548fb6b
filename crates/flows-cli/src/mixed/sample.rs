//! `flows sample` with a model of a mixed table.

use std::path::Path;

use burn_flows::mixed::{MixedFlow, MixedTable};
use flows_data::Unknown;
use serde_json::json;

use super::model::codec;
use crate::problem::Problem;
use crate::sample::{BATCH, MOST, Sample};
use crate::{output, terminal};

/// Draws and writes.
pub(crate) fn sample(sample: &Sample, flow: &MixedFlow) -> Result<(), Problem> {
    let given = sample.given.as_ref().map(|text| given(sample, flow, text)).transpose()?;
    let each = sample.rows.unwrap_or(match &given {
        Some(table) if table.len() > 1 => 1,
        _ => 1000,
    });
    let rows = each.checked_mul(given.as_ref().map_or(1, |table| table.len() as u64)).filter(|rows| *rows <= MOST);
    let Some(rows) = rows else {
        return Err(Problem::usage(format!("`-n {each}`: more rows than any disk holds")).hint("ask for fewer"));
    };
    let mut writer = sample.writing.writer(&sample.output)?;
    let (mut start, mut lost) = (0, 0);
    while start < rows {
        let count = BATCH.min(rows - start);
        // A stream of its own for each part, the seed's for the first.
        let seed = sample.seed.wrapping_add((start / BATCH).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let drawn = match &given {
            None => flow.sample(count as usize, seed),
            Some(table) => {
                let places: Vec<usize> = (start..start + count).map(|row| (row / each) as usize).collect();
                flow.sample_given(1, &table.select(&places), seed)?
            }
        };
        lost += drawn.values().chunks(drawn.width()).filter(|row| row.iter().any(|value| !value.is_finite())).count();
        writer.write(&flow.decode(&drawn)?)?;
        start += count;
    }
    writer.commit()?;
    if lost > 0 {
        terminal::note(format_args!("{lost} of {rows} rows have a cell that is not finite, and empty"));
    }
    match &sample.json {
        Some(path) => output::json(path, &json!({ "rows": rows, "not_finite": lost, "seed": sample.seed })),
        None => Ok(()),
    }
}

/// What rows are given: a text that says some columns, or a table of some of them, any cells of which may be missing.
fn given(sample: &Sample, flow: &MixedFlow, text: &str) -> Result<MixedTable, Problem> {
    let codec = codec(flow)?;
    let path = Path::new(text);
    let is_file = text == "-" || !text.contains('=') || path.is_file();
    let (frame, unknown) = match is_file {
        true => (sample.reading.read(path)?, Unknown::Refuse),
        false => (codec.decode(&codec.given(text)?), Unknown::Refuse),
    };
    let known: Vec<&str> = frame.names().into_iter().filter(|name| codec.names().contains(name)).collect();
    if known.is_empty() {
        return Err(Problem::new(format!("{}: it has no column of the model", frame.origin()))
            .hint(format!("the columns are {}", codec.names().join(", "))));
    }
    let absent = codec.names();
    let encoded = flow.encode(&frame, unknown, &absent)?;
    if encoded.table.is_empty() {
        return Err(Problem::new(format!("{}: there is no row", frame.origin())).hint("a row says what is given"));
    }
    Ok(encoded.table)
}
