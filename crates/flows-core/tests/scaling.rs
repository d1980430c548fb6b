//! Columns far from zero, of any scale, and with heavy tails: a flow in their units is as good as one of standard
//! variables.
#![cfg(feature = "train")]

use burn::tensor::{Device, Tensor, TensorData};
use flows_core::testing::uniform;
use flows_core::train::{FitConfig, Reporting, fit};
use flows_core::{
    ColumnStatistics, Density, FlowConfig, RealNvpConfig, ScaledConfig, ScalingConfig, SplineFlowConfig, load,
    log_probs, save,
};

/// Standard normal numbers, by Box and Muller.
fn normal(n: usize, seed: u64) -> Vec<f64> {
    let u = uniform([n, 2], 0.0, 1.0, seed, &Device::default()).try_into_vec_as::<f64>().expect("numbers");
    u.chunks(2).map(|u| (-2.0 * (1.0 - u[0]).ln()).sqrt() * (2.0 * std::f64::consts::PI * u[1]).cos()).collect()
}

/// Two columns of rows, each shifted and scaled.
fn rows(columns: [&[f64]; 2], loc: [f64; 2], scale: [f64; 2]) -> Vec<f64> {
    let at = |i: usize, v: f64| loc[i] + scale[i] * v;
    columns[0].iter().zip(columns[1]).flat_map(|(a, b)| [at(0, *a), at(1, *b)]).collect()
}

fn training(epochs: usize) -> FitConfig {
    FitConfig::new().with_epochs(epochs).with_reporting(Reporting::Silent)
}

/// The mean log-density of held-out rows of a flow trained through a scaling.
fn trained<F: FlowConfig<Flow: Density<2>>>(flow: F, train: &[f64], test: &[f64], epochs: usize) -> f64 {
    let flow = ScaledConfig::from_rows(flow, train, 2).expect("they vary").init(&Device::default());
    flow.fit(train, &training(epochs)).expect("it trains").flow.mean_log_prob(test).0
}

fn spline() -> SplineFlowConfig {
    SplineFlowConfig::new(2).with_layers(2).with_hidden(vec![32])
}

fn affine() -> RealNvpConfig {
    RealNvpConfig::new(2).with_layers(2).with_hidden(vec![32])
}

/// Independent normal columns: log-density -log 2πe - log(sd₁ sd₂) on average.
fn entropy(scale: [f64; 2]) -> f64 {
    -(2.0 * std::f64::consts::PI * std::f64::consts::E).ln() - scale[0].ln() - scale[1].ln()
}

#[test]
fn offsets_and_scales_cost_no_nats() {
    let (a, b) = (normal(3000, 1), normal(3000, 2));
    let sets = [
        ([5e5, 5.4e6], [100.0, 100.0]),  // UTM metres
        ([1.7e9, 0.0], [25_000.0, 1.0]), // Unix seconds
        ([5e20, 0.0], [1e20, 1.0]),
        ([0.0, 0.0], [1e-23, 1.0]),
        ([1e200, -1e-200], [1e190, 1e-210]),
    ];
    for (loc, scale) in sets {
        let all = rows([&a, &b], loc, scale);
        let (train, test) = all.split_at(4000);
        let shifted = rows([&a, &b], [0.0; 2], scale);
        for (name, score, plain) in [
            ("affine", trained(affine(), train, test, 2), trained(affine(), &shifted[..4000], &shifted[4000..], 2)),
            ("spline", trained(spline(), train, test, 2), trained(spline(), &shifted[..4000], &shifted[4000..], 2)),
        ] {
            assert!((score - plain).abs() < 0.02, "{name}, {loc:?}: {score}, with columns about zero {plain}");
            // Three standard errors of 1,000 rows, and what two epochs leave.
            assert!((score - entropy(scale)).abs() < 0.12, "{name}, {loc:?}: {score}, expected {}", entropy(scale));
        }
    }
}

// Without `Scaled`: what a tensor holds of UTM metres is right to half a metre, and no statistics may lose more.
#[test]
fn flows_on_tensors_far_from_zero_agree_with_those_about_zero() {
    let (a, b) = (normal(20_000, 3), normal(20_000, 4));
    let tensor = |loc| {
        let values = rows([&a, &b], loc, [100.0; 2]);
        Tensor::<2>::from_data(TensorData::new(values, [20_000, 2]), &Device::default())
    };
    let (far, near) = (tensor([5e5, 5.4e6]), tensor([0.0; 2]));
    fn compared<F: FlowConfig<Flow: Density<2>>>(name: &str, config: F, far: &Tensor<2>, near: &Tensor<2>) {
        let device = Device::default();
        let flow = |x: &Tensor<2>| fit(config.init(&device), x, &training(1)).expect("it trains").flow;
        let mean = |flow: &F::Flow, x: &Tensor<2>| log_probs(flow, x, &()).iter().sum::<f64>() / x.dims()[0] as f64;
        let far_flow = flow(far);
        let (score, plain) = (mean(&far_flow, far), mean(&flow(near), near));
        assert!((score - plain).abs() < 0.02, "{name}: {score}, about zero {plain}");
        assert!((score - entropy([100.0; 2])).abs() < 0.1, "{name}: {score}");
        device.seed(1);
        for column in ColumnStatistics::of_elements(&far_flow.sample(20_000, &(), &device)) {
            assert!((column.std / 100.0 - 1.0).abs() < 0.03, "{name}: samples of standard deviation {}", column.std);
        }
    }
    compared("RealNVP", affine(), &far, &near);
    compared("spline flow", spline(), &far, &near);
}

