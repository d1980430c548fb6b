//! Which model is kept, and how training goes.

use std::panic::{AssertUnwindSafe, catch_unwind};

use burn_flows::core::generator;
use burn_flows::core::train::StopFlag;
use burn_flows::data::{Plan, PlanOptions};
use burn_flows::prelude::*;
use burn_flows::tables::{Effort, FitSettings, Parts, TablesError};
use rand_distr::{Distribution, StandardNormal};

fn normals(n: usize, seed: u64) -> Vec<f64> {
    StandardNormal.sample_iter(generator(seed, 0)).take(n).collect()
}

/// Two groups of rows, far from each other.
fn groups(n: usize) -> TableRows {
    let row = |(i, z): (usize, &[f64])| if i % 2 == 0 { [5.0 + z[0], z[1]] } else { [-5.0 + z[1], 0.5 * z[0]] };
    let values = normals(2 * n, 1).chunks(2).enumerate().flat_map(row).collect();
    TableRows::new(["a", "b"], values).unwrap()
}

/// A wave: no few Gaussians have its density.
fn wave(n: usize, seed: u64) -> TableRows {
    let row = |z: &[f64]| [z[0], (3.0 * z[0]).sin() + 0.1 * z[1]];
    TableRows::new(["x", "y"], normals(2 * n, seed).chunks(2).flat_map(row).collect()).unwrap()
}

fn fast() -> FitSettings {
    FitSettings { quality: Quality::Fast, seconds: 20.0, ..FitSettings::default() }
}

#[test]
fn rows_of_a_gaussian_keep_a_gaussian_and_rows_of_two_a_mixture() {
    let gaussian = TableRows::new(["a", "b"], normals(600, 2)).unwrap();
    let fitted = Fit::new(fast()).run(&gaussian).unwrap();
    assert_eq!(fitted.figures.chosen, ModelKind::Gaussian, "{:?}", fitted.figures);
    let fitted = Fit::new(fast()).run(groups(400)).unwrap();
    assert_eq!(fitted.figures.chosen, ModelKind::Mixture, "{:?}", fitted.figures);
    assert_eq!((fitted.figures.folds, fitted.figures.rows.train), (Some(5), 400));
    let mixture = &fitted.figures.candidates[1];
    assert!(mixture.detail.starts_with("2 ") || mixture.detail.starts_with("3 "), "{}", mixture.detail);
    // The entropies of the groups are log 2πe and that less log 2, and log 2 tells which; the error of the mean is 0.04.
    let entropy = (2.0 * std::f64::consts::PI * std::f64::consts::E).ln() - 0.5 * 2f64.ln() + 2f64.ln();
    assert!((fitted.figures.test.mean + entropy).abs() < 0.2, "{}", fitted.figures.test);
}

/// Two waves that know nothing of each other: each takes a dozen Gaussians, and both the square of that.
fn two_waves(n: usize, seed: u64) -> TableRows {
    let (one, other) = (wave(n, seed), wave(n, seed + 100));
    let rows = one.values().chunks(2).zip(other.values().chunks(2));
    let values = rows.flat_map(|(one, other)| [one[0], one[1], other[0], other[1]]).collect();
    TableRows::new(["x", "y", "u", "v"], values).unwrap()
}

/// A wave that is seen only in the differences of columns, a hundredth of what they have in common.
fn hidden(n: usize, seed: u64) -> TableRows {
    let (common, wave) = (normals(n, seed + 7), wave(n, seed));
    let rows = common.iter().zip(wave.values().chunks(2));
    let values = rows.flat_map(|(common, wave)| [*common, common + 0.01 * wave[0], common + 0.01 * wave[1]]).collect();
    TableRows::new(["u", "g", "r"], values).unwrap()
}

#[test]
fn columns_are_whitened_where_that_is_learnt_faster_and_by_order() {
    let settings = FitSettings { model: ModelKind::NsfAr.into(), ..fast() };
    let fit = |rows: TableRows, whiten: Option<bool>| {
        let settings = FitSettings { whiten, seconds: if whiten.is_some() { 3.0 } else { 20.0 }, ..settings.clone() };
        Fit::new(settings).run(rows).unwrap().figures
    };
    let figures = fit(hidden(2_000, 0), None);
    assert!(figures.whitened, "{figures:?}");
    assert!(!fit(two_waves(2_000, 0), None).whitened);
    assert!(!fit(hidden(1_000, 0), Some(false)).whitened);
    assert!(fit(two_waves(1_000, 0), Some(true)).whitened);
}

