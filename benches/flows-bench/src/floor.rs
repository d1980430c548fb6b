//! What the matrix products of a task take at the least.

use std::time::Instant;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Distribution, Tensor};

use crate::measure::Bench;
use crate::task::{Kind, Task};

/// Prints the time that the products with the weights of a flow take at the machine's measured peak, for a training step
/// (the output, its gradient to the input, its gradient to the weights) and for the log-density of a batch.
pub(crate) fn print<M: Module>(bench: &Bench, task: &Task, flow: &M) {
    let size = if let Kind::Glow { size, .. } = task.kind { size } else { 1 };
    let mut products = Products { size, path: vec![], count: 0 };
    flow.visit(&mut products);
    let forward = 2.0 * (task.batch * products.count) as f64 / 1e9;
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

/// Counts the products of a row: one for each number of a matrix, or of the kernel of a convolution at each pixel.
struct Products {
    /// The rows of an image.
    size: usize,
    path: Vec<String>,
    count: usize,
}

impl Products {
    /// The pixels that the networks of a scale see: each scale squeezes once more.
    fn pixels(&self) -> usize {
        let scale = self.path.iter().skip_while(|name| *name != "scales").nth(1).and_then(|scale| scale.parse().ok());
        scale.map_or(1, |scale: usize| (self.size >> (scale + 1)).pow(2))
    }
}

impl ModuleVisitor for Products {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        // Vectors are biases.
        if D >= 2 {
            self.count += param.val().shape().num_elements() * self.pixels();
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
