//! Joint densities: peek, fit, score, sample, show, report, compare.

use crate::program::{Csv, Folder, birds, column, numbers};

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
    // The larger a number, the more it counts: without their weights the rows have another mean.
    let plain = Csv::new("a,w", 300, |_, normal| {
        let a = normal.next();
        format!("{a:.4},{}", if a > 0.5 { 5 } else { 1 })
    })
    .0;
    let mut repeated = String::from("a\n");
    for line in plain.lines().skip(1) {
        let (a, w) = line.split_once(',').expect("two cells");
        (0..w.parse().expect("a number")).for_each(|_| repeated += &format!("{a}\n"));
    }
    let folder = Folder::with("weighted.csv", &plain);
    folder.write("repeated.csv", repeated);
    folder.ok("fit weighted.csv --weights w --model gaussian -o w.flow");
    folder.ok("fit repeated.csv --model gaussian --folds-below 0 --held-out 0.01,0 -o r.flow");
    folder.ok("fit weighted.csv -c a --model gaussian -o u.flow");
    let scores =
        |model: &str| numbers(&folder.ok(&format!("score {model} weighted.csv --reasons none")).0, "log_density");
    let (w, r, u) = (scores("w.flow"), scores("r.flow"), scores("u.flow"));
    let far = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    // A hundredth of the repeated rows is held out.
    assert!(
        far(&w, &r) < 0.1 && far(&w, &u) > 0.5,
        "{} from repeated rows, {} from plain ones",
        far(&w, &r),
        far(&w, &u)
    );
}
