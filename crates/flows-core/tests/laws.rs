//! The registry: every bijection once, alone, nested, conditional and wrapped, against the laws of
//! `flows_core::testing`, in double precision on a CPU and in single on a GPU. Adding a bijection is adding a line.
//!
//! The float type of a device is set once a process, hence a test binary of its own.

#[path = "shared/sigmoid.rs"]
mod sigmoid;

use burn::tensor::{Device, Tensor};
use flows_core::testing::{Laws, by_precision, check_density, precise_device, randomize, uniform};
use flows_core::*;

use sigmoid::laws_of_a_sigmoid;

fn device() -> Device {
    precise_device()
}

fn x<const D: usize>(shape: [usize; D]) -> Tensor<D> {
    uniform(shape, -2.0, 2.0, 11, &device())
}

fn mlp(inputs: usize, outputs: usize) -> Mlp {
    // Smooth, so that no kink lies at the points that are checked; small, so that the shaken weights leave the Jacobian
    // a determinant that is no difference of large numbers.
    MlpConfig::new(inputs, outputs).with_hidden(vec![7, 6]).with_activation(Activation::Tanh).init(&device())
}

fn coupling<E: Elementwise>(features: usize, map: E, swapped: bool) -> Coupling<Mlp, E> {
    let split = FeatureSplit::halves(features, swapped, &device());
    let network = mlp(split.kept().len(), split.moved().len() * map.params_per_element());
    Coupling::new(split, network, map)
}

fn context_coupling<E: Elementwise>(
    features: usize,
    map: E,
    embedding: Option<Vec<usize>>,
) -> Coupling<WithContext<Mlp>, E> {
    let context = ContextConfig::new(3).with_embedding(embedding);
    let split = FeatureSplit::alternating(features, false, &device());
    let network = mlp(split.kept().len() + context.embedded_width(), split.moved().len() * map.params_per_element());
    Coupling::new(split, context.wrap(network, &device()), map)
}

fn spline() -> RationalQuadratic {
    RationalQuadraticConfig::new().with_bins(5).with_lower(-1.5).with_upper(1.7).init()
}

fn circular() -> RationalQuadratic {
    let config = RationalQuadraticConfig::new().with_bins(5).with_lower(-2.0).with_upper(2.0);
    config.with_tails(Tails::Circular).init()
}

