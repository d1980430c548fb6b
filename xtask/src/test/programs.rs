//! The test programs that cargo builds.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::process::{Outcome, shown};

/// One crate's tests: those in its sources, or one file of its `tests` directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TestProgram {
    /// The crate, as the name of its directory.
    pub(super) package: String,
    /// The file in `tests`, or `lib` for the tests in the sources of a library.
    pub(super) target: String,
    path: PathBuf,
    dir: PathBuf,
}

impl TestProgram {
    /// The program, to run as cargo would: from the directory of its crate.
    pub(super) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.path);
        command.args(args).current_dir(&self.dir).env("CARGO_MANIFEST_DIR", &self.dir);
        command
    }

    #[cfg(test)]
    pub(super) fn named(package: &str, target: &str) -> Self {
        let (path, dir) = (PathBuf::from(target), PathBuf::from("."));
        Self { package: package.to_owned(), target: target.to_owned(), path, dir }
    }

    /// The names of its tests.
    pub(super) fn tests(&self) -> Outcome<Vec<String>> {
        let mut command = self.command(&["--list", "--format", "terse"]);
        let name = shown(&command);
        let output = command.output().map_err(|error| format!("`{name}` did not start: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        Ok(text.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect())
    }
}

/// Builds tests, with a `cargo test --no-run` that answers in JSON, and says where the programs are.
pub(super) fn build(command: &mut Command) -> Outcome<Vec<TestProgram>> {
    let name = shown(command);
    let output =
        command.stderr(Stdio::inherit()).output().map_err(|error| format!("`{name}` did not start: {error}"))?;
    if !output.status.success() {
        return Err(format!("`{name}` failed ({})", output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().filter_map(parse).collect())
}

/// The program that a message of cargo tells of, if it does.
fn parse(line: &str) -> Option<TestProgram> {
    let message: Value = serde_json::from_str(line).ok()?;
    let path = PathBuf::from(message["executable"].as_str()?);
    let dir = Path::new(message["manifest_path"].as_str()?).parent()?.to_owned();
    let target = match message["target"]["kind"][0].as_str()? {
        "test" => message["target"]["name"].as_str()?.to_owned(),
        kind => kind.to_owned(),
    };
    message["profile"]["test"].as_bool()?.then_some(())?;
    Some(TestProgram { package: dir.file_name()?.to_string_lossy().into_owned(), target, path, dir })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(kind: &str, name: &str, test: bool) -> String {
        format!(
            r#"{{"reason": "compiler-artifact", "executable": "t/{name}-1", "manifest_path": "/w/crates/flows-core/Cargo.toml",
            "target": {{"kind": ["{kind}"], "name": "{name}"}}, "profile": {{"test": {test}}}}}"#
        )
    }

    #[test]
    fn cargo_says_where_its_programs_are() {
        let laws = parse(&artifact("test", "laws", true)).expect("it is one");
        assert_eq!((laws.package.as_str(), laws.target.as_str()), ("flows-core", "laws"));
        let command = laws.command(&["--list"]);
        assert_eq!(command.get_program(), "t/laws-1");
        assert_eq!(command.get_current_dir(), Some(Path::new("/w/crates/flows-core")));
        assert_eq!(parse(&artifact("lib", "flows_core", true)).expect("it is one").target, "lib");
    }

    #[test]
    fn what_is_no_test_program_is_passed_over() {
        assert_eq!(parse(&artifact("bin", "two-moons", false)), None);
        assert_eq!(parse(r#"{"reason": "build-finished", "success": true}"#), None);
        assert_eq!(parse("   Compiling flows-core"), None);
    }
}
