//! Programs that take turns.

use super::program::Program;
use crate::process::Outcome;

/// Lets the programs take turns at each task: what disturbs the machine for a while then disturbs all of them. What was
/// measured comes first, and then what failed.
pub(super) fn in_turns<R>(
    programs: &[Program],
    tasks: &[String],
    rounds: u32,
    mut measure: impl FnMut(&Program, &str, u32) -> Outcome<Vec<R>>,
) -> (Vec<R>, Vec<String>) {
    let (mut records, mut failures) = (Vec::new(), Vec::new());
    for task in tasks {
        let mut running: Vec<&Program> = programs.iter().filter(|program| program.measures(task)).collect();
        for round in 1..=rounds {
            // A program that failed would only fail again.
            running.retain(|program| {
                eprintln!("== {task}, round {round} of {rounds}: {}", program.name());
                match measure(program, task, round) {
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

/// An error of all that failed; what did not has been reported by now.
pub(super) fn outcome(failures: &[String]) -> Outcome {
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n       ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Backend;

    #[test]
    fn libraries_take_turns_and_one_that_failed_is_left_out() {
        let ours = Program::Ours { backend: Backend::Flex, threads: 2 };
        let programs = [ours, Program::peers("python".as_ref(), 2).remove(0)];
        let mut order = Vec::new();
        let tasks = ["maf-43", "spline-6"].map(str::to_owned);
        let (records, failures) = in_turns(&programs, &tasks, 2, |program, task, round| {
            order.push(format!("{} {task} {round}", program.name()));
            if task == "spline-6" && program.name() == "zuko" { Err("broken".into()) } else { Ok(vec![0]) }
        });
        let expected = [
            "flows maf-43 1",
            "zuko maf-43 1",
            "flows maf-43 2",
            "zuko maf-43 2",
            "flows spline-6 1",
            "zuko spline-6 1",
        ];
        assert_eq!(order[..6], expected);
        assert_eq!(order[6..], ["flows spline-6 2"]);
        assert_eq!((records.len(), &failures[..]), (6, &["zuko on spline-6: broken".to_owned()][..]));
        assert_eq!(outcome(&failures), Err("zuko on spline-6: broken".to_owned()));
    }
}
