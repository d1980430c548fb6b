//! The registry: every bijection on images once, against the laws of `flows_core::testing`, in double precision on
//! a CPU and in single on a GPU. Adding a bijection is adding a line.
//!
//! The float type of a device is set once a process, hence a test binary of its own.

#[path = "../../flows-core/tests/shared/sigmoid.rs"]
mod sigmoid;

use burn::tensor::{Device, Int, Tensor};
use flows_core::testing::{Laws, by_precision, check_density, precise_device, randomize, uniform};
use flows_core::*;
use flows_vision::*;

use sigmoid::laws_of_a_sigmoid;

fn device() -> Device {
    precise_device()
}

fn x<const D: usize>(shape: [usize; D]) -> Tensor<D> {
    uniform(shape, -2.0, 2.0, 11, &device())
}

fn classes() -> Tensor<1, Int> {
    Tensor::from_data([2, 0, 1], &device())
}

fn glow_network() -> NetworkConfig {
    // Wide enough that rectifiers are never all off.
    NetworkConfig::Glow { hidden: 16 }
}

fn gated() -> NetworkConfig {
    NetworkConfig::Gated { hidden: 4, blocks: 1 }
}

fn residual(norm: NetworkNorm) -> NetworkConfig {
    NetworkConfig::Residual { hidden: 12, blocks: 1, norm, dropout: 0.0 }
}

fn affine() -> MapConfig {
    MapConfig::Affine { bound: LogScaleBound::default() }
}

fn spline() -> MapConfig {
    MapConfig::Spline { spline: RationalQuadraticConfig::new().with_bins(4).with_lower(-3.0).with_upper(3.0) }
}

fn coupling(
    channels: usize,
    swapped: bool,
    map: &MapConfig,
    network: &NetworkConfig,
) -> Coupling<ImageNetwork, ImageMap> {
    let split = FeatureSplit::halves(channels, swapped, &device());
    let (kept, moved) = (split.kept().len(), split.moved().len());
    let map = map.init(moved, &device());
    let network = network.init(kept, moved * map.params_per_element(), &device());
    Coupling::new(split, network, map)
}

fn glow(channels: usize, height: usize, width: usize, scales: usize) -> GlowConfig {
    GlowConfig::new(channels, height, width).with_scales(scales).with_steps(2).with_network(glow_network())
}

fn real_nvp(channels: usize, height: usize, width: usize) -> RealNvpImageConfig {
    RealNvpImageConfig::new(channels, height, width).with_network(glow_network())
}

macro_rules! laws {
    ($($name:ident: $bijection:expr, $x:expr $(, given $context:expr)? $(, laws $laws:expr)?;)+) => {
        $(#[test]
        fn $name() {
            let _ = device();
            let bijection = randomize($bijection, 0.15, 5);
            #[allow(unused_mut, unused_assignments)]
            let mut laws = Laws::new();
            $(laws = $laws;)?
            laws.check(&bijection, $x, laws!(@context $($context)?));
        })+
    };
    (@context) => { &() };
    (@context $context:expr) => { &$context };
}

