//! How the cost of a coupling flow grows with the batch, the features and the depth, one at a time.

use super::{
    comparison::{Row, table},
    record::Record,
    tasks::coupling,
};

/// A quantity that grows while the others stay.
struct Axis {
    name: &'static str,
    others: &'static str,
    values: &'static [usize],
    task: fn(usize) -> String,
}

const AXES: [Axis; 3] = [
    Axis {
        name: "batch",
        others: "6 features, 8 layers, two hidden layers of 128",
        values: &[64, 256, 1024, 4096, 16_384],
        task: |batch| coupling(6, 8, 128, batch),
    },
    Axis {
        name: "features",
        others: "8 layers, two hidden layers of 128, batch 256",
        values: &[2, 6, 16, 64, 256, 784],
        task: |features| coupling(features, 8, 128, 256),
    },
    Axis {
        name: "layers",
        others: "6 features, two hidden layers of 128, batch 1024",
        values: &[2, 4, 8, 16, 32],
        task: |layers| coupling(6, layers, 128, 1024),
    },
];

/// What there is to measure, each once.
pub(super) fn tasks() -> Vec<String> {
    let mut tasks: Vec<String> = Vec::new();
    for task in AXES.iter().flat_map(|axis| axis.values.iter().map(|value| (axis.task)(*value))) {
        if !tasks.contains(&task) {
            tasks.push(task);
        }
    }
    tasks
}

/// A table a quantity.
pub(super) fn tables(records: &[Record], rows: &[Row], before: Option<&[Record]>) -> String {
    let tables = AXES.iter().map(|axis| {
        let before = before.map(|before| axis.records(before));
        format!("{}\n{}", axis.others, table(axis.name, &axis.records(records), rows, before.as_deref()))
    });
    tables.collect::<Vec<_>>().join("\n")
}

impl Axis {
    /// The records along it, with the quantity in the place of the task.
    fn records(&self, records: &[Record]) -> Vec<Record> {
        let at = |value: &usize| {
            let task = (self.task)(*value);
            let there = records.iter().filter(move |record| record.task == task);
            there.map(|record| Record { task: value.to_string(), ..record.clone() }).collect::<Vec<_>>()
        };
        self.values.iter().flat_map(at).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::measure::Measure;

    #[test]
    fn what_two_quantities_have_in_common_is_measured_once() {
        let tasks = tasks();
        let shared = coupling(6, 8, 128, 1024);
        assert_eq!(tasks.iter().filter(|task| **task == shared).count(), 1);
        // Two are on two axes: 6 features with batches of 256 and of 1,024.
        assert_eq!(tasks.len(), 5 + 6 + 5 - 2);
    }

    #[test]
    fn a_table_has_the_quantity_where_the_task_was() {
        let record = |value: usize| Record {
            task: coupling(value, 8, 128, 256),
            library: "flows (flex)".into(),
            train_ms: Some(value as f64),
            ..Record::default()
        };
        let text = tables(&[record(784), record(2)], &[Measure::Train.row()], None);
        let features =
            "features  measure    flows (flex)\n2         train, ms          2.00\n784       train, ms           784\n";
        assert!(text.contains(features), "{text}");
        assert_eq!(text.matches("flows (flex)").count(), 1, "{text}");
    }
}
