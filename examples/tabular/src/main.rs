//! Density estimation on tables.

mod checks;
mod figures;
mod gaussian;
mod inspect;
mod model;
mod pictures;
mod problem;
mod reading;
mod sample;
mod score;
mod settings;
mod source;
mod train;
mod trainee;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use example_support::{DeviceChoice, note};

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
    Score(score::Score),
    /// Draws rows
    Sample(sample::Sample),
    /// Shows what a saved flow is
    Inspect(inspect::Inspect),
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            note(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), problem::Problem> {
    let device = arguments.device.init()?;
    match &arguments.command {
        Command::Train(train) => train::run(train, &device),
        Command::Score(score) => score::run(score, &device),
        Command::Sample(sample) => sample::run(sample, &device),
        Command::Inspect(inspect) => inspect::run(inspect, &device),
    }
}
