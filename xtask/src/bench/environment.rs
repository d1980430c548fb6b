//! The Python environment that the peers run in: made once, in the target directory, or one that is given.

use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use crate::process::{self, Outcome, program, root, works};

/// An environment to use instead of one of our own.
const GIVEN: &str = "FLOWS_PEERS_VENV";

/// What the peers need.
const REQUIREMENTS: &str = "benches/peers/requirements.txt";

/// The directory that cargo builds into.
pub(super) fn target() -> PathBuf {
    // Joined, because cargo takes a relative one from where it runs, which is the root.
    root().join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// The Python of an environment that has the peers; makes it if need be.
pub(super) fn python() -> Outcome<PathBuf> {
    match env::var_os(GIVEN) {
        Some(dir) => given(&root().join(dir)),
        None => own(&target().join("peers"), &root().join(REQUIREMENTS), |dir| {
            make(&mut program("python3", &["-m", "venv", &dir.to_string_lossy()]), dir)
        }),
    }
}

/// An environment that somebody else made is used as it is, or not at all.
fn given(dir: &Path) -> Outcome<PathBuf> {
    let python = python_in(dir);
    if !works(Command::new(&python).args(["-c", "import torch, zuko, nflows, normflows, flowjax"])) {
        return Err(format!(
            "{GIVEN} names {}, whose Python cannot import torch, zuko, nflows, normflows and flowjax; \
             `pip install -r {REQUIREMENTS}` there installs them",
            dir.display()
        ));
    }
    Ok(python)
}

/// An environment of our own; a copy of the requirements in it says that they were all installed.
fn own(dir: &Path, requirements: &Path, make: impl FnOnce(&Path) -> Outcome) -> Outcome<PathBuf> {
    let unreadable = |error| format!("cannot read {}: {error}", requirements.display());
    let wanted = fs::read_to_string(requirements).map_err(unreadable)?;
    let installed = dir.join("installed.txt");
    if fs::read_to_string(&installed).is_ok_and(|there| there == wanted) && python_in(dir).exists() {
        return Ok(python_in(dir));
    }
    make(dir)?;
    let unwritable = |error: &dyn std::fmt::Display| format!("cannot write {}: {error}", installed.display());
    let mut mark = tempfile::NamedTempFile::new_in(dir).map_err(|error| unwritable(&error))?;
    mark.write_all(wanted.as_bytes()).map_err(|error| unwritable(&error))?;
    mark.persist(&installed).map_err(|error| unwritable(&error))?;
    Ok(python_in(dir))
}

/// Makes the environment and installs the peers into it, which downloads some gigabytes.
fn make(venv: &mut Command, dir: &Path) -> Outcome {
    eprintln!("== the peers' environment in {}: a few minutes, once", dir.display());
    process::run(venv)
        .map_err(|message| format!("{message}: the peers need Python 3.11 or later with its `venv` module"))?;
    let python = python_in(dir).to_string_lossy().into_owned();
    process::run(&mut program(&python, &["-m", "pip", "install", "--quiet", "--requirement", REQUIREMENTS]))
        .map_err(|message| format!("{message}: pip says why above; {GIVEN} can name an environment that has the peers"))
}

fn python_in(dir: &Path) -> PathBuf {
    if cfg!(windows) { dir.join("Scripts").join("python.exe") } else { dir.join("bin").join("python") }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands for making an environment: it puts a file where the Python would be.
    fn made(dir: &Path) -> Outcome {
        let python = python_in(dir);
        fs::create_dir_all(python.parent().expect("it has one")).expect("created");
        fs::write(python, "").map_err(|error| error.to_string())
    }

    #[test]
    fn an_environment_is_made_once_for_the_same_requirements() {
        let scratch = tempfile::tempdir().expect("a directory");
        let (dir, requirements) = (scratch.path().join("peers"), scratch.path().join("requirements.txt"));
        let not_again = |_: &Path| -> Outcome { panic!("it is complete") };
        fs::write(&requirements, "zuko==1\n").expect("written");
        assert_eq!(own(&dir, &requirements, made), Ok(python_in(&dir)));
        assert_eq!(own(&dir, &requirements, not_again), Ok(python_in(&dir)));

        fs::write(&requirements, "zuko==2\n").expect("written");
        let failed = own(&dir, &requirements, |_| Err("pip failed".into()));
        assert_eq!(failed, Err("pip failed".to_owned()));
        let mut again = false;
        own(&dir, &requirements, |dir| {
            again = true;
            made(dir)
        })
        .expect("it is made");
        assert!(again, "one that was not completed is completed");
    }

    #[test]
    fn a_missing_python_is_said_plainly() {
        let dir = tempfile::tempdir().expect("a directory");
        let message = make(&mut program("no-such-python", &["-m", "venv"]), dir.path()).expect_err("it is not there");
        assert!(message.starts_with("`no-such-python -m venv` did not start"), "{message}");
        assert!(message.ends_with("the peers need Python 3.11 or later with its `venv` module"), "{message}");
    }

    #[test]
    fn a_pip_that_fails_is_an_error_that_names_the_way_around() {
        let dir = tempfile::tempdir().expect("a directory");
        let message = make(&mut program("true", &[]), dir.path()).expect_err("there is no Python in it");
        assert!(message.contains("pip install") && message.contains(GIVEN), "{message}");
    }

    #[test]
    fn a_given_environment_without_the_peers_is_refused() {
        let dir = tempfile::tempdir().expect("a directory");
        assert!(given(dir.path()).expect_err("it is empty").starts_with("FLOWS_PEERS_VENV names"));
    }
}
