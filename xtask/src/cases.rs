//! `cargo xtask cases`: inputs that once came out wrong, and what is right.

mod case;
mod files;
mod inputs;
mod library;
mod numbers;
mod outcome;
mod pictures;
mod program;
mod right;
mod running;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    thread,
    time::Instant,
};

use comfy_table::{ContentArrangement, Table, presets};

use crate::process::{self, Outcome, cargo, root};
use case::Case;
use program::Programs;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The folder with the inputs; what is missing in it is written first, by benches/cases/make.py, which takes Python 3
    /// with numpy and Pillow
    #[arg(value_name = "DIR")]
    dir: PathBuf,

    /// Only the cases whose name contains this text
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,

    /// Keeps what the commands wrote, in this folder
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

/// A case and how it came out.
struct Verdict {
    case: Case,
    came_out: Result<String, String>,
    seconds: f64,
}

/// Runs the cases and prints a table of them; an error names those that came out wrong.
pub(crate) fn run(args: &Args) -> Outcome {
    let dir = std::path::absolute(&args.dir).map_err(|error| format!("cannot find {}: {error}", args.dir.display()))?;
    let wanted = |case: &Case| args.only.as_ref().is_none_or(|text| case.name.contains(text.as_str()));
    let cases: Vec<Case> = all().into_iter().filter(wanted).collect();
    if cases.is_empty() {
        return Err(format!("no case has `{}` in its name", args.only.as_deref().unwrap_or_default()));
    }
    inputs::make(&dir)?;
    let programs = build()?;
    let scratch = tempfile::tempdir().map_err(|error| format!("cannot make a temporary folder: {error}"))?;
    let out = args.keep.as_deref().unwrap_or(scratch.path());
    fs::create_dir_all(out).map_err(|error| format!("cannot create {}: {error}", out.display()))?;
    let start = Instant::now();
    let verdicts = run_all(cases, &dir, out, &programs);
    println!("{}", table(&verdicts));
    if args.only.is_none() {
        println!("\nThe other cases are tests of the libraries:\n{}", library::table());
    }
    let wrong: Vec<_> = verdicts.iter().filter(|verdict| verdict.came_out.is_err()).map(|v| v.case.name).collect();
    println!(
        "\n{} of {} right, in {:.0} s",
        verdicts.len() - wrong.len(),
        verdicts.len(),
        start.elapsed().as_secs_f64()
    );
    if wrong.is_empty() { Ok(()) } else { Err(format!("wrong: {}", wrong.join(", "))) }
}

/// Every case that a command can run.
fn all() -> Vec<Case> {
    [numbers::cases(), files::cases(), pictures::cases(), running::cases()].concat()
}

/// Builds the commands once, optimised.
fn build() -> Outcome<Programs> {
    process::run(&mut cargo(&["build", "--release", "--workspace", "--bin", "flows"]))?;
    let target = root().join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into())).join("release");
    let program = |name: &str| target.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    Ok(Programs { flows: program("flows") })
}

/// Runs the cases, one on each core.
fn run_all(cases: Vec<Case>, inputs: &Path, out: &Path, programs: &Programs) -> Vec<Verdict> {
    let (waiting, done) = (Mutex::new(cases.into_iter().enumerate()), Mutex::new(vec![]));
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        while let Some((number, case)) = next() {
            let start = Instant::now();
            let came_out = case.run(inputs, &out.join(format!("{number:03}")), programs);
            let seconds = start.elapsed().as_secs_f64();
            let word = if came_out.is_ok() { "right" } else { "WRONG" };
            eprintln!("{word} {:5.1} s  {}", seconds, case.name);
            let verdict = Verdict { case, came_out, seconds };
            done.lock().unwrap_or_else(PoisonError::into_inner).push((number, verdict));
        }
    };
    let cores = thread::available_parallelism().map_or(1, |cores| cores.get().min(4));
    thread::scope(|scope| (0..cores).for_each(|_| drop(scope.spawn(work))));
    let mut verdicts = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    verdicts.sort_by_key(|(number, _)| *number);
    verdicts.into_iter().map(|(_, verdict)| verdict).collect()
}

fn table(verdicts: &[Verdict]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    if table.width().is_none() {
        table.set_width(140);
    }
    table.set_header(["case", "right", "came out", "verdict", "s"]);
    for Verdict { case, came_out, seconds } in verdicts {
        let (text, word) = match came_out {
            Ok(text) => (text, "right"),
            Err(text) => (text, "WRONG"),
        };
        table.add_row([case.name, case.right, text, word, &format!("{seconds:.0}")]);
    }
    table
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_case_has_a_name_of_its_own_and_says_what_is_right() {
        let cases = all();
        let names: BTreeSet<_> = cases.iter().map(|case| case.name).collect();
        assert_eq!(names.len(), cases.len());
        assert!(cases.iter().all(|case| !case.right.is_empty() && !case.steps.is_empty()));
    }

    #[test]
    fn the_table_shows_what_came_out_wrong() {
        let case = all().remove(0);
        let shown = table(&[Verdict { case, came_out: Err("-9.6".to_owned()), seconds: 1.0 }]).to_string();
        assert!(shown.contains("WRONG") && shown.contains("-9.6"), "{shown}");
    }
}
