//! `cargo xtask bench`: what our flows cost, and what those of zuko, nflows, normflows and FlowJAX cost, measured in turns.

mod depth;
mod environment;
mod program;
mod record;
mod table;

use clap::ValueEnum;

use crate::process::{self, Outcome, cargo};
use program::Program;
use record::Record;

/// What flows-bench and `benches/peers/tasks.py` know.
const TASKS: [&str; 11] = [
    "maf-43",
    "maf-64",
    "maf-16",
    "maf-256",
    "maf-784",
    "arspline-6",
    "coupling-2",
    "coupling-6",
    "coupling-64",
    "spline-6",
    "glow-16",
];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// What to measure
    #[arg(value_name = "TASK", value_parser = TASKS, default_values = ["maf-43", "maf-64"])]
    tasks: Vec<String>,
    /// Measure this alone
    #[arg(long, value_enum)]
    only: Option<Measure>,
    /// Measure the peers too, in an environment in target/peers, or in the one that `FLOWS_PEERS_VENV` names
    #[arg(long)]
    peers: bool,
    /// How often each library has its turn at a task; what is reported are the medians
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Measure instead what a training step of Glow with 4, 16 and 64 steps of flow takes in time and memory, with and
    /// without stored activations
    #[arg(long, conflicts_with_all = ["tasks", "only", "peers", "rounds"])]
    depth: bool,
    /// Print a line of JSON a task and library instead of the table
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Measure {
    /// A training step: the density of a batch, its gradient, Adam's update
    Train,
    /// The density of a batch
    #[value(name = "log_prob")]
    LogProb,
    /// 1,000 samples
    Sample,
}

impl Measure {
    /// The name by which the measuring programs know it.
    fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::LogProb => "log_prob",
            Self::Sample => "sample",
        }
    }
}

/// Measures and prints; what failed is reported after what did not.
pub(crate) fn run(args: &Args) -> Outcome {
    if args.depth {
        process::run(&mut cargo(&["build", "--release", "--package", "flows-bench"]))?;
        return depth::run(args.json);
    }
    let mut programs = vec![Program::Ours];
    if args.peers {
        programs.extend(Program::peers(&environment::python()?));
    }
    process::run(&mut cargo(&["build", "--release", "--package", "flows-bench"]))?;
    let (records, failures) =
        in_turns(args, &programs, |program, task| program.measure(task, args.only.map(Measure::name)));
    let records = record::over_rounds(&records);
    if args.json {
        for record in &records {
            println!("{}", record.line());
        }
    } else {
        print!("{}", table::table(&records));
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n       ")) }
}

/// Lets the programs take turns at each task: what disturbs the machine for a while then disturbs all of them.
fn in_turns(
    args: &Args,
    programs: &[Program],
    mut measure: impl FnMut(&Program, &str) -> Outcome<Vec<Record>>,
) -> (Vec<Record>, Vec<String>) {
    let (mut records, mut failures) = (Vec::new(), Vec::new());
    for task in &args.tasks {
        let mut running: Vec<&Program> = programs.iter().filter(|program| program.measures(task)).collect();
        for round in 1..=args.rounds {
            // A program that failed would only fail again.
            running.retain(|program| {
                eprintln!("== {task}, round {round} of {}: {}", args.rounds, program.name());
                match measure(program, task) {
                    Ok(measured) => records.extend(measured),
                    Err(message) => {
                        failures.push(format!("{} on {task}: {message}", program.name()));
                        return false;
                    }
                }
                true
            });
        }
    }
    (records, failures)
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
    fn the_defaults_are_two_tasks_in_three_rounds() {
        let args = args("").expect("nothing is required");
        assert_eq!((args.tasks, args.rounds, args.only), (vec!["maf-43".into(), "maf-64".into()], 3, None));
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
    fn a_measure_has_the_same_name_here_as_in_the_programs() {
        for measure in [Measure::Train, Measure::LogProb, Measure::Sample] {
            let parsed = args(&format!("--only {}", measure.name())).expect("it is known");
            assert_eq!(parsed.only, Some(measure));
        }
    }

    #[test]
    fn the_peers_know_the_same_tasks() {
        let python = include_str!("../../benches/peers/tasks.py");
        let known: Vec<&str> = python
            .lines()
            .filter_map(|line| line.trim().strip_prefix('"')?.split_once("\": Task(").map(|(name, _)| name))
            .collect();
        assert_eq!(known, TASKS);
    }

    #[test]
    fn libraries_take_turns_and_one_that_failed_is_left_out() {
        let args = args("maf-43 spline-6 --rounds 2").expect("both are known");
        let programs = [Program::Ours, Program::peers("python".as_ref()).remove(0)];
        let mut order = Vec::new();
        let (records, failures) = in_turns(&args, &programs, |program, task| {
            order.push(format!("{} {task}", program.name()));
            if task == "spline-6" && program.name() == "zuko" { Err("broken".into()) } else { Ok(Vec::new()) }
        });
        let expected =
            ["flows maf-43", "zuko maf-43", "flows maf-43", "zuko maf-43", "flows spline-6", "zuko spline-6"];
        assert_eq!(order[..6], expected);
        assert_eq!(order[6..], ["flows spline-6"]);
        assert_eq!((records.len(), failures), (0, vec!["zuko on spline-6: broken".to_owned()]));
    }
}
