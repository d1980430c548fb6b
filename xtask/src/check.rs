//! `cargo xtask check`: everything a change must pass, cheapest first.

use std::{process::Command, time::Instant};

use crate::{
    backend::{Backend, features},
    process::{self, Outcome, cargo, program, works},
    test, tidy,
};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Check instead that the libraries compile with these backends, which takes neither a driver nor a GPU
    #[arg(long = "backend", value_enum, value_name = "BACKEND", value_delimiter = ',')]
    backends: Vec<Backend>,
}

/// A name to fail under, and what to do.
type Step = (&'static str, fn() -> Outcome);

const STEPS: [Step; 5] = [("format", format), ("tidy", tidy::run), ("clippy", clippy), ("test", tests), ("doc", doc)];

/// Runs every check, or those of some backends.
pub(crate) fn run(args: &Args) -> Outcome {
    if args.backends.is_empty() {
        return run_steps(&STEPS);
    }
    args.backends.iter().try_for_each(|backend| process::run(&mut compiles(*backend)))
}

/// Checks the libraries with one backend: what a second one turns on could hide what it lacks.
fn compiles(backend: Backend) -> Command {
    let mut command = cargo(&["check", "--features", &features(&[backend]).join(",")]);
    // CUDA's compiler comes with an LLVM that its build script fetches: nothing is linked here, so it is not needed.
    command.env("DOCS_RS", "1");
    command.args(test::LIBRARIES.iter().flat_map(|library| ["--package", library]));
    command
}

/// Runs the steps and stops at the first that fails.
fn run_steps(steps: &[Step]) -> Outcome {
    let mut times = Vec::new();
    for (name, step) in steps {
        println!("== {name}");
        let start = Instant::now();
        let outcome = step();
        times.push(format!("{name} {:.1} s", start.elapsed().as_secs_f64()));
        println!("== {}", times.last().map_or("", String::as_str));
        outcome.map_err(|message| format!("check stopped at `{name}`: {message}"))?;
    }
    println!("== all passed: {}", times.join(", "));
    Ok(())
}

fn format() -> Outcome {
    component("fmt", "rustfmt")?;
    process::run(&mut cargo(&["fmt", "--all", "--", "--check"]))
}

fn clippy() -> Outcome {
    component("clippy", "clippy")?;
    process::run(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn tests() -> Outcome {
    test::run(&[Backend::default()], test::Extent::Sample)
}

fn doc() -> Outcome {
    process::run(cargo(&["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
}

/// Makes sure that a part of the toolchain is there: a minimal one comes without `fmt` and `clippy`.
fn component(subcommand: &str, component: &str) -> Outcome {
    let there = || works(&mut cargo(&[subcommand, "--version"]));
    if there() || (works(&mut program("rustup", &["component", "add", component])) && there()) {
        return Ok(());
    }
    Err(format!("`cargo {subcommand}` is not installed, and `rustup component add {component}` did not install it"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;

    #[test]
    fn the_first_step_that_fails_is_named_and_ends_the_check() {
        fn never() -> Outcome {
            panic!("this step comes after the one that failed")
        }
        let steps: [Step; 3] = [("one", || Ok(())), ("two", || Err("broken".to_owned())), ("three", never)];
        assert_eq!(run_steps(&steps), Err("check stopped at `two`: broken".to_owned()));
    }

    #[test]
    fn a_backend_is_checked_under_the_libraries() {
        let command = compiles(Backend::Cuda);
        let fetches_nothing = |(key, value): (&OsStr, Option<&OsStr>)| key == "DOCS_RS" && value == Some("1".as_ref());
        assert!(command.get_envs().any(fetches_nothing));
        let line = process::shown(&command);
        assert!(
            line.starts_with("cargo check --features burn/cuda,burn/fusion,burn/autotune,flows-core/cuda --package"),
            "{line}"
        );
    }

    #[test]
    fn a_missing_component_is_said_plainly() {
        let message = component("no-such-subcommand", "no-such-component").expect_err("there is none");
        assert!(message.starts_with("`cargo no-such-subcommand` is not installed"), "{message}");
    }
}
