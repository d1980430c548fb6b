//! Measures the flows on the tasks that they are compared with other libraries on. One JSON line a task.

mod convolution;
mod measure;
mod task;

use std::process::ExitCode;

use burn::module::Module;
use burn::tensor::Device;
use clap::{Parser, ValueEnum};
use flows_core::{Density, Reversible};
use serde::Serialize;

use measure::Time;
use task::{Kind, TASKS, Task};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Measure {
    /// A step of training.
    Train,
    /// The log-density of a batch.
    #[value(name = "log_prob")]
    LogProb,
    /// A thousand samples.
    Sample,
}

/// Measures the flows of this workspace, one JSON line a task.
#[derive(Parser, Debug)]
struct Arguments {
    /// The tasks; without any, all.
    tasks: Vec<String>,
    /// Measures one thing alone.
    #[arg(long)]
    only: Option<Measure>,
    /// Threads that share the rows of a training step.
    #[arg(long, default_value_t = 2)]
    workers: usize,
    /// Trains without stored activations, and measures training alone.
    #[arg(long)]
    reversible: bool,
    /// Measures the convolutions of a coupling's network instead, ours and burn's.
    #[arg(long, conflicts_with = "tasks")]
    convolution: bool,
    /// So many repetitions of each measurement, instead of two seconds of them.
    #[arg(long)]
    repeats: Option<usize>,
}

/// What a task came to.
#[derive(Serialize)]
struct Line<'a> {
    task: &'a str,
    library: &'a str,
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

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut tasks = Vec::new();
    for name in &arguments.tasks {
        match TASKS.iter().find(|task| task.name == name) {
            Some(task) => tasks.push(*task),
            None => {
                let known: Vec<&str> = TASKS.iter().map(|task| task.name).collect();
                eprintln!("error: no task `{name}`; there are: {}", known.join(", "));
                return ExitCode::FAILURE;
            }
        }
    }
    if tasks.is_empty() {
        tasks = TASKS.to_vec();
    }
    let device = Device::default();
    if arguments.convolution {
        convolution::run(arguments.repeats, &device);
        return ExitCode::SUCCESS;
    }
    for task in tasks {
        let rows = [task.batch, task.features];
        match task.kind {
            Kind::Coupling => run(&task, task.coupling(&device), rows, &arguments, &device),
            Kind::Spline => run(&task, task.spline(&device), rows, &arguments, &device),
            Kind::Maf => run(&task, task.maf(&device), rows, &arguments, &device),
            Kind::AutoregressiveSpline => run(&task, task.autoregressive_spline(&device), rows, &arguments, &device),
            Kind::Glow { size, scales } => {
                let images = [task.batch, task.features, size, size];
                run(&task, task.glow(size, scales, &device), images, &arguments, &device);
            }
        }
    }
    ExitCode::SUCCESS
}

fn run<const D: usize, P: Density<D>>(task: &Task, flow: P, shape: [usize; D], arguments: &Arguments, device: &Device) {
    let only = if arguments.reversible { Some(Measure::Train) } else { arguments.only };
    let wanted = |measure| only.is_none_or(|only| only == measure);
    let (repeats, workers) = (arguments.repeats, arguments.workers);
    let train = wanted(Measure::Train).then(|| match arguments.reversible {
        true => measure::train(Reversible::new(flow.clone()), shape, workers, repeats, device),
        false => measure::train(flow.clone(), shape, workers, repeats, device),
    });
    let log_prob = wanted(Measure::LogProb).then(|| measure::log_prob(&flow, shape, repeats, device));
    let sample = wanted(Measure::Sample).then(|| measure::sample(&flow, repeats, device));
    let median = |time: Option<Time>| time.map(|time| time.median);
    let spread = |time: Option<Time>| time.map(|time| time.spread);
    // Before anything else is done: ordinary gradients take more memory than what is measured.
    let peak_mb = measure::peak_mb();
    let line = Line {
        task: task.name,
        library: "flows (flex)",
        backend: "flex",
        train_ms: median(train),
        train_spread_ms: spread(train),
        log_prob_ms: median(log_prob),
        log_prob_spread_ms: spread(log_prob),
        sample_ms: median(sample),
        sample_spread_ms: spread(sample),
        peak_mb,
        params: Module::num_params(&flow),
        gradient_difference: arguments.reversible.then(|| measure::gradient_difference(flow, shape, device)),
    };
    println!("{}", serde_json::to_string(&line).expect("numbers and names"));
}
