//! Joint densities: peek, fit, score, sample, show, report, compare.

use crate::program::{Csv, Folder, birds, column, mean, numbers};

#[test]
fn peek_tells_every_column_and_the_flag_that_does_otherwise() {
    let folder = Folder::with("birds.csv", &birds(300));
    let (out, _) = folder.ok("peek birds.csv --json peek.json");
    for text in ["300 rows", "6 columns", "bill", "--given species", "8 of 300 rows miss a cell", "flows fit birds.csv"]
    {
        assert!(out.contains(text), "{text}\n{out}");
    }
    let json = folder.json("peek.json");
    assert_eq!(
        json["columns"][0]["left_out"].as_str().map(|why| why.contains("tells rows apart")),
        Some(true),
        "{json}"
    );
    assert_eq!(folder.files(), ["birds.csv", "peek.json"]);
}

#[test]
fn a_table_is_fitted_scored_sampled_shown_and_reported_without_a_flag() {
    let folder = Folder::with("birds.csv", &birds(300));
    let (out, _) = folder.ok("fit birds.csv --json fit.json --quality fast");
    for text in
        ["species", "left out", "gaussian", "nats a row, higher is better", "the oddest rows", "birds.flow", "next: "]
    {
        assert!(out.contains(text), "{text}\n{out}");
    }
    let json = folder.json("fit.json");
    for key in [
        "test_log_likelihood",
        "two_standard_errors",
        "baselines",
        "chosen",
        "columns",
        "rows",
        "params",
        "epochs",
        "seconds",
        "coverage_90",
        "c2st",
        "seed",
    ] {
        assert!(!json[key].is_null(), "{key} in {json}");
    }
    assert_eq!(json["rows"]["dropped"], 8);
    assert!(json["baselines"]["gaussian"].as_f64().is_some_and(f64::is_finite), "{json}");
    assert_eq!(folder.files(), ["birds.csv", "birds.flow", "fit.json"]);

    let (scored, notes) = folder.ok("score birds.flow birds.csv");
    assert!(notes.contains("8 of 300 rows miss a cell"), "{notes}");
    assert_eq!(column(&scored, "id").len(), 300);
    let scores = numbers(&scored, "log_density");
    assert_eq!(scores.iter().filter(|score| score.is_nan()).count(), 8);
    assert!(numbers(&scored, "p_value").iter().all(|p| p.is_nan() || (*p > 0.0 && *p <= 1.0)));

    let (drawn, _) = folder.ok("sample birds.flow -n 200 --seed 3");
    assert_eq!(drawn.lines().next(), Some("bill,eggs,hatched"));
    assert!(column(&drawn, "eggs").iter().all(|eggs| eggs.parse::<u32>().is_ok()), "{drawn}");
    assert!(column(&drawn, "hatched").iter().all(|day| day.starts_with("20") && day.len() == 10), "{drawn}");
    assert!(column(&drawn, "bill").iter().all(|bill| bill.split('.').nth(1).is_some_and(|part| part.len() == 1)));
    assert_eq!(folder.ok("sample birds.flow -n 200 --seed 3").0, drawn);
    assert_ne!(folder.ok("sample birds.flow -n 200 --seed 4").0, drawn);

    let (shown, _) = folder.ok("show birds.flow --json show.json");
    assert!(shown.contains("p(bill, eggs, hatched)") && shown.contains("sha256:"), "{shown}");
    assert_eq!(folder.json("show.json")["settings"]["seed"], 0);

    folder.ok("report birds.flow birds.csv");
    let page = folder.read("birds.html");
    for text in ["<!DOCTYPE html>", "bill", "data:image/png;base64,", "row ", "sha256:"] {
        assert!(page.contains(text), "{text}");
    }
    folder.ok("report birds.flow -o bare.html");
    assert!(folder.read("bare.html").contains("No table was given"));
}

