//! Weights that no generator draws.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Device, Tensor, TensorData, Tolerance};
use flows_core::Density;

/// Weights by a formula: no generator is part of the contract.
fn by_formula<M: Module>(module: M) -> M {
    struct Fill(usize);
    impl ModuleMapper for Fill {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            if !param.is_require_grad() {
                return param;
            }
            let value = param.val();
            let numbers: Vec<f64> = (0..value.shape().num_elements())
                .map(|_| {
                    self.0 += 1;
                    0.4 * (self.0 as f64 * 0.7).sin()
                })
                .collect();
            let value = Tensor::from_data(TensorData::new(numbers, value.shape()), (&value.device(), value.dtype()));
            flows_core::replace(param, value)
        }
    }
    module.train().map(&mut Fill(0)).valid()
}

/// Checks the log-densities of three rows.
pub(crate) fn check(name: &str, flow: impl Density<2>, expected: [f32; 3]) {
    let x = Tensor::<2>::from_data([[0.0, 0.0, 0.0], [1.0, -0.5, 0.25], [-2.0, 4.0, 7.0]], &Device::default());
    let log_prob = by_formula(flow).log_prob(x, &()).to_data();
    println!("{name}: {log_prob}");
    // Single precision through a few layers; backends sum in different orders.
    log_prob.assert_approx_eq::<f32>(&expected.into(), Tolerance::rel_abs(1e-4, 1e-4));
}
