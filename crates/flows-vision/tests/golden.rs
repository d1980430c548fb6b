//! Golden values: the same weights and images give the same numbers as ever. A change of one of these is
//! "value-breaking", and says so in CHANGELOG.md.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Device, Tensor, TensorData, Tolerance};
use flows_core::{Density, Normalization};
use flows_vision::*;

/// Weights by a formula: no generator is part of the contract, but those of the rotations' permutations and signs.
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
                    0.25 * (self.0 as f64 * 0.7).sin()
                })
                .collect();
            let value = Tensor::from_data(TensorData::new(numbers, value.shape()), (&value.device(), value.dtype()));
            flows_core::replace(param, value)
        }
    }
    module.train().map(&mut Fill(0)).valid()
}

/// Checks the log-densities of three images of `[channels, 4, 4]`: black, a wave, and a steeper one.
fn check(name: &str, flow: impl Density<4>, channels: usize, expected: [f32; 3]) {
    let pixels = channels * 16;
    let wave = |size: f64, step: f64| (0..pixels).map(move |i| size * (step * i as f64).cos());
    let values: Vec<f64> = std::iter::repeat_n(0.0, pixels).chain(wave(0.5, 0.9)).chain(wave(3.0, 2.3)).collect();
    let x = Tensor::<4>::from_data(TensorData::new(values, [3, channels, 4, 4]), &Device::default());
    let log_prob = by_formula(flow).log_prob(x, &()).to_data();
    println!("{name}: {log_prob}");
    // Single precision through a few layers; backends sum in different orders.
    log_prob.assert_approx_eq::<f32>(&expected.into(), Tolerance::rel_abs(1e-4, 1e-4));
}

#[test]
fn glow_gives_its_golden_values() {
    let config = GlowConfig::new(2, 4, 4).with_scales(2).with_steps(2).with_network(NetworkConfig::Glow { hidden: 3 });
    check("Glow", config.init(&Device::default()), 2, [-30.995148, -36.020798, -290.47488]);
    let gated = config.with_network(NetworkConfig::Gated { hidden: 3, blocks: 1 });
    let additive = gated.with_map(MapConfig::Additive).with_learned_prior(false).with_learned_top(false);
    check("additive Glow", additive.init(&Device::default()), 2, [-34.39299, -43.524864, -213.55367]);
}

#[test]
fn real_nvp_gives_its_golden_values() {
    let residual = |norm| NetworkConfig::Residual { hidden: 3, blocks: 1, norm, dropout: 0.0 };
    let config = RealNvpImageConfig::new(1, 4, 4).with_couplings(2).with_network(residual(NetworkNorm::Weight));
    check("RealNVP", config.init(&Device::default()), 1, [-18.082043, -18.645319, -47.239372]);
    let batch = config.with_network(residual(NetworkNorm::Batch)).with_normalization(Normalization::BatchNorm);
    check("RealNVP with BatchNorm", batch.init(&Device::default()), 1, [-10.120793, -12.867563, -258.15833]);
}

#[test]
fn spline_glow_gives_its_golden_values() {
    let config = SplineGlowConfig::new(1, 4, 4).with_scales(2).with_steps(1);
    let network = NetworkConfig::Residual { hidden: 3, blocks: 1, norm: NetworkNorm::Weight, dropout: 0.2 };
    check("spline Glow", config.with_network(network).init(&Device::default()), 1, [-21.575916, -21.518631, -37.57571]);
}
