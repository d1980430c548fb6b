//! Densities sum or integrate to one, ensembles are the mixtures they say they are, and flows survive a file.

use burn::module::Module;
use burn::tensor::{Device, Distribution, Tensor};
use flows_autoregressive::mask::{HiddenDegrees, InputOrder};
use flows_autoregressive::*;
use flows_core::testing::{check_files, randomize};
use flows_core::*;

fn made(features: usize, conditionals: ConditionalsConfig) -> MadeDensityConfig {
    MadeDensityConfig::new(features).with_conditionals(conditionals).with_hidden(vec![24]).with_standardize(false)
}

fn values(x: Tensor<1>) -> Vec<f64> {
    x.try_into_vec_as().unwrap()
}

/// Every row of zeros and ones.
fn all_bits(features: usize) -> Tensor<2> {
    let bit = |row: usize, feature: usize| ((row >> feature) & 1) as f32;
    let bits: Vec<f32> = (0..1 << features).flat_map(|row| (0..features).map(move |f| bit(row, f))).collect();
    Tensor::<1>::from_data(bits.as_slice(), &Device::default()).reshape([1 << features, features])
}

#[test]
fn bernoulli_conditionals_sum_to_one_over_all_inputs() {
    let config = made(8, ConditionalsConfig::Bernoulli);
    for masks in [1, 5] {
        let config = config.clone().with_order(InputOrder::Random { seed: 2 }).with_masks(masks);
        let density = randomize(config.init(&Device::default()), 1.0, 3).valid();
        let total: f64 = values(density.log_prob(all_bits(8))).iter().map(|p| p.exp()).sum();
        // 256 terms in single precision.
        assert!((total - 1.0).abs() < 1e-5, "{masks} masks: {total}");
    }
}

#[test]
fn bernoulli_samples_are_as_frequent_as_they_are_probable() {
    let device = Device::default();
    let config = made(3, ConditionalsConfig::Bernoulli).with_order(InputOrder::Random { seed: 1 }).with_masks(2);
    let density = randomize(config.init(&device), 1.0, 3).valid();
    let n = 40_000;
    let samples: Tensor<2> = density.sample(n, &device);
    let places = Tensor::<1>::from_data([1.0, 2.0, 4.0], &device).unsqueeze::<2>();
    let mut counts = [0.0; 8];
    values((samples * places).sum_dim(1).reshape([n])).iter().for_each(|row| counts[*row as usize] += 1.0);
    for (count, log_prob) in counts.iter().zip(values(density.log_prob(all_bits(3)))) {
        let p = log_prob.exp();
        let error = (p * (1.0 - p) / n as f64).sqrt();
        assert!((count / n as f64 - p).abs() < 5.0 * error, "{} of {p}", count / n as f64);
    }
}

/// The integral over `[-r, r]²`, by the midpoint rule.
fn integral(density: &impl Density<2>, r: f64) -> f64 {
    let (n, device) = (400, Device::default());
    let step = 2.0 * r / n as f64;
    let at = |i: usize| (-r + (i as f64 + 0.5) * step) as f32;
    let points: Vec<f32> = (0..n * n).flat_map(|i| [at(i / n), at(i % n)]).collect();
    let points = Tensor::<1>::from_data(points.as_slice(), &device).reshape([n * n, 2]);
    log_probs(density, &points, &()).iter().map(|p| p.exp()).sum::<f64>() * step * step
}

