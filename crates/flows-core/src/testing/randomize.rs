//! Parameters away from their start.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Tensor, TensorData};
use rand::RngExt;

use crate::generator::{Generator, generator};
use crate::parameter::replace;

/// Adds uniform noise from `-scale..scale` to every trained parameter.
///
/// A flow starts as the identity, of which every law holds trivially: shake it before it is checked.
pub fn randomize<M: Module>(module: M, scale: f64, seed: u64) -> M {
    struct Shake {
        scale: f64,
        rng: Generator,
    }
    impl ModuleMapper for Shake {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let value = param.val();
            if !param.is_require_grad() {
                return param;
            }
            let noise: Vec<f64> =
                (0..value.shape().num_elements()).map(|_| self.rng.random_range(-self.scale..=self.scale)).collect();
            let options = (&value.device(), value.dtype());
            let noise = Tensor::<D>::from_data(TensorData::new(noise, value.shape()), options);
            replace(param, value.without_autodiff() + noise.without_autodiff())
        }
    }
    // Which parameters are trained is known to the module in training alone.
    let in_training = module.devices().iter().any(|device| device.is_autodiff());
    let shaken = module.train().map(&mut Shake { scale, rng: generator(seed, 0) });
    if in_training { shaken } else { shaken.valid() }
}
