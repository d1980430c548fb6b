//! Samples of coupling flows that have learnt their rows by heart are finite and of the order of the data.
#![cfg(feature = "train")]

#[path = "shared/overfitted.rs"]
mod overfitted;

use burn::tensor::{Device, Tensor};
use flows_core::testing::randomize;
use flows_core::{Bijection, Mixing, NiceConfig, Normalization, RealNvpConfig, SplineFlowConfig};
use overfitted::{rows, samples_stay_near_the_data};

const FEATURES: usize = 16;

/// One test at a time: samples draw from the one generator of the device.
fn alone() -> std::sync::MutexGuard<'static, ()> {
    static ALONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[test]
fn overfitted_coupling_flows_draw_rows_of_the_order_of_the_data() {
    let _alone = overfitted::alone();
    let _alone = alone();
    let (device, x) = (Device::default(), rows(150, FEATURES));
    device.seed(0);
    let real_nvp = || RealNvpConfig::new(FEATURES);
    samples_stay_near_the_data("RealNVP", real_nvp().init(&device), &x, 150);
    let act_norm = real_nvp().with_normalization(Normalization::ActNorm).with_mixing(Mixing::Plu);
    samples_stay_near_the_data("RealNVP with ActNorm and PLU", act_norm.init(&device), &x, 150);
    samples_stay_near_the_data("NICE", NiceConfig::new(FEATURES).init(&device), &x, 150);
    let spline = SplineFlowConfig::new(FEATURES).with_layers(4);
    samples_stay_near_the_data("splines", spline.clone().init(&device), &x, 80);
    samples_stay_near_the_data("splines with PLU", spline.with_mixing(Mixing::Plu).init(&device), &x, 80);
}

#[test]
fn flows_with_large_weights_map_ordinary_latents_to_finite_rows() {
    let _alone = overfitted::alone();
    let device = Device::default();
    let z = rows(256, FEATURES) * 4.0;
    let finite = |name: &str, bijection: &dyn Fn(Tensor<2>) -> (Tensor<2>, Tensor<1>)| {
        let (x, log_det) = bijection(z.clone());
        assert!(x.is_finite().all().into_scalar::<bool>(), "{name}: x");
        assert!(log_det.is_finite().all().into_scalar::<bool>(), "{name}: log_det");
    };
    for seed in 0..4 {
        let flow = randomize(RealNvpConfig::new(FEATURES).init(&device), 1.0, seed);
        finite("RealNVP", &|z| flow.bijection.inverse(z, &()));
        let flow = randomize(NiceConfig::new(FEATURES).init(&device), 1.0, seed);
        finite("NICE", &|z| flow.bijection.inverse(z, &()));
        let flow = randomize(SplineFlowConfig::new(FEATURES).init(&device), 1.0, seed);
        finite("splines", &|z| flow.bijection.inverse(z, &()));
    }
}