#[test]
fn densities_of_two_features_integrate_to_one() {
    let d = Device::default();
    let maf = || MafConfig::new(2).with_layers(2).with_hidden(vec![12]).with_normalization(Normalization::None);
    // The midpoint rule with steps of 0.06 on densities whose narrowest features are a few tenths wide.
    let check = |name: &str, total: f64| assert!((total - 1.0).abs() < 1e-3, "{name}: {total}");
    check("gaussian", integral(&randomize(made(2, ConditionalsConfig::gaussian()).init(&d), 0.3, 1), 12.0));
    check("mixture", integral(&randomize(made(2, ConditionalsConfig::mixture(4)).init(&d), 0.3, 1), 12.0));
    let several = made(2, ConditionalsConfig::mixture(4)).with_order(InputOrder::Random { seed: 1 }).with_masks(4);
    check("several masks", integral(&randomize(several.init(&d), 0.3, 1).valid(), 12.0));
    check("maf", integral(&randomize(maf().init(&d), 0.2, 1), 12.0));
    check("maf of mixtures", integral(&randomize(MafMogConfig::new(2).with_maf(maf()).init(&d), 0.2, 1), 12.0));
    let spline = AutoregressiveSplineFlowConfig::new(2).with_layers(2).with_hidden(vec![12]);
    check("splines", integral(&randomize(spline.init(&d), 0.3, 1), 12.0));
    let iaf = IafConfig::new(2).with_maf(maf());
    check("iaf", integral(&randomize(iaf.init(&d), 0.2, 1), 12.0));
}

#[test]
fn a_gaussian_made_is_a_layer_of_maf() {
    let device = Device::default();
    let density = randomize(made(4, ConditionalsConfig::gaussian()).init(&device), 0.3, 2);
    let x = Tensor::<2>::random([9, 4], Distribution::Normal(0.0, 1.0), &device);
    // With μ and s of the MADE, z = (x - μ) e⁻ˢ: the inverse of the affine map of its parameters.
    let params = density.base.density.network.forward(x.clone());
    let (z, log_det) = Affine::default().inverse(x.clone(), params);
    let expected = StandardNormal::<2>::new([4]).log_prob(z, &()) + log_det;
    let difference = (density.log_prob(x) - expected).abs().max().into_scalar::<f32>();
    assert!(difference < 1e-5, "{difference}");
}

#[test]
fn an_ensemble_is_the_mixture_of_its_members_and_trains_them_in_turn() {
    let device = Device::default();
    let config = made(5, ConditionalsConfig::gaussian()).with_masks(3);
    let config = config.with_order(InputOrder::Random { seed: 4 }).with_degrees(HiddenDegrees::Random { seed: 5 });
    let ensemble = randomize(config.init(&device), 0.5, 1).base;
    let x = Tensor::<2>::random([6, 5], Distribution::Normal(0.0, 1.0), &device);
    let members: Vec<Vec<f64>> = (0..3).map(|k| values(ensemble.member(k).log_prob(x.clone(), &()))).collect();
    for (row, log_prob) in values(ensemble.log_prob(x.clone(), &())).into_iter().enumerate() {
        let mean = members.iter().map(|member| member[row].exp()).sum::<f64>() / 3.0;
        assert!((log_prob - mean.ln()).abs() < 1e-5);
        assert!(members[0][row] != members[1][row] && members[1][row] != members[2][row], "the masks differ");
    }
    let in_training = ensemble.clone().train();
    for turn in 0..6 {
        let got = values(in_training.log_prob(x.clone().autodiff(), &()).inner());
        for (a, b) in got.iter().zip(&members[turn % 3]) {
            assert!((a - b).abs() < 1e-5, "turn {turn}");
        }
    }
}

#[test]
fn gradients_under_any_masks_reach_the_one_set_of_weights() {
    let device = Device::default().autodiff();
    let config = made(4, ConditionalsConfig::gaussian()).with_order(InputOrder::Random { seed: 4 }).with_masks(2);
    let ensemble = randomize(config.init(&device), 0.5, 1).base;
    let x = Tensor::<2>::random([6, 4], Distribution::Normal(0.0, 1.0), &device);
    for k in 0..2 {
        let grads = ensemble.member(k).log_prob(x.clone(), &()).sum().backward();
        for linear in ensemble.density.network.linears() {
            assert!(
                linear.parts[0].weight.val().grad(&grads).expect("a gradient").abs().max().into_scalar::<f32>() > 0.0
            );
        }
    }
}

