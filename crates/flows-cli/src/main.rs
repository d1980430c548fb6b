//! `flows`: densities of tables and pictures from the command line.

mod arguments;
mod columns;
mod compare;
mod conditions;
mod config_file;
mod device;
mod differences;
mod duration;
mod fit;
mod images;
mod interrupt;
mod missing;
mod mixed;
mod model_file;
mod odd;
mod output;
mod peek;
mod predict;
mod problem;
mod progress;
mod reading;
mod report;
mod sample;
mod schedule;
mod score;
mod show;
mod terminal;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // A file that may not grow is an error of the write, which says so, and not the end of the program.
    #[cfg(unix)]
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, std::sync::Arc::default());
    let done = config_file::arguments(std::env::args_os()).and_then(|arguments| arguments.run());
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) if problem.is_unread() => ExitCode::SUCCESS,
        Err(problem) => {
            terminal::error(&problem);
            ExitCode::from(problem.code())
        }
    }
}
