//! What the matrix products of a task take at the least.

use std::time::Instant;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Distribution, Tensor};

use crate::measure::Bench;
use crate::task::Task;

/// Prints the time that the products with the weights of a flow take at the machine's measured peak, for a training step
/// (the output, its gradient to the input, its gradient to the weights) and for the log-density of a batch.
pub(crate) fn print<M: Module>(bench: &Bench, task: &Task, flow: &M) {
    let mut weights = Weights(0);
    flow.visit(&mut weights);
    let forward = 2.0 * (task.batch * weights.0) as f64 / 1e9;
    let peak = peak(&bench.device);
    let line = serde_json::json!({
        "task": task.name,
        "gflop_train": 3.0 * forward,
        "peak_gflop_per_s": peak,
        "floor_train_ms": 3.0 * forward / peak * 1e3,
        "floor_log_prob_ms": forward / peak * 1e3,
    });
    println!("{line}");
}

/// Counts the numbers in matrices: each is used once for a row.
struct Weights(usize);

impl ModuleVisitor for Weights {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if D == 2 {
            self.0 += param.val().shape().num_elements();
        }
    }
}

/// Billions of operations a second, on all threads, of a product large enough to need most of the time for arithmetic.
fn peak(device: &Device) -> f64 {
    let random = |shape| Tensor::<2>::random(shape, Distribution::Normal(0.0, 1.0), device);
    let (a, b) = (random([1024, 512]), random([512, 512]));
    let run = || {
        let started = Instant::now();
        let _ = a.clone().matmul(b.clone()).into_data();
        started.elapsed().as_secs_f64()
    };
    let best = (0..200).map(|_| run()).fold(f64::INFINITY, f64::min);
    2.0 * 1024.0 * 512.0 * 512.0 / best / 1e9
}
