//! Densities of tables whose columns are of any kind and any of whose cells may be missing.

use std::f64::consts::TAU;

use burn::tensor::Device;
use burn_flows::core::generator;
use burn_flows::mixed::{Expected, Family, Holds, MixedFit, MixedFlow, MixedSettings, MixedTable};
use burn_flows::model::Quality;
use rand::RngExt;

fn settings(family: Family) -> MixedSettings {
    MixedSettings { family: Some(family), quality: Quality::Fast, seconds: 300.0, ..MixedSettings::default() }
}

fn normals(n: usize, seed: u64) -> Vec<f64> {
    let mut random = generator(seed, 7);
    let mut draw = || -> (f64, f64) { (1.0 - random.random::<f64>(), random.random()) };
    (0..n).map(|_| draw()).map(|(a, b)| (-2.0 * a.ln()).sqrt() * (TAU * b).cos()).collect()
}

/// A class, a count that follows from it, an amount that is zero in a third of the rows, and a number that follows from all.
fn mixed(n: usize, seed: u64) -> MixedTable {
    let (z, mut random) = (normals(2 * n, seed), generator(seed, 8));
    let mut values = vec![];
    for i in 0..n {
        let class = f64::from(u8::from(random.random::<f64>() < 0.4));
        let count = (0..8).filter(|_| random.random::<f64>() < 0.25 + 0.4 * class).count() as f64;
        let rain = if random.random::<f64>() < 0.33 { 0.0 } else { 1.0 + (0.3 * z[2 * i]).exp() };
        values.extend([class, count, rain, 1000.0 + 50.0 * (class + 0.2 * count + 0.3 * z[2 * i + 1])]);
    }
    let holds = vec![Holds::Classes { classes: 2 }, Holds::counts(), Holds::numbers(), Holds::numbers()];
    MixedTable::new(["class", "count", "rain", "x"], holds, values).unwrap()
}

/// The same with every fifth cell missing.
fn with_holes(table: &MixedTable, seed: u64) -> MixedTable {
    let mut random = generator(seed, 9);
    let hole = |value: &f64| if random.random::<f64>() < 0.2 { f64::NAN } else { *value };
    let values = table.values().iter().map(hole).collect();
    MixedTable::new(table.names().to_vec(), table.holds().to_vec(), values).unwrap()
}

fn fitted(family: Family, rows: usize) -> MixedFlow {
    MixedFit::new(settings(family)).run(&with_holes(&mixed(rows, 1), 2)).unwrap().flow
}

#[test]
fn the_density_of_a_table_has_a_sum_of_one_in_its_own_units() {
    for family in Family::ALL {
        let flow = fitted(family, 300);
        // A class and a count, the number missing: all of them.
        let mut rows = vec![];
        for class in [0.0, 1.0] {
            (0..300).for_each(|count| rows.extend([class, f64::from(count), f64::NAN, f64::NAN]));
        }
        let of = |rows: Vec<f64>| {
            let table = mixed(1, 1);
            let table = MixedTable::new(table.names().to_vec(), table.holds().to_vec(), rows).unwrap();
            flow.log_probs(&table).unwrap()
        };
        let sum: f64 = of(rows).into_iter().map(f64::exp).sum();
        assert!((sum - 1.0).abs() < 1e-3, "{family}: {sum}");
        // An amount given a class, by its atom and an integral.
        let (mut rows, step) = (vec![1.0, f64::NAN, 0.0, f64::NAN, 1.0, f64::NAN, f64::NAN, f64::NAN], 0.01);
        (0..6000).for_each(|i| rows.extend([1.0, f64::NAN, -30.0 + step * (f64::from(i) + 0.5), f64::NAN]));
        let found = of(rows);
        let integral: f64 = found[2..].iter().map(|score| score.exp() * step).sum();
        let (atom, marginal) = (found[0].exp(), found[1].exp());
        // Orders agree only as well as a network has learnt that they should.
        let rough = if family == Family::AnyOrder { 0.1 } else { 1e-3 };
        assert!(((integral + atom) / marginal - 1.0).abs() < rough, "{family}: {integral} + {atom}, not {marginal}");
        assert_eq!(of(vec![f64::NAN; 4]), [0.0]);
        let impossible = of(vec![2.0, 1.0, 0.0, 1000.0, 1.0, -1.0, 0.0, 1000.0, 1.0, 0.5, 0.0, 1000.0]);
        assert_eq!(impossible, [f64::NEG_INFINITY; 3], "{family}");
    }
}

