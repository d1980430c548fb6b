//! Small training runs.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor, TensorData};
use flows_core::train::{FitConfig, Reporting};
use flows_core::{RealNvp, RealNvpConfig, generator};
use rand::RngExt;

/// One test at a time: dropout draws from the one generator of the device.
pub(crate) fn alone() -> std::sync::MutexGuard<'static, ()> {
    static ALONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Points around a bent line.
pub(crate) fn banana(n: usize, seed: u64) -> Tensor<2> {
    let mut rng = generator(seed, 0);
    let values: Vec<f32> = (0..n)
        .flat_map(|_| {
            let x: f32 = rng.random_range(-2.0..2.0);
            [x, x * x + rng.random_range(-0.5..0.5)]
        })
        .collect();
    Tensor::from_data(TensorData::new(values, [n, 2]), &Device::default())
}

pub(crate) fn small() -> RealNvpConfig {
    RealNvpConfig::new(2).with_layers(2).with_hidden(vec![16])
}

/// The flow of a configuration with weights from a seed.
pub(crate) fn start(config: &RealNvpConfig) -> RealNvp {
    let device = Device::default();
    device.seed(3);
    config.init(&device)
}

/// Four epochs of ten steps or fewer, without a word.
pub(crate) fn quiet() -> FitConfig {
    FitConfig::new().with_epochs(4).with_batch_size(64).with_reporting(Reporting::Silent)
}

/// All float values of a module.
#[allow(dead_code, reason = "not every program that runs compares weights")]
pub(crate) fn weights<M: Module>(module: &M) -> Vec<f32> {
    struct Collect(Vec<f32>);
    impl ModuleVisitor for Collect {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.0.extend(param.val().try_into_vec_as::<f32>().expect("the device answers"));
        }
    }
    let mut collect = Collect(vec![]);
    module.visit(&mut collect);
    collect.0
}
