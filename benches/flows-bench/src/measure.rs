//! Times and memory.

use std::time::Instant;

use burn::tensor::{Device, Distribution, Tensor};
use clap::ValueEnum;
use flows_core::train::{AdamConfig, Rows, Workers};
use flows_core::{Density, is_host};

/// What to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Measure {
    /// A step of training.
    Train,
    /// The log-density of a batch.
    #[value(name = "log_prob")]
    LogProb,
    /// A thousand samples.
    Sample,
}

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

/// What to compute on, and how often.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) device: Device,
    /// The device's name.
    pub(crate) backend: &'static str,
    /// Threads that share the rows of a training step.
    pub(crate) workers: usize,
    /// The number of repetitions, if it does not follow from the time.
    pub(crate) repeats: Option<usize>,
}

impl Bench {
    /// Standard normal rows.
    pub(crate) fn rows<const D: usize>(&self, shape: [usize; D]) -> Tensor<D> {
        Tensor::random(shape, Distribution::Normal(0.0, 1.0), &self.device)
    }

    /// A step of training: likelihood, gradients, Adam.
    pub(crate) fn train<const D: usize, P: Density<D>>(&self, flow: P, shape: [usize; D]) -> Time {
        let (x, workers) = (Rows::new(&self.rows(shape)), Workers::new(self.workers));
        let mut optimizer = AdamConfig::new().init();
        let mut flow = Some(flow.train());
        repeat(self.repeats, || {
            let model = flow.take().expect("put back after every step");
            let (_, grads) = workers.gradients(&model, x.clone());
            flow = Some(optimizer.step(1e-3, model, grads));
            // A GPU has by now been told what to do, and no more.
            self.device.sync().expect("the device answers");
        })
    }

    /// The log-density of a batch.
    pub(crate) fn log_prob<const D: usize, P: Density<D>>(&self, flow: &P, shape: [usize; D]) -> Time {
        let (flow, x) = (flow.valid(), self.rows(shape));
        repeat(self.repeats, || {
            let _ = flow.log_prob(x.clone(), &()).into_data();
        })
    }

    /// A thousand samples.
    pub(crate) fn sample<const D: usize, P: Density<D>>(&self, flow: &P) -> Time {
        let flow = flow.valid();
        repeat(self.repeats, || {
            let _: Vec<f32> = flow.sample(1000, &(), &self.device).try_into_vec_as().expect("the device answers");
        })
    }

    /// The largest memory so far, in megabytes: of this process, or, on a GPU, what is reserved there, for little of it
    /// is given back; nothing where it cannot be told.
    pub(crate) fn peak_mb(&self) -> Option<f64> {
        if !is_host(&self.device) {
            return self.device.memory_pool_usage().map(|usage| usage.bytes_reserved as f64 / 1e6);
        }
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        let kibibytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kibibytes * 1024.0 / 1e6)
    }
}