#[test]
fn samples_have_the_shares_of_atoms_classes_and_counts() {
    for family in [Family::Classes, Family::AnyOrder] {
        let flow = fitted(family, 4_000);
        let (drawn, real) = (flow.sample(4_000, 3), mixed(4_000, 5));
        let share = |table: &MixedTable, column: usize, of: &dyn Fn(f64) -> bool| {
            table.values().iter().skip(column).step_by(4).filter(|value| of(**value)).count() as f64 / 4_000.0
        };
        for (column, what, of) in [
            (0, "the second class", &(|value: f64| value == 1.0) as &dyn Fn(f64) -> bool),
            (1, "two", &|value| value == 2.0),
            (2, "the atom", &|value| value == 0.0),
            (3, "below the middle", &|value| value < 1050.0),
        ] {
            let (found, expected) = (share(&drawn, column, of), share(&real, column, of));
            // Three standard errors of a difference of two shares, and what a short fit is off.
            assert!((found - expected).abs() < 0.034 + 0.01, "{family}, {what}: {found}, not {expected}");
        }
        assert!(drawn.values().iter().skip(1).step_by(4).all(|count| count.fract() == 0.0 && *count >= 0.0));
        assert_eq!(flow.sample(10, 3).values(), flow.sample(10, 3).values());
        assert_ne!(flow.sample(10, 3).values(), flow.sample(10, 4).values());
    }
}

#[test]
fn a_network_is_better_than_classes_and_these_than_independent_columns() {
    let fitted =
        MixedFit::new(MixedSettings { family: None, ..settings(Family::Classes) }).run(&mixed(4_000, 1)).unwrap();
    let of = |family: Family| {
        fitted.figures.candidates.iter().find(|candidate| candidate.family == family).unwrap().test.mean
    };
    assert!(of(Family::Classes) > of(Family::Independent) + 0.2, "{:?}", fitted.figures);
    assert!(of(Family::AnyOrder) > of(Family::Independent) + 0.2, "{:?}", fitted.figures);
    // The log-density of x given the rest is that of a normal of deviation 15.
    let test = mixed(2_000, 9);
    let given = fitted.flow.log_probs_given(&test, &["class", "count", "rain"]).unwrap();
    let exact = -15f64.ln() - 0.5 * (TAU.ln() + 1.0);
    let found = given.iter().sum::<f64>() / 2_000.0;
    if fitted.figures.chosen == Family::AnyOrder {
        assert!((found - exact).abs() < 0.1, "{found}, not {exact}");
    }
}

/// The log-density of a normal variable.
fn normal(x: f64, mean: f64, sd: f64) -> f64 {
    -0.5 * ((x - mean) / sd).powi(2) - sd.ln() - 0.5 * TAU.ln()
}

#[test]
fn a_class_a_count_given_it_and_a_number_given_both_have_nearly_the_likelihood_of_the_truth() {
    let draw = |n: usize, seed: u64| -> (MixedTable, f64) {
        let (z, mut random) = (normals(n, seed), generator(seed, 12));
        let (mut values, mut truth) = (vec![], 0.0);
        for z in z {
            let u: f64 = random.random();
            let (class, share) = if u < 0.5 {
                (0.0, 0.5)
            } else if u < 0.8 {
                (1.0, 0.3)
            } else {
                (2.0, 0.2f64)
            };
            let rate = [1.0, 4.0, 9.0f64][class as usize];
            // A Poisson count by waiting times.
            let (mut count, mut time) = (0.0, 0.0);
            loop {
                time -= (1.0 - random.random::<f64>()).ln();
                if time > rate {
                    break;
                }
                count += 1.0;
            }
            let factorial: f64 = (1..=count as u64).map(|i| (i as f64).ln()).sum();
            let (mean, sd) = (1000.0 + 100.0 * class + 30.0 * count, 50.0 + 10.0 * class);
            let x = mean + sd * z;
            truth += share.ln() - rate + count * rate.ln() - factorial + normal(x, mean, sd);
            values.extend([class, count, x]);
        }
        let holds = vec![Holds::Classes { classes: 3 }, Holds::counts(), Holds::numbers()];
        (MixedTable::new(["class", "count", "x"], holds, values).unwrap(), truth / n as f64)
    };
    let (train, _) = draw(20_000, 21);
    let (test, truth) = draw(4_000, 22);
    let settings = MixedSettings { quality: Quality::Normal, ..settings(Family::AnyOrder) };
    let flow = MixedFit::new(settings).run(&train).unwrap().flow;
    let found = flow.log_probs(&test).unwrap().iter().sum::<f64>() / 4_000.0;
    // The same rows, so that their own chance is in both.
    assert!((found - truth).abs() < 0.03, "{found}, and the truth has {truth}");
}

