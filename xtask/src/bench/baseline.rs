//! A run that was saved, to compare with.

use std::{fs, path::Path};

use super::record::{Record, is_ours};
use crate::process::Outcome;

/// Reads what `cargo xtask bench --json` printed, with peers or without, and keeps what it says of ours.
pub(super) fn read(path: &Path) -> Outcome<Vec<Record>> {
    let name = path.display();
    let text = fs::read_to_string(path).map_err(|error| format!("cannot read the baseline {name}: {error}"))?;
    let mut records: Vec<Record> = Vec::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let record: Record = serde_json::from_str(line)
            .map_err(|error| format!("{name}:{number}: not a line of `cargo xtask bench --json`: {error}"))?;
        if !is_ours(&record.library) {
            continue;
        }
        if records.iter().any(|earlier| earlier.task == record.task) {
            return Err(format!("{name}:{number}: `{}` is in the file twice", record.task));
        }
        records.push(record);
    }
    if records.is_empty() { Err(format!("{name}: there is no measurement of ours in it")) } else { Ok(records) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Outcome<Vec<Record>> {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("saved.jsonl");
        fs::write(&path, text).expect("written");
        read(&path)
    }

    #[test]
    fn ours_is_kept_of_a_run_with_peers_and_without() {
        let long = r#"{"task": "maf-43", "library": "flows (flex)", "backend": "flex", "train_ms": 20.0}"#;
        let peer = r#"{"task": "maf-43", "library": "zuko 1.6.0", "backend": "torch", "train_ms": 46.0}"#;
        let short = r#"{"task": "maf-43", "backend": "flex", "train_ms": 20.0, "params": 3}"#;
        for text in [format!("{long}\n{peer}\n"), format!("{short}\n\n")] {
            let records = read_text(&text).expect("it is a saved run");
            assert_eq!((records.len(), records[0].train_ms), (1, Some(20.0)));
        }
    }

    #[test]
    fn what_is_not_a_saved_run_is_an_error_that_names_the_file_and_the_line() {
        let line = r#"{"task": "maf-43", "backend": "flex", "train_ms": 20.0}"#;
        for (text, expected) in [
            (format!("{line}\ntask  measure\n"), "saved.jsonl:2: not a line of"),
            (format!("{line}\n\n{{\"train_ms\": 1}}\n"), "saved.jsonl:3: not a line of"),
            (format!("{line}\n{line}\n"), "saved.jsonl:2: `maf-43` is in the file twice"),
            ("\n".to_owned(), "saved.jsonl: there is no measurement"),
        ] {
            let message = read_text(&text).expect_err(expected);
            assert!(message.contains(expected), "{message}");
        }
        let message = read("no/such/file".as_ref()).expect_err("it is missing");
        assert!(message.starts_with("cannot read the baseline no/such/file"), "{message}");
    }
}