#[test]
fn the_oddest_row_comes_first_with_the_column_that_makes_it_odd() {
    let mut text = Csv::new("a,b,c", 400, |_, normal| {
        let a = normal.next();
        format!("{a:.3},{:.3},{:.3}", a + 0.1 * normal.next(), 5.0 + normal.next())
    })
    .0;
    // Nothing is odd about 1.5 and -1.5 by themselves.
    text += "1.5,-1.5,5.0\n";
    let folder = Folder::with("t.csv", &text);
    folder.ok("fit t.csv --model gaussian -o m.flow");
    let (top, _) = folder.ok("score m.flow t.csv --top 2");
    assert_eq!(top.lines().count(), 3);
    assert_eq!(column(&top, "row")[0], "400");
    assert!(["a", "b"].contains(&column(&top, "worst_column")[0].as_str()), "{top}");
    assert!(numbers(&top, "p_value")[0] < 0.01, "{top}");
}

#[test]
fn equal_fits_write_equal_bytes_and_other_settings_replace_nothing() {
    let folder = Folder::with("t.csv", &birds(120));
    folder.ok("fit t.csv --quality fast -o a.flow --seed 5");
    folder.ok("fit t.csv --quality fast -o b.flow --seed 5");
    let bytes = |name: &str| std::fs::read(folder.path(name)).expect("there");
    assert_eq!(bytes("a.flow"), bytes("b.flow"));
    let error = folder.fails("fit t.csv --quality fast -o a.flow --seed 6", 1);
    assert!(error.contains("seed: 5 there, 6 now") && error.contains("--force"), "{error}");
    assert_eq!(bytes("a.flow"), bytes("b.flow"));
    folder.ok("fit t.csv --quality fast -o a.flow --seed 6 --force");
    assert_ne!(bytes("a.flow"), bytes("b.flow"));
    let (out, _) = folder.ok("compare a.flow b.flow t.csv --json c.json");
    assert!(out.contains("difference") && out.contains("117 rows"), "{out}");
    assert!(folder.json("c.json")["difference"].is_number());
    // What is no model is not replaced either.
    folder.write("c.flow", "precious");
    assert!(folder.fails("fit t.csv -o c.flow", 1).contains("is not replaced"));
    assert_eq!(folder.read("c.flow"), "precious");
}

#[test]
fn compare_finds_the_better_model() {
    let rows = |seed: usize| {
        Csv::new("a,b", 400, |i, normal| {
            (0..seed).for_each(|_| {
                normal.next();
            });
            let side = if i % 2 == 0 { 4.0 } else { -4.0 };
            format!("{:.3},{:.3}", side + normal.next(), side + 0.2 * normal.next())
        })
        .0
    };
    let folder = Folder::with("t.csv", &rows(0));
    folder.write("new.csv", rows(1));
    folder.ok("fit t.csv --model gaussian -o g.flow");
    folder.ok("fit t.csv --model mixture --components 2 -o m.flow");
    let (out, _) = folder.ok("compare g.flow m.flow new.csv --json c.json");
    assert!(out.contains("m.flow is better"), "{out}");
    assert!(folder.json("c.json")["difference"].as_f64().is_some_and(|difference| difference < -1.0));
}

#[test]
fn kinds_that_are_set_come_back_inside_of_their_bounds() {
    let folder = Folder::with(
        "t.csv",
        &Csv::new("hour,share,price,visib", 300, |_, normal| {
            let hour = (22.0 + 3.0 * normal.next()).rem_euclid(24.0);
            let share = 1.0 / (1.0 + (2.0 * normal.next()).exp());
            format!("{hour:.2},{share:.3},{:.2},{:.1}", (2.0 * normal.next()).exp(), 10.0 - normal.next().abs())
        })
        .0,
    );
    folder.ok("fit t.csv --as hour=circle:24,share=interval:0:1,price=log,visib=max:10 --model mixture -o m.flow");
    let (drawn, _) = folder.ok("sample m.flow -n 2000");
    let within = |name: &str, low: f64, high: f64| {
        let values = numbers(&drawn, name);
        assert!(values.iter().all(|value| *value >= low && *value <= high), "{name}");
        values
    };
    let hours = within("hour", 0.0, 24.0);
    // Both sides of midnight, which is in the middle of the data.
    assert!(
        hours.iter().filter(|hour| **hour > 18.0).count() > 800
            && hours.iter().filter(|hour| **hour < 4.0).count() > 300
    );
    within("share", 0.0, 1.0);
    within("price", 0.0, f64::INFINITY);
    within("visib", f64::NEG_INFINITY, 10.0);
}

