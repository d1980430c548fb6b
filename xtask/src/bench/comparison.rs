//! The records as a table: a row a task and measure, a column a library, and how ours compares.

use super::{
    measure::Measure,
    record::{Record, is_ours},
    table::{aligned, measured, ratio},
};

type Field = fn(&Record) -> Option<f64>;

/// What is shown of a record, where it was measured: its value and its spread.
pub(super) struct Row {
    name: &'static str,
    value: Field,
    spread: Field,
}

const TRAIN: Row = Row { name: "train, ms", value: |r| r.train_ms, spread: |r| r.train_spread_ms };
const LOG_PROB: Row = Row { name: "log_prob, ms", value: |r| r.log_prob_ms, spread: |r| r.log_prob_spread_ms };
const SAMPLE: Row = Row { name: "sample, ms", value: |r| r.sample_ms, spread: |r| r.sample_spread_ms };
const PEAK: Row = Row { name: "peak, MB", value: |r| r.peak_mb, spread: |_| None };
const PARAMS: Row = Row { name: "parameters", value: |r| r.params.map(|params| params as f64), spread: |_| None };

/// All that a record says.
pub(super) const ALL: [Row; 5] = [TRAIN, LOG_PROB, SAMPLE, PEAK, PARAMS];

impl Measure {
    /// What is shown of it.
    pub(super) fn row(self) -> Row {
        match self {
            Self::Train => TRAIN,
            Self::LogProb => LOG_PROB,
            Self::Sample => SAMPLE,
        }
    }
}

/// The whole table, with a line at the end of each row; `label` says what the tasks are. With a run from before, ours
/// is compared with what it was then.
pub(super) fn table(label: &str, records: &[Record], rows: &[Row], before: Option<&[Record]>) -> String {
    let tasks = distinct(records, |record| &record.task);
    let libraries = distinct(records, |record| &record.library);
    let mut cells = vec![header(label, &libraries, before.is_some())];
    for task in tasks {
        let record = |library: &str| records.iter().find(|record| record.task == task && record.library == library);
        let ours = libraries.iter().find(|library| is_ours(library)).and_then(|library| record(library));
        for row in rows {
            let value = |record: Option<&Record>| record.and_then(row.value);
            if libraries.iter().all(|library| value(record(library)).is_none()) {
                continue;
            }
            let mut line = vec![task.to_owned(), row.name.to_owned()];
            let mut best: Option<f64> = None;
            for library in &libraries {
                let record = record(library);
                line.push(measured(value(record), record.and_then(row.spread)));
                if !is_ours(library) {
                    line.push(ratio(value(ours), value(record)));
                    best = [best, value(record)].into_iter().flatten().reduce(f64::min);
                } else if let Some(before) = before {
                    let then = value(before.iter().find(|record| record.task == task));
                    line.extend([measured(then, None), ratio(value(record), then)]);
                }
            }
            if libraries.iter().any(|library| !is_ours(library)) {
                line.push(ratio(value(ours), best));
            }
            cells.push(line);
        }
    }
    aligned(&cells, 2)
}

fn header(label: &str, libraries: &[&str], before: bool) -> Vec<String> {
    let mut header = vec![label.to_owned(), "measure".to_owned()];
    for library in libraries {
        header.push((*library).to_owned());
        if !is_ours(library) {
            header.push(format!("ours / {}", library.split(' ').next().unwrap_or(library)));
        } else if before {
            header.extend(["then", "now / then"].map(str::to_owned));
        }
    }
    if libraries.iter().any(|library| !is_ours(library)) {
        header.push("ours / best".to_owned());
    }
    header
}

/// Each value once, in the order in which they first appear.
fn distinct(records: &[Record], field: fn(&Record) -> &String) -> Vec<&str> {
    let mut values: Vec<&str> = Vec::new();
    for record in records {
        if !values.contains(&field(record).as_str()) {
            values.push(field(record));
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(task: &str, library: &str, train_ms: f64, sample_ms: Option<f64>) -> Record {
        let (task, library) = (task.to_owned(), library.to_owned());
        Record { task, library, train_ms: Some(train_ms), train_spread_ms: Some(0.5), sample_ms, ..Record::default() }
    }

    #[test]
    fn ours_is_compared_with_each_peer_and_with_the_best_that_was_measured() {
        let records = [
            record("maf-43", "flows (flex)", 20.0, Some(150.4)),
            record("maf-43", "zuko 1.6.0", 40.0, Some(2584.4)),
            record("maf-43", "flowjax 19.1.2", 25.0, None),
            record("glow-16", "flows (flex)", 3.276, None),
        ];
        let expected = "\
task     measure     flows (flex)  zuko 1.6.0  ours / zuko  flowjax 19.1.2  ours / flowjax  ours / best
maf-43   train, ms     20.0 ± 0.5  40.0 ± 0.5         0.50      25.0 ± 0.5            0.80         0.80
maf-43   sample, ms           150        2584        0.058               -               -        0.058
glow-16  train, ms    3.28 ± 0.50           -            -               -               -            -
";
        assert_eq!(table("task", &records, &ALL, None), expected);
    }

    #[test]
    fn without_peers_there_is_nothing_to_compare_with() {
        let table = table("batch", &[record("64", "flows (flex)", 20.0, Some(1.0))], &[Measure::Train.row()], None);
        assert_eq!(table, "batch  measure    flows (flex)\n64     train, ms    20.0 ± 0.5\n");
    }

    #[test]
    fn what_was_not_measured_before_is_a_dash() {
        let now = [record("maf-43", "flows (flex)", 20.0, Some(1.0)), record("maf-64", "flows (flex)", 30.0, None)];
        let before = [record("maf-43", "flows", 40.0, None)];
        let expected = "\
task    measure     flows (flex)  then  now / then
maf-43  train, ms     20.0 ± 0.5  40.0        0.50
maf-43  sample, ms          1.00     -           -
maf-64  train, ms     30.0 ± 0.5     -           -
";
        assert_eq!(table("task", &now, &ALL, Some(&before)), expected);
    }
}
