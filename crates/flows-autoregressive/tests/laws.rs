//! The registry: every layer and model of this crate against the laws of `flows_core::testing`, in double precision on
//! a CPU and in single on a GPU.
//!
//! The float type of a device is set once a process, hence a test binary of its own.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use flows_autoregressive::mask::{HiddenDegrees, InputOrder};
use flows_autoregressive::*;
use flows_core::testing::{Laws, by_precision, check_density, precise_device, randomize, uniform};
use flows_core::*;

fn device() -> Device {
    precise_device()
}

fn x<const D: usize>(shape: [usize; D]) -> Tensor<D> {
    uniform(shape, -2.0, 2.0, 11, &device())
}

fn spline() -> RationalQuadratic {
    RationalQuadraticConfig::new().with_bins(5).with_lower(-1.5).with_upper(1.7).init()
}

fn circular() -> RationalQuadratic {
    let config = RationalQuadraticConfig::new().with_bins(5).with_lower(-2.0).with_upper(2.0);
    config.with_tails(Tails::Circular).init()
}

/// Smooth, so that no kink lies at the points that are checked.
fn made(features: usize, map: &impl Elementwise) -> MadeConfig {
    let config = MadeConfig::new(features, map.params_per_element());
    config.with_hidden(vec![8, 9]).with_activation(Activation::Tanh)
}

fn residual(features: usize, map: &impl Elementwise) -> MadeConfig {
    made(features, map).with_hidden(vec![9, 9]).with_residual(true)
}

fn layer<E: Elementwise>(map: E, made: impl Fn(usize, &E) -> MadeConfig) -> MaskedAutoregressive<Made, E> {
    let network = made(4, &map).init(&device());
    MaskedAutoregressive::new(network, map)
}

fn given<E: Elementwise>(
    map: E,
    embedding: Option<Vec<usize>>,
    made: impl Fn(usize, &E) -> MadeConfig,
) -> MaskedAutoregressive<WithContext<Made>, E> {
    let context = ContextConfig::new(3).with_embedding(embedding);
    let network = made(4, &map).init_given(&context, &device());
    MaskedAutoregressive::new(network, map)
}

fn small_maf() -> MafConfig {
    MafConfig::new(4).with_layers(3).with_hidden(vec![7]).with_activation(Activation::Silu)
}

fn plain_maf() -> MafConfig {
    small_maf().with_normalization(Normalization::None)
}

macro_rules! laws {
    ($($name:ident: $bijection:expr $(, given $context:expr)? $(, laws $laws:expr)?;)+) => {
        $(#[test]
        fn $name() {
            let _ = device();
            let bijection = randomize($bijection, 0.4, 5);
            #[allow(unused_mut, unused_assignments)]
            let mut laws = Laws::new();
            $(laws = $laws;)?
            laws.check(&bijection, x([4, 4]), laws!(@context $($context)?));
        })+
    };
    (@context) => { &() };
    (@context $context:expr) => { &$context };
}

