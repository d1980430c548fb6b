//! What the commands of a case left behind.

use std::{fs, path::PathBuf};

use serde_json::Value;

use super::program::Ran;

/// What came out of all commands of a case.
pub(super) struct Outcomes {
    pub(super) runs: Vec<Ran>,
    pub(super) out: PathBuf,
}

/// A table of numbers.
pub(super) struct Columns {
    pub(super) names: Vec<String>,
    pub(super) rows: Vec<Vec<f64>>,
}

impl Outcomes {
    /// The last command.
    pub(super) fn last(&self) -> &Ran {
        self.runs.last().expect("a case has a command")
    }

    /// An error unless every command succeeded.
    pub(super) fn succeeded(&self) -> Result<(), String> {
        match self.runs.iter().find(|ran| ran.code != Some(0)) {
            Some(ran) => Err(failure(ran)),
            None => Ok(()),
        }
    }

    /// A number of a JSON file in the folder, by the dotted path of its keys.
    pub(super) fn number(&self, file: &str, key: &str) -> Result<f64, String> {
        let value = key.split('.').fold(self.json(file)?, |value, key| value[key].clone());
        value.as_f64().ok_or_else(|| format!("{file}: `{key}` is {value}"))
    }

    /// A JSON file in the folder.
    pub(super) fn json(&self, file: &str) -> Result<Value, String> {
        let text = fs::read_to_string(self.out.join(file));
        let text = text.map_err(|error| format!("{file}: {error}; {}", failure(self.last())))?;
        serde_json::from_str(&text).map_err(|error| format!("{file}: {error}"))
    }

    /// A CSV file in the folder.
    pub(super) fn table(&self, file: &str) -> Result<Columns, String> {
        let text = fs::read_to_string(self.out.join(file));
        let text = text.map_err(|error| format!("{file}: {error}; {}", failure(self.last())))?;
        let mut lines = text.lines();
        let names = lines.next().unwrap_or_default().split(',').map(|name| name.trim_matches('"').to_owned()).collect();
        let number = |cell: &str| cell.parse::<f64>().map_err(|_| format!("{file}: `{cell}` is no number"));
        let rows = lines.map(|line| line.split(',').map(number).collect()).collect::<Result<_, _>>()?;
        Ok(Columns { names, rows })
    }

    /// A file in the folder, byte for byte.
    pub(super) fn bytes(&self, file: &str) -> Result<Vec<u8>, String> {
        fs::read(self.out.join(file)).map_err(|error| format!("{file}: {error}"))
    }
}

impl Columns {
    /// The column of that name.
    pub(super) fn column(&self, name: &str) -> Result<Vec<f64>, String> {
        let at = self.names.iter().position(|other| other == name);
        let at = at.ok_or_else(|| format!("there is no column `{name}` among {}", self.names.join(", ")))?;
        Ok(self.rows.iter().map(|row| row[at]).collect())
    }
}

/// Mean and standard deviation.
pub(super) fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt())
}

/// How a command ended, with the first words of its error.
pub(super) fn failure(ran: &Ran) -> String {
    let code = ran.code.map_or("killed".to_owned(), |code| format!("exit {code}"));
    let lines: Vec<_> = ran.stderr.lines().filter(|line| !line.trim().is_empty()).collect();
    let said = lines.iter().find(|line| line.contains("error") || line.contains("panicked")).or(lines.last());
    match said {
        Some(line) => format!("{code}: {}", line.chars().take(200).collect::<String>()),
        None => code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes(files: &[(&str, &str)]) -> (tempfile::TempDir, Outcomes) {
        let folder = tempfile::tempdir().expect("a folder");
        files.iter().for_each(|(name, text)| fs::write(folder.path().join(name), text).expect("written"));
        let out = folder.path().to_owned();
        (folder, Outcomes { runs: vec![Ran { code: Some(0), ..Ran::default() }], out })
    }

    #[test]
    fn numbers_are_found_by_their_keys() {
        let (_folder, outcomes) = outcomes(&[("a.json", r#"{"test": {"bits": 1.5}}"#)]);
        assert_eq!(outcomes.number("a.json", "test.bits"), Ok(1.5));
        assert!(outcomes.number("a.json", "test.nats").is_err_and(|text| text.contains("nats")));
        assert!(outcomes.number("b.json", "test").is_err_and(|text| text.contains("b.json")));
    }

    #[test]
    fn tables_are_read_by_the_names_of_their_columns() {
        let (_folder, outcomes) = outcomes(&[("a.csv", "a,b\n1,2\n3,-inf\n")]);
        let table = outcomes.table("a.csv").expect("a table");
        assert_eq!(table.column("b"), Ok(vec![2.0, f64::NEG_INFINITY]));
        assert!(table.column("c").is_err());
    }

    #[test]
    fn a_failure_shows_the_line_with_the_error() {
        let ran = Ran { code: Some(1), stderr: "reading\nerror: no column\n".to_owned(), ..Ran::default() };
        assert_eq!(failure(&ran), "exit 1: error: no column");
        assert_eq!(moments(&[1.0, 3.0]), (2.0, 1.0));
    }
}
