//! The same weights in a Python peer give the same numbers.
//!
//! The files in `fixtures` were made by `fixtures/make.py` with normflows 1.7.3 and nflows 0.14 on torch 2.15.0, which
//! evaluated in double precision. Our steps are built here of public parts, as a user would.

use std::collections::BTreeMap;

use burn::module::{Module, Param};
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Int, Tensor, TensorData};
use flows_core::*;
use flows_vision::*;
use safetensors::SafeTensors;

/// Ours run in single precision: on a CPU they are off by 3.1e-5 in log-densities of up to 386, one unit in the last
/// place, and by 8e-6 at most elsewhere. Another order of summation may be worse: on a GPU a millionth of numbers in the
/// hundreds is allowed.
const TOLERANCE: f64 = 1e-4;

/// Named tensors from a file.
struct Fixture(BTreeMap<String, TensorData>);

impl Fixture {
    fn read(bytes: &[u8]) -> Self {
        let file = SafeTensors::deserialize(bytes).expect("a safetensors file");
        let tensor = |(name, view): (String, safetensors::tensor::TensorView)| {
            assert_eq!(view.dtype(), safetensors::Dtype::F32, "`{name}`");
            let values = view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
            (name, TensorData::new::<f32, _>(values, view.shape().to_vec()))
        };
        Self(file.tensors().into_iter().map(tensor).collect())
    }

    fn get<const D: usize>(&self, name: &str) -> Tensor<D> {
        let data = self.0.get(name).unwrap_or_else(|| panic!("`{name}` is not in the file"));
        Tensor::from_data(data.clone(), &Device::default())
    }

    /// Replaces a parameter by a tensor of the file, which must have its shape.
    fn put<const D: usize>(&self, param: Param<Tensor<D>>, name: &str) -> Param<Tensor<D>> {
        let value = self.get::<D>(name);
        assert_eq!(param.val().dims(), value.dims(), "`{name}`");
        replace(param, value)
    }

    fn assert_near<const D: usize>(&self, ours: Tensor<D>, name: &str) {
        let theirs = self.get::<D>(name);
        assert_eq!(ours.dims(), theirs.dims(), "`{name}`");
        let gpu = if is_host(&theirs.device()) { 0.0 } else { 1e-6 * theirs.clone().abs().max().into_scalar::<f64>() };
        let off = (ours - theirs).abs().max().into_scalar::<f64>();
        assert!(off < TOLERANCE.max(gpu), "`{name}` is off by {off}");
    }

    /// Checks both directions: `z` and `log_det` of `x`, `decoded_x` and `decoded_log_det` of `given_z`.
    fn check(&self, bijection: &impl Bijection<4>) {
        let (z, log_det) = bijection.forward(self.get("x"), &());
        self.assert_near(z, "z");
        self.assert_near(log_det, "log_det");
        let (x, log_det) = bijection.inverse(self.get("given_z"), &());
        self.assert_near(x, "decoded_x");
        self.assert_near(log_det, "decoded_log_det");
    }
}

/// The affine map of normflows' Glow, seen from data to latent.
///
/// ```text
/// y = (x - t) sigmoid(a + 2)        log_det = Σ log sigmoid(a + 2)
/// ```
#[derive(Module, Debug)]
struct SigmoidAffine {}

impl SigmoidAffine {
    fn shift_and_scale<const D: usize>(params: Tensor<D>) -> (Tensor<D>, Tensor<D>) {
        let half = params.dims()[1] / 2;
        (params.clone().narrow(1, 0, half), sigmoid(params.narrow(1, half, half) + 2.0))
    }
}

impl Elementwise for SigmoidAffine {
    fn params_per_element(&self) -> usize {
        2
    }

    fn forward_each<const D: usize>(&self, x: Tensor<D>, params: Tensor<D>) -> (Tensor<D>, Tensor<D>) {
        let (shift, scale) = Self::shift_and_scale(params);
        ((x - shift) * scale.clone(), scale.log())
    }

    fn inverse_each<const D: usize>(&self, y: Tensor<D>, params: Tensor<D>) -> (Tensor<D>, Tensor<D>) {
        let (shift, scale) = Self::shift_and_scale(params);
        (y / scale.clone() + shift, -scale.log())
    }
}

/// A GlowBlock of normflows, around a 1x1 convolution of ours.
type Step<M> = (ActNorm, M, Coupling<GlowNetwork, SigmoidAffine>);

