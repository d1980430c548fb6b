//! Density estimation on tables.

mod apply;
mod model;
mod problem;
mod settings;
mod source;
mod train;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use example_support::DeviceChoice;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Learns the density of a table's rows, scores rows and draws new ones.
#[derive(Parser, Debug)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    device: DeviceChoice,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Trains a flow and reports its test likelihood
    Train(Box<train::Train>),
    /// Scores the rows of a table: the less likely, the higher
    Score(apply::Score),
    /// Draws rows
    Sample(apply::Sample),
    /// Shows what a saved flow is
    Inspect(apply::Inspect),
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), problem::Problem> {
    let device = arguments.device.init()?;
    match &arguments.command {
        Command::Train(train) => train::run(train, &device),
        Command::Score(score) => apply::score(score, &device),
        Command::Sample(sample) => apply::sample(sample, &device),
        Command::Inspect(inspect) => apply::inspect(inspect, &device),
    }
}