#[test]
fn iaf_scores_its_own_samples_as_it_would_score_them_again() {
    let device = Device::default();
    let config = IafConfig::new(6).with_maf(MafConfig::new(6).with_normalization(Normalization::None));
    let flow = randomize(config.init(&device), 0.05, 1);
    let (x, log_prob) = flow.sample_with_log_prob(200, &device);
    let difference = (flow.log_prob(x) - log_prob).abs().max().into_scalar::<f32>();
    // Single precision through five layers there and back; exact to 1e-9 in the laws' double precision.
    assert!(difference < 1e-3, "{difference}");
}

#[test]
fn models_survive_a_file_with_their_masks() {
    let (device, dir) = (Device::default(), tempfile::tempdir().unwrap());
    let path = dir.path().join("a.flow");
    let x = Tensor::<2>::random([5, 4], Distribution::Normal(0.0, 1.0), &device);

    let maf = MafConfig::new(4).with_layers(2).with_hidden(vec![9]);
    let flow = randomize(maf.init(&device), 0.2, 1);
    save(&path, &maf, &flow).unwrap();
    let (_, loaded) = load::<MafConfig>(&path, &device).unwrap();
    assert_eq!(loaded.log_prob(x.clone()).to_data(), flow.valid().log_prob(x.clone()).to_data());

    let made = made(4, ConditionalsConfig::mixture(3)).with_order(InputOrder::Random { seed: 8 }).with_masks(3);
    let density = randomize(made.init(&device), 0.2, 1).valid();
    save(&path, &made, &density).unwrap();
    let (_, loaded) = load::<MadeDensityConfig>(&path, &device).unwrap();
    assert_eq!(loaded.log_prob(x.clone()).to_data(), density.log_prob(x.clone()).to_data());

    let mog = MafMogConfig::new(4).with_maf(maf.clone()).with_components(3).given(2);
    let flow = randomize(mog.init(&device), 0.2, 1).valid();
    save(&path, &mog, &flow).unwrap();
    let (_, loaded) = load::<Conditional<MafMogConfig>>(&path, &device).unwrap();
    let context = Tensor::<2>::ones([5, 2], &device);
    assert_eq!(loaded.given(&context).log_prob(x.clone()).to_data(), flow.given(&context).log_prob(x).to_data());
    assert!(load::<IafConfig>(&path, &device).is_err(), "another kind of flow is an error");
}

#[test]
#[should_panic(expected = "`masks`: expected 1 where neither order nor degrees are random, got 4")]
fn several_masks_with_nothing_random_panic() {
    made(3, ConditionalsConfig::gaussian()).with_masks(4).init(&Device::default());
}

#[test]
#[should_panic(expected = "`normalization`: expected None inside an inverse flow")]
fn batch_norm_inside_an_inverse_flow_panics() {
    IafConfig::new(3).with_maf(MafConfig::new(3)).init(&Device::default());
}

#[test]
fn files_that_ask_for_impossible_sizes_are_errors_for_every_model() {
    let device = Device::default();
    let sizes = ["features", "layers", "hidden", "bins", "components", "masks", "width", "embedding"];
    let maf = MafConfig::new(3).with_layers(2).with_hidden(vec![8]);
    check_files(&maf, &sizes, &device);
    check_files(&MafConfig::modern(3).with_layers(2).with_hidden(vec![8, 8]), &sizes, &device);
    check_files(&maf.clone().given(2).with_embedding(vec![5, 3]), &sizes, &device);
    check_files(&MafMogConfig::new(3).with_maf(maf.clone()).with_components(2), &sizes, &device);
    let inverted = maf.with_normalization(Normalization::None);
    check_files(&IafConfig::new(3).with_maf(inverted), &["layers", "hidden"], &device);
    let spline = AutoregressiveSplineFlowConfig::new(3).with_layers(2).with_hidden(vec![8]);
    check_files(&spline, &sizes, &device);
    let made = MadeDensityConfig::new(3).with_hidden(vec![8]);
    check_files(&made.clone().with_conditionals(ConditionalsConfig::mixture(2)), &sizes, &device);
    check_files(&made.with_order(InputOrder::Random { seed: 1 }).with_masks(3), &sizes, &device);
}
