//! `flows sample`: new rows.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use burn_flows::tables::{TableFlow, TableRows};
use flows_data::Frame;
use serde_json::json;

use crate::conditions::{self, Conditions};
use crate::problem::Problem;
use crate::reading::{Reading, Writing};
use crate::{mixed, model_file, output, terminal};

/// Rows that a model draws, with the names, the kinds and the digits of the table.
#[derive(Debug, clap::Args)]
pub(crate) struct Sample {
    /// The model
    model: PathBuf,
    /// The number of rows, for each row of conditions; 1,000, or one for each row of a table of conditions
    #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) rows: Option<u64>,
    /// What rows are given, as in 'species=Adelie,sex=male', or a table of conditions; with a model of `--missing model` any
    /// columns, otherwise the conditions of a conditional one
    #[arg(long, value_name = "CONDITIONS")]
    pub(crate) given: Option<String>,
    /// Where to write the rows: CSV, JSON lines, Parquet and more, by the extension; `-` is standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    pub(crate) output: PathBuf,
    /// Seeds the draws: the same seed draws the same rows
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Writes what was drawn as JSON: the number of rows, and of those that are not finite
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: Reading,
    #[command(flatten)]
    pub(crate) writing: Writing,
}

/// Rows drawn at a time, so that memory does not grow with their number.
pub(crate) const BATCH: u64 = 1 << 14;
/// More than anybody can mean.
pub(crate) const MOST: u64 = 1 << 40;

impl Sample {
    /// Draws and writes.
    pub(crate) fn run(&self, device: &Device) -> Result<(), Problem> {
        let read = [Some(self.model.as_path()), self.given.as_ref().map(Path::new)];
        output::prepare(&[Some(&self.output), self.json.as_deref()], &read)?;
        if let Some(flow) = mixed::load(&self.model, device)? {
            return mixed::sample(self, &flow);
        }
        let flow = model_file::load(&self.model, device)?;
        let conditional = !flow.given_names().is_empty();
        let given = match (&self.given, conditional) {
            (Some(text), true) => {
                let (frame, found) = Conditions::from_text(&flow, text, &self.reading)?;
                let missing = frame.rows() - found.rows();
                if missing > 0 {
                    let (origin, rows) = (frame.origin(), frame.rows());
                    terminal::note(format_args!(
                        "{origin}: {missing} of {rows} rows miss a condition and are left out"
                    ));
                }
                Some((frame, found))
            }
            (None, false) => None,
            (None, true) => {
                let names = conditions::names(&flow);
                return Err(Problem::usage(format!("the model is one of rows that are given {names}"))
                    .hint("`--given 'NAME=VALUE,..'` says them, or `--given TABLE`"));
            }
            (Some(_), false) => {
                return Err(Problem::usage("the model has no conditions").hint("leave `--given` away"));
            }
        };
        let each = self.rows.unwrap_or(match &given {
            Some((_, given)) if given.rows() > 1 => 1,
            _ => 1000,
        });
        let rows =
            each.checked_mul(given.as_ref().map_or(1, |(_, given)| given.rows() as u64)).filter(|rows| *rows <= MOST);
        let Some(rows) = rows else {
            return Err(Problem::usage(format!("`-n {each}`: more rows than any disk holds")).hint("ask for fewer"));
        };
        let mut writer = self.writing.writer(&self.output)?;
        let (mut start, mut lost) = (0, 0);
        while start < rows {
            let count = BATCH.min(rows - start);
            let (frame, without) = self.part(&flow, given.as_ref(), start, count, each)?;
            lost += without;
            writer.write(&frame)?;
            start += count;
        }
        writer.commit()?;
        if lost > 0 {
            terminal::note(format_args!(
                "{lost} of {rows} rows are not finite, and empty: the model is trained badly there"
            ));
        }
        match &self.json {
            Some(path) => output::json(path, &json!({ "rows": rows, "not_finite": lost, "seed": self.seed })),
            None => Ok(()),
        }
    }

    /// Some of the rows, and how many of them are not finite.
    fn part(
        &self,
        flow: &TableFlow,
        given: Option<&(Frame, Conditions)>,
        start: u64,
        count: u64,
        each: u64,
    ) -> Result<(Frame, usize), Problem> {
        // A stream of its own for each part, the seed's for the first.
        let seed = self.seed.wrapping_add((start / BATCH).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let Some((table, given)) = given else {
            let drawn = flow.sample(count as usize, seed)?;
            return Ok((flow.decode(&drawn)?, not_finite(&drawn)));
        };
        let places: Vec<usize> = (start..start + count).map(|row| (row / each) as usize).collect();
        let width = flow.given_names().len();
        let context: Vec<f64> = places.iter().flat_map(|row| &given.context[row * width..][..width]).copied().collect();
        let drawn = flow.sample_given(1, &context, seed)?;
        let mut frame = table.pick(&places.iter().map(|row| given.places[*row]).collect::<Vec<_>>());
        // What the table of conditions says of the columns that are drawn is not what the model says.
        let names: Vec<String> =
            flow.codec().map_or(vec![], |codec| codec.conditions().iter().map(|c| c.name.clone()).collect());
        frame = frame.select(&flows_data::Selection::names(names))?;
        for column in flow.decode(&drawn)?.columns() {
            frame = frame.with_column(column.clone())?;
        }
        Ok((frame, not_finite(&drawn)))
    }
}

fn not_finite(rows: &TableRows) -> usize {
    rows.values()
        .chunks(rows.names().len())
        .filter(|row| row.iter().any(|value| !value.is_finite() || value.abs() == f64::MAX))
        .count()
}
