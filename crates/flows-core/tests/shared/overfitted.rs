//! Flows that have learnt a few rows by heart, and what they draw.

use burn::tensor::{Device, Tensor, TensorData};
use flows_core::Density;
use flows_core::train::{FitConfig, Reporting, fit};
use rand::RngExt;

/// Rows on a bent surface of three dimensions, with heavy tails and a little noise around it, as patches of photographs
/// have: neighbours are nearly equal, most rows are flat and a few are not.
pub(crate) fn rows(n: usize, features: usize) -> Tensor<2> {
    let mut rng = flows_core::generator(9, 0);
    let mut values = Vec::with_capacity(n * features);
    for _ in 0..n {
        let contrast = 10f32.powf(rng.random_range(-1.5..0.5));
        let [a, b, c]: [f32; 3] = std::array::from_fn(|_| rng.random_range(-1.0..1.0f32));
        for feature in 0..features {
            let t = feature as f32 / features as f32;
            let smooth = a * (3.0 * t).cos() + b * (5.0 * t).sin() + c * a * t + (4.0 * b * t).sin() * c;
            values.push(contrast * smooth + 0.01 * rng.random_range(-1.0..1.0f32));
        }
    }
    Tensor::from_data(TensorData::new(values, [n, features]), &Device::default())
}

/// One test at a time: weights and samples are drawn from the one generator of the device.
pub(crate) fn alone() -> std::sync::MutexGuard<'static, ()> {
    static ALONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// How many times as far out as the farthest row of the data one of 4,000 samples may lie. Seeds of a MAF were seen to reach
/// up to 39 times, where without a limit to what its networks see they overflow.
const ORDER: f64 = 50.0;

/// Trains on a few rows for far too long, and draws thousands: they are finite, and of the order of the data.
///
/// # Panics
/// If they are not.
pub(crate) fn samples_stay_near_the_data<const D: usize, F: Density<D>>(
    name: &str,
    flow: F,
    x: &Tensor<D>,
    epochs: usize,
) {
    samples_stay_within(ORDER, name, flow, x, epochs);
}

/// The same with an order of its own.
///
/// # Panics
/// If they are not.
#[allow(dead_code, reason = "one crate has a model that needs it")]
pub(crate) fn samples_stay_within<const D: usize, F: Density<D>>(
    order: f64,
    name: &str,
    flow: F,
    x: &Tensor<D>,
    epochs: usize,
) {
    let device = Device::default();
    let config = FitConfig::new()
        .with_epochs(epochs)
        .with_batch_size(50)
        .with_learning_rate(3e-3)
        .with_validation_fraction(0.0)
        .with_reporting(Reporting::Silent);
    let fitted = fit(flow, x, &config).unwrap();
    let farthest = x.clone().abs().max().into_scalar::<f64>();
    device.seed(1);
    let (samples, log_prob) = fitted.flow.sample_with_log_prob(4000, &(), &device);
    assert!(log_prob.is_finite().all().into_scalar::<bool>(), "{name}: a log-density is not finite");
    let reached = samples.abs().max().into_scalar::<f64>();
    assert!(reached.is_finite(), "{name}: a sample is not finite");
    assert!(reached < order * farthest, "{name}: a sample reaches {reached:.3e}, the data {farthest:.3e}");
}
