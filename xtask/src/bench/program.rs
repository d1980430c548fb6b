//! The programs that measure: each takes a task and prints lines of JSON.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{
    environment::target,
    measure::Measure,
    record::{self, Record},
};
use crate::{
    backend::Backend,
    process::{Outcome, cargo, program, shown},
};

/// The names by which `benches/peers` knows the peers.
const PEERS: [&str; 4] = ["zuko", "nflows", "flowjax", "normflows"];

/// Those that have flows on images.
const IMAGES: [&str; 2] = ["nflows", "normflows"];

/// A program that measures one library, with so many threads.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Program {
    /// flows-bench, built before.
    Ours { backend: Backend, threads: u32 },
    /// The scripts in `benches/peers` on one peer.
    Peer { name: &'static str, python: PathBuf, threads: u32 },
}

impl Program {
    /// One for each peer.
    pub(super) fn peers(python: &Path, threads: u32) -> Vec<Self> {
        PEERS.iter().map(|name| Self::Peer { name, python: python.to_owned(), threads }).collect()
    }

    /// The library that it measures.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Ours { .. } => "flows",
            Self::Peer { name, .. } => name,
        }
    }

    /// Whether the library has what the task is about: flows on images, or their parts, are not in every one.
    pub(super) fn measures(&self, task: &str) -> bool {
        match self {
            Self::Ours { .. } => true,
            Self::Peer { name, .. } => IMAGES.contains(name) || !task.starts_with("glow"),
        }
    }

    /// Measures a task, or only some of it.
    pub(super) fn measure(&self, task: &str, only: &[Measure]) -> Outcome<Vec<Record>> {
        record::parse(&output(&mut self.on_task(task, only))?)
    }

    /// What measures a task, or only some of it.
    pub(super) fn on_task(&self, task: &str, only: &[Measure]) -> Command {
        let mut command = match self {
            Self::Ours { .. } => self.command("", &[task]),
            Self::Peer { name, .. } => self.command("bench.py", &["--peer", name, "--task", task]),
        };
        if !only.is_empty() {
            let names: Vec<&str> = only.iter().map(|measure| measure.name()).collect();
            command.args(["--only", &names.join(",")]);
        }
        command
    }

    /// What trains on two moons from nothing until a test set is likely enough.
    pub(super) fn cold_start(&self, seed: u32) -> Command {
        let mut command = match self {
            Self::Ours { .. } => self.command("", &["--cold-start"]),
            Self::Peer { name, .. } => self.command("cold_start.py", &["--peer", name]),
        };
        command.args(["--seed", &seed.to_string()]);
        command
    }

    /// Ours, or a script in `benches/peers`.
    fn command(&self, script: &str, args: &[&str]) -> Command {
        let mut command = match self {
            Self::Ours { .. } => program(&target().join("release").join("flows-bench").to_string_lossy(), args),
            Self::Peer { python, .. } => {
                let mut command = program(&python.to_string_lossy(), &[&format!("benches/peers/{script}")]);
                command.args(args);
                command
            }
        };
        let (Self::Ours { threads, .. } | Self::Peer { threads, .. }) = self;
        command.args(["--threads", &threads.to_string()]);
        if let Self::Ours { backend, .. } = self {
            command.args(["--device", backend.name()]);
            backend.select(&mut command);
        }
        command
    }
}

/// Builds flows-bench with one backend and no other.
pub(super) fn build(backend: Backend) -> Command {
    let mut command = cargo(&["build", "--release", "--package", "flows-bench"]);
    if backend != Backend::default() {
        command.args(["--no-default-features", "--features", backend.name()]);
    }
    command
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

    const OURS: Program = Program::Ours { backend: Backend::Flex, threads: 2 };

    #[test]
    fn ours_is_built_with_one_backend() {
        assert_eq!(shown(&build(Backend::Flex)), "cargo build --release --package flows-bench");
        let line = shown(&build(Backend::Cuda));
        assert!(line.ends_with("--package flows-bench --no-default-features --features cuda"), "{line}");
    }

    #[test]
    fn ours_is_the_binary_that_was_built() {
        let command = OURS.on_task("maf-43", &[Measure::Train, Measure::LogProb]);
        assert_eq!(shown(&command), "flows-bench maf-43 --threads 2 --device flex --only train,log_prob");
        assert!(Path::new(command.get_program()).ends_with("release/flows-bench"));
        assert_eq!(shown(&OURS.cold_start(7)), "flows-bench --cold-start --threads 2 --device flex --seed 7");
    }

    #[test]
    fn every_peer_runs_in_the_environment() {
        let peers = Program::peers("venv/bin/python".as_ref(), 3);
        let line = shown(&peers[0].on_task("maf-43", &[]));
        assert_eq!(line, "python benches/peers/bench.py --peer zuko --task maf-43 --threads 3");
        let line = shown(&peers[2].cold_start(1));
        assert_eq!(line, "python benches/peers/cold_start.py --peer flowjax --threads 3 --seed 1");
    }

    #[test]
    fn a_peer_is_asked_for_what_it_has() {
        let peers = Program::peers("python".as_ref(), 2);
        let on = |task| peers.iter().filter(|peer| peer.measures(task)).map(Program::name).collect::<Vec<_>>();
        assert_eq!(on("maf-43"), PEERS);
        assert_eq!(on("glow-16"), IMAGES);
        assert!(OURS.measures("maf-43") && OURS.measures("glow-16"));
    }

    #[test]
    fn the_scripts_know_the_same_peers() {
        let python = include_str!("../../../benches/peers/peers.py");
        for line in [format!("PEERS = {PEERS:?}"), format!("IMAGES = {IMAGES:?}")] {
            assert!(python.lines().any(|written| written == line), "{line}");
        }
    }

    #[test]
    fn what_a_program_prints_counts_only_if_it_succeeds() {
        assert_eq!(output(&mut program("echo", &["a line"])), Ok("a line\n".to_owned()));
        let message = output(&mut program("git", &["no-such-command"])).expect_err("git knows no such command");
        assert!(message.starts_with("`git no-such-command` failed"), "{message}");
    }
}