/// The step whose weights have names that begin with `prefix`.
fn step<M>(fixture: &Fixture, prefix: &str, mixing: impl Fn(&Fixture, &str) -> M) -> Step<M> {
    let device = Device::default();
    let name = |rest: &str| format!("{prefix}{rest}");
    let loc = fixture.get::<1>(&name("actnorm.t"));
    let channels = loc.dims()[0];

    let mut act_norm = ActNormConfig::new(channels).init(&device);
    act_norm.loc = replace(act_norm.loc, loc);
    act_norm.log_scale = replace(act_norm.log_scale, -fixture.get::<1>(&name("actnorm.s")));

    let split = FeatureSplit::halves(channels, false, &device);
    let (kept, outputs) = (split.kept().len(), 2 * split.moved().len());
    let hidden = fixture.get::<1>(&name("coupling.conv.0.bias")).dims()[0];
    let mut network = GlowNetworkConfig::new(kept, outputs).with_hidden(hidden).init(&device);
    for (i, conv) in [&mut network.first, &mut network.second, &mut network.last].into_iter().enumerate() {
        conv.weight = fixture.put(conv.weight.clone(), &name(&format!("coupling.conv.{i}.weight")));
        let bias = conv.bias.take().expect("a bias");
        conv.bias = Some(fixture.put(bias, &name(&format!("coupling.conv.{i}.bias"))));
    }
    // Theirs alternate shifts and scales along the channels; ours come one kind after the other.
    let order: Vec<i64> = (0..outputs as i64).step_by(2).chain((1..outputs as i64).step_by(2)).collect();
    let order = Tensor::<1, Int>::from_data(order.as_slice(), &device);
    let (weight, bias) = (network.last.weight, network.last.bias.expect("a bias"));
    let (rows, biases) = (weight.val().select(0, order.clone()), bias.val().select(0, order));
    network.last.weight = replace(weight, rows);
    network.last.bias = Some(replace(bias, biases));

    (act_norm, mixing(fixture, &name("mixing.")), Coupling::new(split, network, SigmoidAffine {}))
}

fn dense(fixture: &Fixture, prefix: &str) -> DenseLinear {
    let weight = format!("{prefix}weight");
    let mut layer = DenseLinearConfig::new(fixture.get::<2>(&weight).dims()[0]).init(&Device::default());
    layer.weight = fixture.put(layer.weight, &weight);
    layer
}

fn plu(fixture: &Fixture, prefix: &str) -> Plu {
    Plu::from_weight(&fixture.get(&format!("{prefix}weight")))
}

#[test]
fn squeezes_order_channels_as_in_nflows_and_normflows() {
    let fixture = Fixture::read(include_bytes!("fixtures/squeeze.safetensors"));
    for (factor, name) in [(2, "factor_2"), (2, "normflows_factor_2"), (3, "factor_3")] {
        let (y, _) = Squeeze::new(factor).forward(fixture.get("x"), &());
        assert_eq!(y.to_data(), fixture.get::<4>(name).to_data(), "{name}");
        let (x, _) = Bijection::<4>::inverse(&Squeeze::new(factor), y, &());
        assert_eq!(x.to_data(), fixture.get::<4>("x").to_data(), "{name}");
    }
}

#[test]
fn the_invertible_convolution_maps_as_in_nflows() {
    let fixture = Fixture::read(include_bytes!("fixtures/one_by_one.safetensors"));
    let layer = dense(&fixture, "");
    // Ours has no bias.
    let bias: Tensor<4> = fixture.get::<1>("bias").reshape([1, 3, 1, 1]);
    let (y, log_det) = layer.forward(fixture.get("x"), &());
    fixture.assert_near::<4>(y + bias.clone(), "z");
    fixture.assert_near(log_det, "log_det");
    let (x, log_det) = layer.inverse(fixture.get::<4>("given_z") - bias, &());
    fixture.assert_near(x, "decoded_x");
    fixture.assert_near(log_det, "decoded_log_det");
}

#[test]
fn a_step_of_glow_maps_as_in_normflows() {
    let fixture = Fixture::read(include_bytes!("fixtures/glow_step.safetensors"));
    fixture.check(&step(&fixture, "", dense));
    fixture.check(&step(&fixture, "", plu));
}

#[test]
fn a_step_of_glow_on_an_odd_number_of_channels_maps_as_in_normflows() {
    let fixture = Fixture::read(include_bytes!("fixtures/glow_step_odd.safetensors"));
    fixture.check(&step(&fixture, "", dense));
    fixture.check(&step(&fixture, "", plu));
}

/// Two scales of two steps.
fn glow<M: Bijection<4> + Clone>(
    fixture: &Fixture,
    mixing: impl Fn(&Fixture, &str) -> M,
) -> Flow<MultiScale<(Squeeze, Vec<Step<M>>)>, StandardNormal<4>> {
    let scale = |scale: usize| {
        let step = |i: usize| step(fixture, &format!("levels.{scale}.steps.{i}."), &mixing);
        (Squeeze::new(2), vec![step(0), step(1)])
    };
    Flow::new(MultiScale::new(vec![scale(0), scale(1)], vec![2, 2]), StandardNormal::new([1, 8, 8]))
}

fn check_glow<M: Bijection<4>>(mixing: impl Fn(&Fixture, &str) -> M) {
    let fixture = Fixture::read(include_bytes!("fixtures/multiscale_glow.safetensors"));
    let flow = glow(&fixture, mixing);
    fixture.assert_near(flow.log_prob(fixture.get::<4>("x")), "log_prob");
    let (z, log_det) = flow.bijection.forward(fixture.get("x"), &());
    fixture.assert_near(log_det, "log_det");
    for (scale, latent) in flow.bijection.latents(z).into_iter().enumerate() {
        fixture.assert_near(latent, &format!("z.{scale}"));
    }
    let z = flow.bijection.from_latents(vec![fixture.get("given_z.0"), fixture.get("given_z.1")]);
    let (x, log_det) = flow.bijection.inverse(z, &());
    fixture.assert_near(x, "decoded_x");
    fixture.assert_near(log_det, "decoded_log_det");
}

#[test]
fn multi_scale_glow_scores_encodes_and_decodes_as_in_normflows() {
    check_glow(dense);
    check_glow(plu);
}
