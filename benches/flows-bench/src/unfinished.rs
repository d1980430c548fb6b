//! What forward passes on autodiff cost in memory that no backward pass follows.

use burn::tensor::Tensor;
use flows_core::Density;

use crate::measure::Bench;
use crate::task::{Kind, Task};

/// Passes of each kind.
const PASSES: usize = 20;

/// Prints a line of JSON for each task of vectors: megabytes a pass whose result is kept, and one whose result is not.
///
/// # Errors
///
/// Where memory cannot be told.
pub(crate) fn run(bench: &Bench, tasks: &[Task]) -> Result<(), String> {
    for task in tasks {
        let rows = [task.batch, task.features];
        let [dropped, kept] = match task.kind {
            Kind::Coupling => grown(bench, task.coupling(&bench.device), rows),
            Kind::Spline { bins } => grown(bench, task.spline(bins, &bench.device), rows),
            Kind::Maf => grown(bench, task.maf(&bench.device), rows),
            Kind::AutoregressiveSpline { bins } => grown(bench, task.autoregressive_spline(bins, &bench.device), rows),
            Kind::Glow { size, scales } => {
                grown(bench, task.glow(size, scales, &bench.device), [task.batch, task.features, size, size])
            }
        }?;
        let line = serde_json::json!({"task": task.name, "passes": PASSES, "dropped_mb": dropped, "kept_mb": kept});
        println!("{line}");
    }
    Ok(())
}

/// Megabytes a pass by which the largest memory grows: of passes whose results go, and of passes whose results stay.
fn grown<const D: usize, F: Density<D>>(bench: &Bench, flow: F, shape: [usize; D]) -> Result<[f64; 2], String> {
    let (flow, x) = (flow.train(), bench.rows(shape));
    let peak = || bench.peak_mb().ok_or_else(|| "the system does not tell how much memory there is in use".to_owned());
    let pass = || flow.log_prob(x.clone().autodiff(), &()).mean();
    // What a step needs anyway.
    pass().backward();
    let before = peak()?;
    (0..PASSES).for_each(|_| drop(pass()));
    let between = peak()?;
    let kept: Vec<Tensor<1>> = (0..PASSES).map(|_| pass()).collect();
    let after = peak()?;
    drop(kept);
    Ok([between - before, after - between].map(|grown| grown / PASSES as f64))
}
