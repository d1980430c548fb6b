//! What depth costs: a training step of Glow, with stored activations and without.

use super::measure::Measure;
use super::program::{Program, output};
use super::record::{self, Record};
use crate::process::Outcome;

/// Tasks of flows-bench: one scale of so many steps on images of 3 x 32 x 32.
const TASKS: [(&str, usize); 3] = [("glow-depth-4", 4), ("glow-depth-16", 16), ("glow-depth-64", 64)];

/// Measures each depth in a process of its own, so that each has its own peak of memory.
pub(super) fn run(ours: &Program, json: bool) -> Outcome {
    if !json {
        println!("{:>5}  {:<10}  {:>9}  {:>7}  {:>7}", "steps", "gradients", "ms a step", "peak MB", "off by");
    }
    for (task, steps) in TASKS {
        for (name, flags) in [("ordinary", &[][..]), ("reversible", &["--reversible"])] {
            let mut command = ours.on_task(task, &[Measure::Train]);
            command.args(flags);
            let records = record::parse(&output(&mut command)?)?;
            for record in &records {
                println!("{}", if json { record.line() } else { row(steps, name, record) });
            }
        }
    }
    Ok(())
}

fn row(steps: usize, name: &str, record: &Record) -> String {
    let shown = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.0}"));
    let off = record.gradient_difference.map_or("-".to_owned(), |off| format!("{off:.1e}"));
    format!("{steps:>5}  {name:<10}  {:>9}  {:>7}  {off:>7}", shown(record.train_ms), shown(record.peak_mb))
}
