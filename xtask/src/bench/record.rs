//! What a measuring program says of a library at a task, and the medians of what it says in several rounds.

use serde::{Deserialize, Serialize};

use crate::process::Outcome;

/// A line of JSON; what was not measured is null.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) task: String,
    pub(super) library: String,
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

impl Record {
    /// The record as it was read.
    pub(super) fn line(&self) -> String {
        serde_json::to_string(self).expect("text and numbers can be written")
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
        let over = |field: fn(&Record) -> Option<f64>| median(rounds.iter().filter_map(|record| field(record)));
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

/// The middle value, or the mean of the two in the middle.
fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        even if even % 2 == 0 => Some(f64::midpoint(values[middle - 1], values[middle])),
        _ => Some(values[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"task": "maf-43", "library": "zuko 1.6.0", "train_ms": 46.249, "train_spread_ms": 3.831, "log_prob_ms": 12.02, "log_prob_spread_ms": 1.768, "sample_ms": null, "sample_spread_ms": null, "peak_mb": 867.135, "params": 1646510}"#;

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

    #[test]
    fn the_median_of_nothing_is_nothing() {
        assert_eq!(over_rounds(&[round("a", None), round("a", None)]), [round("a", None)]);
    }
}