#[test]
fn what_tells_conditions_apart_is_seen_however_much_they_have_in_common() {
    let hidden = hidden(4_000, 1);
    let given: Vec<f64> = hidden.values().chunks(3).flat_map(|row| [row[0], row[1]]).collect();
    let target: Vec<f64> = hidden.values().chunks(3).map(|row| (row[2] - row[0]) * 100.0).collect();
    let rows = TableRows::new(["y"], target).unwrap().given(["u", "g"], given).unwrap();
    let figures = Fit::new(fast()).run(rows).unwrap().figures;
    assert!(figures.given_whitened && !figures.whitened, "{figures:?}");
    // Its noise is 0.1: the entropy is 1/2 log 2πe + log 0.1 = -0.884. Of the wave as a whole, without what tells where on it, it is 1.1.
    assert!((figures.test.mean - 0.884).abs() < 0.25, "{}", figures.test);
}

#[test]
fn rows_on_two_waves_keep_a_flow() {
    let fitted = Fit::new(fast()).run(two_waves(4000, 3)).unwrap();
    let figures = &fitted.figures;
    assert_eq!(figures.chosen, ModelKind::NsfAr, "{figures:?}");
    let gaussian = figures.test_of(ModelKind::Gaussian).unwrap();
    assert!(figures.test.mean > gaussian.mean + 1.0, "{} for {gaussian}", figures.test);
    assert_eq!((figures.folds, figures.members), (None, 1));
    assert!(!figures.losses.is_empty() && figures.reason.contains("better than mixture"), "{}", figures.reason);
    let unseen = fitted.flow.evaluate(&two_waves(1000, 4)).unwrap();
    let told = unseen.to_string();
    assert!(told.contains("gaussian  ") && told.contains("mixture  ") && !told.contains("nsf-ar"), "{told}");
    assert!((unseen.log_likelihood.mean - figures.test.mean).abs() < 0.4, "{unseen} for {}", figures.test);
    assert!((fitted.evaluation.coverage_90.mean - 0.9).abs() < 0.07, "{}", fitted.evaluation);
}

#[test]
fn of_few_rows_a_flow_is_the_mean_of_those_of_the_folds() {
    let settings = FitSettings { model: ModelKind::Nsf.into(), ..fast() };
    let fitted = Fit::new(settings).run(wave(700, 3)).unwrap();
    let figures = &fitted.figures;
    assert_eq!((figures.chosen, figures.folds, figures.members), (ModelKind::Nsf, Some(5), 5));
    let gaussian = figures.test_of(ModelKind::Gaussian).unwrap();
    assert!(figures.test.mean > gaussian.mean + 0.5, "{} for {gaussian}", figures.test);
    // Rows that nobody has seen are as likely as those that were held out, or more, as five flows see them.
    let unseen = fitted.flow.evaluate(&wave(1000, 4)).unwrap();
    let difference = unseen.log_likelihood.mean - figures.test.mean;
    assert!(difference > -0.25 && difference < 0.5, "{unseen} for {}", figures.test);
}

#[test]
fn equal_settings_make_equal_models_where_time_does_not_decide() {
    let rows = wave(300, 5);
    let once = || Fit::new(FitSettings { seconds: 1e4, ..fast() }).run(&rows).unwrap().flow;
    let (a, b) = (once(), once());
    assert_eq!(a.log_probs(&rows).unwrap(), b.log_probs(&rows).unwrap());
    assert_eq!(serde_json::to_value(a.config()).unwrap(), serde_json::to_value(b.config()).unwrap());
}

