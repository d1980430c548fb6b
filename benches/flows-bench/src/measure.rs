//! Times and memory.

use std::time::Instant;

use burn::module::{ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Distribution, Tensor};
use flows_core::train::{AdamConfig, Rows, Workers};
use flows_core::{Density, Reversible};

/// The middle of repeated times and half the distance of their quartiles, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Time {
    pub(crate) median: f64,
    pub(crate) spread: f64,
}

/// Repeats, after three runs to warm up: the number of times asked for, else for two seconds and five times at least.
pub(crate) fn repeat(repeats: Option<usize>, mut run: impl FnMut()) -> Time {
    (0..3).for_each(|_| run());
    let mut times = Vec::new();
    let started = Instant::now();
    while repeats.map_or(times.len() < 5 || started.elapsed().as_secs_f64() < 2.0, |n| times.len() < n) {
        let before = Instant::now();
        run();
        times.push(before.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    let quartile = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    Time { median: quartile(0.5), spread: 0.5 * (quartile(0.75) - quartile(0.25)) }
}

fn rows<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::random(shape, Distribution::Normal(0.0, 1.0), device)
}

/// A step of training: likelihood, gradients, Adam.
pub(crate) fn train<const D: usize, P: Density<D>>(
    flow: P,
    shape: [usize; D],
    workers: usize,
    repeats: Option<usize>,
    device: &Device,
) -> Time {
    let (x, workers) = (Rows::new(&rows(shape, device)), Workers::new(workers));
    let mut optimizer = AdamConfig::new().init();
    let mut flow = Some(flow.train());
    repeat(repeats, || {
        let model = flow.take().expect("put back after every step");
        let (_, grads) = workers.gradients(&model, x.clone());
        flow = Some(optimizer.step(1e-3, model, grads));
    })
}

/// The log-density of a batch.
pub(crate) fn log_prob<const D: usize, P: Density<D>>(
    flow: &P,
    shape: [usize; D],
    repeats: Option<usize>,
    device: &Device,
) -> Time {
    let (flow, x) = (flow.valid(), rows(shape, device));
    repeat(repeats, || {
        let _ = flow.log_prob(x.clone(), &()).into_data();
    })
}

/// A thousand samples.
pub(crate) fn sample<const D: usize, P: Density<D>>(flow: &P, repeats: Option<usize>, device: &Device) -> Time {
    let flow = flow.valid();
    repeat(repeats, || {
        let _: Vec<f32> = flow.sample(1000, &(), device).try_into_vec_as().expect("the device answers");
    })
}

/// By how much the gradients of training without stored activations differ from the ordinary ones: the norm of the
/// difference over that of the gradient, at a flow started from the batch.
pub(crate) fn gradient_difference<const D: usize, P: Density<D>>(flow: P, shape: [usize; D], device: &Device) -> f64 {
    let x = rows(shape, device);
    let flow = flow.init_from_data(x.clone(), &()).train();
    let weight = -1.0 / shape[0] as f64;
    let (_, ordinary) = flow.gradients(x.clone(), &(), weight);
    let (_, reversible) = Reversible::new(flow.clone()).gradients(x, &(), weight);
    let mut squares = Squares { ordinary, reversible, difference: 0.0, whole: 0.0 };
    flow.visit(&mut squares);
    (squares.difference / squares.whole).sqrt()
}

struct Squares {
    ordinary: GradientsParams,
    reversible: GradientsParams,
    difference: f64,
    whole: f64,
}

impl ModuleVisitor for Squares {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let (Some(a), Some(b)) = (self.ordinary.remove::<D>(param.id), self.reversible.remove::<D>(param.id)) {
            let square = |x: Tensor<D>| (x.clone() * x).sum().into_scalar::<f64>();
            self.whole += square(a.clone());
            self.difference += square(a - b);
        }
    }
}

/// The largest memory of this process so far, in megabytes, where the system says.
pub(crate) fn peak_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024.0)
}
