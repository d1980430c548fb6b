//! `cargo xtask bench`: what our flows cost, and those of zuko, nflows, normflows and FlowJAX, measured in turns.

mod baseline;
mod cold_start;
mod comparison;
mod depth;
mod environment;
mod growth;
mod measure;
mod program;
mod record;
mod statistics;
mod table;
mod tasks;
mod turns;

use std::path::PathBuf;

use crate::{
    backend::Backend,
    process::{self, Outcome},
};
use measure::Measure;
use program::Program;
use record::Record;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// What to measure: names, or what a task is made of, as `coupling:features=6,layers=8,hidden=128,batch=1024`
    #[arg(value_name = "TASK", value_parser = tasks::known, default_values = tasks::DEFAULT, hide_default_value = true)]
    tasks: Vec<String>,
    /// Measure these alone, separated by commas
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Measure>,
    /// What our flows compute on
    #[arg(long, value_enum, default_value_t)]
    backend: Backend,
    /// Measure the peers too, in an environment in target/peers, or in the one that `FLOWS_PEERS_VENV` names
    #[arg(long)]
    peers: bool,
    /// How often each library has its turn at a task; what is reported are the medians
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How many threads each library computes with
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    threads: u32,
    /// Compare ours with a run that was saved by `--json`
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Measure instead how training and log_prob of coupling flows grow with the batch, the features and the layers
    #[arg(long, conflicts_with = "tasks")]
    growth: bool,
    /// Time instead a whole program, from its start to its end, that trains on two moons to a given likelihood
    #[arg(long, conflicts_with_all = ["tasks", "only", "baseline", "growth"])]
    cold_start: bool,
    /// Measure instead what a training step of Glow with 4, 16 and 64 steps of flow takes in time and memory, with and
    /// without stored activations
    #[arg(long, conflicts_with_all = ["tasks", "only", "peers", "rounds", "baseline", "growth", "cold_start"])]
    depth: bool,
    /// Print lines of JSON instead of a table: one a task, and with peers one a task and library
    #[arg(long)]
    json: bool,
}

/// Measures and prints; what failed is reported after what did not.
pub(crate) fn run(args: &Args) -> Outcome {
    // What cannot be compared is found out before it is measured.
    let before = args.baseline.as_deref().map(baseline::read).transpose()?;
    let programs = programs(args)?;
    process::run(&mut program::build(args.backend))?;
    if args.depth {
        return depth::run(&programs[0], args.json);
    }
    if args.cold_start {
        return cold_start::run(&programs, args.rounds, args.json);
    }
    let (tasks, only) = work(args);
    let (records, failures) =
        turns::in_turns(&programs, &tasks, args.rounds, |program, task, _| program.measure(task, &only));
    let records = record::over_rounds(&records);
    let table = || table(args.growth, &records, &only, before.as_deref());
    if args.json {
        let line = if args.peers { Record::line } else { Record::short_line };
        records.iter().for_each(|record| println!("{}", line(record)));
    } else {
        print!("{}", table());
    }
    // Lines of JSON hold no comparison.
    if args.json && before.is_some() {
        eprint!("{}", table());
    }
    turns::outcome(&failures)
}

fn programs(args: &Args) -> Outcome<Vec<Program>> {
    let mut programs = vec![Program::Ours { backend: args.backend, threads: args.threads }];
    if args.peers {
        if args.backend.is_gpu() {
            let name = args.backend.name();
            return Err(format!("the peers compute on the CPU: leave out `--peers` or `--backend {name}`"));
        }
        programs.extend(Program::peers(&environment::python()?, args.threads));
    }
    Ok(programs)
}

/// The tasks, and what to measure of them; nothing in particular is everything.
fn work(args: &Args) -> (Vec<String>, Vec<Measure>) {
    match args.growth {
        true if args.only.is_empty() => (growth::tasks(), vec![Measure::Train, Measure::LogProb]),
        true => (growth::tasks(), args.only.clone()),
        false => (args.tasks.clone(), args.only.clone()),
    }
}

fn table(growth: bool, records: &[Record], only: &[Measure], before: Option<&[Record]>) -> String {
    match growth {
        true => growth::tables(records, &only.iter().map(|measure| measure.row()).collect::<Vec<_>>(), before),
        false => comparison::table("task", records, &comparison::ALL, before),
    }
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

    fn args(line: &str) -> Result<Args, String> {
        let words = ["bench"].into_iter().chain(line.split_whitespace());
        Cli::try_parse_from(words).map(|cli| cli.args).map_err(|error| error.to_string())
    }

    #[test]
    fn the_defaults_are_eight_tasks_in_three_rounds_with_two_threads() {
        let args = args("").expect("nothing is required");
        assert_eq!((work(&args).0.len(), args.rounds, args.threads), (8, 3, 2));
        assert!(args.only.is_empty() && args.backend == Backend::Flex);
    }

    #[test]
    fn an_unknown_task_is_an_error_that_lists_the_known_ones() {
        let message = args("maf-44").err().expect("there is no such task");
        assert!(
            message.contains("'maf-44'") && message.contains("maf-43") && message.contains("spline-6"),
            "{message}"
        );
    }

    #[test]
    fn growth_is_of_training_and_log_prob_unless_another_measure_is_asked_for() {
        let (tasks, only) = work(&args("--growth").expect("it stands alone"));
        assert_eq!((tasks, only), (growth::tasks(), vec![Measure::Train, Measure::LogProb]));
        let only = work(&args("--growth --only sample,train").expect("both are known")).1;
        assert_eq!(only, [Measure::Sample, Measure::Train]);
    }

    #[test]
    fn one_kind_of_run_excludes_the_others() {
        for line in ["--growth maf-43", "--cold-start --growth", "--depth --peers", "--cold-start --baseline f"] {
            assert!(args(line).is_err(), "{line}");
        }
        assert!(args("--cold-start --peers --rounds 2 --json").is_ok());
    }

    #[test]
    fn peers_are_not_compared_with_a_gpu() {
        let message = programs(&args("--peers --backend cuda").expect("both are known")).expect_err("it is unfair");
        assert!(message.contains("--backend cuda"), "{message}");
    }
}