#[test]
fn rows_that_count_for_nothing_are_not_learnt() {
    let n = 1200;
    let good = wave(n, 6);
    let garbage: Vec<f64> = normals(2 * n, 7).chunks(2).flat_map(|z| [z[0], -3.0 + 0.05 * z[1]]).collect();
    let values = [good.values(), &garbage].concat();
    let weights = [vec![1.0; n], vec![0.0; n]].concat();
    let rows = TableRows::new(["x", "y"], values).unwrap().weighted(weights).unwrap();
    let settings = FitSettings { model: ModelKind::Maf.into(), ..fast() };
    let flow = Fit::new(settings).run(&rows).unwrap().flow;
    let mean = |rows: &TableRows| flow.log_probs(rows).unwrap().iter().sum::<f64>() / rows.len() as f64;
    let (learnt, not) = (mean(&wave(500, 8)), mean(&TableRows::new(["x", "y"], garbage).unwrap()));
    assert!(learnt > -2.2 && not < learnt - 3.0, "{learnt} and {not}");
}

#[test]
fn a_fit_that_was_killed_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (path, rows) = (folder.path().join("run.ckpt"), wave(3000, 9));
    let settings = FitSettings { model: ModelKind::RealNvp.into(), seconds: 1e3, ..fast() };
    let killed = catch_unwind(AssertUnwindSafe(|| {
        Fit::new(settings.clone()).checkpoint(&path).on_progress(|p| assert!(p.epochs < 21, "killed")).run(&rows)
    }));
    assert!(killed.is_err() && path.exists());
    let mut first = None;
    let flag = StopFlag::new();
    let fit = Fit::new(settings.clone()).checkpoint(&path).stop_on(&flag).on_progress(|progress| {
        if progress.epochs > 0 {
            first.get_or_insert(progress.epochs);
            flag.raise();
        }
    });
    let fitted = fit.run(&rows).unwrap();
    assert!(first.is_some_and(|epoch| epoch > 20), "{first:?}");
    assert_eq!((fitted.figures.stopped.as_str(), path.exists()), ("interrupted", true));
    std::fs::remove_file(&path).unwrap();
    // Other settings are another run.
    let killed = catch_unwind(AssertUnwindSafe(|| {
        Fit::new(settings.clone()).checkpoint(&path).on_progress(|p| assert!(p.epochs < 21, "killed")).run(&rows)
    }));
    assert!(killed.is_err());
    let other = FitSettings { learning_rate: Some(1e-4), ..settings };
    let error = Fit::new(other).checkpoint(&path).run(&rows).unwrap_err().to_string();
    assert!(error.contains("learning_rate"), "{error}");
}

#[test]
fn an_end_that_is_asked_for_cools_down_first() {
    let (rows, flag) = (wave(3000, 10), StopFlag::new());
    let settings = FitSettings { model: ModelKind::Nsf.into(), seconds: 1e3, ..fast() };
    let mut last = 0;
    let fit = Fit::new(settings).cool_down_on(&flag).on_progress(|progress| {
        last = progress.epochs.max(last);
        if progress.epochs == 20 {
            flag.raise();
        }
    });
    let fitted = fit.run(&rows).unwrap();
    assert_eq!(fitted.figures.stopped, "interrupted");
    assert!(fitted.figures.epochs >= 21 && fitted.figures.epochs <= 60, "{last} {}", fitted.figures.epochs);
}

#[test]
fn what_cannot_be_fitted_is_an_error_that_says_what_to_do() {
    let few = TableRows::new(["a"], vec![1.0, 2.0]).unwrap();
    assert!(matches!(fit(Gaussian::new(), &few), Err(TablesError::TooFewRows { rows: 2, .. })));
    let one = TableRows::new(["a"], normals(100, 1)).unwrap();
    let error = fit(Nsf::new(3), &one).unwrap_err().to_string();
    assert!(error.contains("`nsf` needs two columns") && error.contains("\nhint: "), "{error}");
    // What is chosen by itself takes a single column.
    let fitted = Fit::new(FitSettings { quality: Quality::Fast, ..FitSettings::default() }).run(&one).unwrap();
    assert_eq!(fitted.figures.candidates.last().unwrap().model, ModelKind::NsfAr);
    let constant = TableRows::new(["a", "b"], (0..40).flat_map(|i| [f64::from(i), 1.5]).collect()).unwrap();
    let error = fit(Gaussian::new(), &constant).unwrap_err().to_string();
    assert!(error.contains("`b = 1.5`"), "{error}");
    let validation = Some(TableRows::new(["z"], vec![1.0]).unwrap());
    let error = fit(Gaussian::new(), Parts { train: one, validation, test: None }).unwrap_err().to_string();
    assert!(error.contains("z") && error.contains("the model has a"), "{error}");
}

