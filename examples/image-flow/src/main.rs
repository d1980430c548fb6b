//! Flows on images: MNIST, Fashion-MNIST, CIFAR-10 or a folder.

mod apply;
mod inspect;
mod model;
mod output;
mod problem;
mod saved;
mod settings;
mod source;
mod train;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use example_support::DeviceChoice;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Learns the density of images, reports bits per dimension, and draws new ones.
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
    /// Trains a flow, with grids of samples on the way; goes on where a run in the same folder stopped
    Train(Box<train::Train>),
    /// Bits per dimension of the test images
    Evaluate(apply::Evaluate),
    /// Draws images
    Sample(apply::Sample),
    /// Images on the way from one test image to another
    Interpolate(apply::Interpolate),
    /// What a saved flow is
    Inspect(inspect::Inspect),
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read the output has had enough.
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            output::note(format_args!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), problem::Problem> {
    let device = arguments.device.init()?;
    match &arguments.command {
        Command::Train(train) => train::run(train, &device),
        Command::Evaluate(evaluate) => apply::evaluate(evaluate, &device),
        Command::Sample(sample) => apply::sample(sample, &device),
        Command::Interpolate(interpolate) => apply::interpolate(interpolate, &device),
        Command::Inspect(inspect) => inspect::inspect(inspect, &device),
    }
}
