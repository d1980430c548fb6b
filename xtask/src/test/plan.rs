//! What is built and run for the backends that one chooses.

use std::{env, process::Command, thread};

use super::{Extent, left_out, programs, sample};
use crate::{
    backend::{Backend, features, tune_little},
    process::{Outcome, cargo, shown},
};

/// A command and what to call it.
pub(super) type Named = (String, Command);

/// The library crates: they name no backend, so any can be put under their tests.
pub(crate) const LIBRARIES: [&str; 3] = ["flows-core", "flows-vision", "flows-autoregressive"];

/// The optional parts of the libraries.
const PARTS: [&str; 1] = ["flows-core/train"];

/// The example that compares backends: it compares those that its own features name.
const COMPARISON: &str = "backends";

/// Tests of one program on a GPU, at most: the others of it run beside them, or after them.
const PART: usize = 20;

/// What the tests ask of a GPU's driver.
const DRIVER: [(&str, &str); 2] = [
    // Mesa's software Vulkan compiles in half the time what is used a few times on small shapes.
    ("GALLIVM_PERF", "nopt"),
    // Where there is no Vulkan, wgpu takes a software OpenGL without a word: with none in sight it fails.
    ("__EGL_VENDOR_LIBRARY_FILENAMES", "/dev/null"),
];

/// Packages and features: the same for all backends of a run, so that burn is built once.
pub(super) struct Plan {
    backends: Vec<Backend>,
    selection: Vec<String>,
    /// How many of the tests run on the backends beside flex.
    extent: Extent,
}

impl Plan {
    pub(super) fn new(backends: &[Backend], extent: Extent) -> Self {
        let mut once: Vec<Backend> = Vec::new();
        for backend in backends {
            if !once.contains(backend) {
                once.push(*backend);
            }
        }
        let selection = selection(&once);
        Self { backends: once, selection, extent }
    }

    /// Each backend once, in the order it was named.
    pub(super) fn backends(&self) -> &[Backend] {
        &self.backends
    }

    /// What runs the tests on one of them. The programs are built first, where they are run without cargo.
    pub(super) fn commands(&self, backend: Backend) -> Outcome<Vec<Named>> {
        let mut commands = match backend {
            // The workspace's other crates have tests of their own, which choose their device.
            Backend::Flex => vec![named(self.cargo_test(&["--no-fail-fast"]))],
            _ => self.library_tests(backend)?,
        };
        for (_, command) in &mut commands {
            backend.select(command);
            if self.backends.iter().any(|other| other.is_gpu()) {
                tune_little(command);
                set(command, &DRIVER);
            }
        }
        Ok(commands)
    }

    /// How many of these commands run beside each other: those of a GPU spend their time on one core, compiling kernels.
    pub(super) fn at_a_time(&self, backend: Backend) -> usize {
        if backend.is_gpu() { thread::available_parallelism().map_or(1, |cores| cores.get().min(4)) } else { 1 }
    }

    /// The library crates' tests, or a sample of them, program by program: cargo can choose targets by name, but neither
    /// leave one out nor take some of the crates that it builds.
    fn library_tests(&self, backend: Backend) -> Outcome<Vec<Named>> {
        let programs =
            programs::build(&mut self.cargo_test(&["--no-run", "--message-format", "json-render-diagnostics"]))?;
        let mut programs: Vec<_> =
            programs.iter().filter(|program| LIBRARIES.contains(&program.package.as_str())).collect();
        // The laws take longest: the others fill the time beside them.
        programs.sort_by_key(|program| program.target != "laws");
        let mut commands = Vec::new();
        for program in programs {
            let name = format!("{} {}", program.package, program.target);
            let all = self.extent == Extent::All;
            let brief = self.extent == Extent::Brief && backend.is_gpu();
            let chosen = if all { vec![] } else { sample::tests(program, brief)? };
            if !all && chosen.is_empty() {
                continue;
            }
            let left_out = match backend.is_gpu() {
                true => match left_out::tests(program)? {
                    Some(left_out) => left_out,
                    None => continue,
                },
                false => vec![],
            };
            // One program of many tests would still be at work when all others are done.
            let part = if backend.is_gpu() { PART } else { usize::MAX };
            let parts: Vec<&[String]> = if chosen.is_empty() { vec![&[]] } else { chosen.chunks(part).collect() };
            for (part, tests) in parts.iter().enumerate() {
                let mut args: Vec<&str> = tests.iter().map(String::as_str).collect();
                args.push("--exact");
                if backend.is_gpu() {
                    // One by one: they have one device, and would wait for each other.
                    args.extend(["--test-threads", "1"]);
                    args.extend(left_out.iter().flat_map(|name| ["--skip", *name]));
                }
                let name = match parts.len() {
                    1 => name.clone(),
                    count => format!("{name}, part {} of {count}", part + 1),
                };
                commands.push((name, program.command(&args)));
            }
        }
        if self.extent != Extent::All {
            println!("== a sample, by xtask/src/test/sample.rs; --all runs the rest too");
        } else if backend.is_gpu() {
            println!("== left out: the examples in the documentation: each is a process that starts the device anew");
        } else {
            commands.push(named(self.cargo_test(&["--no-fail-fast", "--doc"])));
        }
        Ok(commands)
    }

