//! Small flows and numbers that several tests use.

#![allow(dead_code)]

use burn::tensor::{Device, Int, Tensor, TensorData};
use flows_core::generator;
use flows_vision::*;
use rand::RngExt;

/// One test at a time, each from the same seed: weights and noise come from the one generator of the device.
pub(crate) fn alone() -> std::sync::MutexGuard<'static, ()> {
    static ALONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    device().seed(0);
    alone
}

pub(crate) fn device() -> Device {
    Device::default()
}

pub(crate) fn tensor<const D: usize>(shape: [usize; D], mut value: impl FnMut(usize) -> f64) -> Tensor<D> {
    let values: Vec<f64> = (0..shape.iter().product()).map(&mut value).collect();
    Tensor::from_data(TensorData::new(values, shape), &device())
}

pub(crate) fn uniform<const D: usize>(shape: [usize; D], seed: u64) -> Tensor<D> {
    let mut rng = generator(seed, 0);
    tensor(shape, |_| rng.random_range(-2.0..2.0))
}

/// Images of whole numbers.
pub(crate) fn pixels(shape: [usize; 4], seed: u64) -> Tensor<4> {
    let mut rng = generator(seed, 0);
    tensor(shape, |_| f64::from(rng.random_range(0..=255u8)))
}

pub(crate) fn host<const D: usize>(x: Tensor<D>) -> Vec<f64> {
    x.try_into_vec_as().unwrap()
}

pub(crate) fn classes(of: &[i64]) -> Tensor<1, Int> {
    Tensor::from_data(of, &device())
}

/// Wide enough that no class switches all of its units off.
pub(crate) const NETWORK: NetworkConfig = NetworkConfig::Glow { hidden: 16 };

pub(crate) fn glow(channels: usize, height: usize, width: usize) -> GlowConfig {
    GlowConfig::new(channels, height, width).with_scales(2).with_steps(2).with_network(NETWORK)
}

pub(crate) fn real_nvp(channels: usize, height: usize, width: usize) -> RealNvpImageConfig {
    RealNvpImageConfig::new(channels, height, width).with_couplings(2).with_network(NETWORK)
}
