//! `cargo xtask test`: the tests of every crate, on the backend one chooses.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, ExitCode, Stdio},
};

use clap::ValueEnum;

use crate::process::{Outcome, cargo, root, shown};

/// Integration tests that compute in double precision, which the GPU backends do not offer.
const DOUBLE_PRECISION: [&str; 1] = ["laws"];

/// The library crates: they name no backend, so another one can be put under their tests.
const LIBRARIES: [&str; 3] = ["flows-core", "flows-vision", "flows-autoregressive"];

/// The optional parts of the libraries; the examples turn them on when the whole workspace is tested.
const PARTS: &str = "flows-core/data,flows-core/plot,flows-core/train";

#[derive(clap::Args, Default)]
pub(crate) struct Args {
    /// What the tests compute on: flex tests the whole workspace, any other the library crates
    #[arg(long, value_enum, default_value_t)]
    backend: Backend,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Backend {
    #[default]
    Flex,
    Ndarray,
    Wgpu,
    Vulkan,
    Cuda,
}

impl Backend {
    /// The name burn knows it by in `BURN_DEVICE`.
    fn name(self) -> &'static str {
        match self {
            Self::Flex => "flex",
            Self::Ndarray => "ndarray",
            Self::Wgpu => "wgpu",
            Self::Vulkan => "vulkan",
            Self::Cuda => "cuda",
        }
    }

    /// The features of burn that bring it in.
    fn features(self) -> &'static str {
        match self {
            Self::Flex => "burn/flex",
            Self::Ndarray => "burn/ndarray",
            Self::Wgpu => "burn/wgpu,burn/fusion,burn/autotune",
            Self::Vulkan => "burn/wgpu,burn/fusion,burn/autotune,burn/vulkan",
            Self::Cuda => "burn/cuda,burn/fusion,burn/autotune",
        }
    }

    fn has_double_precision(self) -> bool {
        matches!(self, Self::Flex | Self::Ndarray)
    }
}

