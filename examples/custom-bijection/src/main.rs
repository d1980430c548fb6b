//! A layer of one's own: the inverse hyperbolic sine, which tames heavy tails, with a learnt scale.
//!
//! The layer is a burn module with two methods. It is then trained in a flow beside the library's layers, and
//! checked by the laws that the library's own layers obey (`cargo test -p custom-bijection`).

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};
use clap::Parser;
use example_support::DeviceChoice;
use flows_core::train::{FitConfig, fit};
use flows_core::{Bijection, Flow, RealNvpConfig, StandardNormal, generator, mean_log_prob, sum_event};
use rand::RngExt;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The inverse hyperbolic sine with a learnt scale a feature.
///
/// ```text
/// y = asinh(x / c),   c = exp(s)        log_det = -Σ (½ log(1 + (x/c)²) + s)
/// ```
#[derive(Module, Debug)]
struct Asinh {
    log_scale: Param<Tensor<1>>,
}

impl Asinh {
    fn new(features: usize, device: &Device) -> Self {
        Self { log_scale: Param::from_tensor(Tensor::zeros([features], device)) }
    }

    fn log_scale(&self) -> Tensor<2> {
        self.log_scale.val().unsqueeze()
    }
}

impl<C> Bijection<2, C> for Asinh {
    fn forward(&self, x: Tensor<2>, _: &C) -> (Tensor<2>, Tensor<1>) {
        let u = x * (-self.log_scale()).exp();
        let log_slope = (u.clone() * u.clone() + 1.0).log() * -0.5 - self.log_scale();
        (u.asinh(), sum_event(log_slope))
    }

    fn inverse(&self, y: Tensor<2>, _: &C) -> (Tensor<2>, Tensor<1>) {
        let log_slope = y.clone().cosh().log() + self.log_scale();
        (y.sinh() * self.log_scale().exp(), sum_event(log_slope))
    }
}

/// Trains a flow on heavy-tailed data with and without the layer.
#[derive(Parser, Debug)]
#[command(version, about)]
struct Arguments {
    /// Passes over the data.
    #[arg(long, default_value_t = 15)]
    epochs: usize,
    #[command(flatten)]
    device: DeviceChoice,
}

/// Cauchy noise around a circle.
fn heavy_tails(n: usize, seed: u64, device: &Device) -> Tensor<2> {
    let mut rng = generator(seed, 0);
    let mut values = Vec::with_capacity(2 * n);
    for _ in 0..n {
        let angle = rng.random_range(0.0..std::f64::consts::TAU);
        let mut cauchy = || 0.1 * (std::f64::consts::PI * (rng.random_range(0.001..0.999) - 0.5)).tan();
        values.extend([angle.cos() + cauchy(), angle.sin() + cauchy()]);
    }
    Tensor::from_data(TensorData::new(values, [n, 2]), device)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let device = arguments.device.init()?;
    let (x, test) = (heavy_tails(10_000, 0, &device), heavy_tails(10_000, 1, &device));
    let training = FitConfig::new().with_epochs(arguments.epochs);

    device.seed(0);
    let plain = fit(RealNvpConfig::new(2).init(&device), &x, &training)?;
    device.seed(0);
    let layers = (Asinh::new(2, &device), RealNvpConfig::new(2).init(&device).bijection);
    let tamed = fit(Flow::new(layers, StandardNormal::<2>::new([2])), &x, &training)?;

    let (without, _) = mean_log_prob(&plain.flow, &test, &());
    let (with, _) = mean_log_prob(&tamed.flow, &test, &());
    println!("test log-likelihood: {without:.3} nats, {with:.3} with the layer");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flows_core::testing::{Laws, randomize};

    #[test]
    fn the_layer_obeys_the_laws_of_bijections() {
        let device = Device::default();
        let x = Tensor::<2>::from_data([[0.3, -2.0], [1.5, 0.1], [-0.7, 0.9]], &device);
        Laws::new().check(&randomize(Asinh::new(2, &device), 0.5, 0), x, &());
    }
}
