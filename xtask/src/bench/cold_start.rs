//! What a short program costs as a whole: two moons from nothing to a given likelihood, with imports and compilation.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::{
    program::{Program, output},
    record::is_ours,
    statistics::{median, spread},
    table::{aligned, measured, ratio},
    turns::{in_turns, outcome},
};
use crate::process::Outcome;

/// What is said while it runs.
const TASK: &str = "two moons from a cold start";

/// What a program came to, and how long it took from its start to its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Run {
    library: String,
    #[serde(default)]
    seconds: f64,
    steps: f64,
    /// Of the test rows, in nats.
    log_prob: f64,
}

/// Medians over the rounds, each of which has a seed of its own.
#[derive(Debug, PartialEq, Serialize)]
struct Summary {
    #[serde(flatten)]
    run: Run,
    spread_s: Option<f64>,
}

/// Lets the programs take turns and prints what they took; what failed is reported after what did not.
pub(super) fn run(programs: &[Program], rounds: u32, json: bool) -> Outcome {
    let (runs, failures) = in_turns(programs, &[TASK.to_owned()], rounds, |program, _, round| timed(program, round));
    let summaries = over_rounds(&runs);
    if json {
        for summary in &summaries {
            println!("{}", serde_json::to_string(summary).expect("text and numbers can be written"));
        }
    } else {
        print!("{}", table(&summaries));
    }
    outcome(&failures)
}

fn timed(program: &Program, seed: u32) -> Outcome<Vec<Run>> {
    let mut command = program.cold_start(seed);
    let start = Instant::now();
    let printed = output(&mut command)?;
    let seconds = start.elapsed().as_secs_f64();
    let run: Run = serde_json::from_str(printed.trim())
        .map_err(|error| format!("`{}` is not what a cold start came to: {error}", printed.trim()))?;
    Ok(vec![Run { seconds, ..run }])
}

/// One a library, in the order in which they first appear.
fn over_rounds(runs: &[Run]) -> Vec<Summary> {
    let mut summaries: Vec<Summary> = Vec::new();
    for first in runs {
        if summaries.iter().any(|done| done.run.library == first.library) {
            continue;
        }
        let values = |field: fn(&Run) -> f64| -> Vec<f64> {
            runs.iter().filter(|run| run.library == first.library).map(field).collect()
        };
        let middle = |field| median(&values(field)).expect("there is a first run");
        let run = Run {
            library: first.library.clone(),
            seconds: middle(|run| run.seconds),
            steps: middle(|run| run.steps),
            log_prob: middle(|run| run.log_prob),
        };
        summaries.push(Summary { run, spread_s: spread(&values(|run| run.seconds)) });
    }
    summaries
}

fn table(summaries: &[Summary]) -> String {
    let ours = summaries.iter().find(|summary| is_ours(&summary.run.library)).map(|summary| summary.run.seconds);
    let mut rows = vec![["library", "seconds", "steps", "log_prob", "ours / theirs"].map(str::to_owned).to_vec()];
    for Summary { run, spread_s } in summaries {
        let compared = if is_ours(&run.library) { String::new() } else { ratio(ours, Some(run.seconds)) };
        rows.push(vec![
            run.library.clone(),
            measured(Some(run.seconds), *spread_s),
            format!("{:.0}", run.steps),
            format!("{:.3}", run.log_prob),
            compared,
        ]);
    }
    aligned(&rows, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn took(library: &str, seconds: f64) -> Run {
        Run { library: library.into(), seconds, steps: 100.0 * seconds, log_prob: -1.0 }
    }

    #[test]
    fn rounds_become_medians_and_ours_is_compared_with_each() {
        let runs =
            [took("flows (flex)", 1.0), took("zuko 1.6.0", 8.0), took("flows (flex)", 3.0), took("zuko 1.6.0", 8.0)];
        let expected = "\
library           seconds  steps  log_prob  ours / theirs
flows (flex)  2.00 ± 0.50    200    -1.000
zuko 1.6.0    8.00 ± 0.00    800    -1.000           0.25
";
        assert_eq!(table(&over_rounds(&runs)), expected);
    }

    #[test]
    fn a_line_of_json_has_what_the_table_has() {
        let line = serde_json::to_string(&over_rounds(&[took("flows (flex)", 1.0)])[0]).expect("it can be written");
        let expected = r#"{"library":"flows (flex)","seconds":1.0,"steps":100.0,"log_prob":-1.0,"spread_s":null}"#;
        assert_eq!(line, expected);
    }
}
