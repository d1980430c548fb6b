//! The programs that measure: each takes a task and prints lines of JSON.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{
    environment::target,
    record::{self, Record},
};
use crate::process::{Outcome, program, shown};

/// The names by which `benches/peers/bench.py` knows the peers.
const PEERS: [&str; 4] = ["zuko", "nflows", "flowjax", "normflows"];

/// A program that measures one library.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Program {
    /// flows-bench, built before.
    Ours,
    /// `bench.py` on one peer.
    Peer { name: &'static str, python: PathBuf },
}

impl Program {
    /// One for each peer.
    pub(super) fn peers(python: &Path) -> Vec<Self> {
        PEERS.iter().map(|name| Self::Peer { name, python: python.to_owned() }).collect()
    }

    /// The library that it measures.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Ours => "flows",
            Self::Peer { name, .. } => name,
        }
    }

    /// Whether the library has what the task is about: of the peers, normflows alone has flows on images, and is measured
    /// on nothing else.
    pub(super) fn measures(&self, task: &str) -> bool {
        match self {
            Self::Ours => true,
            Self::Peer { name, .. } => (*name == "normflows") == task.starts_with("glow"),
        }
    }

    /// Measures a task, or only one thing about it.
    pub(super) fn measure(&self, task: &str, only: Option<&str>) -> Outcome<Vec<Record>> {
        record::parse(&output(&mut self.command(task, only))?)
    }

    fn command(&self, task: &str, only: Option<&str>) -> Command {
        let mut command = match self {
            Self::Ours => flows_bench(task),
            Self::Peer { name, python } => {
                program(&python.to_string_lossy(), &["benches/peers/bench.py", "--peer", name, "--task", task])
            }
        };
        if let Some(only) = only {
            command.args(["--only", only]);
        }
        command
    }
}

/// Ours, on a task.
pub(super) fn flows_bench(task: &str) -> Command {
    program(&target().join("release").join("flows-bench").to_string_lossy(), &[task])
}

/// What a program prints; what it says on stderr passes through, for some measurements take minutes.
pub(super) fn output(command: &mut Command) -> Outcome<String> {
    let name = shown(command);
    let output =
        command.stderr(Stdio::inherit()).output().map_err(|error| format!("`{name}` did not start: {error}"))?;
    if !output.status.success() {
        return Err(format!("`{name}` failed ({})", output.status));
    }
    String::from_utf8(output.stdout).map_err(|_| format!("`{name}` printed what is not text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_is_the_binary_that_was_built() {
        let command = Program::Ours.command("maf-43", Some("train"));
        assert_eq!(shown(&command), "flows-bench maf-43 --only train");
        assert!(Path::new(command.get_program()).ends_with("release/flows-bench"));
    }

    #[test]
    fn every_peer_runs_in_the_environment() {
        let lines: Vec<String> = Program::peers("venv/bin/python".as_ref())
            .iter()
            .map(|peer| shown(&peer.command("maf-43", None)))
            .collect();
        assert_eq!(lines[0], "python benches/peers/bench.py --peer zuko --task maf-43");
        assert_eq!(lines.len(), 4);
    }

    #[test]
    fn a_peer_is_asked_for_what_it_has() {
        let peers = Program::peers("python".as_ref());
        let on = |task| peers.iter().filter(|peer| peer.measures(task)).map(Program::name).collect::<Vec<_>>();
        assert_eq!(on("maf-43"), ["zuko", "nflows", "flowjax"]);
        assert_eq!(on("glow-16"), ["normflows"]);
        assert!(Program::Ours.measures("maf-43") && Program::Ours.measures("glow-16"));
    }

    #[test]
    fn what_a_program_prints_counts_only_if_it_succeeds() {
        assert_eq!(output(&mut program("echo", &["a line"])), Ok("a line\n".to_owned()));
        let message = output(&mut program("git", &["no-such-command"])).expect_err("git knows no such command");
        assert!(message.starts_with("`git no-such-command` failed"), "{message}");
    }
}
