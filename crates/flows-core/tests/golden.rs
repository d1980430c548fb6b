//! Golden values: the same weights and inputs give the same numbers as ever. A change of one of these is
//! "value-breaking", and says so in CHANGELOG.md.

#[path = "shared/golden_weights.rs"]
mod golden_weights;

use burn::tensor::Device;
use flows_core::{GaussianMixtureConfig, Mixing, NiceConfig, RealNvpConfig, SplineFlowConfig, Tails};

use golden_weights::check;

#[test]
fn nice_gives_its_golden_values() {
    let flow = NiceConfig::new(3).with_layers(3).with_hidden(vec![5]).init(&Device::default());
    check("NICE", flow, [-2.116912, -3.0489287, -57.739437]);
}

#[test]
fn real_nvp_gives_its_golden_values() {
    let config = RealNvpConfig::new(3).with_layers(3).with_hidden(vec![5]).with_mixing(Mixing::Plu);
    check("RealNVP", config.init(&Device::default()), [-1.9083481, -2.4351425, -70.86674]);
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