/// The mean and the deviation of a chain whose neighbours have a correlation of 0.8, so many steps further.
fn further(x: f64, steps: i32) -> (f64, f64) {
    let share = 0.8f64.powi(steps);
    (share * x, (1.0 - share * share).sqrt())
}

#[test]
fn what_is_missing_of_a_correlated_normal_is_drawn_from_its_conditional() {
    let draw = |n: usize, seed: u64| -> MixedTable {
        let (z, mut random) = (normals(3 * n, seed), generator(seed, 13));
        let row = |i: usize| {
            let a = z[3 * i];
            let b = 0.8 * a + 0.6 * z[3 * i + 1];
            // In units of its own each.
            [10.0 + a, 5.0 * b, 1e4 + 100.0 * (0.8 * b + 0.6 * z[3 * i + 2])]
        };
        let mut hole = |value: f64| if random.random::<f64>() < 0.3 { f64::NAN } else { value };
        let values = (0..n).flat_map(row).map(&mut hole).collect();
        MixedTable::new(["a", "b", "c"], vec![Holds::numbers(); 3], values).unwrap()
    };
    let settings = MixedSettings { quality: Quality::Normal, ..settings(Family::AnyOrder) };
    let flow = MixedFit::new(settings).run(&draw(8_000, 11)).unwrap().flow;
    let units = [(10.0, 1.0), (0.0, 5.0), (1e4, 100.0)];
    let test = draw(4_000, 12);
    let exact = |row: &[f64]| -> f64 {
        let cells: Vec<usize> = (0..3).filter(|cell| !row[*cell].is_nan()).collect();
        let z = |cell: usize| (row[cell] - units[cell].0) / units[cell].1;
        let first = cells.first().map_or(0.0, |cell| normal(z(*cell), 0.0, 1.0));
        let later = cells.windows(2).map(|pair| {
            let (mean, sd) = further(z(pair[0]), (pair[1] - pair[0]) as i32);
            normal(z(pair[1]), mean, sd)
        });
        first + later.sum::<f64>() - cells.iter().map(|cell| f64::ln(units[*cell].1)).sum::<f64>()
    };
    let truth = test.values().chunks(3).map(exact).sum::<f64>() / 4_000.0;
    let found = flow.log_probs(&test).unwrap().iter().sum::<f64>() / 4_000.0;
    assert!((found - truth).abs() < 0.05, "{found}, and the truth has {truth}");

    // Given the two ends the middle, and given one of them the rest; all in deviations.
    for (row, cell, mean, sd) in [
        ([Some(1.2), None, Some(-0.4)], 1, 0.8 / 1.64 * 0.8, (0.36f64 / 1.64).sqrt()),
        ([Some(1.5), None, None], 2, 0.96, (1.0 - 0.4096f64).sqrt()),
        ([None, None, Some(-1.0)], 1, -0.8, 0.6),
    ] {
        let cells =
            row.iter().zip(units).map(|(z, (mean, sd))| z.map_or(f64::NAN, |z| mean + sd * z)).collect::<Vec<f64>>();
        let table = |n: usize| MixedTable::new(["a", "b", "c"], vec![Holds::numbers(); 3], cells.repeat(n)).unwrap();
        let drawn = flow.complete(&table(8_000), 5).unwrap();
        let drawn: Vec<f64> =
            drawn.values().iter().skip(cell).step_by(3).map(|x| (x - units[cell].0) / units[cell].1).collect();
        let center = drawn.iter().sum::<f64>() / 8_000.0;
        let spread = (drawn.iter().map(|x| (x - center).powi(2)).sum::<f64>() / 8_000.0).sqrt();
        assert!(
            (center - mean).abs() < 0.1 && (spread / sd - 1.0).abs() < 0.1,
            "{row:?}: {center} ± {spread}, not {mean} ± {sd}"
        );
        // The conditional of the column alone is the same.
        let expected = flow.expected(&table(1), cell, &[], &[0.5], (4_000, 0)).unwrap();
        let [Expected::Number { mean: center, sd: spread, .. }] = &expected[..] else { panic!("{expected:?}") };
        let (center, spread) = ((center - units[cell].0) / units[cell].1, spread / units[cell].1);
        assert!(
            (center - mean).abs() < 0.1 && (spread / sd - 1.0).abs() < 0.1,
            "{row:?}: {center} ± {spread}, not {mean} ± {sd}"
        );
    }
    let spread = flow.spread(&test).unwrap().iter().sum::<f64>() / 4_000.0;
    assert!(spread > 0.0 && spread < 0.2, "{spread}");
}

