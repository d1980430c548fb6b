//! Contexts of any size: what a flow learns does not depend on their units.

use std::sync::{Mutex, PoisonError};

use burn::tensor::{Device, Tensor, TensorData};
use flows_autoregressive::MafConfig;
use flows_core::testing::uniform;
use flows_core::train::{FitConfig, Reporting, Schedule, fit_given};
use flows_core::{Density, SplineFlowConfig, mean_log_prob};

/// Standard normal numbers, by Box and Muller.
fn normal(n: usize, seed: u64) -> Vec<f64> {
    let uniform = uniform([n, 2], 1e-7, 1.0, seed, &Device::default()).try_into_vec_as::<f64>().unwrap();
    let draw = |u: &[f64]| (-2.0 * u[0].ln()).sqrt() * (2.0 * std::f64::consts::PI * u[1]).cos();
    uniform.chunks(2).map(draw).collect()
}

/// `c = U(0, size)`, and `x = [N(4c/size - 2, 0.1), N(0, 0.1)]`.
fn rows(n: usize, size: f64, seed: u64) -> (Tensor<2>, Tensor<2>) {
    let unit = uniform([n], 0.0, 1.0, seed, &Device::default()).try_into_vec_as::<f64>().unwrap();
    let (a, b) = (normal(n, seed + 1), normal(n, seed + 2));
    let x = (0..n).flat_map(|i| [4.0 * unit[i] - 2.0 + 0.1 * a[i], 0.1 * b[i]]).collect::<Vec<_>>();
    let context = unit.iter().map(|unit| size * unit).collect::<Vec<_>>();
    let tensor = |values: Vec<f64>, width| Tensor::from_data(TensorData::new(values, [n, width]), &Device::default());
    (tensor(x, 2), tensor(context, 1))
}

/// The log-density of the density itself: two normal columns of deviation 0.1, -2 log 0.1 - log 2πe.
const RIGHT: f64 = 1.767293;

/// One test at a time: weights are drawn from the one generator of the device.
static ALONE: Mutex<()> = Mutex::new(());

fn learns<F: Density<2, Tensor<2>>>(name: &str, flow: impl Fn() -> F) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    Device::default().seed(0);
    let config = FitConfig::new()
        .with_epochs(20)
        .with_learning_rate(5e-3)
        .with_schedule(Schedule::Cosine { warm_up: 0.0, end: 0.0 })
        .with_reporting(Reporting::Silent);
    for size in [1.0, 1e3, 1e6] {
        let (x, context) = rows(8000, size, 1);
        let fitted = fit_given(flow(), &x, &context, &config).unwrap();
        let (x, context) = rows(2000, size, 11);
        let (mean, _) = mean_log_prob(&fitted.flow, &x, &context);
        // The error of a mean of 2,000 rows is 0.022.
        assert!((mean - RIGHT).abs() < 0.1, "{name}, contexts up to {size}: {mean}, expected {RIGHT}");
    }
}

#[test]
fn a_maf_learns_contexts_of_any_size() {
    let config = || MafConfig::new(2).with_layers(3).with_hidden(vec![32]).given(1);
    learns("MAF", || config().init(&Device::default()));
}

#[test]
fn a_spline_coupling_flow_learns_contexts_of_any_size() {
    let config = || SplineFlowConfig::new(2).with_layers(3).with_hidden(vec![32]).given(1);
    learns("spline flow", || config().init(&Device::default()));
}
