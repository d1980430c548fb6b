//! Mixtures of Gaussians, fitted in double precision, against closed forms.

use burn::tensor::{Device, Tensor, TensorData};
use flows_core::testing::uniform;
use flows_core::{Density, FittedMixture, GaussianMixture, GaussianMixtureConfig, MixtureError, log_probs};

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn fit(rows: &[f64], features: usize, components: usize) -> FittedMixture {
    GaussianMixtureConfig::new(vec![features], components).fit(rows).unwrap()
}

fn tensor(rows: &[f64], features: usize) -> Tensor<2> {
    Tensor::from_data(TensorData::new(rows.to_vec(), [rows.len() / features, features]), &Device::default())
}

fn module(fit: &FittedMixture) -> GaussianMixture<2> {
    let components = fit.weights().len();
    GaussianMixtureConfig::new(vec![fit.features()], components).init(&Device::default()).with_fit(fit)
}

/// Thirty measurements of 569 tumours, with standard deviations from 2.6e-3 to 570 and strongly correlated.
fn breast_cancer() -> Vec<Vec<f64>> {
    let file = include_str!("fixtures/breast_cancer.csv");
    let row = |line: &str| line.split(',').map(|value| value.parse().unwrap()).collect();
    file.lines().filter(|line| !line.starts_with('#')).map(row).collect()
}

// The closed forms by numpy in double precision: fixtures/gaussian.py.
#[test]
fn the_gaussian_of_breast_cancer_rows_is_numpys() {
    let rows = breast_cancer();
    assert_eq!(rows.len(), 569);
    let every_fifth: (Vec<_>, Vec<_>) = (0..569).partition(|row| row % 5 == 0);
    let halves = ((285..569).collect(), (0..285).collect());
    for ((test, train), expected) in [(every_fifth, FIFTH), (halves, HALVES)] {
        let pick = |of: &[usize]| -> Vec<f64> { of.iter().flat_map(|&row| rows[row].clone()).collect() };
        let (train, test) = (pick(&train), pick(&test));
        let gaussian = fit(&train, 30, 1);
        let score = mean(&gaussian.log_prob(&test));
        assert!((score - expected).abs() < 1e-6, "{score}, expected {expected}");
        // In single precision a row is off by the rounding of what it holds, up to a thousandth of its deviation given
        // the other columns.
        let single = mean(&log_probs(&module(&gaussian), &tensor(&test, 30), &()));
        assert!((single - expected).abs() < 2e-2, "{single}, expected {expected}");
    }
}

const FIFTH: f64 = 32.32533440747428;
const HALVES: f64 = 32.09775588843842;

#[test]
fn the_gaussian_of_columns_of_any_scale_is_numpys() {
    for (scales, expected) in SCALES {
        let rows: Vec<f64> = (0..400)
            .flat_map(|i| {
                let i = f64::from(i);
                let a = (0.7 * i).sin() + 0.5 * (1.3 * i).cos();
                [scales[0] * a, scales[1] * ((0.9 * i).cos() + 0.8 * (0.7 * i).sin())]
            })
            .collect();
        let gaussian = fit(&rows, 2, 1);
        let score = mean(&gaussian.log_prob(&rows));
        assert!((score - expected).abs() < 1e-6, "{scales:?}: {score}, expected {expected}");
        // Some roundings of numbers up to 60.
        let started = GaussianMixtureConfig::new(vec![2], 1).init::<2>(&Device::default());
        let started = started.init_from_data(tensor(&rows, 2), &());
        let single = mean(&log_probs(&started, &tensor(&rows, 2), &()));
        assert!((single - expected).abs() < 2e-5, "{scales:?}: {single}, expected {expected}");
    }
}

const SCALES: [([f64; 2], f64); 3] =
    [([1.0, 1.0], -2.3133109030184933), ([1e-2, 1e6], -11.523651274994677), ([1e-23, 1e20], 4.594444375963643)];

/// Five narrow groups, three of them near each other; rows of a group lie on a grid.
fn groups(scales: [f64; 2]) -> Vec<f64> {
    let centres = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [30.0, 30.0], [-30.0, 20.0]];
    let noise = uniform([1000, 2], -0.2, 0.2, 3, &Device::default()).try_into_vec_as::<f64>().unwrap();
    let row = |(i, noise): (usize, &[f64])| [0, 1].map(|axis| scales[axis] * (centres[i % 5][axis] + noise[axis]));
    noise.chunks(2).enumerate().flat_map(row).collect()
}

#[test]
fn several_starts_find_the_groups_that_one_misses() {
    let rows = groups([1.0, 1.0]);
    // Five squares of side 0.4, apart: as Gaussians of variance 0.04/3 with weights 1/5.
    let variance = 0.04f64 / 3.0;
    let expected = -(5f64.ln()) - 1.0 - (2.0 * std::f64::consts::PI * variance).ln();
    let score = |starts: usize, seed: u64| {
        let config = GaussianMixtureConfig::new(vec![2], 5).with_starts(starts).with_seed(seed);
        mean(&config.fit(&rows).unwrap().log_prob(&rows))
    };
    let missed = (0..20).filter(|seed| score(1, *seed) < expected - 0.1).count();
    assert!(missed > 0, "one start is always enough here");
    for seed in 0..5 {
        // 1,000 rows: 25 parameters fit them a little better than the truth does.
        let score = score(5, seed);
        assert!((score - expected).abs() < 0.05, "seed {seed}: {score}, expected {expected}");
    }
}

#[test]
fn the_units_of_the_columns_do_not_change_a_mixture() {
    let score = |scales: [f64; 2]| {
        let rows = groups(scales);
        mean(&fit(&rows, 2, 5).log_prob(&rows)) + scales[0].ln() + scales[1].ln()
    };
    let plain = score([1.0, 1.0]);
    for scales in [[1e-2, 1e6], [1e9, 1e-12]] {
        assert!((score(scales) - plain).abs() < 1e-6, "{scales:?}: {}, expected {plain}", score(scales));
    }
}

#[test]
fn a_fitted_mixture_and_its_module_draw_and_score_alike() {
    let rows = groups([1e-2, 1e4]);
    let fitted = fit(&rows, 2, 5);
    let module = module(&fitted);
    let (a, b) = (fitted.log_prob(&rows), log_probs(&module, &tensor(&rows, 2), &()));
    let worst = a.iter().zip(&b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    // Single precision, of coordinates 300 times as large as the groups are wide.
    assert!(worst < 1e-2, "{worst}");
    let means = module.means().try_into_vec_as::<f64>().unwrap();
    let off = |(got, expected): (&f64, &f64)| (got - expected).abs() / expected.abs().max(1e-6);
    assert!(means.iter().zip(&fitted.means()).map(off).all(|off| off < 1e-3));
    let drawn: Tensor<2> = Density::sample(&module, 2000, &(), &Device::default());
    let drawn = drawn.try_into_vec_as::<f64>().unwrap();
    // The entropy; its estimate from 2,000 rows has a standard error of about 0.02.
    assert!((mean(&fitted.log_prob(&drawn)) - mean(&a)).abs() < 0.1);
}

#[test]
fn a_column_that_does_not_vary_is_an_error_that_names_it() {
    let rows: Vec<f64> = (0..100).flat_map(|i| [f64::from(i), 14.62]).collect();
    let error = GaussianMixtureConfig::new(vec![2], 1).fit(&rows).unwrap_err();
    assert!(matches!(error, MixtureError::Constant { feature: 1, .. }), "{error}");
}
