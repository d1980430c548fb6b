//! Densities integrate to one and draw what they promise.

use burn::tensor::{Device, Tensor, TensorData, Tolerance};
use flows_core::testing::randomize;
use flows_core::{
    ConditionalNormalConfig, Density, DiagonalNormalConfig, Flow, GaussianMixtureConfig, Inverse, NiceConfig,
    RealNvpConfig, Sigmoid, SplineFlowConfig, StandardNormal, StudentTConfig, UniformBox, log_probs, mean_log_prob,
};

/// The integral over a square, by the midpoint rule.
fn integral(density: &impl Density<2>, low: f64, high: f64) -> f64 {
    const CELLS: usize = 500;
    let step = (high - low) / CELLS as f64;
    let at = |i: usize| (low + (i as f64 + 0.5) * step) as f32;
    let centres: Vec<f32> = (0..CELLS * CELLS).flat_map(|i| [at(i % CELLS), at(i / CELLS)]).collect();
    let x = Tensor::<2>::from_data(TensorData::new(centres, [CELLS * CELLS, 2]), &Device::default());
    log_probs(density, &x, &()).iter().map(|v| v.exp()).sum::<f64>() * step * step
}

// zuko asks for 0.9 to 1.1 of a Monte-Carlo estimate; a quadrature of smooth densities does better. Kinks of ReLU
// networks and tails outside the square leave a few thousandths.
const INTEGRAL: f64 = 5e-3;

#[test]
fn densities_integrate_to_one() {
    let device = Device::default();
    let normal = randomize(DiagonalNormalConfig::new(vec![2]).init::<2>(&device), 0.5, 1);
    let t = StudentTConfig::new(vec![2]).with_degrees(4.0).init::<2>(&device);
    let mixture = randomize(GaussianMixtureConfig::new(vec![2], 3).init::<2>(&device), 0.3, 2);
    for (name, integral) in [
        ("standard normal", integral(&StandardNormal::<2>::new([2]), -8.0, 8.0)),
        ("diagonal normal", integral(&normal, -12.0, 12.0)),
        ("Student's t, four degrees of freedom", integral(&t, -60.0, 60.0)),
        ("mixture", integral(&mixture, -16.0, 16.0)),
        ("box", integral(&UniformBox::<2>::new([2], &[-1.0, -2.0], &[3.0, 2.0]), -4.0, 4.0)),
    ] {
        assert!((integral - 1.0).abs() < INTEGRAL, "{name}: {integral}");
    }
}

#[test]
fn flows_integrate_to_one() {
    let device = Device::default();
    let nice = randomize(NiceConfig::new(2).with_hidden(vec![16]).init(&device), 0.1, 1);
    let real_nvp = randomize(RealNvpConfig::new(2).with_layers(4).with_hidden(vec![16]).init(&device), 0.1, 2);
    let spline = randomize(SplineFlowConfig::new(2).with_layers(4).with_hidden(vec![16]).init(&device), 0.2, 3);
    let unit = Flow::new(Inverse::new(Sigmoid::new()), StandardNormal::<2>::new([2]));
    for (name, integral) in [
        ("NICE", integral(&nice, -12.0, 12.0)),
        ("RealNVP", integral(&real_nvp, -15.0, 15.0)),
        ("spline flow", integral(&spline, -8.0, 8.0)),
        ("logit-normal", integral(&unit, 0.0, 1.0)),
    ] {
        assert!((integral - 1.0).abs() < INTEGRAL, "{name}: {integral}");
    }
}

fn moments(x: Tensor<2>) -> (Vec<f32>, Vec<f32>) {
    let (var, mean) = x.var_mean(0);
    let host = |t: Tensor<2>| t.try_into_vec_as::<f32>().unwrap();
    (host(mean), host(var))
}

#[test]
fn samples_have_the_moments_of_the_density() {
    let device = Device::default();
    let n = 40_000;
    // Standard errors: 0.005 of a mean of unit variance, 0.007 of the variance; five of them.
    let near = |a: f32, b: f32, scale: f32| assert!((a - b).abs() < 0.035 * scale, "{a}, expected {b}");

    let (mean, var) = moments(Density::sample(&StandardNormal::<2>::new([2]), n, &(), &device));
    near(mean[0], 0.0, 1.0);
    near(var[1], 1.0, 1.0);

    let (mean, var) = moments(Density::sample(&UniformBox::<2>::new([1], &[2.0], &[8.0]), n, &(), &device));
    near(mean[0], 5.0, 2.0);
    near(var[0], 3.0, 3.0);

    let data = Tensor::<2>::from_data([[1.0, 5.0], [3.0, 9.0]], &device);
    let normal = DiagonalNormalConfig::new(vec![2]).init::<2>(&device).init_from_data(data, &());
    let (mean, var) = moments(Density::sample(&normal, n, &(), &device));
    near(mean[0], 2.0, 1.0);
    near(mean[1], 7.0, 2.0);
    near(var[0], 1.0, 1.0);
    near(var[1], 4.0, 4.0);

    let conditional = randomize(ConditionalNormalConfig::new(vec![1], 2).init::<2>(&device), 0.3, 3);
    let context = Tensor::<2>::from_data([[0.5, -1.0]], &device);
    let (loc, log_scale) = conditional.moments(&context);
    let (mean, var) = moments(conditional.sample(n, &context.repeat_dim(0, n), &device));
    let scale = log_scale.exp().into_scalar::<f32>();
    near(mean[0], loc.into_scalar(), scale);
    near(var[0], scale * scale, scale * scale);
}

