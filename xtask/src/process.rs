//! Other programs, run from the root of the workspace.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The outcome of a command; the text says what failed and what to do about it.
pub(crate) type Outcome<T = ()> = Result<T, String>;

/// The directory of the workspace's `Cargo.toml`.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a directory of the workspace").to_owned()
}

/// The cargo that started this program, run from the root.
pub(crate) fn cargo(args: &[&str]) -> Command {
    program(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()), args)
}

/// A program run from the root.
pub(crate) fn program(name: &str, args: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(args).current_dir(root());
    command
}

/// Runs a program to its end and insists on success.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let shown = shown(command);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{shown}` failed ({status})")),
        Err(error) => Err(format!("`{shown}` did not start: {error}")),
    }
}

/// Whether a program is there and runs; it prints nothing.
pub(crate) fn works(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// A command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let name = Path::new(command.get_program()).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let args = command.get_args().map(|arg| arg.to_string_lossy().into_owned());
    std::iter::once(name).chain(args).collect::<Vec<_>>().join(" ")
}

/// The text of all sources below folders of the workspace, for tests that look whether something named is there.
#[cfg(test)]
pub(crate) fn sources(folders: &[&str]) -> String {
    fn add(folder: &std::path::Path, text: &mut String) {
        for entry in std::fs::read_dir(folder).expect("a folder of the workspace").flatten() {
            let path = entry.path();
            if path.is_dir() {
                add(&path, text);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                text.push_str(&std::fs::read_to_string(path).expect("a source"));
            }
        }
    }
    let mut text = String::new();
    folders.iter().for_each(|folder| add(&root().join(folder), &mut text));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_where_the_workspace_is() {
        assert!(root().join("Cargo.lock").exists());
    }

    #[test]
    fn a_program_that_is_missing_is_named() {
        let message = run(&mut program("no-such-program", &["--now"])).expect_err("it does not exist");
        assert!(message.starts_with("`no-such-program --now` did not start"), "{message}");
    }

    #[test]
    fn a_program_that_fails_is_named() {
        let message = run(&mut program("git", &["no-such-command"])).expect_err("git knows no such command");
        assert!(message.starts_with("`git no-such-command` failed"), "{message}");
    }
}