#[test]
fn samples_of_every_trained_preset_are_finite_and_of_the_order_of_the_data() {
    // Eight columns of which each is a steep function of the one before, and too few rows to learn it from.
    let (columns, n) = (8, 240);
    let row = |z: &[f64]| {
        let mut x = vec![z[0]];
        (1..columns).for_each(|i| x.push((2.5 * x[i - 1]).sin() * (1.0 + x[i - 1].abs()) + 0.02 * z[i]));
        x
    };
    let values: Vec<f64> = normals(columns * n, 11).chunks(columns).flat_map(row).collect();
    let names: Vec<String> = (0..columns).map(|i| format!("c{i}")).collect();
    let joint = TableRows::new(names, values).unwrap();
    let given = joint.clone().target(&["c1", "c2", "c3", "c5", "c6", "c7"]).unwrap();
    for kind in ModelKind::ALL {
        for rows in [&joint, &given] {
            let settings = FitSettings { model: kind.into(), seconds: 0.6, folds_below: 0, ..fast() };
            let effort = Effort { rows: 20, two_sample: 20, draws: 200 };
            let flow = Fit::new(settings).effort(effort).run(rows.clone()).unwrap().flow;
            let width = rows.given_names().len();
            let drawn = match width {
                0 => flow.sample(500, 3).unwrap(),
                // Those of a hundred rows, five times.
                _ => flow.sample_given(500, &rows.context()[..100 * width].repeat(5), 3).unwrap(),
            };
            let order = |rows: &TableRows, column: usize| {
                rows.values()
                    .iter()
                    .skip(column)
                    .step_by(rows.names().len())
                    .fold(0.0_f64, |most, value| most.max(value.abs()))
            };
            assert!(drawn.values().iter().all(|value| value.is_finite()), "{kind}, {width} conditions");
            for column in 0..rows.names().len() {
                let (found, most) = (order(&drawn, column), order(rows, column));
                assert!(
                    found < 50.0 * most,
                    "{kind}, {width} conditions, column {column}: {found} where rows have {most}"
                );
            }
        }
    }
}

#[test]
fn a_flow_given_words_and_sums_is_the_one_that_was_trained() {
    // Of a word with few rows, and of a column that is the sum of others, nothing is left when the others are known.
    let line = |i: usize| {
        let (word, u) = (["a", "a", "a", "a", "b", "c"][i % 6], (i as f64 * 0.618).fract());
        let (p, q) = ((i as f64 * 0.7).sin(), (i as f64 * 1.9).cos());
        let y = 3.0 * f64::from(u8::from(word == "b")) + p - 0.5 * q + 0.3 * (u - 0.5);
        format!("{word},{p:.4},{q:.4},{:.4},{y:.4}\n", p + q)
    };
    for rows in [300, 1500] {
        let csv = String::from("word,p,q,sum,y\n") + &(0..rows).map(line).collect::<String>();
        let frame = Frame::from_text(csv.as_bytes(), "t.csv", &ReadOptions::new()).unwrap();
        let plan = Plan::new(&frame, &PlanOptions::new().with_targets(["y"])).unwrap();
        for kind in [ModelKind::Nsf, ModelKind::Maf] {
            let settings =
                FitSettings { model: kind.into(), quality: Quality::Fast, seconds: 6.0, ..FitSettings::default() };
            let fitted = Fit::new(settings).run_frame(&frame, &plan).unwrap();
            let figures = &fitted.figures;
            let of_flow = figures.candidates.iter().find(|candidate| candidate.model == kind).unwrap();
            let best = figures.losses.iter().map(|losses| losses.validation).fold(f64::NEG_INFINITY, f64::max);
            // Other rows than those reported, or epochs that are chosen fold by fold.
            assert!((of_flow.test.mean - best).abs() < 0.5, "{rows} {kind}: {best} in training, {:?}", of_flow.test);
            assert!(fitted.evaluation.coverage_90.mean > 0.75, "{rows} {kind}: {:?}", fitted.evaluation.coverage_90);
        }
    }
}