    fn cargo_test(&self, args: &[&str]) -> Command {
        let mut command = cargo(&["test"]);
        command.args(&self.selection).args(args);
        command
    }
}

/// A command under the name that one would type.
fn named(command: Command) -> Named {
    (shown(&command), command)
}

/// Sets what the environment has no word on.
fn set(command: &mut Command, variables: &[(&str, &str)]) {
    for (name, value) in variables {
        if env::var_os(name).is_none() {
            command.env(name, value);
        }
    }
}

/// Packages and features for cargo.
fn selection(backends: &[Backend]) -> Vec<String> {
    let workspace = backends.contains(&Backend::Flex);
    let mut selection = match workspace {
        true => vec!["--workspace".to_owned()],
        false => LIBRARIES.iter().flat_map(|library| ["--package".to_owned(), (*library).to_owned()]).collect(),
    };
    // The workspace has flex by default.
    if backends != [Backend::Flex] {
        let mut features: Vec<String> = features(backends).into_iter().chain(PARTS).map(str::to_owned).collect();
        if workspace {
            features.extend(backends.iter().map(|backend| format!("{COMPARISON}/{}", backend.name())));
        }
        selection.extend(["--features".to_owned(), features.join(",")]);
    }
    selection
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flex_alone_is_the_workspace_as_it_is() {
        let plan = Plan::new(&[Backend::Flex, Backend::Flex], Extent::Sample);
        let commands = plan.commands(Backend::Flex).expect("nothing is built");
        assert_eq!(plan.backends(), [Backend::Flex]);
        assert_eq!(commands.len(), 1);
        assert_eq!(commands[0].0, "cargo test --workspace --no-fail-fast");
        assert!(!commands[0].1.get_envs().any(|(key, _)| key == "CUBECL_AUTOTUNE_LEVEL"));
    }

    #[test]
    fn another_backend_alone_is_built_under_the_libraries() {
        let line = shown(&Plan::new(&[Backend::Cuda], Extent::Sample).cargo_test(&[]));
        assert!(
            line.starts_with("cargo test --package flows-core --package flows-vision --package flows-auto"),
            "{line}"
        );
        let features = "--features burn/cuda,burn/fusion,burn/autotune,flows-core/cuda,flows-core/train";
        assert!(line.contains(features), "{line}");
        assert!(!line.contains("flex") && !line.contains("backends/"), "{line}");
    }

    #[test]
    fn several_backends_are_one_build_with_the_comparison_of_them() {
        let plan = Plan::new(&[Backend::Flex, Backend::Ndarray, Backend::Wgpu], Extent::Sample);
        let line = shown(&plan.cargo_test(&[]));
        assert!(line.starts_with("cargo test --workspace --features burn/flex,"), "{line}");
        assert!(line.contains("burn/ndarray,burn/wgpu,") && line.contains("flows-core/flex"), "{line}");
        assert!(line.ends_with("backends/flex,backends/ndarray,backends/wgpu"), "{line}");
        // The comparison computes on the GPU too, whatever is under the rest of the tests.
        let (_, flex) = plan.commands(Backend::Flex).expect("nothing is built").remove(0);
        assert!(flex.get_envs().any(|(key, value)| key == "BURN_DEVICE" && value == Some("flex".as_ref())));
    }
}
