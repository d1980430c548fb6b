//! Golden values: the same weights and inputs give the same numbers as ever. A change of one of these is
//! "value-breaking", and says so in CHANGELOG.md.

#[path = "../../flows-core/tests/shared/golden_weights.rs"]
mod golden_weights;

use burn::tensor::Device;
use flows_autoregressive::*;
use flows_core::{Mixing, Normalization};

use golden_weights::check;

#[test]
fn maf_gives_its_golden_values() {
    let plain = MafConfig::new(3).with_layers(3).with_hidden(vec![5]).with_normalization(Normalization::None);
    check("MAF", plain.init(&Device::default()), [-1.990925, -2.9592645, -47.806183]);
    let modern = MafConfig::modern(3).with_layers(2).with_hidden(vec![5, 5]);
    check("modern MAF", modern.init(&Device::default()), [-1.7189353, -1.3938252, -234.84976]);
    check(
        "IAF",
        IafConfig::new(3).with_maf(plain.clone()).init(&Device::default()),
        [-3.8812509, -4.3340836, -30.415655],
    );
    check(
        "MAF MoG",
        MafMogConfig::new(3).with_maf(plain).with_components(3).init(&Device::default()),
        [-2.006352, -3.298587, -37.524303],
    );
}

#[test]
fn the_autoregressive_spline_flow_gives_its_golden_values() {
    let config = AutoregressiveSplineFlowConfig::new(3).with_layers(3).with_hidden(vec![5]).with_mixing(Mixing::Plu);
    check("autoregressive spline flow", config.init(&Device::default()), [0.25007248, -5.071966, -208.5378]);
}

#[test]
fn made_gives_its_golden_values() {
    let config = MadeDensityConfig::new(3).with_hidden(vec![6]);
    check("MADE", config.init(&Device::default()), [-3.7505805, -4.216634, -30.22664]);
    let mixture = config.with_conditionals(ConditionalsConfig::mixture(4));
    check("MADE MoG", mixture.init(&Device::default()), [-3.2847753, -4.079418, -22.449429]);
}
