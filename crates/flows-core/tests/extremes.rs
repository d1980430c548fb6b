//! Extreme inputs and parameters: finite numbers, finite gradients, bounded round trips, in single precision.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Gradients, Tensor, TensorData};
use flows_core::testing::{check_density, randomize, uniform};
use flows_core::{
    Additive, Affine, Bijection, ConditionalNormalConfig, Context, Density, DiagonalNormalConfig, Elementwise, Exp,
    Flow, GaussianMixtureConfig, Inverse, LogScaleBound, Mixing, NiceConfig, Normalization, Partition,
    RationalQuadraticConfig, RealNvpConfig, Reversible, SplineFlowConfig, StandardNormal, Tails, UniformBox, generator,
};
use rand::RngExt;

/// Rows over all magnitudes that single precision has room to square.
fn rows(n: usize, features: usize, largest: f32, device: &Device) -> Tensor<2> {
    let mut rng = generator(8, 0);
    let values: Vec<f32> = (0..n * features)
        .map(|_| {
            let size = 10f32.powf(rng.random_range(-30.0..largest));
            if rng.random() { size } else { -size }
        })
        .collect();
    Tensor::from_data(TensorData::new(values, [n, features]), device)
}

struct AllFinite<'a>(&'a Gradients, bool);

impl ModuleVisitor for AllFinite<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(grad) = param.val().grad(self.0) {
            self.1 &= grad.is_finite().all().into_scalar::<bool>();
        }
    }
}

fn stays_finite<B: Bijection<2> + Module>(name: &str, make: impl Fn(&Device) -> B) {
    let device = Device::default().autodiff();
    let mut worst: f32 = 0.0;
    for seed in 0..12 {
        // From small weights to weights far larger than any training leaves.
        let scale = [0.05, 0.5, 1.0, 3.0][seed as usize % 4];
        let bijection = randomize(make(&device), scale, seed);
        let x = rows(128, 4, 4.0, &device);
        let (y, log_det) = bijection.forward(x.clone(), &());
        assert!(y.clone().is_finite().all().into_scalar::<bool>(), "{name}: y, weights {scale}");
        assert!(log_det.clone().is_finite().all().into_scalar::<bool>(), "{name}: log_det, weights {scale}");
        // Scaled so that the gradient of the largest output has room in single precision.
        let grads = (y.sum() * 1e-12 + log_det.sum()).backward();
        let mut finite = AllFinite(&grads, true);
        bijection.visit(&mut finite);
        assert!(finite.1, "{name}: gradients, weights {scale}");

        // Round trips where the map is well conditioned: ordinary data, weights as after training. Where splines have
        // slopes of 1e-3 in every layer, no digit of single precision is left to come back.
        if scale < 0.1 {
            let plain = bijection.valid();
            let x = rows(512, 4, 0.5, &Device::default());
            let (y, _) = plain.forward(x.clone(), &());
            let (back, _) = plain.inverse(y, &());
            worst = worst.max((back - x).abs().max().into_scalar::<f32>());
        }
    }
    // Eight layers, each with an expansion of at most about ten: a hundred roundings of numbers up to ten.
    assert!(worst < 1e-3, "{name}: a round trip is off by {worst:e}");
}

#[test]
fn nice_stays_finite() {
    stays_finite("NICE", |device| NiceConfig::new(4).init(device).bijection);
}

#[test]
fn real_nvp_stays_finite() {
    stays_finite("RealNVP", |device| RealNvpConfig::new(4).with_hidden(vec![32]).init(device).bijection);
}

#[test]
fn the_spline_flow_stays_finite() {
    stays_finite("spline flow", |device| SplineFlowConfig::new(4).with_hidden(vec![32]).init(device).bijection);
}

#[test]
fn the_spline_flow_with_linear_layers_stays_finite() {
    let config = || SplineFlowConfig::new(4).with_layers(2).with_hidden(vec![32]).with_mixing(Mixing::Plu);
    stays_finite("spline flow with PLU", |device| config().init(device).bijection);
}

#[test]
fn the_largest_numbers_have_a_log_density_and_a_nan_stays_one() {
    let device = Device::default();
    let flow = randomize(SplineFlowConfig::new(2).init(&device), 0.5, 1);
    let x = Tensor::<2>::from_data([[1e18, -1e18], [0.0, 1e-30], [f32::NAN, 0.0]], &device);
    let log_prob = Density::log_prob(&flow, x, &()).try_into_vec_as::<f32>().unwrap();
    assert!(log_prob[0].is_finite() && log_prob[0] < -1e30);
    assert!(log_prob[1].is_finite());
    assert!(log_prob[2].is_nan());
}

/// The laws of densities in single precision: of infinities and 1e38 among them.
fn lawful<C: Context>(density: impl Density<2, C>, scale: f64, context: &C) {
    let device = Device::default();
    // Weights as after training; rounding of log-densities of some tens of nats.
    check_density(&randomize(density, scale, 1).valid(), 16, context, &device, 2e-3);
}