macro_rules! laws {
    ($($name:ident: $bijection:expr, $x:expr $(, given $context:expr)? $(, laws $laws:expr)?;)+) => {
        $(#[test]
        fn $name() {
            let _ = device();
            let bijection = randomize($bijection, 0.5, 5);
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
    exp: Exp::new(), x([4, 3]);
    tanh: Tanh::new(), x([4, 3]);
    sigmoid: Sigmoid::new(), x([4, 3]), laws laws_of_a_sigmoid();
    logit: Logit::new(Sigmoid::new()), uniform([4, 3], 0.05, 0.95, 2, &device()), laws laws_of_a_sigmoid();
    softplus: Softplus::new(), x([4, 3]);
    leaky_relu: LeakyRelu::new(0.3), x([4, 3]);
    reshape: Reshape::new([2, 3], [3, 2]), x([4, 2, 3]);
    scalar_maps_on_images: (Tanh::new(), Softplus::new()), x([3, 2, 2, 2]);
    scale_shift: ScaleShift::new(&[2.0, -0.5, 3.0], &[1.0, 0.0, -7.0], &device()), x([4, 3]);
    scale_shift_on_images: ScaleShift::new(&[2.0, -0.5], &[1.0, 0.0], &device()), x([3, 2, 2, 2]);
    standardize: Bijection::<2>::init_from_data(Standardize::new(3, &device()), x([9, 3]) * 5.0 + 2.0, &()).0, x([4, 3]);
    act_norm: Bijection::<2>::init_from_data(ActNormConfig::new(3).init(&device()), x([9, 3]) * 5.0, &()).0, x([4, 3]);
    johnson_su: JohnsonSuConfig::new(3).init(&device()), x([4, 3]);
    johnson_su_from_data: Bijection::<2>::init_from_data(
        JohnsonSuConfig::new(3).init(&device()), Exp::new().forward(x([99, 3]) * 2.0, &()).0, &()).0, x([4, 3]);
    johnson_su_on_images: JohnsonSuConfig::new(2).init(&device()), x([3, 2, 2, 2]);
    act_norm_on_images: ActNormConfig::new(2).init(&device()), x([3, 2, 2, 2]);
    batch_norm: BatchNormConfig::new(3).init(&device()).recompute_statistics(x([9, 3]) * 4.0 - 1.0, &()).0, x([4, 3]),
        laws Laws::new().batch_statistics();
    batch_norm_on_images: BatchNormConfig::new(2).init(&device()), x([3, 2, 2, 2]), laws Laws::new().batch_statistics();
    permutation: Permutation::random(5, 3, &device()), x([4, 5]);
    reverse_on_images: Permutation::reverse(2, &device()), x([3, 2, 2, 2]);
    diagonal_scaling: DiagonalScaling::new(3, &device()), x([4, 3]);
    plu: PluConfig::new(5).init(&device()), x([4, 5]);
    plu_with_permutation: PluConfig::new(5).with_start(PluStart::Permutation(1)).init(&device()), x([4, 5]);
    plu_from_a_rotation: PluConfig::new(5).with_start(PluStart::Rotation(1)).init(&device()), x([4, 5]);
    plu_on_images: PluConfig::new(3).with_start(PluStart::Rotation(1)).with_bias(false).init(&device()), x([3, 3, 2, 1]);
    dense_linear: DenseLinearConfig::new(4).with_rotation(Some(1)).init(&device()), x([4, 4]);
    dense_linear_on_images: DenseLinearConfig::new(3).init(&device()), x([3, 3, 2, 1]);
    householder: HouseholderConfig::new(5).with_pairs(2).init(&device()), x([4, 5]);

    additive_coupling: coupling(5, Additive::new(), false), x([4, 5]);
    affine_coupling: coupling(5, Affine::default(), true), x([4, 5]);
    affine_coupling_tanh: coupling(4, Affine::new(LogScaleBound::Tanh { bound: 2.0 }), false), x([4, 4]);
    affine_coupling_arctan: coupling(4, Affine::new(LogScaleBound::Arctan { bound: 2.0 }), false), x([4, 4]);
    affine_coupling_unbounded: coupling(4, Affine::new(LogScaleBound::Unbounded), false), x([4, 4]);
    spline_coupling: coupling(5, spline(), false), x([6, 5]);
    spline_coupling_two_bins: coupling(4, RationalQuadraticConfig::new().with_bins(2).with_lower(-1.0).init(), false)
        .with_kept_map(&device()), x([6, 4]);
    circular_spline_coupling: coupling(5, circular(), true), x([6, 5]);
    coupling_with_kept_map: coupling(5, spline(), false).with_kept_map(&device()), x([6, 5]);
    coupling_of_given_indices: Coupling::new(
        FeatureSplit::keep(&[3, 0], 4, &device()), mlp(2, 4), Affine::default()), x([4, 4]);
    coupling_of_a_periodic_network: {
        let periodic = PeriodicConfig::new(vec![Some(4.0), None]).with_harmonics(2);
        let network = periodic.wrap(mlp(periodic.embedded_width(), 2 * 2));
        Coupling::new(FeatureSplit::halves(4, false, &device()), network, Affine::default())
    }, x([4, 4]);
    conditional_affine_coupling: context_coupling(4, Affine::default(), None), x([4, 4]), given x([4, 3]);
    conditional_spline_coupling: context_coupling(4, spline(), None), x([4, 4]), given x([4, 3]);
    coupling_with_embedded_context: context_coupling(4, Affine::default(), Some(vec![5, 2])), x([4, 4]), given x([4, 3]);

    inverse: Inverse::new(coupling(4, Affine::default(), false)), x([4, 4]);
    inverse_of_a_spline: Inverse::new(coupling(4, spline(), false)), x([4, 4]);
    flattened: Flattened::new(coupling(4, Affine::default(), false)), x([4, 2, 2]);
    optional: Some(coupling(4, Affine::default(), false)), x([4, 4]);
    absent: Option::<Exp>::None, x([4, 4]);
    repeated: vec![coupling(4, Affine::default(), false), coupling(4, Affine::default(), true)], x([4, 4]);
    empty: Vec::<Exp>::new(), x([4, 4]);
    array: [coupling(4, spline(), false), coupling(4, spline(), true)], x([4, 4]);
    chain: (coupling(4, Affine::default(), false), Permutation::reverse(4, &device()), coupling(4, spline(), true)), x([4, 4]);
    chain_of_ten: (
        Tanh::new(), Exp::new(), Softplus::new(), LeakyRelu::new(0.5), Permutation::reverse(4, &device()),
        DiagonalScaling::new(4, &device()), Inverse::new(Exp::new()), ActNormConfig::new(4).init(&device()),
        PluConfig::new(4).init(&device()), coupling(4, Affine::default(), false)
    ), uniform([4, 4], 0.3, 2.0, 3, &device());
    nested: vec![(ActNormConfig::new(4).init(&device()), (coupling(4, spline(), false), Inverse::new(Some(LeakyRelu::new(0.5)))))],
        uniform([4, 4], -0.4, 0.4, 4, &device()), laws Laws::new().tolerance(1e-8);
    conditional_chain: (ActNormConfig::new(4).init(&device()), context_coupling(4, Affine::default(), None)), x([4, 4]),
        given x([4, 3]);

    nice: NiceConfig::new(4).with_activation(Activation::Tanh).with_hidden(vec![6]).init(&device()).bijection, x([4, 4]);
    real_nvp: RealNvpConfig::new(4).with_layers(3).with_hidden(vec![6]).with_activation(Activation::Silu).init(&device()).bijection, x([4, 4]);
    real_nvp_with_everything: RealNvpConfig::new(4).with_layers(2).with_activation(Activation::Gelu)
        .with_hidden(vec![6, 6]).with_residual(true).with_normalization(Normalization::ActNorm)
        .with_mixing(Mixing::Plu).with_partition(Partition::Alternating).init(&device()).bijection, x([4, 4]);
    real_nvp_with_batch_norm: RealNvpConfig::new(4).with_layers(2).with_hidden(vec![6]).with_activation(Activation::Tanh)
        .with_normalization(Normalization::BatchNorm).with_mixing(Mixing::Permutation).init(&device()).bijection,
        x([4, 4]), laws Laws::new().batch_statistics();
    spline_flow: SplineFlowConfig::new(4).with_layers(2).with_activation(Activation::Tanh).with_hidden(vec![6])
        .with_kept_map(true).with_mixing(Mixing::Plu).init(&device()).bijection, x([4, 4]);
    conditional_real_nvp: RealNvpConfig::new(4).with_layers(2).with_activation(Activation::Tanh).with_hidden(vec![6])
        .given(3).init(&device()).bijection, x([4, 4]), given x([4, 3]);
    conditional_spline_flow: SplineFlowConfig::new(4).with_layers(2).with_activation(Activation::Tanh)
        .with_hidden(vec![6]).given(3).with_embedding(vec![4, 2]).init(&device()).bijection, x([4, 4]), given x([4, 3]);
    spline_flow_of_one_feature_given_a_context: SplineFlowConfig::new(1).with_layers(2).with_activation(Activation::Tanh)
        .with_hidden(vec![6]).with_kept_map(true).given(3).init(&device()).bijection, x([4, 1]), given x([4, 3]);
    real_nvp_of_one_feature_given_a_context: RealNvpConfig::new(1).with_layers(2).with_activation(Activation::Tanh)
        .with_hidden(vec![6]).with_normalization(Normalization::ActNorm)
        .with_partition(Partition::Alternating).given(3).init(&device()).bijection, x([4, 1]), given x([4, 3]);
    nice_of_one_feature_given_an_embedded_context: NiceConfig::new(1).with_layers(2).with_activation(Activation::Tanh)
        .with_hidden(vec![6]).given(3).with_embedding(vec![4, 2]).init(&device()).bijection, x([4, 1]), given x([4, 3]);
    conditional_nice: NiceConfig::new(4).with_layers(2).with_activation(Activation::Tanh).with_hidden(vec![6])
        .given(3).init(&device()).bijection, x([4, 4]), given x([4, 3]);
}

/// Rounding, through at most three layers; in single precision of log-densities of some tens of nats.
fn tolerance() -> f64 {
    by_precision(1e-9, 1e-3, &device())
}

#[test]
fn densities_have_the_log_density_that_they_draw_with() {
    let d = device();
    check_density(&StandardNormal::<3>::new([2, 3]), 32, &(), &d, tolerance());
    check_density(&randomize(DiagonalNormalConfig::new(vec![2, 3]).init::<3>(&d), 0.5, 1), 32, &(), &d, tolerance());
    check_density(&UniformBox::<2>::new([2], &[-1.0, 3.0], &[2.0, 4.0]), 32, &(), &d, tolerance());
    check_density(&randomize(GaussianMixtureConfig::new(vec![3], 4).init::<2>(&d), 0.5, 1), 32, &(), &d, tolerance());
    check_density(&randomize(StudentTConfig::new(vec![2, 3]).init::<3>(&d), 0.5, 1), 32, &(), &d, tolerance());
    check_density(&StudentTConfig::new(vec![3]).with_degrees(1.0).init::<2>(&d), 32, &(), &d, tolerance());
    let conditional = ConditionalNormalConfig::new(vec![2], 3).init::<2>(&d);
    check_density(&randomize(conditional, 0.5, 1), 32, &x([32, 3]), &d, tolerance());
}

#[test]
fn flows_have_the_log_density_that_they_draw_with() {
    let d = device();
    check_density(&randomize(NiceConfig::new(3).init(&d), 0.3, 1), 32, &(), &d, tolerance());
    check_density(&randomize(RealNvpConfig::new(3).init(&d), 0.1, 1), 32, &(), &d, tolerance());
    check_density(&randomize(SplineFlowConfig::new(3).init(&d), 0.1, 1), 32, &(), &d, tolerance());
    let conditional = RealNvpConfig::new(3).given(3).init(&d);
    check_density(&randomize(conditional, 0.1, 1), 32, &x([32, 3]), &d, tolerance());
    // A flow as the base of another.
    let nested = Flow::new(Permutation::reverse(3, &d), randomize(RealNvpConfig::new(3).init(&d), 0.1, 1));
    check_density(&nested, 32, &(), &d, tolerance());
}

#[test]
fn every_parameter_of_a_flow_has_a_gradient_from_log_prob_and_from_samples() {
    let d = device();
    let flow = randomize(RealNvpConfig::new(3).with_hidden(vec![6]).with_activation(Activation::Tanh).init(&d), 0.3, 1);
    Laws::new().check(&flow.bijection, x([4, 3]), &());
    let base = randomize(DiagonalNormalConfig::new(vec![3]).init::<2>(&d.clone().autodiff()), 0.3, 1);
    let flow = Flow::new(flow.bijection.valid(), base);
    use burn::module::Module;
    let (samples, log_prob) = flow.sample_with_log_prob(5, &d.clone().autodiff());
    let grads = (sum_event(samples) + log_prob).sum().backward();
    for param in [&flow.base.loc, &flow.base.log_scale] {
        let grad = param.val().grad(&grads).expect("a gradient");
        assert!(grad.abs().max().into_scalar::<f64>() > 0.0);
    }
    let t = StudentTConfig::new(vec![3]).with_degrees(3.0).init::<2>(&d.clone().autodiff());
    let (samples, log_prob) = t.sample_with_log_prob(5, &(), &d.clone().autodiff());
    let grads = (sum_event(samples) + log_prob).sum().backward();
    for param in [&t.loc, &t.log_scale, &t.free] {
        let grad = param.val().grad(&grads).expect("a gradient");
        assert!(grad.clone().is_finite().all().into_scalar::<bool>() && grad.abs().max().into_scalar::<f64>() > 0.0);
    }
}
