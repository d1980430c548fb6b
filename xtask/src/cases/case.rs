//! One case.

use std::{fs, path::Path};

use super::{
    outcome::Outcomes,
    program::{Programs, Step},
    right::Right,
};

/// An input, what is done with it, and what is right.
#[derive(Clone)]
pub(super) struct Case {
    pub(super) name: &'static str,
    /// What is right, as the table shows it.
    pub(super) right: &'static str,
    pub(super) steps: Vec<Step>,
    pub(super) check: Right,
}

impl Case {
    /// A case of commands, as one would type them, with `{in}` for the folder of the inputs and `{out}` for an empty folder.
    pub(super) fn new(name: &'static str, right: &'static str, steps: &[&str], check: Right) -> Self {
        Self { name, right, steps: steps.iter().map(|line| Step::new(line)).collect(), check }
    }

    /// Runs the commands one after the other and says what came out, right or wrong.
    pub(super) fn run(&self, inputs: &Path, out: &Path, programs: &Programs) -> Result<String, String> {
        fs::create_dir_all(out).map_err(|error| format!("cannot create {}: {error}", out.display()))?;
        let mut runs = vec![];
        for (number, step) in self.steps.iter().enumerate() {
            runs.push(step.run(inputs, out, number, programs)?);
        }
        self.check.judge(&Outcomes { runs, out: out.to_owned() })
    }
}