#[test]
fn samples_are_spread_as_finely_as_the_data_and_in_its_units() {
    let device = Device::default();
    let day = uniform([4000, 1], 0.0, 86_400.0, 5, &device).try_into_vec_as::<f64>().expect("numbers");
    let train = rows([&day, &normal(4000, 6)], [1.7e9, 0.0], [1.0; 2]);
    let flow = ScaledConfig::from_rows(spline(), &train, 2).expect("they vary").init(&device);
    let flow = flow.fit(&train, &training(3)).expect("it trains").flow;
    device.seed(7);
    let sampled = flow.sample(4000, &device);
    let (of_data, of_samples) = (ColumnStatistics::of_rows(&train, 2), ColumnStatistics::of_rows(&sampled, 2));
    assert!((of_samples[0].std / of_data[0].std - 1.0).abs() < 0.1, "{of_samples:?}");
    assert!((of_samples[0].mean - of_data[0].mean).abs() < 3000.0, "{of_samples:?}");
    assert_eq!(of_samples[0].distinct, ColumnStatistics::DISTINCT);
    let multiples = sampled.chunks(2).filter(|row| row[0] % 128.0 == 0.0).count();
    assert!(multiples < 40, "{multiples} of 4,000 times are multiples of 128 seconds");
}

#[test]
fn one_file_restores_the_numbers_of_the_scaling() {
    let train = rows([&normal(500, 8), &normal(500, 9)], [1.7e9, 3e-23], [600.0, 1e-23]);
    let device = Device::default();
    let config = ScaledConfig::from_rows(affine(), &train, 2).expect("they vary");
    let flow = config.init(&device).fit(&train, &training(1)).expect("it trains").flow;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scaled.flow");
    save(&path, &config, &flow).expect("it is written");
    let (_, loaded) = load::<ScaledConfig<RealNvpConfig>>(&path, &device).expect("it is read");
    assert_eq!(loaded.log_probs(&train), flow.log_probs(&train));
    // The file of a flow without a scaling is no file of one with it.
    assert!(load::<RealNvpConfig>(&path, &device).is_err());
}

/// Mean log-densities on training and on held-out rows.
fn heavy<F: FlowConfig>(flow: F, column: impl Fn(f64, f64) -> f64, closed_form: impl Fn(f64) -> f64)
where
    F::Flow: Density<2>,
{
    let n = 12_000;
    let u = uniform([n, 1], 0.0, 1.0, 11, &Device::default()).try_into_vec_as::<f64>().expect("numbers");
    let (z, y) = (normal(n, 12), normal(n, 13));
    let x: Vec<f64> = u.iter().zip(&z).map(|(u, z)| column(*u, *z)).collect();
    let all = rows([&x, &y], [0.0; 2], [1.0; 2]);
    let (train, test) = all.split_at(2 * 9000);
    let normal_log_density = |y: f64| -0.5 * (y * y + (2.0 * std::f64::consts::PI).ln());
    let right = |rows: &[f64]| {
        let scores = rows.chunks(2).map(|row| closed_form(row[0]) + normal_log_density(row[1]));
        scores.sum::<f64>() / (rows.len() / 2) as f64
    };
    let config = ScaledConfig::from_rows(flow, train, 2).expect("they vary");
    assert_eq!(config.scaling.heavy_tailed(), [0]);
    let flow = config.init(&Device::default()).fit(train, &training(4)).expect("it trains").flow;
    for (name, rows) in [("training", train), ("held-out", test)] {
        let (score, right) = (flow.mean_log_prob(rows).0, right(rows));
        assert!((score - right).abs() < 0.1, "{name} rows: {score}, and the density itself has {right}");
    }
    // Without the map: the tails of the base are normal.
    let scaling = ScalingConfig::new().with_heavy_tails(false).fit(train, 2).expect("they vary");
    assert!(scaling.heavy_tailed().is_empty());
}

#[test]
fn a_spline_flow_learns_a_cauchy_column() {
    let pi = std::f64::consts::PI;
    heavy(SplineFlowConfig::new(2), |u, _| (pi * (u - 0.5)).tan(), |x| -pi.ln() - (x * x).ln_1p());
}

#[test]
fn an_affine_flow_learns_a_cauchy_column() {
    let pi = std::f64::consts::PI;
    heavy(RealNvpConfig::new(2), |u, _| (pi * (u - 0.5)).tan(), |x| -pi.ln() - (x * x).ln_1p());
}

#[test]
fn an_affine_flow_learns_a_log_normal_column() {
    let normal = |z: f64| -0.5 * (z * z + (2.0 * std::f64::consts::PI).ln());
    heavy(RealNvpConfig::new(2), |_, z| (2.0 * z).exp(), |x| normal(x.ln() / 2.0) - 2f64.ln() - x.ln());
}

#[test]
fn a_spline_flow_learns_a_log_normal_column() {
    let normal = |z: f64| -0.5 * (z * z + (2.0 * std::f64::consts::PI).ln());
    heavy(SplineFlowConfig::new(2), |_, z| (2.0 * z).exp(), |x| normal(x.ln() / 2.0) - 2f64.ln() - x.ln());
}
