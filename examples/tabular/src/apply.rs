//! `tabular score`, `sample` and `inspect`: what a trained flow is good for.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use flows_core::data::Table;
use flows_core::{Density, load, log_probs};

use crate::model::{AnyFlow, Trained};
use crate::problem::Problem;

/// The anomaly score of every row of a table.
#[derive(Debug, clap::Args)]
pub(crate) struct Score {
    /// The flow that `train` has written
    #[arg(long, value_name = "FILE", default_value = "tabular-out/flow.flow")]
    flow: PathBuf,
    /// The table, .csv or .npy, with the columns of the training table
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// Writes the scores to a file, .csv or .npy, instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Rows drawn from a flow.
#[derive(Debug, clap::Args)]
pub(crate) struct Sample {
    /// The flow that `train` has written
    #[arg(long, value_name = "FILE", default_value = "tabular-out/flow.flow")]
    flow: PathBuf,
    /// The number of rows
    #[arg(short, long, default_value_t = 1000)]
    n: usize,
    /// Seeds the draw
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Writes the rows to a file, .csv or .npy, instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What a saved flow is.
#[derive(Debug, clap::Args)]
pub(crate) struct Inspect {
    /// The flow that `train` has written
    #[arg(default_value = "tabular-out/flow.flow")]
    flow: PathBuf,
}

/// Rows drawn at a time.
const BATCH: usize = 8192;

/// Scores rows: the log-density, and the share of training rows that are less likely, in percent.
pub(crate) fn score(arguments: &Score, device: &Device) -> Result<(), Problem> {
    let (trained, flow) = load::<Trained>(&arguments.flow, device)?;
    let table = Table::read(&arguments.data)?;
    let table = columns_of(&trained, table)?;
    let scores = log_probs(&flow, &table.to_tensor(device), &());
    let values = scores.iter().flat_map(|score| [-score, *score, rank(&trained.percentiles, *score)]).collect();
    let scores = Table::new(["anomaly_score", "log_density", "percentile_of_training"], values)?;
    output(&scores, arguments.out.as_deref())
}

/// The columns that the flow was trained on: by name where the file has them, else by place.
fn columns_of(trained: &Trained, table: Table) -> Result<Table, Problem> {
    if trained.columns.iter().all(|name| table.names().contains(name)) {
        return Ok(table.select(&trained.columns)?);
    }
    let (expected, got) = (trained.columns.len(), table.columns());
    if got == expected {
        return Ok(table);
    }
    let (file, names) = (table.origin().to_owned(), trained.columns.join(", "));
    Err(Problem::ForeignColumns { file, expected, names, got })
}

/// The percentile at which a value lies, between neighbours by proportion.
fn rank(percentiles: &[f64], value: f64) -> f64 {
    let above = percentiles.partition_point(|percentile| *percentile <= value);
    if above == 0 || above == percentiles.len() {
        return if above == 0 { 0.0 } else { 100.0 };
    }
    let (low, high) = (percentiles[above - 1], percentiles[above]);
    (above - 1) as f64 + (value - low) / (high - low)
}

/// Draws rows.
pub(crate) fn sample(arguments: &Sample, device: &Device) -> Result<(), Problem> {
    let (trained, flow) = load::<Trained>(&arguments.flow, device)?;
    device.seed(arguments.seed);
    let mut values: Vec<f64> = Vec::with_capacity(arguments.n * trained.columns.len());
    for start in (0..arguments.n).step_by(BATCH) {
        let rows: Tensor<2> = flow.sample(BATCH.min(arguments.n - start), &(), device);
        values.extend(rows.try_into_vec_as::<f64>().expect("the device answers"));
    }
    output(&Table::new(trained.columns, values)?, arguments.out.as_deref())
}

/// Says what a flow is.
pub(crate) fn inspect(arguments: &Inspect, device: &Device) -> Result<(), Problem> {
    let (trained, flow): (Trained, AnyFlow) = load(&arguments.flow, device)?;
    let pretty = |value: &serde_json::Value| serde_json::to_string_pretty(value).expect("it was read from JSON");
    println!("model: {}", pretty(&serde_json::to_value(&trained.model).expect("it was read from JSON")));
    println!("figures: {}", pretty(&trained.figures));
    println!("columns: {}", trained.columns.join(", "));
    println!("parameters: {}", Module::num_params(&flow));
    println!("log-densities of the training rows, in nats:");
    for percentile in [0, 1, 5, 25, 50, 75, 95, 99, 100] {
        println!("  {percentile:3} %  {:12.4}", trained.percentiles[percentile]);
    }
    Ok(())
}

fn output(table: &Table, path: Option<&Path>) -> Result<(), Problem> {
    match path.map(|path| (path, path.extension().and_then(|extension| extension.to_str()))) {
        Some((path, Some("csv"))) => table.write_csv(path)?,
        Some((path, Some("npy"))) => table.write_npy(path)?,
        Some((path, _)) => return Err(Problem::Extension { path: path.to_owned() }),
        None => print(table).or_else(|source| match source.kind() {
            // Who reads may have read enough.
            io::ErrorKind::BrokenPipe => Ok(()),
            _ => Err(Problem::Write { path: "standard output".into(), source }),
        })?,
    }
    Ok(())
}

fn print(table: &Table) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    writeln!(out, "{}", table.names().join(","))?;
    for row in table.values().chunks(table.columns()) {
        writeln!(out, "{}", row.iter().map(f64::to_string).collect::<Vec<_>>().join(","))?;
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_lies_at_the_percentile_between_its_neighbours() {
        let percentiles: Vec<f64> = (0..=100).map(|p| f64::from(p) * 2.0).collect();
        assert_eq!(rank(&percentiles, 51.0), 25.5);
        assert_eq!((rank(&percentiles, -1.0), rank(&percentiles, 1e9)), (0.0, 100.0));
    }
}
