//! A map of the world's cities, learnt as a density.

mod baselines;
mod cities;
mod commands;
mod map;
mod model;

use std::path::PathBuf;

use clap::Parser;
use example_support::{DeviceChoice, note};

use model::WorldConfig;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Learns the density of the world's cities with a neural spline flow, and draws it.
#[derive(Parser, Debug)]
#[command(version, about)]
struct Arguments {
    /// Seeds the split of the data, the weights and the training.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Seconds of training at most.
    #[arg(long, default_value_t = 220.0)]
    seconds: f64,
    /// The folder for the picture and the flow.
    #[arg(long, default_value = ".")]
    out: PathBuf,
    /// Writes all figures as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Leaves out the baselines.
    #[arg(long)]
    no_baselines: bool,
    /// Scores the rows of a CSV file with columns `lat` and `lng` by the saved flow, instead of training.
    #[arg(long, value_name = "FILE.csv", conflicts_with = "sample")]
    score: Option<PathBuf>,
    /// Draws so many cities from the saved flow, instead of training.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    sample: Option<u64>,
    /// Rows a training step.
    #[arg(long, default_value_t = 512)]
    batch_size: usize,
    /// The largest learning rate.
    #[arg(long, default_value_t = 7e-4)]
    learning_rate: f64,
    /// Decoupled weight decay.
    #[arg(long, default_value_t = 0.0)]
    weight_decay: f64,
    #[command(flatten)]
    model: WorldConfig,
    #[command(flatten)]
    device: DeviceChoice,
}

fn main() -> std::process::ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            note(&format!("error: {error}"));
            std::process::ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    // The matrices are small, and threads cost more than they give: an epoch takes 2.4 s on one thread, 3.3 s on two.
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global()?;
    let device = arguments.device.init()?;
    let flow = arguments.out.join("world-map.flow");
    match (&arguments.score, arguments.sample) {
        (Some(file), _) => commands::score(&flow, file, &device),
        (None, Some(n)) => commands::sample(&flow, n, arguments.seed, &device),
        (None, None) => commands::train(arguments, &flow, &device),
    }
}