#[test]
fn what_cannot_be_tells_nothing_of_the_other_cells() {
    for family in [Family::Classes, Family::AnyOrder] {
        let flow = fitted(family, 300);
        let table = |values: Vec<f64>| {
            let like = mixed(1, 1);
            MixedTable::new(like.names().to_vec(), like.holds().to_vec(), values).unwrap()
        };
        // A class that there is not, and a count below zero, beside cells that are missing.
        let strange = table(vec![-1.0, 3.0, 0.0, f64::NAN, 1.0, -2.0, 0.0, f64::NAN]);
        let missing = table(vec![f64::NAN, 3.0, 0.0, f64::NAN, 1.0, f64::NAN, 0.0, f64::NAN]);
        assert_eq!(flow.log_probs(&strange).unwrap(), [f64::NEG_INFINITY; 2], "{family}");
        let of = |table: &MixedTable| flow.expected(table, 3, &[], &[0.1], (50, 0)).unwrap();
        assert_eq!(of(&strange), of(&missing), "{family}");
        let completed = flow.complete(&strange, 1).unwrap();
        assert!(completed.values()[0] == -1.0 && completed.values()[5] == -2.0 && completed.values()[3].is_finite());
        let cells = flow.explain(&strange.select(&[0]), 0).unwrap();
        assert!((cells[0].column, cells[0].p_value) == (0, 0.0) && cells[1].log_prob.is_finite(), "{cells:?}");
    }
}

#[test]
fn a_file_has_all_of_it_and_one_seed_one_file() {
    let dir = tempfile::tempdir().unwrap();
    let table = with_holes(&mixed(120, 1), 2);
    for family in Family::ALL {
        let fit = |name: &str| {
            let fitted = MixedFit::new(settings(family)).run(&table).unwrap();
            let path = dir.path().join(format!("{family}-{name}"));
            fitted.flow.save(&path).unwrap();
            (fitted, path)
        };
        let ((fitted, a), (_, b)) = (fit("a"), fit("b"));
        assert!(std::fs::read(&a).unwrap() == std::fs::read(&b).unwrap(), "{family}");
        let again = MixedFlow::load(&a, &Device::default()).unwrap();
        assert_eq!(again.log_probs(&table).unwrap(), fitted.flow.log_probs(&table).unwrap());
        assert_eq!(again.figures().test, fitted.figures.test);
        let completed = again.complete(&table, 5).unwrap();
        assert_eq!(completed.values(), fitted.flow.complete(&table, 5).unwrap().values());
        for (value, completed) in table.values().iter().zip(completed.values()) {
            assert!(completed.is_finite() && (value.is_nan() || value == completed));
        }
    }
}

#[test]
fn a_cell_that_does_not_go_with_its_row_is_found() {
    let flow = fitted(Family::AnyOrder, 4_000);
    let table = mixed(1, 1);
    let row = |values: Vec<f64>| MixedTable::new(table.names().to_vec(), table.holds().to_vec(), values).unwrap();
    // The second class with five of eight has a number of some 1100.
    let cells = flow.explain(&row(vec![1.0, 5.0, 0.0, 1250.0]), 0).unwrap();
    assert_eq!((cells[0].column, cells.len()), (3, 4), "{cells:?}");
    assert!(cells[0].p_value < 0.02, "{cells:?}");
    let fine = flow.explain(&row(vec![1.0, 5.0, 0.0, f64::NAN]), 0).unwrap();
    assert!(fine.len() == 3 && fine.iter().all(|cell| cell.p_value > 0.02), "{fine:?}");
    let class = flow.expected(&row(vec![f64::NAN, 7.0, 0.0, 1120.0]), 0, &[], &[], (1, 0)).unwrap();
    let Expected::Classes(shares) = &class[0] else { panic!("{class:?}") };
    assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9 && shares[1] > 0.9, "{shares:?}");
}
