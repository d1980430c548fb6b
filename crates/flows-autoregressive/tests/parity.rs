//! The same weights in a Python peer give the same numbers.
//!
//! The files in `fixtures` were made by `fixtures/make.py` with zuko 1.6.0 and nflows 0.14 on torch 2.15.0, which
//! evaluated in double precision. Weights stand in them under our parameter paths. Where a peer's map is not one of
//! ours, it is built here, as a user would.

#[path = "../../flows-core/tests/shared/fixture.rs"]
mod fixture;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use flows_autoregressive::*;
use flows_core::*;

use fixture::Fixture;

/// Ours run in single precision. So run, the peers themselves are off by 1.6e-5 in log-densities of up to 59.
const TOLERANCE: f64 = 1e-4;

const BINS: usize = 6;

#[test]
fn maf_scores_and_decodes_as_in_zuko() {
    let config = MafConfig::new(5).with_layers(3).with_hidden(vec![16, 16]).with_standardize(false);
    let flow = config.with_normalization(Normalization::None).init(&Device::default());
    Fixture::read(include_bytes!("fixtures/zuko_maf.safetensors")).check(flow, TOLERANCE);
}

/// Two layers with the features in reverse between them.
fn two<E: Elementwise>(
    map: impl Fn() -> E,
    made: &MadeConfig,
) -> Flow<(MaskedAutoregressive<Made, E>, Permutation, MaskedAutoregressive<Made, E>), StandardNormal<2>> {
    let device = Device::default();
    let layer = || MaskedAutoregressive::new(made.init(&device), map());
    let reverse = Permutation::reverse(made.features, &device);
    Flow::new((layer(), reverse, layer()), StandardNormal::new([made.features]))
}

fn spline() -> RationalQuadratic {
    RationalQuadraticConfig::new().with_bins(BINS).with_lower(-4.0).with_upper(4.0).init()
}

#[test]
fn autoregressive_splines_score_and_decode_as_in_nflows() {
    let made = MadeConfig::new(4, 3 * BINS - 1).with_hidden(vec![12, 12]);
    Fixture::read(include_bytes!("fixtures/nflows_spline_plain.safetensors")).check(two(spline, &made), TOLERANCE);
}

#[test]
fn autoregressive_splines_of_residual_networks_score_and_decode_as_in_nflows() {
    let made = MadeConfig::new(4, 3 * BINS - 1).with_hidden(vec![12, 12]).with_residual(true);
    Fixture::read(include_bytes!("fixtures/nflows_spline_residual.safetensors")).check(two(spline, &made), TOLERANCE);
}

/// The affine map of nflows' MAF.
///
/// ```text
/// y = x (softplus(a) + 10⁻³) + t
/// ```
#[derive(Module, Debug)]
struct SoftplusAffine {}

impl SoftplusAffine {
    fn scale_and_shift<const D: usize>(params: Tensor<D>) -> (Tensor<D>, Tensor<D>) {
        let half = params.dims()[1] / 2;
        (softplus(params.clone().narrow(1, 0, half)) + 1e-3, params.narrow(1, half, half))
    }
}

impl Elementwise for SoftplusAffine {
    fn params_per_element(&self) -> usize {
        2
    }

    fn forward_each<const D: usize>(&self, x: Tensor<D>, params: Tensor<D>) -> (Tensor<D>, Tensor<D>) {
        let (scale, shift) = Self::scale_and_shift(params);
        (x * scale.clone() + shift, scale.log())
    }

    fn inverse_each<const D: usize>(&self, y: Tensor<D>, params: Tensor<D>) -> (Tensor<D>, Tensor<D>) {
        let (scale, shift) = Self::scale_and_shift(params);
        ((y - shift) / scale.clone(), -scale.log())
    }
}

#[test]
fn maf_of_residual_networks_scores_and_decodes_as_in_nflows() {
    let made = MadeConfig::new(4, 2).with_hidden(vec![12, 12]).with_residual(true);
    let flow = two(|| SoftplusAffine {}, &made);
    Fixture::read(include_bytes!("fixtures/nflows_maf.safetensors")).check(flow, TOLERANCE);
}

/// The spline of zuko, whose raw widths, heights and slopes are bent before use, on `[-5, 5]`.
///
/// ```text
/// widths, heights = softmax(u / (1 + |2u / log 10⁻³|))        slopes = exp(u / (1 + |u / log 10⁻³|))
/// ```
#[derive(Module, Debug)]
struct BentSpline {}

impl BentSpline {
    fn apply<const D: usize>(
        x: Tensor<D>,
        params: Tensor<D>,
        spline: impl Fn(Tensor<3>, &RationalQuadraticKnots) -> (Tensor<3>, Tensor<3>),
    ) -> (Tensor<D>, Tensor<D>) {
        let (dims, edge) = (x.dims(), 1000f64.ln());
        let (batch, elements) = (dims[0], dims[1..].iter().product::<usize>());
        let raw: Tensor<3> = params.reshape([batch, 3 * BINS - 1, elements]);
        let bent = |u: Tensor<3>, by: f64| u.clone() / (u.abs() * (by / edge) + 1.0);
        let sizes = |start| bent(raw.clone().narrow(1, start, BINS), 2.0);
        let slopes = bent(raw.clone().narrow(1, 2 * BINS, BINS - 1), 1.0).exp();
        // Ours makes softplus(v + c) + m of a raw slope v, one at zero.
        let (m, c) = (1e-6, (1f64 - 1e-6).exp_m1().ln());
        let raw_slopes = slopes - m;
        let raw_slopes = raw_slopes.clone() + (-((-raw_slopes).exp()) + 1.0).log() - c;
        let end = Tensor::zeros([batch, 1, elements], &x.device());
        let raw_slopes = Tensor::cat(vec![end.clone(), raw_slopes, end], 1);
        let knots = RationalQuadraticKnots::new(sizes(0), sizes(BINS), raw_slopes, 0.0, 0.0, m);
        let x: Tensor<3> = x.reshape([batch, 1, elements]);
        let outside = x.clone().abs().greater_scalar(5.0);
        let (y, log_slope) = spline(x.clone().mask_fill(outside.clone(), 0.0) * 0.1 + 0.5, &knots);
        let y = ((y - 0.5) * 10.0).mask_where(outside.clone(), x);
        (y.reshape(dims), log_slope.mask_fill(outside, 0.0).reshape(dims))
    }
}

impl Elementwise for BentSpline {
    fn params_per_element(&self) -> usize {
        3 * BINS - 1
    }

    fn forward_each<const D: usize>(&self, x: Tensor<D>, params: Tensor<D>) -> (Tensor<D>, Tensor<D>) {
        Self::apply(x, params, rational_quadratic_forward)
    }

    fn inverse_each<const D: usize>(&self, y: Tensor<D>, params: Tensor<D>) -> (Tensor<D>, Tensor<D>) {
        Self::apply(y, params, rational_quadratic_inverse)
    }
}

#[test]
fn autoregressive_splines_score_and_decode_as_in_zuko() {
    let device = Device::default();
    let made = MadeConfig::new(4, 3 * BINS - 1).with_hidden(vec![12, 12]);
    let layer = |order| MaskedAutoregressive::new(made.clone().with_order(order).init(&device), BentSpline {});
    let layers = vec![layer(mask::InputOrder::Natural), layer(mask::InputOrder::Reversed)];
    let flow = Flow::new(layers, StandardNormal::new([4]));
    Fixture::read(include_bytes!("fixtures/zuko_spline.safetensors")).check(flow, TOLERANCE);
}
