//! Models of tables against numbers that are known.

use burn_flows::core::generator;
use burn_flows::prelude::*;
use burn_flows::tables::{Parts, Wanted};
use rand_distr::{Distribution, StandardNormal};

fn normals(n: usize, seed: u64) -> Vec<f64> {
    StandardNormal.sample_iter(generator(seed, 0)).take(n).collect()
}

/// y = 300 + 2000 c + 50 e, and a fit of it.
fn line(n: usize) -> (TableRows, [f64; 3]) {
    let (c, e) = (normals(n, 1), normals(n, 2));
    let y: Vec<f64> = c.iter().zip(&e).map(|(c, e)| 300.0 + 2000.0 * c + 50.0 * e).collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / n as f64;
    let (mc, my) = (mean(&c), mean(&y));
    let covariance = mean(&c.iter().zip(&y).map(|(c, y)| (c - mc) * (y - my)).collect::<Vec<_>>());
    let slope = covariance / mean(&c.iter().map(|c| (c - mc).powi(2)).collect::<Vec<_>>());
    let residual = |(c, y): (&f64, &f64)| (y - my - slope * (c - mc)).powi(2);
    let sd = mean(&c.iter().zip(&y).map(residual).collect::<Vec<_>>()).sqrt();
    let rows = TableRows::new(["y"], y).unwrap().given(["c"], c).unwrap();
    (rows, [my - slope * mc, slope, sd])
}

#[test]
fn quantiles_mean_deviation_and_mode_of_a_conditional_gaussian_are_those_of_the_regression() {
    let (rows, [intercept, slope, sd]) = line(800);
    let flow = fit(Gaussian::new(), &rows).unwrap();
    for c in [-2.0, 0.0, 0.7, 3.0] {
        let mean = intercept + slope * c;
        let found = flow.given([c]).unwrap().predict(&[0.05, 0.5, 0.95]).unwrap();
        let target = &found.targets[0];
        // Parameters in single precision, of numbers of the size 2000, and a grid of a twentieth of a deviation.
        let near = |found: f64, expected: f64, what: &str| {
            assert!((found - expected).abs() < 0.01 * sd, "{what} at {c}: {found} for {expected}");
        };
        near(target.mean, mean, "mean");
        near(target.sd, sd, "deviation");
        near(target.mode, mean, "mode");
        for (quantile, z) in target.quantiles.iter().zip([-1.644_854, 0.0, 1.644_854]) {
            near(*quantile, mean + z * sd, "quantile");
        }
    }
}

#[test]
fn the_posterior_on_a_grid_is_the_normal_density() {
    let (rows, [intercept, slope, sd]) = line(800);
    let flow = fit(Gaussian::new(), &rows).unwrap();
    let grid: Vec<f64> = (0..41).map(|i| intercept + slope * 0.5 + sd * (f64::from(i) - 20.0) / 5.0).collect();
    let found = flow.posterior(&[0.5, -1.0], &grid).unwrap();
    assert_eq!(found.len(), 82);
    for (x, density) in grid.iter().zip(&found) {
        let z = (x - intercept - slope * 0.5) / sd;
        let expected = (-0.5 * z * z).exp() / (sd * (2.0 * std::f64::consts::PI).sqrt());
        assert!((density - expected).abs() < 2e-3 * expected + 1e-9, "{x}: {density} for {expected}");
    }
    assert!(found[41..].iter().all(|density| *density < 1e-12));
    let two = fit(Gaussian::new(), TableRows::new(["a", "b"], normals(400, 3)).unwrap()).unwrap();
    let error = two.posterior(&[], &[0.0]).unwrap_err().to_string();
    assert!(error.contains("one target") && error.contains("\nhint: "), "{error}");
}

#[test]
fn a_weight_of_two_is_a_row_that_stands_there_twice() {
    let values: Vec<f64> =
        normals(600, 4).chunks(2).flat_map(|pair| [5.0 + pair[0], pair[0] + 0.3 * pair[1]]).collect();
    let rows = TableRows::new(["a", "b"], values).unwrap();
    let weights: Vec<f64> = (0..300).map(|row| f64::from(row % 3)).collect();
    let repeated: Vec<usize> = (0..300).flat_map(|row| std::iter::repeat_n(row, row % 3)).collect();
    let validation = Some(rows.select(&(0..50).collect::<Vec<_>>()));
    for model in [Gaussian::new(), Mixture::new(2)] {
        let fitted = |train: TableRows| {
            let parts = Parts { train, validation: validation.clone(), test: None };
            // One scaling, as it counts rows alike.
            Fit::new(burn_flows::tables::FitSettings { model: Wanted::from(model.clone()), ..Default::default() })
                .run(parts)
                .unwrap()
        };
        let (by_weight, by_rows) =
            (fitted(rows.clone().weighted(weights.clone()).unwrap()), fitted(rows.select(&repeated)));
        let (a, b) = (by_weight.flow.log_probs(&rows).unwrap(), by_rows.flow.log_probs(&rows).unwrap());
        if model.kind == ModelKind::Gaussian {
            for (a, b) in a.iter().zip(&b) {
                // Single precision.
                assert!((a - b).abs() < 1e-4 * (1.0 + a.abs()), "{a} {b}");
            }
        } else {
            // The starts are drawn from other rows: the same optimum, or another.
            let mean = |scores: &[f64]| scores.iter().sum::<f64>() / 300.0;
            assert!((mean(&a) - mean(&b)).abs() < 0.1, "{} {}", mean(&a), mean(&b));
        }
    }
    // And in what is reported.
    let test = rows.clone().weighted(weights).unwrap();
    let flow = fit(Gaussian::new(), &rows).unwrap();
    let (a, b) = (flow.evaluate(&test).unwrap(), flow.evaluate(&rows.select(&repeated)).unwrap());
    assert!((a.log_likelihood.mean - b.log_likelihood.mean).abs() < 1e-4);
}