laws! {
    squeeze: Squeeze::new(2), x([3, 1, 4, 2]);
    squeeze_by_three: Squeeze::new(3), x([2, 1, 3, 6]);
    unsqueeze: Inverse::new(Squeeze::new(2)), x([3, 4, 1, 3]);
    haar_squeeze: HaarSqueeze::new(), x([3, 2, 4, 2]);
    checkerboard_affine: Checkerboard::new(coupling(4, false, &affine(), &glow_network())), x([3, 1, 2, 4]);
    checkerboard_swapped_spline: Checkerboard::new(coupling(4, true, &spline(), &glow_network())), x([3, 1, 4, 2]);
    checkerboard_additive: Checkerboard::new(coupling(12, true, &MapConfig::Additive, &glow_network())), x([2, 3, 2, 2]);
    channel_affine: coupling(3, false, &affine(), &glow_network()), x([3, 3, 2, 3]);
    channel_affine_swapped: coupling(3, true, &affine(), &glow_network()), x([3, 3, 3, 2]);
    channel_additive: coupling(4, false, &MapConfig::Additive, &gated()), x([3, 4, 2, 2]);
    channel_rescaled: coupling(4, true, &MapConfig::Rescaled, &residual(NetworkNorm::Weight)), x([3, 4, 2, 2]);
    channel_spline: coupling(4, false, &spline(), &gated()), x([3, 4, 2, 2]);
    residual_network: coupling(2, false, &affine(), &residual(NetworkNorm::None)), x([3, 2, 2, 4]);
    residual_network_with_batch_norm: coupling(2, false, &affine(), &residual(NetworkNorm::Batch)), x([3, 2, 2, 4]),
        laws Laws::new().batch_statistics();
    multi_scale_of_squeezes: MultiScale::new(vec![Squeeze::new(2), Squeeze::new(2)], vec![2, 2]), x([2, 1, 4, 4]);
    multi_scale_without_squeeze: MultiScale::new(
        vec![coupling(3, false, &affine(), &glow_network()), coupling(2, true, &affine(), &glow_network())], vec![1, 1]),
        x([3, 3, 2, 2]);

    // The whole models on images of 2 x 4 x 4, as the issue asks, and of other shapes.
    glow_model: glow(2, 4, 4, 2).init(&device()).bijection, x([2, 2, 4, 4]);
    glow_of_one_channel: glow(1, 4, 2, 1).init(&device()).bijection, x([3, 1, 4, 2]);
    glow_of_three_channels: glow(3, 2, 4, 1).init(&device()).bijection, x([2, 3, 2, 4]);
    glow_additive_dense: glow(1, 4, 4, 2).with_map(MapConfig::Additive).with_one_by_one(OneByOne::Dense)
        .with_learned_prior(false).with_learned_top(false).init(&device()).bijection, x([2, 1, 4, 4]);
    glow_by_class: glow(1, 4, 4, 2).by_class(3).init(&device()).bijection, x([3, 1, 4, 4]), given classes();
    glow_given_a_vector: glow(1, 4, 4, 2).given(2).with_embedding(vec![3]).init(&device()).bijection, x([3, 1, 4, 4]),
        given x([3, 2]);
    real_nvp_model: real_nvp(2, 4, 4).init(&device()).bijection, x([2, 2, 4, 4]);
    real_nvp_of_one_scale: real_nvp(1, 2, 4).with_scales(1).with_network(residual(NetworkNorm::Weight))
        .init(&device()).bijection, x([3, 1, 2, 4]);
    real_nvp_with_batch_norm: real_nvp(1, 4, 4).with_normalization(Normalization::BatchNorm).with_couplings(1)
        .init(&device()).bijection, x([3, 1, 4, 4]), laws Laws::new().batch_statistics();
    real_nvp_by_class: real_nvp(1, 4, 4).with_couplings(2).by_class(3).init(&device()).bijection, x([3, 1, 4, 4]),
        given classes();
    real_nvp_given_a_vector: real_nvp(1, 4, 4).with_couplings(1).given(2).init(&device()).bijection, x([3, 1, 4, 4]),
        given x([3, 2]);
    spline_glow: SplineGlowConfig::new(1, 4, 4).with_scales(2).with_steps(1).with_network(residual(NetworkNorm::Weight))
        .init(&device()).bijection, x([2, 1, 4, 4]);
    spline_glow_by_class: SplineGlowConfig::new(1, 4, 2).with_scales(1).with_steps(1).with_network(glow_network())
        .by_class(3).init(&device()).bijection, x([3, 1, 4, 2]), given classes();
    spline_glow_given_a_vector: SplineGlowConfig::new(1, 4, 2).with_scales(1).with_steps(1).with_network(glow_network())
        .given(2).init(&device()).bijection, x([3, 1, 4, 2]), given x([3, 2]);
    dequantizer: {
        let config = ImageFlowConfig::new(glow(1, 2, 4, 1));
        let config = config.with_dequantization(Dequantization::Variational { steps: 2, hidden: 16 });
        config.init(&device()).dequantizer.expect("a variational one").flow.bijection
    }, uniform([2, 1, 2, 4], 0.1, 0.9, 4, &device()), given x([2, 1, 2, 4]), laws laws_of_a_sigmoid();
}

#[test]
fn image_flows_have_the_log_density_that_they_draw_with() {
    let d = device();
    let tolerance = by_precision(1e-9, 1e-3, &d);
    check_density(&randomize(glow(1, 4, 4, 2).init(&d), 0.1, 1), 16, &(), &d, tolerance);
    check_density(&randomize(real_nvp(2, 4, 4).init(&d), 0.1, 1), 16, &(), &d, tolerance);
    let by_class = randomize(glow(1, 4, 4, 2).by_class(3).init(&d), 0.1, 1);
    let classes = Tensor::from_data([0i64, 1, 2, 0, 1, 2, 0, 1], &d);
    check_density(&by_class, 8, &classes, &d, tolerance);
}

#[test]
fn reversible_gradients_are_the_ordinary_ones_to_rounding() {
    use burn::module::{Module, ModuleVisitor, Param};
    use burn::optim::GradientsParams;

    struct Compare {
        expected: GradientsParams,
        got: GradientsParams,
        tolerance: f64,
        compared: usize,
    }
    impl ModuleVisitor for Compare {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let Some(expected) = self.expected.remove::<D>(param.id) else { return };
            let got = self.got.remove::<D>(param.id).expect("a gradient");
            let (size, error) = (expected.clone().abs().max(), (got - expected).abs().max());
            let (size, error) = (size.into_scalar::<f64>(), error.into_scalar::<f64>());
            assert!(error <= self.tolerance * size, "a gradient of size {size} differs by {error}");
            self.compared += 1;
        }
    }
    let d = device();
    let flow = randomize(glow(1, 4, 4, 2).init(&d), 0.3, 2).train();
    let images = x([6, 1, 4, 4]);
    let (log_prob, expected) = flow.gradients(images.clone(), &(), -0.25);
    let (again, got) = Reversible::new(flow.clone()).gradients(images, &(), -0.25);
    let tolerance = by_precision(1e-9, 1e-3, &d);
    let size = by_precision(1.0, log_prob.clone().abs().max().into_scalar::<f64>().max(1.0), &d);
    assert!((log_prob - again).abs().max().into_scalar::<f64>() < tolerance * size);
    let mut compare = Compare { expected, got, tolerance, compared: 0 };
    flow.visit(&mut compare);
    assert!(compare.compared > 50, "{} parameters were compared", compare.compared);
}
