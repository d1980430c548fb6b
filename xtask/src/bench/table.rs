//! The records as a table: a row a task and measure, a column a library, and how ours compares with the best peer.

use super::record::Record;

/// How the name of our library begins.
const OURS: &str = "flows ";

/// What is shown of a record, where it was measured.
type Row = (&'static str, fn(&Record) -> Option<f64>);

const ROWS: [Row; 4] = [
    ("train, ms", |record| record.train_ms),
    ("log_prob, ms", |record| record.log_prob_ms),
    ("sample, ms", |record| record.sample_ms),
    ("peak, MB", |record| record.peak_mb),
];

/// The whole table, with a line at the end of each row.
pub(super) fn table(records: &[Record]) -> String {
    let tasks = distinct(records, |record| &record.task);
    let libraries = distinct(records, |record| &record.library);
    let against_peers = libraries.iter().any(|name| name.starts_with(OURS)) && libraries.len() > 1;
    let mut cells = vec![header(&libraries, against_peers)];
    for task in tasks {
        let of_task: Vec<&Record> = records.iter().filter(|record| record.task == task).collect();
        for (name, field) in ROWS {
            let value =
                |library: &&str| of_task.iter().find(|record| record.library == *library).and_then(|r| field(r));
            let values: Vec<Option<f64>> = libraries.iter().map(value).collect();
            if values.iter().all(Option::is_none) {
                continue;
            }
            let mut row = vec![task.to_owned(), name.to_owned()];
            row.extend(values.iter().map(|value| value.map_or("-".to_owned(), number)));
            if against_peers {
                row.push(ratio(&libraries, &values).map_or("-".to_owned(), |ratio| format!("{ratio:.2}")));
            }
            cells.push(row);
        }
    }
    aligned(&cells)
}

fn header(libraries: &[&str], against_peers: bool) -> Vec<String> {
    let mut header = vec!["task", "measure"];
    header.extend(libraries);
    if against_peers {
        header.push("ours / best peer");
    }
    header.into_iter().map(str::to_owned).collect()
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

/// Our value over the least of the others.
fn ratio(libraries: &[&str], values: &[Option<f64>]) -> Option<f64> {
    let mut ours = None;
    let mut best: Option<f64> = None;
    for (library, value) in libraries.iter().zip(values) {
        if library.starts_with(OURS) {
            ours = *value;
        } else if let Some(value) = value {
            best = Some(best.map_or(*value, |best| best.min(*value)));
        }
    }
    Some(ours? / best?)
}

/// Three digits, which is more than the machine is good for.
fn number(value: f64) -> String {
    let decimals = match value {
        100.0.. => 0,
        10.0.. => 1,
        _ => 2,
    };
    format!("{value:.decimals$}")
}

/// Columns as wide as their widest cell: the first two to the left, numbers to the right.
fn aligned(rows: &[Vec<String>]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().enumerate().map(|(column, cell)| {
            let width = width(column);
            if column < 2 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        text += cells.collect::<Vec<_>>().join("  ").trim_end();
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(task: &str, library: &str, train_ms: f64, sample_ms: Option<f64>) -> Record {
        let (task, library) = (task.to_owned(), library.to_owned());
        Record { task, library, train_ms: Some(train_ms), sample_ms, ..Record::default() }
    }

    #[test]
    fn ours_is_compared_with_the_best_peer_that_was_measured() {
        let records = [
            record("maf-43", "flows (flex)", 20.0, Some(150.4)),
            record("maf-43", "zuko 1.6.0", 46.25, Some(2584.4)),
            record("maf-43", "flowjax 19.1.2", 25.0, None),
            record("spline-6", "flows (flex)", 3.276, None),
        ];
        let expected = "\
task      measure     flows (flex)  zuko 1.6.0  flowjax 19.1.2  ours / best peer
maf-43    train, ms           20.0        46.2            25.0              0.80
maf-43    sample, ms           150        2584               -              0.06
spline-6  train, ms           3.28           -               -                 -
";
        assert_eq!(table(&records), expected);
    }

    #[test]
    fn without_peers_there_is_nothing_to_compare_with() {
        let table = table(&[record("maf-43", "flows (flex)", 20.0, None)]);
        assert_eq!(table, "task    measure    flows (flex)\nmaf-43  train, ms          20.0\n");
    }

    #[test]
    fn numbers_have_three_digits() {
        assert_eq!([0.853, 6.62, 46.249, 973.7].map(number), ["0.85", "6.62", "46.2", "974"]);
    }
}
