//! Measures the flows on the tasks that they are compared with other libraries on. One JSON line a task.

mod cold_start;
mod convolution;
mod floor;
mod flows;
mod line;
mod measure;
mod moons;
mod reversible;
mod task;
mod unfinished;

use std::process::ExitCode;

use clap::Parser;
use example_support::{DeviceArg, DeviceChoice};
use flows_core::is_host;
use rayon::ThreadPoolBuilder;

use measure::{Bench, Measure};
use task::Task;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures the flows of this workspace, one JSON line a task.
#[derive(Parser, Debug)]
struct Arguments {
    /// Tasks by name, or by what they are made of, as `coupling:features=6,layers=8,hidden=128,batch=256`; without any,
    /// all that have names.
    #[arg(value_name = "TASK")]
    tasks: Vec<Task>,
    /// Measures these alone, separated by commas.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Measure>,
    #[command(flatten)]
    device: DeviceChoice,
    /// Threads to compute with.
    #[arg(long, default_value_t = 2, value_parser = at_least_one)]
    threads: usize,
    /// Threads that share the rows of a training step; by default all of them, and one on a GPU.
    #[arg(long, value_parser = at_least_one)]
    workers: Option<usize>,
    /// Trains without stored activations, and measures training alone.
    #[arg(long)]
    reversible: bool,
    /// Prints what the matrix products take at the machine's measured peak instead.
    #[arg(long, conflicts_with = "reversible")]
    floor: bool,
    /// Measures the convolutions of a coupling's network instead, ours and burn's.
    #[arg(long, conflicts_with = "tasks")]
    convolution: bool,
    /// Trains on two moons until a test set is likely enough instead, to be timed from outside.
    #[arg(long, conflicts_with_all = ["tasks", "convolution"])]
    cold_start: bool,
    /// Measures the memory of forward passes that no backward pass follows instead.
    #[arg(long, conflicts_with_all = ["cold_start", "convolution", "floor", "reversible"])]
    unfinished: bool,
    /// Seeds the data and the weights of a cold start.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// So many repetitions of each measurement, instead of two seconds of them.
    #[arg(long, value_parser = at_least_one)]
    repeats: Option<usize>,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| *number > 0).ok_or("expected a number of at least 1".to_owned())
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<(), String> {
    let bench = bench(&arguments)?;
    if arguments.convolution {
        convolution::run(bench.repeats, &bench.device);
        return Ok(());
    }
    if arguments.cold_start {
        return cold_start::run(&bench, arguments.seed);
    }
    let tasks = if arguments.tasks.is_empty() { Task::all() } else { arguments.tasks };
    if arguments.unfinished {
        return unfinished::run(&bench, &tasks);
    }
    for task in &tasks {
        line::print(&bench, task, &arguments.only, arguments.reversible, arguments.floor);
    }
    Ok(())
}

fn bench(arguments: &Arguments) -> Result<Bench, String> {
    // What runs inside an operation is shared out by rayon's own pool, which else has a thread for each core.
    let pool = ThreadPoolBuilder::new().num_threads(arguments.threads).build_global();
    pool.map_err(|error| format!("no pool of {} threads: {error}", arguments.threads))?;
    let backend = arguments.device.device.map_or_else(DeviceArg::best, Ok).map_err(|error| error.to_string())?;
    let device = backend.init().map_err(|error| error.to_string())?;
    // Rows that a GPU computes together are quicker than the same rows in parts.
    let workers = arguments.workers.unwrap_or(if is_host(&device) { arguments.threads } else { 1 });
    Ok(Bench { device, backend: backend.name(), workers, repeats: arguments.repeats })
}
