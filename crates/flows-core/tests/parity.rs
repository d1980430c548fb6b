//! The same weights in a Python peer give the same numbers.
//!
//! The files in `fixtures` were made by `fixtures/make.py` with zuko 1.6.0 and nflows 0.14 on torch 2.15.0, which
//! evaluated in double precision. Weights stand in them under our parameter paths.

#[path = "shared/fixture.rs"]
mod fixture;

use burn::tensor::Device;
use flows_core::*;

use fixture::Fixture;

/// Ours run in single precision. So run, the peers themselves are off by 1.6e-5 in log-densities of up to 55; on a CPU
/// ours are by 2.3e-5, and another order of summation may be worse. The inverses stretch an error by a factor of 56
/// at most: every row is fit for a round trip.
const TOLERANCE: f64 = 1e-4;

#[test]
fn affine_couplings_score_and_decode_as_in_zuko() {
    let config = RealNvpConfig::new(5).with_layers(4).with_hidden(vec![32, 32]).with_standardize(false);
    let flow = config.with_partition(Partition::Alternating).init(&Device::default());
    Fixture::read(include_bytes!("fixtures/zuko_real_nvp.safetensors")).check(flow, TOLERANCE);
}

fn spline_flow() -> SplineFlowConfig {
    let spline = RationalQuadraticConfig::new().with_bins(6).with_lower(-4.0).with_upper(4.0);
    SplineFlowConfig::new(4).with_layers(3).with_hidden(vec![16, 16]).with_spline(spline).with_standardize(false)
}

#[test]
fn spline_couplings_score_and_decode_as_in_nflows() {
    let flow = spline_flow().init(&Device::default());
    Fixture::read(include_bytes!("fixtures/nflows_spline_plain.safetensors")).check(flow, TOLERANCE);
}

#[test]
fn spline_couplings_with_residual_networks_and_a_map_of_the_kept_half_score_and_decode_as_in_nflows() {
    let flow = spline_flow().with_residual(true).with_kept_map(true).init(&Device::default());
    Fixture::read(include_bytes!("fixtures/nflows_spline_residual.safetensors")).check(flow, TOLERANCE);
}
