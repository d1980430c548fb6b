//! Two moons from nothing to a given likelihood: what a short program costs as a whole.
//!
//! `benches/peers/cold_start.py` does the same with the same numbers.

use burn::module::Module;
use flows_core::mean_log_prob;
use flows_core::train::{AdamConfig, Rows, Workers};

use crate::line::library;
use crate::measure::Bench;
use crate::moons::moons;
use crate::task::Task;

/// The flow and the batch.
const TASK: &str = "coupling-2";
const LEARNING_RATE: f64 = 2e-3;
const ROWS: usize = 16_384;

/// Held-out rows, the same for every seed, and the mean log-likelihood in nats that training is to reach on them.
const TEST_ROWS: usize = 2_000;
const TEST_SEED: u64 = 1_000_000;
const TARGET: f64 = -1.10;

/// Steps between evaluations, and at most.
const EVERY: usize = 50;
const MOST: usize = 5_000;

/// Trains until the test rows are likely enough, and prints a line of JSON.
///
/// # Errors
///
/// They never are.
pub(crate) fn run(bench: &Bench, seed: u64) -> Result<(), String> {
    let Bench { device, .. } = bench;
    let task: Task = TASK.parse().expect("it is in the list");
    let (x, test) = (moons(ROWS, seed, device), moons(TEST_ROWS, TEST_SEED, device));
    device.seed(seed);
    let (mut flow, workers) = (task.coupling(device).train(), Workers::new(bench.workers));
    let mut optimizer = AdamConfig::new().init();
    let mut reached = f64::NEG_INFINITY;
    for step in 1..=MOST {
        // The rows are in no order, so they need no shuffling.
        let batch = x.clone().narrow(0, (step - 1) * task.batch % ROWS, task.batch);
        let (_, grads) = workers.gradients(&flow, Rows::new(&batch));
        flow = optimizer.step(LEARNING_RATE, flow, grads);
        if step % EVERY == 0 {
            (reached, _) = mean_log_prob(&flow, &test, &());
            if reached >= TARGET {
                let line = serde_json::json!({"library": library(bench), "steps": step, "log_prob": reached});
                println!("{line}");
                return Ok(());
            }
        }
    }
    Err(format!("the log-likelihood is {reached:.3} after {MOST} steps, and not {TARGET}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_are_whole_batches() {
        let task: Task = TASK.parse().expect("it is in the list");
        assert_eq!(ROWS % task.batch, 0);
    }

    #[test]
    fn the_peers_have_the_same_numbers() {
        let python = include_str!("../../peers/cold_start.py").replace('_', "");
        for line in [
            format!("TASK = {TASK:?}"),
            format!("LEARNINGRATE = {LEARNING_RATE:e}"),
            format!("ROWS = {ROWS}"),
            format!("TESTROWS, TESTSEED, TARGET = {TEST_ROWS}, {TEST_SEED}, {TARGET:.2}"),
            format!("EVERY, MOST = {EVERY}, {MOST}"),
        ] {
            assert!(python.lines().any(|written| written == line), "{line}");
        }
    }
}