laws! {
    additive: layer(Additive::new(), made);
    affine: layer(Affine::default(), made);
    affine_of_a_residual_network: layer(Affine::default(), residual);
    affine_reversed: layer(Affine::default(), |n, map| made(n, map).with_order(InputOrder::Reversed));
    affine_in_a_random_order: layer(Affine::default(), |n, map| {
        made(n, map).with_order(InputOrder::Random { seed: 4 }).with_degrees(HiddenDegrees::Random { seed: 5 })
    });
    affine_without_hidden_layers: layer(Affine::default(), |n, map| made(n, map).with_hidden(vec![]));
    spline_layer: layer(spline(), made);
    spline_of_a_residual_network: layer(spline(), |n, map| residual(n, map).with_order(InputOrder::Random { seed: 1 }));
    circular_spline: layer(circular(), made);
    conditional_affine: given(Affine::default(), None, made), given x([4, 3]);
    conditional_spline: given(spline(), None, residual), given x([4, 3]);
    conditional_with_embedding: given(Affine::default(), Some(vec![5, 2]), |n, map| {
        made(n, map).with_order(InputOrder::Reversed)
    }), given x([4, 3]);
    inverse_affine: Inverse::new(layer(Affine::default(), made));
    inverse_spline: Inverse::new(layer(spline(), residual));
    beside_a_coupling: (layer(Affine::default(), made), Permutation::random(4, 1, &device()), layer(spline(), made));

    maf: plain_maf().init(&device()).bijection;
    maf_with_batch_norm: small_maf().init(&device()).bijection, laws Laws::new().batch_statistics();
    maf_with_act_norm: small_maf().with_normalization(Normalization::ActNorm).init(&device()).bijection;
    maf_modern: MafConfig::modern(4).with_layers(2).with_hidden(vec![8]).with_activation(Activation::Tanh)
        .init(&device()).bijection;
    conditional_maf: plain_maf().given(3).init(&device()).bijection, given x([4, 3]);
    iaf: IafConfig::new(4).with_maf(plain_maf()).init(&device()).bijection;
    conditional_iaf: IafConfig::new(4).with_maf(plain_maf()).given(3).with_embedding(vec![16, 2]).init(&device()).bijection,
        given x([4, 3]);
    spline_flow: AutoregressiveSplineFlowConfig::new(4).with_layers(2).with_hidden(vec![8])
        .with_activation(Activation::Tanh).init(&device()).bijection;
    spline_flow_of_the_paper: AutoregressiveSplineFlowConfig::new(4).with_layers(2).with_hidden(vec![8])
        .with_activation(Activation::Tanh).with_residual(true).with_mixing(Mixing::Plu).init(&device()).bijection;
    conditional_spline_flow: AutoregressiveSplineFlowConfig::new(4).with_layers(2).with_hidden(vec![8])
        .with_activation(Activation::Tanh).given(3).init(&device()).bijection, given x([4, 3]);
}

#[test]
fn one_feature_is_a_learnt_map_and_sees_the_context() {
    let network = MadeConfig::new(1, 2).with_hidden(vec![]).init(&device());
    let layer = randomize(MaskedAutoregressive::new(network, Affine::default()), 0.4, 1);
    let (y, log_det) = layer.forward(x([4, 1]), &());
    let (back, _) = layer.inverse(y, &());
    let rounding = by_precision(1e-15, 1e-6, &device());
    assert!((back - x([4, 1])).abs().max().into_scalar::<f64>() < rounding);
    let log_det = log_det.try_into_vec_as::<f64>().unwrap();
    assert!(log_det[0] != 0.0 && log_det.iter().all(|v| *v == log_det[0]), "an affine map of its own: {log_det:?}");

    let context = ContextConfig::new(3);
    let network = MadeConfig::new(1, 2).with_hidden(vec![5]).with_activation(Activation::Tanh);
    let layer = MaskedAutoregressive::new(network.init_given(&context, &device()), Affine::default());
    Laws::new().check(&randomize(layer, 0.4, 1), x([4, 1]), &x([4, 3]));
}

/// The D-pass inverse: the network once a feature, as other libraries do it.
fn by_passes<C, N: AutoregressiveConditioner<C>, E: Elementwise>(
    layer: &MaskedAutoregressive<N, E>,
    y: Tensor<2>,
    context: &C,
) -> (Tensor<2>, Tensor<1>) {
    let solved = layer.inverse_by_iteration(y, context, &FixedPoint::new().with_tolerance(0.0).with_max_sweeps(1000));
    (solved.x, solved.log_det)
}

/// Rounding: two orders of summation.
fn agreement() -> f64 {
    by_precision(1e-12, 1e-4, &device())
}

fn agrees<C, N: AutoregressiveConditioner<C>, E: Elementwise>(
    name: &str,
    layer: MaskedAutoregressive<N, E>,
    features: usize,
    context: &C,
) {
    let layer = randomize(layer, 0.2, 3);
    let y = x([5, features]);
    let (one, log_det) = layer.inverse(y.clone(), context);
    let (reference, reference_log_det) = by_passes(&layer, y, context);
    let (size, log_det_size) = (reference.clone().abs().clamp_min(1.0), reference_log_det.clone().abs().clamp_min(1.0));
    for (what, difference) in [
        ("x", ((one - reference) / size).abs().max()),
        ("log_det", ((log_det - reference_log_det) / log_det_size).abs().max()),
    ] {
        let difference = difference.into_scalar::<f64>();
        assert!(difference < agreement(), "{name}, {features} features: {what} differs by {difference:e}");
    }
}