#[test]
fn every_density_knows_absurd_rows_and_no_rows() {
    let d = Device::default();
    let context = uniform([16, 3], -1.0, 1.0, 2, &d);
    lawful(StandardNormal::<2>::new([3]), 0.0, &());
    lawful(DiagonalNormalConfig::new(vec![3]).init::<2>(&d), 0.5, &());
    lawful(UniformBox::<2>::new([3], &[-1.0; 3], &[2.0; 3]), 0.0, &());
    lawful(GaussianMixtureConfig::new(vec![3], 4).init::<2>(&d), 0.3, &());
    lawful(ConditionalNormalConfig::new(vec![3], 3).init::<2>(&d), 0.3, &context);
    lawful(Flow::new(Inverse::new(Exp::new()), StandardNormal::<2>::new([3])), 0.0, &());
}

#[test]
fn every_model_knows_absurd_rows_and_no_rows() {
    let d = Device::default();
    let context = uniform([16, 3], -1.0, 1.0, 2, &d);
    lawful(NiceConfig::new(3).init(&d), 0.1, &());
    lawful(NiceConfig::new(3).given(3).init(&d), 0.1, &context);
    for normalization in [Normalization::None, Normalization::ActNorm, Normalization::BatchNorm] {
        for mixing in [Mixing::None, Mixing::Permutation, Mixing::Plu] {
            let real_nvp = RealNvpConfig::new(3).with_layers(3).with_mixing(mixing).with_normalization(normalization);
            lawful(real_nvp.init(&d), 0.1, &());
            let spline = SplineFlowConfig::new(3).with_layers(3).with_mixing(mixing).with_normalization(normalization);
            lawful(spline.init(&d), 0.1, &());
        }
    }
    let real_nvp = RealNvpConfig::new(3).with_residual(true).with_partition(Partition::Alternating);
    lawful(real_nvp.clone().init(&d), 0.05, &());
    lawful(Reversible::new(real_nvp.clone().init(&d)), 0.05, &());
    lawful(real_nvp.with_bound(LogScaleBound::Unbounded).given(3).with_embedding(vec![4, 2]).init(&d), 0.05, &context);
    let spline = SplineFlowConfig::new(3).with_layers(3).with_kept_map(true);
    lawful(spline.clone().given(3).init(&d), 0.1, &context);
    let on_a_box = spline.clone().with_standardize(false).init(&d).bijection;
    lawful(Flow::new(on_a_box, UniformBox::<2>::new([3], &[-5.0; 3], &[5.0; 3])), 0.1, &());
    lawful(SplineFlowConfig::new(1).given(3).init(&d), 0.1, &context);
    lawful(RealNvpConfig::new(1).given(3).init(&d), 0.1, &context);
}

/// Thousands of draws of raw parameters, at inputs of every magnitude and on the edges of the interval.
fn map_stays_finite(name: &str, map: impl Elementwise, edges: &[f32]) {
    const DRAWS: usize = 4096;
    let device = Device::default();
    let mut rng = generator(3, 0);
    let x: Vec<f32> = (0..DRAWS)
        .map(|i| match i % 4 {
            0 => edges[rng.random_range(0..edges.len())],
            1 => rng.random_range(-6.0..6.0),
            _ => 10f32.powf(rng.random_range(-30.0..30.0)) * if rng.random() { 1.0 } else { -1.0 },
        })
        .collect();
    for size in [0.1, 3.0, 100.0, 1e6] {
        let count = DRAWS * map.params_per_element();
        let raw: Vec<f32> = (0..count).map(|_| rng.random_range(-size..size)).collect();
        for inverse in [false, true] {
            let x = Tensor::<2>::from_data(TensorData::new(x.clone(), [DRAWS, 1]), &device).autodiff().require_grad();
            let shape = [DRAWS, map.params_per_element()];
            let raw = Tensor::<2>::from_data(TensorData::new(raw.clone(), shape), &device).autodiff().require_grad();
            let (y, log_det) = match inverse {
                false => map.forward(x.clone(), raw.clone()),
                true => map.inverse(x.clone(), raw.clone()),
            };
            let finite = |t: Tensor<2>| t.is_finite().all().into_scalar::<bool>();
            assert!(finite(y.clone()), "{name}: values, raw parameters up to {size}, inverse {inverse}");
            assert!(finite(log_det.clone().unsqueeze()), "{name}: log_det, raw parameters up to {size}");
            // Values of 1e30 times scales of 1e3 have no room for a gradient of one each; a share of it has.
            let grads = ((y * 1e-6).sum() + log_det.sum()).backward();
            assert!(x.grad(&grads).is_none_or(finite), "{name}: gradient of x, up to {size}, inverse {inverse}");
            let of_raw = raw.grad(&grads).is_none_or(finite);
            assert!(of_raw, "{name}: gradient of the parameters, up to {size}, inverse {inverse}");
        }
    }
}

#[test]
fn elementwise_maps_stay_finite_at_every_magnitude() {
    map_stays_finite("additive", Additive::new(), &[0.0]);
    for bound in [LogScaleBound::default(), LogScaleBound::Tanh { bound: 5.0 }, LogScaleBound::Arctan { bound: 5.0 }] {
        map_stays_finite(&format!("affine, {bound}"), Affine::new(bound), &[0.0, 1.0]);
    }
    let edges = [-5.0, 5.0, -4.9999995, 4.9999995, -5.0000005, 5.0000005, 0.0, f32::MIN_POSITIVE];
    for tails in [Tails::Linear, Tails::Circular] {
        for bins in [2, 8, 64] {
            let config = RationalQuadraticConfig::new().with_bins(bins).with_tails(tails);
            map_stays_finite(&format!("spline, {tails}, {bins} bins"), config.init(), &edges);
        }
    }
}
