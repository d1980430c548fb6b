//! Samples of autoregressive flows that have learnt their rows by heart are finite and of the order of the data.

#[path = "../../flows-core/tests/shared/overfitted.rs"]
mod overfitted;

use burn::tensor::{Device, Tensor};
use flows_autoregressive::*;
use flows_core::testing::randomize;
use flows_core::{Bijection, Density, NetworkRange, Normalization};
use overfitted::{rows, samples_stay_near_the_data, samples_stay_within};

const FEATURES: usize = 16;

/// One test at a time: samples draw from the one generator of the device.
fn alone() -> std::sync::MutexGuard<'static, ()> {
    static ALONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn maf() -> MafConfig {
    MafConfig::new(FEATURES).with_normalization(Normalization::None)
}

#[test]
fn overfitted_autoregressive_flows_draw_rows_of_the_order_of_the_data() {
    let _alone = overfitted::alone();
    let _alone = alone();
    let (device, x) = (Device::default(), rows(150, FEATURES));
    device.seed(0);
    samples_stay_near_the_data("MAF", maf().init(&device), &x, 200);
    // A component that no row belongs to has any scale up to the bound, 1000.
    let mixtures = MafMogConfig::new(FEATURES).with_maf(maf()).init(&device);
    samples_stay_within(200.0, "MAF over mixtures", mixtures, &x, 100);
    samples_stay_near_the_data("modern MAF", MafConfig::modern(FEATURES).with_layers(3).init(&device), &x, 100);
    samples_stay_near_the_data("IAF", IafConfig::new(FEATURES).with_maf(maf().with_layers(3)).init(&device), &x, 60);
    let splines = AutoregressiveSplineFlowConfig::new(FEATURES).with_layers(3);
    samples_stay_near_the_data("splines", splines.init(&device), &x, 60);
    let made = MadeDensityConfig::new(FEATURES);
    samples_stay_near_the_data("MADE", made.clone().init(&device), &x, 200);
    let mixtures = made.with_conditionals(ConditionalsConfig::mixture(5));
    samples_stay_near_the_data("MADE with mixtures", mixtures.init(&device), &x, 100);
}

#[test]
fn maf_with_large_weights_maps_ordinary_latents_to_finite_rows() {
    let _alone = overfitted::alone();
    let device = Device::default();
    let z = rows(256, FEATURES) * 4.0;
    let finite = |x: Tensor<2>| x.is_finite().all().into_scalar::<bool>();
    for seed in 0..4 {
        let flow = randomize(maf().init(&device), 0.5, seed);
        assert!(finite(flow.bijection.inverse(z.clone(), &()).0), "MAF, seed {seed}");
        let flow = randomize(IafConfig::new(FEATURES).with_maf(maf()).init(&device), 0.5, seed);
        assert!(finite(flow.bijection.inverse(z.clone(), &()).0), "IAF, seed {seed}");
        let made = randomize(MadeDensityConfig::new(FEATURES).init(&device), 0.5, seed);
        assert!(finite(Density::<2>::sample(&made, 500, &(), &device)), "MADE, seed {seed}");
    }
    // What the range is for.
    let unlimited = randomize(maf().with_network_range(NetworkRange::Unlimited).init(&device), 0.5, 0);
    assert!(!finite(unlimited.bijection.inverse(z, &()).0));
}

#[test]
fn what_the_network_sees_is_clipped_and_what_it_maps_is_not() {
    let _alone = overfitted::alone();
    let device = Device::default();
    let made = randomize(MadeConfig::new(3, 2).with_hidden(vec![16]).init(&device), 0.3, 1);
    let layer =
        |range| MaskedAutoregressive::new(made.clone(), flows_core::Affine::default()).with_network_range(range);
    let x = Tensor::<2>::from_data([[0.5, -1.0, 0.3], [1e4, -1e4, 2e4]], &device);
    let (clipped, log_det) = layer(Some(20.0)).forward(x.clone(), &());
    let (open, _) = layer(None).forward(x.clone(), &());
    // An ordinary row is as without a range, to the last bit.
    assert_eq!(clipped.clone().narrow(0, 0, 1).into_data(), open.clone().narrow(0, 0, 1).into_data());
    assert_ne!(clipped.clone().narrow(0, 1, 1).into_data(), open.narrow(0, 1, 1).into_data());
    let (back, log_det_back) = layer(Some(20.0)).inverse(clipped, &());
    // Roundings of single precision at 2e4, through a scale.
    assert!(((back - x.clone()) / (x.abs() + 1.0)).abs().max().into_scalar::<f32>() < 1e-5);
    assert!((log_det + log_det_back).abs().max().into_scalar::<f32>() < 1e-5);
}
