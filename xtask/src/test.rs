//! `cargo xtask test`: the tests of every crate, on the backends one chooses.

mod left_out;
mod plan;
mod programs;
mod sample;
mod total;

use std::{
    io::{BufRead, BufReader},
    process::{Command, ExitCode, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::Instant,
};

use crate::{backend::Backend, process::Outcome};
pub(crate) use plan::LIBRARIES;
use plan::{Named, Plan};
use total::Total;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// What the tests compute on, separated by commas: flex tests the whole workspace, any other a sample of the library
    /// crates' tests; several are built as one and tested in turn
    #[arg(long = "backend", value_enum, value_name = "BACKEND", value_delimiter = ',', default_value = "flex")]
    backends: Vec<Backend>,

    /// All tests of the library crates on the other backends too, instead of a sample that has every kernel and every
    /// kind of layer once; for changes of kernels and of what names a backend
    #[arg(long)]
    all: bool,

    /// Of the sample on GPUs only the kernels, the golden values and the extremes: what a software Vulkan does in three minutes
    #[arg(long, conflicts_with = "all")]
    brief: bool,
}

/// How many of the tests run on the backends beside flex.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All.
    All,
    /// Every kernel and every kind of layer once.
    Sample,
    /// The same, but on GPUs only what tells most in little time.
    Brief,
}

/// Runs the tests; the total is the last line printed, whatever happened.
pub(crate) fn main(args: &Args) -> ExitCode {
    let extent = match (args.all, args.brief) {
        (true, _) => Extent::All,
        (_, true) => Extent::Brief,
        _ => Extent::Sample,
    };
    match run(&args.backends, extent) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Runs the tests and prints a line a backend and the total.
pub(crate) fn run(backends: &[Backend], extent: Extent) -> Outcome {
    let plan = Plan::new(backends, extent);
    let (mut totals, mut failures) = (Vec::new(), Vec::new());
    for &backend in plan.backends() {
        let start = Instant::now();
        let (total, mut failed) = match plan.commands(backend) {
            Ok(commands) => run_all(commands, plan.at_a_time(backend)),
            Err(message) => (Total::default(), vec![message]),
        };
        if total.ran() == 0 && failed.is_empty() {
            failed.push("no test ran".to_owned());
        }
        failures.extend(failed.into_iter().map(|message| format!("{}: {message}", backend.name())));
        totals.push((backend, total, start.elapsed().as_secs()));
    }
    for message in &failures {
        eprintln!("error: {message}");
    }
    println!();
    if totals.len() > 1 {
        for (backend, total, seconds) in &totals {
            println!("{}: {total}, in {} min {} s", backend.name(), seconds / 60, seconds % 60);
        }
    }
    println!("{}", totals.iter().map(|(_, total, _)| total).sum::<Total>());
    if failures.is_empty() { Ok(()) } else { Err(failures.join("; ")) }
}

/// Runs programs, some at a time and the first ones first, and says what they counted and which failed. The output of
/// one at a time is passed on as it comes; of several each one's comes whole when it is done.
fn run_all(commands: Vec<Named>, at_a_time: usize) -> (Total, Vec<String>) {
    let (waiting, done) = (Mutex::new(commands.into_iter()), Mutex::new((Total::default(), Vec::new())));
    let work = || {
        loop {
            let Some((name, mut command)) = lock(&waiting).next() else { return };
            println!("== {name}");
            let (mut total, mut held) = (Total::default(), String::new());
            let outcome = run_and_count(&name, &mut command, &mut total, |line| match at_a_time {
                1 => print!("{line}"),
                _ => held.push_str(line),
            });
            let mut done = lock(&done);
            if at_a_time > 1 {
                print!("== {name} is done\n{held}");
            }
            done.0 = [&done.0, &total].into_iter().sum();
            done.1.extend(outcome.err());
        }
    };
    thread::scope(|scope| (0..at_a_time).for_each(|_| drop(scope.spawn(work))));
    done.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// What a thread that panicked leaves is as good as before: its program counts as not run.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Shows the output line by line while it adds up what the runners say.
fn run_and_count(name: &str, command: &mut Command, total: &mut Total, mut show: impl FnMut(&str)) -> Outcome {
    let failed = |error| format!("`{name}` did not run: {error}");
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(failed)?;
    let mut output = BufReader::new(child.stdout.take().expect("the output is piped"));
    let mut line = Vec::new();
    // Bytes, because a test may print what is not text.
    while output.read_until(b'\n', &mut line).map_err(failed)? > 0 {
        let text = String::from_utf8_lossy(&line);
        show(&text);
        total.add(&text);
        line.clear();
    }
    let status = child.wait().map_err(failed)?;
    if status.success() { Ok(()) } else { Err(format!("`{name}` failed ({status})")) }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }

    #[test]
    fn backends_are_named_in_a_list_or_one_by_one() {
        let backends = |args: &[&str]| Cli::try_parse_from(args).map(|cli| cli.args.backends).ok();
        assert_eq!(backends(&["test"]), Some(vec![Backend::Flex]));
        let both = Some(vec![Backend::Flex, Backend::Wgpu]);
        assert_eq!(backends(&["test", "--backend", "flex,wgpu"]), both);
        assert_eq!(backends(&["test", "--backend", "flex", "--backend", "wgpu"]), both);
        assert_eq!(backends(&["test", "--backend", "abacus"]), None);
        assert!(Cli::try_parse_from(["test", "--backend", "wgpu", "--all"]).expect("it is known").args.all);
        assert!(Cli::try_parse_from(["test", "--backend", "wgpu", "--all", "--brief"]).is_err());
    }

    #[test]
    fn a_program_that_fails_is_an_error_and_its_counts_still_count() {
        let says = |counts: &str, code: u8| {
            let mut command = Command::new("sh");
            command.args(["-c", &format!("echo 'test result: {counts}; 0 ignored'; exit {code}")]);
            (counts.to_owned(), command)
        };
        for at_a_time in [1, 2, 5] {
            let commands = vec![
                says("ok. 3 passed; 0 failed", 0),
                says("FAILED. 1 passed; 1 failed", 101),
                says("ok. 5 passed; 0 failed", 0),
            ];
            let (total, failures) = run_all(commands, at_a_time);
            assert_eq!(total.to_string(), "9 passed, 1 failed");
            assert!(failures.len() == 1 && failures[0].contains("1 failed"), "{failures:?}");
        }
    }
}