#[test]
fn a_mixture_finds_the_clusters_and_draws_from_them() {
    let device = Device::default();
    let cluster = |x: f64, y: f64| {
        let noise = Tensor::<2>::random([500, 2], burn::tensor::Distribution::Normal(0.0, 0.3), &device);
        noise + Tensor::<2>::from_data([[x, y]], &device)
    };
    let data = Tensor::cat(vec![cluster(-3.0, 0.0), cluster(3.0, 1.0), cluster(0.0, 4.0)], 0);
    let mixture = GaussianMixtureConfig::new(vec![2], 3).init::<2>(&device).init_from_data(data.clone(), &());
    let score = |density: &dyn Fn() -> Vec<f64>| density().iter().sum::<f64>() / 1500.0;
    let fitted = score(&|| log_probs(&mixture, &data, &()));
    // -log 3 - log(2πe · 0.3²), the entropy of three separate clusters; its estimate's error is about 0.03.
    let expected = -(3f64.ln()) - (2.0 * std::f64::consts::PI * std::f64::consts::E * 0.09).ln();
    assert!((fitted - expected).abs() < 0.1, "{fitted}, expected {expected}");
    let drawn = Density::sample(&mixture, 1500, &(), &device);
    assert!((score(&|| log_probs(&mixture, &drawn, &())) - expected).abs() < 0.15);
}

#[test]
fn a_context_of_one_row_serves_all_samples() {
    let device = Device::default();
    let flow = randomize(RealNvpConfig::new(2).given(3).init(&device), 0.1, 1);
    let x = Tensor::<2>::from_data([[0.1, 0.2], [1.0, -1.0]], &device);
    let one = Tensor::<2>::from_data([[1.0, 2.0, 3.0]], &device);
    let (a, b) = (flow.given(&one).log_prob(x.clone()), flow.given(&one.clone().repeat_dim(0, 2)).log_prob(x.clone()));
    assert_eq!(a.to_data(), b.to_data());
    // nflows: with a context, as many samples for each of its rows, and the log-densities drawn with them.
    let rows = Tensor::<2>::from_data([[1.0, 2.0, 3.0], [-1.0, 0.0, 0.5]], &device);
    let (samples, log_prob) = flow.given(&rows).sample_with_log_prob(5, &device);
    let again = flow.given(&flows_core::Context::repeat_rows(&rows, 5)).log_prob(samples);
    // The same arithmetic in two orders.
    again.to_data().assert_approx_eq::<f32>(&log_prob.to_data(), Tolerance::absolute(1e-4));
}

#[test]
fn scores_of_many_rows_take_one_row_of_context_for_all() {
    let device = Device::default();
    let flow = randomize(RealNvpConfig::new(2).given(1).init(&device), 0.1, 1);
    let x = Tensor::<2>::random([100, 2], burn::tensor::Distribution::Normal(0.0, 1.0), &device);
    let one = Tensor::<2>::from_data([[0.5]], &device);
    let (mean, error) = mean_log_prob(&flow, &x, &one);
    let scores = flow.given(&one).log_prob(x.clone()).try_into_vec_as::<f64>().unwrap();
    assert!((mean - scores.iter().sum::<f64>() / 100.0).abs() < 1e-6 && error > 0.0);
    assert_eq!(log_probs(&flow, &x, &one), log_probs(&flow, &x, &one.repeat_dim(0, 100)));
}

#[test]
#[should_panic(expected = "`context`: expected 1 or 100 rows, as many as `x`, got 200")]
fn scores_of_a_hundred_rows_refuse_two_hundred_of_context() {
    let device = Device::default();
    let flow = RealNvpConfig::new(2).given(1).init(&device);
    mean_log_prob(&flow, &Tensor::<2>::zeros([100, 2], &device), &Tensor::<2>::zeros([200, 1], &device));
}

#[test]
#[should_panic(expected = "`context`: expected 100 rows, one a sample, got 200")]
fn a_flow_itself_wants_one_row_of_context_a_sample() {
    let device = Device::default();
    let flow = RealNvpConfig::new(2).given(1).init(&device);
    Density::log_prob(&flow, Tensor::<2>::zeros([100, 2], &device), &Tensor::<2>::zeros([200, 1], &device));
}

#[test]
#[should_panic(expected = "made by `.given(width)`")]
fn a_flow_without_a_context_is_not_given_one() {
    let device = Device::default();
    let flow = RealNvpConfig::new(2).init(&device);
    flow.given(&Tensor::<2>::zeros([1, 1], &device)).log_prob(Tensor::<2>::zeros([4, 2], &device));
}

#[test]
#[should_panic(expected = "`context`: expected 1 or 4 rows, as many as `x`, got 3")]
fn a_context_with_too_few_rows_panics() {
    let device = Device::default();
    let flow = RealNvpConfig::new(2).given(1).init(&device);
    flow.given(&Tensor::<2>::zeros([3, 1], &device)).log_prob(Tensor::<2>::zeros([4, 2], &device));
}

#[test]
fn encode_and_decode_undo_each_other() {
    let device = Device::default();
    let flow = randomize(SplineFlowConfig::new(3).init(&device), 0.05, 1);
    let x = Tensor::<2>::from_data([[0.5, -0.2, 1.0], [3.0, 2.0, -1.0]], &device);
    let back = flow.decode(flow.encode(x.clone()));
    back.to_data().assert_approx_eq::<f32>(&x.to_data(), Tolerance::absolute(1e-4));
}
