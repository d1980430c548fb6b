//! What a task came to, as a line of JSON.

use burn::module::Module;
use flows_core::{Density, Reversible};
use serde::Serialize;

use crate::floor;
use crate::measure::{Bench, Measure, Time};
use crate::reversible::gradient_difference;
use crate::task::{Kind, Task};

/// What is printed; what was not measured is null.
#[derive(Serialize)]
struct Line<'a> {
    task: &'a str,
    library: String,
    backend: &'a str,
    train_ms: Option<f64>,
    train_spread_ms: Option<f64>,
    log_prob_ms: Option<f64>,
    log_prob_spread_ms: Option<f64>,
    sample_ms: Option<f64>,
    sample_spread_ms: Option<f64>,
    peak_mb: Option<f64>,
    params: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    gradient_difference: Option<f64>,
}

/// Measures a task, or only some of it, and prints the line. `reversible` trains without stored activations, and
/// measures nothing else; `floor` measures nothing but what products take at the least.
pub(crate) fn print(bench: &Bench, task: &Task, only: &[Measure], reversible: bool, floor: bool) {
    let rows = [task.batch, task.features];
    let job = Job { bench, task, only, reversible, floor };
    match task.kind {
        Kind::Coupling => job.print(task.coupling(&bench.device), rows),
        Kind::Spline { bins } => job.print(task.spline(bins, &bench.device), rows),
        Kind::Maf => job.print(task.maf(&bench.device), rows),
        Kind::AutoregressiveSpline { bins } => job.print(task.autoregressive_spline(bins, &bench.device), rows),
        Kind::Glow { size, scales } => {
            let images = [task.batch, task.features, size, size];
            job.print(task.glow(size, scales, &bench.device), images);
        }
    }
}

struct Job<'a> {
    bench: &'a Bench,
    task: &'a Task,
    only: &'a [Measure],
    reversible: bool,
    floor: bool,
}

impl Job<'_> {
    fn print<const D: usize, P: Density<D>>(&self, flow: P, shape: [usize; D]) {
        let Self { bench, task, reversible, .. } = *self;
        if self.floor {
            return floor::print(bench, task, &flow);
        }
        let only = if reversible { &[Measure::Train] } else { self.only };
        let wanted = |measure| only.is_empty() || only.contains(&measure);
        let train = wanted(Measure::Train).then(|| match reversible {
            true => bench.train(Reversible::new(flow.clone()), shape),
            false => bench.train(flow.clone(), shape),
        });
        let log_prob = wanted(Measure::LogProb).then(|| bench.log_prob(&flow, shape));
        let sample = wanted(Measure::Sample).then(|| bench.sample(&flow));
        let median = |time: Option<Time>| time.map(|time| time.median);
        let spread = |time: Option<Time>| time.map(|time| time.spread);
        // Before anything else is done: ordinary gradients take more memory than what is measured.
        let peak_mb = bench.peak_mb();
        let line = Line {
            task: &task.name,
            library: library(bench),
            backend: bench.backend,
            train_ms: median(train),
            train_spread_ms: spread(train),
            log_prob_ms: median(log_prob),
            log_prob_spread_ms: spread(log_prob),
            sample_ms: median(sample),
            sample_spread_ms: spread(sample),
            peak_mb,
            params: Module::num_params(&flow),
            gradient_difference: reversible.then(|| gradient_difference(flow, bench.rows(shape))),
        };
        println!("{}", serde_json::to_string(&line).expect("numbers and names"));
    }
}

/// What this library is called beside others.
pub(crate) fn library(bench: &Bench) -> String {
    format!("flows ({})", bench.backend)
}