#[test]
fn the_one_pass_inverse_is_the_inverse_by_passes() {
    let d = device();
    for features in [1, 2, 3, 7, 16, 33] {
        for (shape, hidden) in [(false, vec![]), (false, vec![5]), (false, vec![40, 11, 23]), (true, vec![20, 20])] {
            for order in [InputOrder::Natural, InputOrder::Reversed, InputOrder::Random { seed: 2 }] {
                for degrees in [HiddenDegrees::Sequential, HiddenDegrees::Random { seed: 9 }] {
                    let config = |outputs| {
                        MadeConfig::new(features, outputs)
                            .with_hidden(hidden.clone())
                            .with_residual(shape)
                            .with_order(order)
                            .with_degrees(degrees)
                    };
                    let name = format!("{hidden:?}, residual {shape}, {order}, {degrees}");
                    let affine = MaskedAutoregressive::new(config(2).init(&d), Affine::default());
                    agrees(&name, affine, features, &());
                    let map = spline();
                    let network = config(map.params_per_element()).init(&d);
                    agrees(&name, MaskedAutoregressive::new(network, map), features, &());
                    let context = ContextConfig::new(3);
                    let network = config(2).init_given(&context, &d);
                    agrees(&name, MaskedAutoregressive::new(network, Affine::default()), features, &x([5, 3]));
                }
            }
        }
    }
}

/// Rounding, through at most five layers.
fn tolerance() -> f64 {
    by_precision(1e-9, 1e-3, &device())
}

#[test]
fn flows_and_densities_have_the_log_density_that_they_draw_with() {
    let d = device();
    check_density(&randomize(plain_maf().init(&d), 0.2, 1), 32, &(), &d, tolerance());
    check_density(&randomize(small_maf().init(&d), 0.2, 1).valid(), 32, &(), &d, tolerance());
    check_density(&randomize(IafConfig::new(4).init(&d), 0.2, 1), 32, &(), &d, tolerance());
    check_density(&randomize(AutoregressiveSplineFlowConfig::new(4).init(&d), 0.1, 1), 32, &(), &d, tolerance());
    check_density(&randomize(MafMogConfig::new(4).with_maf(plain_maf()).init(&d), 0.2, 1), 32, &(), &d, tolerance());
    let conditional = MafMogConfig::new(4).with_maf(plain_maf()).given(3).init(&d);
    check_density(&randomize(conditional, 0.2, 1), 32, &x([32, 3]), &d, tolerance());
    for conditionals in [ConditionalsConfig::gaussian(), ConditionalsConfig::mixture(5), ConditionalsConfig::Bernoulli]
    {
        let config = MadeDensityConfig::new(4).with_conditionals(conditionals).with_hidden(vec![12]);
        check_density(&randomize(config.init(&d), 0.5, 1), 32, &(), &d, tolerance());
        let config = config.with_order(InputOrder::Random { seed: 1 }).with_masks(3);
        check_density(&randomize(config.init(&d), 0.5, 1).valid(), 32, &(), &d, tolerance());
        check_density(&randomize(config.given(3).init(&d), 0.5, 1).valid(), 32, &x([32, 3]), &d, tolerance());
    }
}

#[test]
fn the_log_density_reaches_every_weight_of_a_base_of_mixtures() {
    let d = device().autodiff();
    let flow = randomize(MafMogConfig::new(3).with_maf(plain_maf_of(3)).init(&d), 0.2, 1);
    let loss = flow.log_prob(x([6, 3]).autodiff()).sum();
    let grads = loss.backward();
    let network = &flow.base.network;
    for linear in network.linears() {
        let grad = linear.parts[0].weight.val().grad(&grads).expect("a gradient").abs().max().into_scalar::<f64>();
        assert!(grad.is_finite() && grad > 0.0);
    }
}

fn plain_maf_of(features: usize) -> MafConfig {
    MafConfig { features, ..plain_maf() }
}