/// Runs the tests; the total is the last line printed, whatever happened.
pub(crate) fn main(args: &Args) -> ExitCode {
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Runs the tests and prints the total.
pub(crate) fn run(args: &Args) -> Outcome {
    let mut total = Total::default();
    let mut failures = Vec::new();
    for mut command in commands(args.backend)? {
        println!("== {}", shown(&command));
        if let Err(message) = run_and_count(&mut command, &mut total) {
            failures.push(message);
        }
    }
    if total.passed + total.failed == 0 && failures.is_empty() {
        failures.push("no test ran".to_owned());
    }
    for message in &failures {
        eprintln!("error: {message}");
    }
    println!("\n{total}");
    if failures.is_empty() { Ok(()) } else { Err(failures.join("; ")) }
}

/// What to run for a backend.
fn commands(backend: Backend) -> Outcome<Vec<Command>> {
    // Without --no-fail-fast one failure hides all that comes after it, and the total would not be one.
    if backend == Backend::Flex {
        return Ok(vec![with_backend(cargo(&["test", "--workspace", "--no-fail-fast"]), backend)]);
    }
    let features = format!("{},{PARTS}", backend.features());
    let mut args = vec!["test", "--no-fail-fast", "--features", &features];
    for library in LIBRARIES {
        args.extend(["--package", library]);
    }
    if backend.has_double_precision() {
        return Ok(vec![with_backend(cargo(&args), backend)]);
    }

    // Cargo can choose test targets but not leave one out, and takes doc tests only by themselves.
    let (skipped, kept): (Vec<_>, Vec<_>) =
        integration_tests(&root())?.into_iter().partition(|name| DOUBLE_PRECISION.contains(&name.as_str()));
    for name in skipped {
        println!("== skipped on {}, which has no double precision: the integration test `{name}`", backend.name());
    }
    let mut targets = args.clone();
    targets.push("--lib");
    for name in &kept {
        targets.extend(["--test", name]);
    }
    args.push("--doc");
    Ok([targets, args].iter().map(|args| with_backend(cargo(args), backend)).collect())
}

fn with_backend(mut command: Command, backend: Backend) -> Command {
    command.env("BURN_DEVICE", backend.name());
    if !backend.has_double_precision() {
        // Tuning every kernel to the last percent takes longer than the tests.
        command.env("CUBECL_AUTOTUNE_LEVEL", "minimal");
        if std::env::var_os("XDG_RUNTIME_DIR").is_none() {
            command.env("XDG_RUNTIME_DIR", std::env::temp_dir());
        }
    }
    command
}

/// The names of the library crates' integration tests.
fn integration_tests(root: &Path) -> Outcome<Vec<String>> {
    let mut names = Vec::new();
    for library in LIBRARIES {
        let Ok(entries) = fs::read_dir(root.join("crates").join(library).join("tests")) else { continue };
        for entry in entries {
            let path = entry.map_err(|error| format!("cannot list the tests of {library}: {error}"))?.path();
            let is_test = path.extension().is_some_and(|extension| extension == "rs") || path.join("main.rs").exists();
            names.extend(path.file_stem().filter(|_| is_test).map(|name| name.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    names.dedup();
    Ok(names)
}

/// Passes the output on line by line while it adds up what the runners say.
fn run_and_count(command: &mut Command, total: &mut Total) -> Outcome {
    let name = shown(command);
    let failed = |error| format!("`{name}` did not run: {error}");
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(failed)?;
    let mut output = BufReader::new(child.stdout.take().expect("the output is piped"));
    let mut line = Vec::new();
    // Bytes, because a test may print what is not text.
    while output.read_until(b'\n', &mut line).map_err(failed)? > 0 {
        let text = String::from_utf8_lossy(&line);
        print!("{text}");
        total.add(&text);
        line.clear();
    }
    let status = child.wait().map_err(failed)?;
    if status.success() { Ok(()) } else { Err(format!("`{name}` failed ({status})")) }
}

/// What the test runners counted.
#[derive(Debug, Default, PartialEq, Eq)]
struct Total {
    passed: u64,
    failed: u64,
    skipped: u64,
}

impl Total {
    /// Adds the numbers of a line such as `test result: ok. 3 passed; 0 failed; 1 ignored; ...`; other lines add nothing.
    fn add(&mut self, line: &str) {
        let Some((_, counts)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")) else {
            return;
        };
        for count in counts.split(';') {
            let Some((number, what)) = count.trim().split_once(' ') else { continue };
            let Ok(number) = number.parse::<u64>() else { continue };
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" | "filtered out" => self.skipped += number,
                _ => {}
            }
        }
    }
}

impl std::fmt::Display for Total {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 { write!(f, ", {} skipped", self.skipped) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counts_of_several_runners_are_added_up() {
        let mut total = Total::default();
        total.add("test result: ok. 65 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.19s\n");
        total
            .add("test result: FAILED. 5 passed; 2 failed; 1 ignored; 0 measured; 3 filtered out; finished in 1.02s\n");
        assert_eq!(total, Total { passed: 70, failed: 2, skipped: 4 });
        assert_eq!(total.to_string(), "70 passed, 2 failed, 4 skipped");
    }

    #[test]
    fn other_lines_add_nothing() {
        let mut total = Total::default();
        total.add("test tests::a_name ... ok\n");
        total.add("all doctests ran in 1.35s; merged doctests compilation took 1.31s\n");
        total.add("running 5 tests\n");
        assert_eq!(total.to_string(), "0 passed, 0 failed");
    }

    #[test]
    fn a_program_that_fails_is_an_error_and_its_counts_still_count() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo 'test result: FAILED. 1 passed; 1 failed; 0 ignored'; exit 101"]);
        let mut total = Total::default();
        assert!(run_and_count(&mut command, &mut total).is_err());
        assert_eq!(total.to_string(), "1 passed, 1 failed");
    }

    #[test]
    fn every_backend_but_flex_tests_the_libraries_with_its_own_features() {
        for backend in [Backend::Ndarray, Backend::Wgpu, Backend::Vulkan, Backend::Cuda] {
            for command in commands(backend).expect("the tests can be listed") {
                let line = shown(&command);
                assert!(line.contains(backend.features()) && line.contains("--package flows-vision"), "{line}");
                assert!(command.get_envs().any(|(key, value)| key == "BURN_DEVICE" && value.is_some()));
            }
        }
    }

    #[test]
    fn tests_in_double_precision_are_left_out_on_a_gpu_only() {
        let lines = |backend| commands(backend).expect("listed").iter().map(shown).collect::<Vec<_>>();
        assert!(!lines(Backend::Wgpu).iter().any(|line| line.contains("--test laws")));
        assert!(lines(Backend::Wgpu).last().is_some_and(|line| line.ends_with("--doc")));
        assert_eq!(lines(Backend::Ndarray).len(), 1);
    }

    #[test]
    fn integration_tests_are_found_by_file_and_by_directory() {
        let dir = tempfile::tempdir().expect("a directory");
        let tests = dir.path().join("crates/flows-core/tests");
        fs::create_dir_all(tests.join("large")).expect("created");
        for file in ["laws.rs", "golden.rs", "large/main.rs", "notes.md"] {
            fs::write(tests.join(file), "").expect("written");
        }
        assert_eq!(integration_tests(dir.path()), Ok(vec!["golden".into(), "large".into(), "laws".into()]));
    }
}
