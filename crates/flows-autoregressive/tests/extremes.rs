//! Far-out and degenerate inputs: log-densities and every gradient stay finite, in single precision.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Gradients, Tensor};
use flows_autoregressive::mask::InputOrder;
use flows_autoregressive::*;
use flows_core::testing::{check_density, randomize, uniform};
use flows_core::{Context, Density, Mixing, Normalization};

struct Finite<'a> {
    grads: &'a Gradients,
    seen: usize,
}

impl ModuleVisitor for Finite<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(grad) = param.val().grad(self.grads) {
            assert!(grad.is_finite().all().into_scalar::<bool>(), "a gradient is not finite");
            self.seen += 1;
        }
    }
}

fn stays_finite(name: &str, flow: impl Density<2>) {
    stays_finite_at(name, flow, &[0.0, 1e4, -1e4, 1e-30, -5.0, 5.0, 1.0]);
}

fn stays_finite_at(name: &str, flow: impl Density<2>, edges: &[f32]) {
    let device = Device::default().autodiff();
    let flow = randomize(flow, 0.3, 4).train();
    let rows: Vec<f32> = edges.iter().flat_map(|a| edges.iter().flat_map(move |b| [*a, *b, *a])).collect();
    let x = Tensor::<1>::from_data(rows.as_slice(), &device).reshape([edges.len() * edges.len(), 3]).require_grad();
    let log_prob = flow.log_prob(x.clone(), &());
    assert!(log_prob.clone().is_finite().all().into_scalar::<bool>(), "{name}: a log-density is not finite");
    let grads = log_prob.sum().backward();
    let on_inputs = x.grad(&grads).expect("a gradient");
    assert!(on_inputs.is_finite().all().into_scalar::<bool>(), "{name}: a gradient on an input is not finite");
    let mut finite = Finite { grads: &grads, seen: 0 };
    flow.visit(&mut finite);
    assert!(finite.seen > 0, "{name}");
}

#[test]
fn densities_and_gradients_of_extreme_rows_stay_finite() {
    let device = Device::default();
    let maf = || MafConfig::new(3).with_layers(2).with_hidden(vec![16]).with_normalization(Normalization::None);
    let made = MadeDensityConfig::new(3).with_hidden(vec![16]);
    stays_finite("maf", maf().init(&device));
    stays_finite("maf over mixtures", MafMogConfig::new(3).with_maf(maf()).init(&device));
    stays_finite("modern maf", MafConfig::modern(3).with_layers(2).with_hidden(vec![16]).init(&device));
    stays_finite("iaf", IafConfig::new(3).with_maf(maf()).init(&device));
    stays_finite("splines", AutoregressiveSplineFlowConfig::new(3).with_layers(2).with_hidden(vec![16]).init(&device));
    stays_finite("made", made.clone().init(&device));
    stays_finite("made with mixtures", made.clone().with_conditionals(ConditionalsConfig::mixture(5)).init(&device));
    // Beyond 0..1 a binary density is zero.
    let bernoulli = made.with_conditionals(ConditionalsConfig::Bernoulli).init(&device);
    stays_finite_at("bernoulli", bernoulli, &[0.0, 1e-30, 1.0]);
}

#[test]
fn a_nan_is_not_hidden() {
    let device = Device::default();
    let flow = randomize(AutoregressiveSplineFlowConfig::new(3).with_layers(2).init(&device), 0.1, 4).valid();
    let x = Tensor::<2>::from_data([[0.0, f32::NAN, 0.0], [0.0, 0.0, 0.0]], &device);
    let log_prob = flow.log_prob(x).try_into_vec_as::<f32>().unwrap();
    assert!(log_prob[0].is_nan() && log_prob[1].is_finite(), "{log_prob:?}");
}

/// The laws of densities in single precision: of infinities and 1e38 among them.
fn lawful<C: Context>(density: impl Density<2, C>, context: &C) {
    // Weights as after training; rounding of log-densities of some tens of nats.
    check_density(&randomize(density, 0.1, 1).valid(), 16, context, &Device::default(), 2e-3);
}

#[test]
fn every_model_knows_absurd_rows_and_no_rows() {
    let d = Device::default();
    let context = uniform([16, 3], -1.0, 1.0, 2, &d);
    for normalization in [Normalization::None, Normalization::ActNorm, Normalization::BatchNorm] {
        for mixing in [Mixing::None, Mixing::Permutation, Mixing::Plu] {
            let maf = || MafConfig::new(3).with_layers(3).with_normalization(normalization).with_mixing(mixing);
            lawful(maf().init(&d), &());
            lawful(maf().given(3).init(&d), &context);
        }
    }
    let plain = || MafConfig::new(3).with_layers(3).with_normalization(Normalization::None);
    lawful(MafConfig::modern(3).with_layers(3).init(&d), &());
    lawful(IafConfig::new(3).with_maf(plain()).init(&d), &());
    lawful(IafConfig::new(3).with_maf(plain()).given(3).init(&d), &context);
    lawful(MafMogConfig::new(3).with_maf(plain()).init(&d), &());
    lawful(MafMogConfig::new(3).with_maf(plain()).given(3).init(&d), &context);
    lawful(AutoregressiveSplineFlowConfig::new(3).with_layers(3).init(&d), &());
    lawful(
        AutoregressiveSplineFlowConfig::new(3).with_layers(3).given(3).with_embedding(vec![4, 2]).init(&d),
        &context,
    );
    for conditionals in [ConditionalsConfig::gaussian(), ConditionalsConfig::mixture(5), ConditionalsConfig::Bernoulli]
    {
        let made = || MadeDensityConfig::new(3).with_conditionals(conditionals).with_hidden(vec![12]);
        let several = || made().with_order(InputOrder::Random { seed: 1 }).with_masks(3);
        lawful(made().init(&d), &());
        lawful(made().init(&d).base.density, &());
        lawful(several().init(&d), &());
        lawful(several().given(3).init(&d), &context);
    }
    lawful(MafConfig::new(1).init(&d), &());
    lawful(AutoregressiveSplineFlowConfig::new(1).init(&d), &());
}