#[test]
fn the_column_that_makes_a_row_odd_is_that_of_the_closed_form() {
    // A unit triangle of correlations.
    let values: Vec<f64> =
        normals(3000, 5).chunks(3).flat_map(|z| [10.0 * z[0], 10.0 * z[0] + z[1], 0.1 * (z[2] + 0.5 * z[1])]).collect();
    let rows = TableRows::new(["a", "b", "c"], values).unwrap();
    let flow = fit(Gaussian::new(), &rows).unwrap();
    // The last row is ordinary in each column, and not in a and b together.
    let odd = TableRows::new(["a", "b", "c"], vec![0.0, 0.0, 0.6, 8.0, -8.0, 0.0]).unwrap();
    let found = flow.worst_columns(&odd).unwrap();
    // c is 0.1 N(0.5 z1, 1) with z1 = b - a = 0: six standard deviations, but for those of the fit.
    assert_eq!(found[0].column, 2);
    assert!((found[0].drop - 18.0).abs() < 2.0 && found[0].expected.abs() < 0.02, "{found:?}");
    // b - a is -16 where it is standard normal: b given a and c, where c has seen a fifth of the variance.
    assert!(found[1].column < 2, "{found:?}");
    let precision = 1.0 + 0.25;
    assert!((found[1].drop / (0.5 * 256.0 * precision) - 1.0).abs() < 0.15, "{found:?}");
}

#[test]
fn samples_repeat_with_their_seed_and_have_the_moments_of_the_rows() {
    let values: Vec<f64> = normals(800, 6).chunks(2).flat_map(|z| [1e6 + 100.0 * z[0], (5.0 + z[1]).floor()]).collect();
    let rows = TableRows::new(["far", "count"], values).unwrap().whole([1]);
    let flow = fit(Gaussian::new(), &rows).unwrap();
    let drawn = flow.sample(2000, 3).unwrap();
    assert_eq!(drawn, flow.sample(2000, 3).unwrap());
    assert_ne!(drawn, flow.sample(2000, 4).unwrap());
    assert!(drawn.values().chunks(2).all(|row| row[1].fract() == 0.0));
    let mean = drawn.values().iter().step_by(2).sum::<f64>() / 2000.0;
    // The standard error is 2.2.
    assert!((mean - 1e6).abs() < 20.0, "{mean}");
    let scores = flow.log_probs(&rows).unwrap();
    assert!(scores.iter().all(|score| score.is_finite()));
    let broken = TableRows::new(["far", "count"], vec![1e6, 2.5]).unwrap();
    assert_eq!(flow.log_probs(&broken).unwrap(), [f64::NEG_INFINITY]);
}

#[test]
fn a_right_model_covers_what_it_says_and_its_samples_cannot_be_told_from_rows() {
    let (rows, _) = line(4000);
    let (train, test) = rows.split(0.5, 1);
    let evaluation = fit(Gaussian::new(), &train).unwrap().evaluate(&test).unwrap();
    assert!((evaluation.coverage_90.mean - 0.9).abs() < 4.0 * evaluation.coverage_90.error, "{evaluation}");
    assert!((evaluation.column_coverage_90[0].mean - 0.9).abs() < 0.04, "{evaluation}");
    assert!(evaluation.two_sample.as_ref().unwrap().passes(), "{evaluation}");
    let mean = evaluation.pit[0].iter().sum::<f64>() / evaluation.pit[0].len() as f64;
    assert!((mean - 0.5).abs() < 0.04, "{mean}");
    // A model of other rows does not.
    let shifted: Vec<f64> = test.values().iter().map(|y| y + 75.0).collect();
    let shifted = TableRows::new(["y"], shifted).unwrap().given(["c"], test.context().to_vec()).unwrap();
    let wrong = fit(Gaussian::new(), &train).unwrap().evaluate(&shifted).unwrap();
    assert!(wrong.coverage_90.mean < 0.75 && !wrong.two_sample.unwrap().passes(), "{}", wrong.coverage_90);
}

#[test]
fn p_values_of_held_out_rows_of_whole_numbers_are_their_ranks() {
    let rows = |n: usize, seed: u64| {
        let z = normals(2 * n, seed);
        let values = z.chunks(2).flat_map(|z| [(3.0 * z[0].abs()).floor(), z[1]]).collect();
        TableRows::new(["count", "x"], values).unwrap().whole([0])
    };
    let (held, n) = (rows(1500, 8), 1500.0);
    let parts = Parts { train: rows(1000, 7), validation: Some(held.clone()), test: None };
    let settings = FitSettings { model: ModelKind::Gaussian.into(), ..FitSettings::default() };
    let flow = Fit::new(settings).run(parts).unwrap().flow;
    // A new row is scored by other noise than many rows at once were: the tail must not know.
    let mut found = flow.p_values(&flow.log_probs(&held).unwrap());
    found.sort_by(f64::total_cmp);
    for (k, p) in found.iter().take(100).enumerate() {
        assert!((p - (k as f64 + 2.0) / (n + 1.0)).abs() < 1e-12, "{k}: {p}");
    }
}
