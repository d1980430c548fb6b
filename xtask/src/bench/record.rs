//! What a measuring program says of a library at a task, and the medians of what it says in several rounds.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::statistics::median;
use crate::process::Outcome;

/// How the name of our library begins.
const OURS: &str = "flows";

/// A line of JSON; what was not measured is null.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) task: String,
    /// Ours, where no other is named: the short lines have no names.
    #[serde(default = "ours")]
    pub(super) library: String,
    #[serde(default)]
    pub(super) backend: String,
    pub(super) train_ms: Option<f64>,
    pub(super) train_spread_ms: Option<f64>,
    pub(super) log_prob_ms: Option<f64>,
    pub(super) log_prob_spread_ms: Option<f64>,
    pub(super) sample_ms: Option<f64>,
    pub(super) sample_spread_ms: Option<f64>,
    pub(super) peak_mb: Option<f64>,
    pub(super) params: Option<u64>,
    /// Of training without stored activations: the norm of what its gradients are off by, over that of the gradient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) gradient_difference: Option<f64>,
}

fn ours() -> String {
    OURS.to_owned()
}

/// Whether a library's name, with its version or backend, is that of ours.
pub(super) fn is_ours(library: &str) -> bool {
    library.split(' ').next() == Some(OURS)
}

impl Record {
    /// The record as it was read.
    pub(super) fn line(&self) -> String {
        serde_json::to_string(self).expect("text and numbers can be written")
    }

    /// The medians alone, for ours without peers.
    pub(super) fn short_line(&self) -> String {
        let keys = ["task", "backend", "train_ms", "log_prob_ms", "sample_ms", "peak_mb", "params"];
        let values = [
            json!(self.task),
            json!(self.backend),
            json!(self.train_ms),
            json!(self.log_prob_ms),
            json!(self.sample_ms),
            json!(self.peak_mb),
            json!(self.params),
        ];
        // An object of serde_json would have its keys in the order of the alphabet.
        let pairs: Vec<String> = keys.iter().zip(values).map(|(key, value)| format!("\"{key}\": {value}")).collect();
        format!("{{{}}}", pairs.join(", "))
    }
}

/// Reads what a program printed: a record a line, and nothing else.
pub(super) fn parse(output: &str) -> Outcome<Vec<Record>> {
    let lines = output.lines().filter(|line| !line.trim().is_empty());
    let records: Vec<Record> = lines
        .map(|line| serde_json::from_str(line).map_err(|error| format!("`{line}` is not a measurement: {error}")))
        .collect::<Outcome<_>>()?;
    if records.is_empty() { Err("it printed no measurement".into()) } else { Ok(records) }
}

/// A record a task and library, in the order in which they first appear, with the medians of all their records.
pub(super) fn over_rounds(records: &[Record]) -> Vec<Record> {
    let mut merged: Vec<Record> = Vec::new();
    for first in records {
        let same = |other: &&Record| (&other.task, &other.library) == (&first.task, &first.library);
        if merged.iter().any(|done| same(&done)) {
            continue;
        }
        let rounds: Vec<&Record> = records.iter().filter(same).collect();
        let over = |field: fn(&Record) -> Option<f64>| {
            let middle = median(&rounds.iter().filter_map(|record| field(record)).collect::<Vec<_>>());
            // To the microsecond, which is more than the machine is good for.
            middle.map(|value| (1e3 * value).round() / 1e3)
        };
        merged.push(Record {
            train_ms: over(|record| record.train_ms),
            train_spread_ms: over(|record| record.train_spread_ms),
            log_prob_ms: over(|record| record.log_prob_ms),
            log_prob_spread_ms: over(|record| record.log_prob_spread_ms),
            sample_ms: over(|record| record.sample_ms),
            sample_spread_ms: over(|record| record.sample_spread_ms),
            peak_mb: over(|record| record.peak_mb),
            ..first.clone()
        });
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"task": "maf-43", "library": "zuko 1.6.0", "backend": "torch", "train_ms": 46.249, "train_spread_ms": 3.831, "log_prob_ms": 12.02, "log_prob_spread_ms": 1.768, "sample_ms": null, "sample_spread_ms": null, "peak_mb": 867.135, "params": 1646510}"#;

    fn round(library: &str, train_ms: impl Into<Option<f64>>) -> Record {
        Record { task: "t".into(), library: library.into(), train_ms: train_ms.into(), ..Record::default() }
    }

    #[test]
    fn a_line_of_bench_py_is_read_and_written() {
        let records = parse(&format!("{LINE}\n\n")).expect("it is a record");
        let [record] = &records[..] else { panic!("one line is one record") };
        assert_eq!((record.train_ms, record.sample_ms, record.params), (Some(46.249), None, Some(1_646_510)));
        assert_eq!(parse(&record.line()).as_ref(), Ok(&records));
    }

    #[test]
    fn a_short_line_has_seven_keys_in_order_and_is_read_as_ours() {
        let record = parse(LINE).expect("it is a record").remove(0);
        let expected = r#"{"task": "maf-43", "backend": "torch", "train_ms": 46.249, "log_prob_ms": 12.02, "sample_ms": null, "peak_mb": 867.135, "params": 1646510}"#;
        assert_eq!(record.short_line(), expected);
        assert!(is_ours(&parse(expected).expect("it is a record")[0].library));
        assert!(is_ours("flows (flex)") && !is_ours("flowjax 19.1.2") && !is_ours("nflows 0.14"));
    }

    #[test]
    fn what_is_left_out_was_not_measured() {
        let records = parse(r#"{"task": "t", "library": "l"}"#).expect("the rest may be missing");
        assert_eq!(records, [round("l", None)]);
    }

    #[test]
    fn another_line_is_an_error_that_shows_it() {
        let message = parse(&format!("{LINE}\nTraceback")).expect_err("the second line");
        assert!(message.starts_with("`Traceback` is not a measurement"), "{message}");
        assert_eq!(parse("\n"), Err("it printed no measurement".to_owned()));
    }

    #[test]
    fn rounds_become_medians_of_what_was_measured() {
        let records =
            [round("a", 5.0), round("b", 1.0), round("a", None), round("a", 2.0), round("a", 3.0), round("b", 2.0)];
        assert_eq!(over_rounds(&records), [round("a", 3.0), round("b", 1.5)]);
    }
}
