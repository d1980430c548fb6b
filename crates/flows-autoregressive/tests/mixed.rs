//! Densities of mixed columns, trained, against closed forms.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use flows_autoregressive::{AnyOrder, AnyOrderConfig, Measure};
use flows_core::train::{FitConfig, Reporting, Rows, Training};
use flows_core::{generator, log_probs};
use rand::RngExt;
use rand_distr::{Distribution as _, Poisson, StandardNormal};

fn matrix(rows: &[Vec<f64>]) -> Tensor<2> {
    let dims = [rows.len(), rows[0].len()];
    Tensor::<1>::from_data(rows.concat().as_slice(), &Device::default()).reshape(dims)
}

fn config(epochs: usize) -> FitConfig {
    FitConfig::new()
        .with_epochs(epochs)
        .with_batch_size(256)
        .with_learning_rate(3e-3)
        .with_patience(None)
        .with_validation_fraction(0.0)
        .with_reporting(Reporting::Silent)
}

fn trained(density: AnyOrderConfig, rows: &Rows<2, Tensor<2>>, epochs: usize) -> AnyOrder {
    let config = config(epochs);
    Training::new(&config).run(density.init(&Device::default()), rows, None).expect("it trains").flow.valid()
}

fn normal_log_density(x: f64, mean: f64, sd: f64) -> f64 {
    -0.5 * ((x - mean) / sd).powi(2) - sd.ln() - 0.5 * std::f64::consts::TAU.ln()
}

#[test]
fn a_class_a_count_given_it_and_a_number_given_both_have_nearly_the_likelihood_of_the_truth() {
    let mut random = generator(1, 2);
    let (shares, rates) = ([0.5, 0.3, 0.2], [1.0, 4.0, 9.0]);
    let given = |class: usize, count: f64| (class as f64 + 0.3 * count, 0.5 + 0.1 * class as f64);
    // The count and the number are standardised, about.
    let (count_of, number_of) = (|n: f64| (n - 3.5) / 3.5, |x: f64| (x - 1.8) / 1.6);
    let mut draw = |rows: usize| -> (Vec<Vec<f64>>, f64) {
        let mut truth = 0.0;
        let rows = (0..rows)
            .map(|_| {
                let u: f64 = random.random();
                let class = usize::from(u > shares[0]) + usize::from(u > shares[0] + shares[1]);
                let count: f64 = Poisson::new(rates[class]).expect("a rate").sample(&mut random);
                let (mean, sd) = given(class, count);
                let z: f64 = StandardNormal.sample(&mut random);
                let x = mean + sd * z;
                let factorial: f64 = (1..=count as u64).map(|i| (i as f64).ln()).sum();
                truth += shares[class].ln() - rates[class] + count * rates[class].ln() - factorial;
                truth += normal_log_density(x, mean, sd) + 1.6f64.ln();
                vec![class as f64, count_of(count), number_of(x)]
            })
            .collect();
        (rows, truth)
    };
    let (train, _) = draw(20_000);
    let (test, truth) = draw(4_000);
    let first = count_of(0.0);
    let columns = vec![
        Measure::Category { classes: 3 },
        Measure::Count { origin: first, step: 1.0 / 3.5, ends: [Some(first), None], components: 4 },
        Measure::Number { components: 4 },
    ];
    let x = matrix(&train);
    let density = AnyOrderConfig::new(columns).with_hidden(vec![48, 48]).with_orders(6);
    let density = trained(density, &Rows::given(&x, &x.ones_like()), 40);
    let found = log_probs(&density, &matrix(&test), &()).into_iter().sum::<f64>() / 4_000.0;
    let truth = truth / 4_000.0;
    assert!(found > truth - 0.03 && found < truth + 0.03, "{found}, and the truth has {truth}");
}

/// The mean and the standard deviation of a variable of the chain given the one `steps` before it, where neighbours have a
/// correlation of 0.8.
fn further(x: f64, steps: i32) -> (f64, f64) {
    let share = 0.8f64.powi(steps);
    (share * x, (1.0 - share * share).sqrt())
}

#[test]
fn rows_with_holes_train_a_density_whose_marginals_and_draws_are_those_of_the_truth() {
    let mut random = generator(3, 4);
    let mut draw = |rows: usize| -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
        let mut cells = (vec![], vec![]);
        for _ in 0..rows {
            let mut z = || -> f64 { StandardNormal.sample(&mut random) };
            let a = z();
            let b = 0.8 * a + 0.6 * z();
            cells.0.push(vec![a, b, 0.8 * b + 0.6 * z()]);
            cells.1.push((0..3).map(|_| f64::from(u8::from(random.random::<f64>() > 0.3))).collect());
        }
        cells
    };
    let (train, holes) = draw(8_000);
    let (x, known) = (matrix(&train), matrix(&holes));
    // What is not known is not there.
    let x = x * known.clone();
    let density =
        AnyOrderConfig::new(vec![Measure::Number { components: 2 }; 3]).with_hidden(vec![48, 48]).with_orders(6);
    let density = trained(density, &Rows::given(&x, &known), 40);

    let (test, holes) = draw(4_000);
    let exact: f64 = test
        .iter()
        .zip(&holes)
        .map(|(row, known)| {
            let cells: Vec<usize> = (0..3).filter(|cell| known[*cell] == 1.0).collect();
            let first = cells.first().map_or(0.0, |cell| normal_log_density(row[*cell], 0.0, 1.0));
            let later = cells.windows(2).map(|pair| {
                let (mean, sd) = further(row[pair[0]], (pair[1] - pair[0]) as i32);
                normal_log_density(row[pair[1]], mean, sd)
            });
            first + later.sum::<f64>()
        })
        .sum();
    let found: f64 = log_probs(&density, &matrix(&test), &matrix(&holes)).into_iter().sum();
    assert!((found - exact).abs() / 4_000.0 < 0.05, "{found}, not {exact}");

    // Given the two ends the middle, and given the beginning the rest.
    for (row, known, cell, mean, sd) in [
        ([1.2, 0.0, -0.4], [1.0, 0.0, 1.0], 1, 0.8 / 1.64 * 0.8, (0.36f64 / 1.64).sqrt()),
        ([1.5, 0.0, 0.0], [1.0, 0.0, 0.0], 2, 0.96, (1.0 - 0.4096f64).sqrt()),
        ([0.0, 0.0, -1.0], [0.0, 0.0, 1.0], 1, -0.8, 0.6),
    ] {
        let n = 500;
        let (rows, mask) = (matrix(&vec![row.to_vec(); n]), matrix(&vec![known.to_vec(); n]));
        // Each call takes one order.
        let drawn: Vec<f64> = (0..20)
            .flat_map(|_| {
                let drawn = density.complete(rows.clone(), &mask).into_data().iter::<f64>().collect::<Vec<f64>>();
                drawn.into_iter().skip(cell).step_by(3).collect::<Vec<f64>>()
            })
            .collect();
        let count = drawn.len() as f64;
        let found = drawn.iter().sum::<f64>() / count;
        let deviation = (drawn.iter().map(|x| (x - found).powi(2)).sum::<f64>() / count).sqrt();
        assert!((found - mean).abs() < 0.1, "{known:?}: {found}, not {mean}");
        assert!((deviation / sd - 1.0).abs() < 0.1, "{known:?}: {deviation}, not {sd}");
    }
}
