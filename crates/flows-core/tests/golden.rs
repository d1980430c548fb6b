//! Golden values: the same weights and inputs give the same numbers as ever. A change of one of these is
//! "value-breaking", and says so in CHANGELOG.md.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Device, Tensor, TensorData, Tolerance};
use flows_core::{Density, GaussianMixtureConfig, Mixing, NiceConfig, RealNvpConfig, SplineFlowConfig, Tails};

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

fn check(name: &str, flow: impl Density<2>, expected: [f32; 3]) {
    let x = Tensor::<2>::from_data([[0.0, 0.0, 0.0], [1.0, -0.5, 0.25], [-2.0, 4.0, 7.0]], &Device::default());
    let log_prob = by_formula(flow).log_prob(x, &()).to_data();
    println!("{name}: {log_prob}");
    // Single precision through a few layers; backends sum in different orders.
    log_prob.assert_approx_eq::<f32>(&expected.into(), Tolerance::rel_abs(1e-4, 1e-4));
}

#[test]
fn nice_gives_its_golden_values() {
    let flow = NiceConfig::new(3).with_layers(3).with_hidden(vec![5]).init(&Device::default());
    check("NICE", flow, [-2.116912, -3.0489287, -57.739437]);
}

#[test]
fn real_nvp_gives_its_golden_values() {
    let config = RealNvpConfig::new(3).with_layers(3).with_hidden(vec![5]).with_mixing(Mixing::Plu);
    check("RealNVP", config.init(&Device::default()), [-1.6757035, -2.6865108, -63.090496]);
}

#[test]
fn the_spline_flow_gives_its_golden_values() {
    let config = SplineFlowConfig::new(3).with_layers(3).with_hidden(vec![5]).with_kept_map(true);
    check("spline flow", config.init(&Device::default()), [-2.2403529, -3.5450926, -41.31945]);
    let mut circular = SplineFlowConfig::new(3).with_layers(2).with_hidden(vec![5]);
    circular.spline.tails = Tails::Circular;
    check("circular spline flow", circular.init(&Device::default()), [-2.0982833, -3.4278126, -15.89594]);
}

#[test]
fn the_mixture_gives_its_golden_values() {
    check(
        "mixture",
        GaussianMixtureConfig::new(vec![3], 4).init::<2>(&Device::default()),
        [-2.6900642, -3.6702971, -25.777538],
    );
}
