//! Running the program in a folder of its own.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder with files in it, in which the program runs.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path().join(name), content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tabular"));
        command.current_dir(self.path()).args(arguments);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program starts")
    }

    /// Standard output of a run that succeeds.
    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }

    /// Standard error of a run that fails, other than by a panic.
    pub(crate) fn error(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8(output.stderr).expect("text");
        assert!(matches!(output.status.code(), Some(1 | 2)), "{arguments:?} ended with {}: {said}", output.status);
        said
    }

    /// Trains quickly on a table; returns the figures, and what was said on standard error.
    pub(crate) fn train(&self, data: &str, more: &[&str]) -> (serde_json::Value, String) {
        let start = ["train", "--data", data, "--hidden", "8", "--layers", "2", "--json", "figures.json"];
        let output = self.run(&[&start[..], more].concat());
        let said = String::from_utf8(output.stderr).expect("text");
        assert!(output.status.success(), "{more:?}: {said}");
        let printed = String::from_utf8(output.stdout).expect("text");
        assert!(!printed.contains("NaN"), "{printed}");
        (serde_json::from_str(&self.read("figures.json")).unwrap(), said)
    }
}

/// Independent standard normal numbers, by a linear congruence and Box and Muller's map.
pub(crate) fn normal(n: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 11) as f64 + 0.5) * 2f64.powi(-53)
    };
    (0..n).map(|_| (-2.0 * uniform().ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos()).collect()
}

/// CSV of columns with a header.
pub(crate) fn csv(header: &str, columns: &[Vec<f64>]) -> String {
    let row = |i: usize| columns.iter().map(|column| column[i].to_string()).collect::<Vec<_>>().join(",") + "\n";
    format!("{header}\n") + &(0..columns[0].len()).map(row).collect::<String>()
}

/// The numbers of a column of CSV with a header.
pub(crate) fn column(text: &str, place: usize) -> Vec<f64> {
    text.lines().skip(1).map(|line| line.split(',').nth(place).unwrap().parse().unwrap()).collect()
}