#[test]
fn weights_count_as_repeated_rows_do() {
    // Rows above zero count four times: half of a normal distribution against the other.
    let mut rows = vec![];
    let table = Csv::new("a,w", 600, |_, normal| {
        let a = (1e4 * normal.next()).round() / 1e4;
        rows.push((a, if a < 0.0 { 1 } else { 4 }));
        format!("{a:.4},{}", rows[rows.len() - 1].1)
    });
    let mut repeated = String::from("a\n");
    rows.iter().for_each(|(a, w)| (0..*w).for_each(|_| repeated += &format!("{a:.4}\n")));
    let folder = Folder::with("t.csv", &table.0);
    folder.write("repeated.csv", repeated);
    folder.write("new.csv", "a,w\n-2,1\n-1,1\n0,1\n1,1\n2,1\n");
    folder.ok("fit t.csv --weights w --model gaussian -o weighted.flow");
    folder.ok("fit repeated.csv --model gaussian --folds-below 5000 -o repeated.flow");
    folder.ok("fit t.csv -c a --model gaussian -o plain.flow");
    // The normal distribution of greatest likelihood, with weights and without.
    let truth = |weight: fn(i32) -> f64| {
        let total: f64 = rows.iter().map(|(_, w)| weight(*w)).sum();
        let mean = rows.iter().map(|(a, w)| weight(*w) * a).sum::<f64>() / total;
        let variance = rows.iter().map(|(a, w)| weight(*w) * (a - mean).powi(2)).sum::<f64>() / total;
        let log_density = |a: f64| -0.5 * ((a - mean).powi(2) / variance + (std::f64::consts::TAU * variance).ln());
        [-2.0, -1.0, 0.0, 1.0, 2.0].map(log_density)
    };
    let (weighted, plain) = (truth(f64::from), truth(|_| 1.0));
    let far = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(far(&weighted, &plain) > 1.0, "{weighted:?} {plain:?}");
    for (model, expected) in [("weighted", weighted), ("repeated", weighted), ("plain", plain)] {
        let (out, _) = folder.ok(&format!("score {model}.flow new.csv --reasons none"));
        let found = numbers(&out, "log_density");
        // Single precision.
        assert!(far(&found, &expected) < 1e-3, "{model}: {found:?}, not {expected:?}");
    }
    // New rows need no weights; those that are learnt from or chosen by do.
    folder.write("bare.csv", "a\n-2\n-1\n0\n1\n2\n");
    let (out, err) = folder.ok("score weighted.flow bare.csv --reasons none");
    assert!(far(&numbers(&out, "log_density"), &weighted) < 1e-3 && err.contains("no column `w`"), "{out}{err}");
    let (_, err) = folder.ok("compare weighted.flow plain.flow bare.csv");
    assert!(err.contains("all rows count alike") && !err.contains("count by their weights"), "{err}");
    let error = folder.fails("fit --train t.csv --val bare.csv --weights w --model gaussian -o m.flow", 1);
    assert!(error.contains("no column `w`"), "{error}");
    let (drawn, _) = folder.ok("sample weighted.flow -n 20000");
    let drawn = mean(&numbers(&drawn, "a"));
    let (sum, total) =
        rows.iter().fold((0.0, 0.0), |(sum, total), (a, w)| (sum + a * f64::from(*w), total + f64::from(*w)));
    // Five standard errors; without weights it is zero.
    assert!((drawn - sum / total).abs() < 5.0 / 20_000_f64.sqrt() && sum / total > 0.4, "{drawn}, not {}", sum / total);
}
