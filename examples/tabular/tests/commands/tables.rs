//! Tables that people have reported, and what must come of them.

use crate::program::{Folder, column, csv, normal};

/// ½ log(2πe), the entropy of a standard normal number.
const ENTROPY: f64 = 1.418_938_533_204_672_7;

fn likelihood(figures: &serde_json::Value) -> f64 {
    figures["test_log_likelihood"].as_f64().unwrap()
}

/// Gaussian conditionals: exact for normal columns, and quickly trained.
const GAUSSIAN: [&str; 4] = ["--model", "made", "--epochs", "2"];

#[test]
fn columns_of_validation_and_test_tables_are_matched_by_name() {
    let folder = Folder::new();
    let part = |seed| (normal(400, seed), normal(400, seed + 1).iter().map(|y| y + 1000.0).collect::<Vec<_>>());
    for (name, seed) in [("train", 1), ("val", 3), ("test", 5)] {
        let (x, y) = part(seed);
        folder.write(&format!("{name}.csv"), csv("x,y", &[x.clone(), y.clone()]));
        folder.write(&format!("{name}_turned.csv"), csv("y,id,x", &[y, normal(400, 9), x]));
    }
    folder.write("foreign.csv", csv("x,z", &[normal(9, 1), normal(9, 2)]));
    let train = |val: &str, test: &str| {
        let files = ["train", "--train", "train.csv", "--val", val, "--test", test, "--json", "f.json"];
        folder.ok(&[&files[..], &GAUSSIAN[..]].concat());
        likelihood(&serde_json::from_str(&folder.read("f.json")).unwrap())
    };
    let plain = train("val.csv", "test.csv");
    assert_eq!(train("val_turned.csv", "test_turned.csv"), plain);
    assert!((plain + 2.0 * ENTROPY).abs() < 0.3, "{plain}");
    let said = folder.error(&["train", "--train", "train.csv", "--val", "foreign.csv", "--test", "test.csv"]);
    assert!(said.contains("foreign.csv") && said.contains("`x`, `y`") && said.contains("`x`, `z`"), "{said}");
    folder.ok(&["score", "--data", "test_turned.csv"]);
    let said = folder.error(&["score", "--data", "foreign.csv"]);
    assert!(said.contains("no column `y`"), "{said}");
}

#[test]
fn a_column_that_is_empty_where_rows_are_scored_is_an_error_that_names_it() {
    let folder = Folder::new();
    folder.write("train.csv", csv("a,b", &[normal(300, 1), normal(300, 2)]));
    folder.write("missing.csv", "id,a,b\n1,0.5,\n2,0.7,\n");
    folder.write("gaps.csv", "id,a,b\n1,0.5,0.1\n2,NA,0.2\n3,0.7,0.3\n");
    folder.train("train.csv", &GAUSSIAN);
    let said = folder.error(&["score", "--data", "missing.csv"]);
    assert!(said.contains("missing.csv") && said.contains("column `b`"), "{said}");
    let scores = column(&folder.ok(&["score", "--data", "gaps.csv"]), 1);
    assert!(scores[0].is_finite() && scores[1].is_nan() && scores[2].is_finite(), "{scores:?}");
}

#[test]
fn headers_of_numbers_indices_and_columns_of_text_are_noted() {
    let folder = Folder::new();
    let (a, b) = (normal(300, 1), normal(300, 2));
    folder.write("numbers.csv", csv("0,1", &[a.clone(), b.clone()]));
    let rows: String = (0..300).map(|i| format!("{i},{},{},Oslo\n", a[i], b[i])).collect();
    folder.write("index.csv", format!(",a,b,city\n{rows}"));
    let (figures, said) = folder.train("numbers.csv", &GAUSSIAN);
    assert_eq!(figures["train_rows"].as_u64().unwrap() + 60, 300);
    assert!(said.contains("names the columns"), "{said}");
    let (figures, said) = folder.train("index.csv", &GAUSSIAN);
    assert_eq!(figures["columns"], serde_json::json!(["a", "b"]));
    assert!(said.contains("only labels the rows") && said.contains("left out `city`"), "{said}");
    let (figures, _) = folder.train("index.csv", &[&GAUSSIAN[..], &["--columns", "a*"]].concat());
    assert_eq!(figures["columns"], serde_json::json!(["a"]));
    let (figures, _) = folder.train("index.csv", &[&GAUSSIAN[..], &["--exclude", "a,city,column_1"]].concat());
    assert_eq!(figures["columns"], serde_json::json!(["b"]));
}

#[test]
fn offsets_and_scales_change_nothing_but_the_units() {
    let folder = Folder::new();
    let (x, y) = (normal(500, 1), normal(500, 2));
    let mut found = vec![];
    for (name, offset, scale) in
        [("plain", 0.0, 1.0), ("huge", 5e20, 1e20), ("tiny", 0.0, 1e-23), ("seconds", 1.7e9, 600.0)]
    {
        let column = x.iter().map(|x| offset + scale * x).collect();
        folder.write(&format!("{name}.csv"), csv("x,y", &[column, y.clone()]));
        let (figures, _) = folder.train(&format!("{name}.csv"), &["--model", "spline-ar", "--epochs", "2"]);
        found.push(likelihood(&figures) + f64::ln(scale));
    }
    assert!(found.iter().all(|other| (other - found[0]).abs() < 1e-3), "{found:?}");
    let times = column(&folder.ok(&["sample", "-n", "200"]), 0);
    assert!(times.iter().all(|time| (time - 1.7e9).abs() < 6000.0), "{times:?}");
    assert!(times.iter().filter(|time| time.rem_euclid(128.0) == 0.0).count() < 20, "{times:?}");
}

#[test]
fn fill_values_are_refused_with_their_cells_and_can_be_declared() {
    let folder = Folder::new();
    let mut filled = normal(600, 1);
    [11, 50, 150].iter().for_each(|row| filled[*row] = 9.969_209_968_386_87e36);
    folder.write("fill.csv", csv("sst,y", &[filled, normal(600, 2)]));
    let said = folder.error(&["train", "--data", "fill.csv"]);
    assert!(said.contains("column `sst`") && said.contains("rows 11, 50, 150") && said.contains("--missing"), "{said}");
    assert!(!folder.path().join("tabular-out").exists(), "nothing is left behind");
    let declared = [&GAUSSIAN[..], &["--missing", "9.96920996838687e36", "--drop-missing"]].concat();
    let (figures, said) = folder.train("fill.csv", &declared);
    assert!(said.contains("left out 3 of 600 rows"), "{said}");
    assert!((likelihood(&figures) + 2.0 * ENTROPY).abs() < 0.4, "{figures}");
}

#[test]
fn a_rare_value_has_the_same_answer_for_every_seed_and_can_be_left_out() {
    let folder = Folder::new();
    let mut rare = vec![0.0; 200];
    rare[3] = 1.0;
    folder.write("rare.csv", csv("a,rare", &[normal(200, 1), rare.clone()]));
    folder.write("half.csv", csv("a,rare", &[normal(200, 1), rare.iter().map(|r| r / 2.0).collect()]));
    for seed in ["0", "1", "2", "3"] {
        let (_, said) = folder.train("rare.csv", &["--model", "made", "--epochs", "1", "--seed", seed]);
        assert!(said.contains("training part") && said.contains("--exclude rare"), "{said}");
        let said = folder.error(&["train", "--data", "half.csv", "--seed", seed]);
        assert!(said.contains("training part") && said.contains("--exclude rare"), "{said}");
    }
    let (figures, _) = folder.train("half.csv", &[&GAUSSIAN[..], &["--exclude", "rare"]].concat());
    assert_eq!(figures["features"], 1);
}

#[test]
fn whole_numbers_are_noted_and_their_likelihood_is_that_of_whole_numbers() {
    let folder = Folder::new();
    // Uniform on 0, 1, 2, 3: a log-likelihood of -log 4, beside that of a normal number.
    let count: Vec<f64> = normal(2000, 1).iter().map(|x| (x.abs() * 1e6).floor() % 4.0).collect();
    folder.write("counts.csv", csv("count,y", &[count, normal(2000, 2)]));
    let (figures, said) = folder.train("counts.csv", &["--model", "spline-ar", "--epochs", "12"]);
    assert!(said.contains("column `count` holds whole numbers, 4 distinct ones"), "{said}");
    let (found, right) = (likelihood(&figures), -f64::ln(4.0) - ENTROPY);
    let error = figures["two_standard_errors"].as_f64().unwrap() / 2.0;
    assert!((found - right).abs() < 3.0 * error + 0.1, "{found}, exactly {right}");
    let samples = column(&folder.ok(&["sample", "-n", "200"]), 0);
    assert!(samples.iter().all(|count| count.fract() == 0.0), "{samples:?}");
    folder.write("half.csv", "count,y\n1,0\n1.5,0\n");
    let scores = column(&folder.ok(&["score", "--data", "half.csv"]), 1);
    assert!(scores[0].is_finite() && scores[1] == f64::NEG_INFINITY, "{scores:?}");
    let (_, said) = folder.train("counts.csv", &[&GAUSSIAN[..], &["--dequantize", "false"]].concat());
    assert!(said.contains("without bound"), "{said}");
}

#[test]
fn linear_functions_of_other_columns_are_noted() {
    let folder = Folder::new();
    let (a, b) = (normal(300, 1), normal(300, 2));
    let d = b.iter().map(|b| 2.0 * b + 3.0).collect();
    folder.write("twice.csv", csv("a,b,c,d", &[a.clone(), b, a, d]));
    let (figures, said) = folder.train("twice.csv", &GAUSSIAN);
    assert!(said.contains("c = a") && said.contains("d = 2 b + 3"), "{said}");
    assert!(figures["gaussian_test_log_likelihood"].is_null());
}

#[test]
fn weights_shape_the_density_and_are_not_modelled() {
    let folder = Folder::new();
    let a = normal(1500, 1);
    let weight = a.iter().map(|a| if *a > 0.0 { 3.0 } else { 1.0 }).collect();
    folder.write("weighted.csv", csv("a,b,weight", &[a, normal(1500, 2), weight]));
    let quick = ["--model", "spline-ar", "--epochs", "80", "--weights", "weight", "--batch-size", "64"];
    let (figures, _) = folder.train("weighted.csv", &quick);
    assert_eq!(figures["columns"], serde_json::json!(["a", "b"]));
    let samples = column(&folder.ok(&["sample", "-n", "4000"]), 0);
    let share = samples.iter().filter(|a| **a > 0.0).count() as f64 / 4000.0;
    // Four standard errors of the share, two of the training rows', and the haste of the training.
    assert!((share - 0.75).abs() < 0.06, "{share}");
    let said = folder.error(&["train", "--data", "weighted.csv", "--weights", "w"]);
    assert!(said.contains("`w`") && said.contains("a, b, weight"), "{said}");
}

#[test]
fn one_column_is_modelled_or_the_error_names_the_models_that_can() {
    let folder = Folder::new();
    folder.write("one.csv", csv("x", &[normal(400, 1)]));
    for model in ["made", "made-mog", "maf", "maf-mog", "spline-ar"] {
        let (figures, _) = folder.train("one.csv", &["--model", model, "--epochs", "2"]);
        assert!((likelihood(&figures) + ENTROPY).abs() < 0.4, "{model}: {figures}");
    }
    for model in ["real-nvp", "spline-coupling"] {
        let said = folder.error(&["train", "--data", "one.csv", "--model", model]);
        assert!(said.contains(model) && said.contains("two columns") && said.contains("spline-ar"), "{said}");
    }
}

#[test]
fn ten_rows_are_enough_and_print_no_nan() {
    let folder = Folder::new();
    folder.write("ten.csv", csv("a,b", &[normal(10, 1), normal(10, 2)]));
    let (figures, _) = folder.train("ten.csv", &["--epochs", "3"]);
    assert!(figures["two_standard_errors"].is_null() && likelihood(&figures).is_finite(), "{figures}");
    for file in ["flow.flow", "config.json", "loss.png"] {
        assert!(folder.path().join("tabular-out").join(file).is_file(), "{file}");
    }
}

#[test]
fn absurd_rows_are_the_least_likely_and_leave_the_others_alone() {
    let folder = Folder::new();
    folder.write("train.csv", csv("a,b", &[normal(500, 1), normal(500, 2)]));
    folder.write("absurd.csv", "a,b\n0,0\n1,-1\n1e20,0\n0.5,0.5\n1e39,0\n-inf,1\n");
    folder.write("plain.csv", "a,b\n0,0\n1,-1\n0.5,0.5\n");
    folder.train("train.csv", &["--model", "spline-ar", "--epochs", "2"]);
    let absurd = folder.ok(&["score", "--data", "absurd.csv"]);
    let plain = column(&folder.ok(&["score", "--data", "plain.csv"]), 1);
    let scores = column(&absurd, 1);
    assert_eq!([scores[0], scores[1], scores[3]], plain[..]);
    assert!(
        [2, 4, 5].iter().all(|i| scores[*i] < plain[0] && scores[*i] < plain[1] && scores[*i] < plain[2]),
        "{scores:?}"
    );
    // Of 100 held-out rows none is less likely.
    let percentiles = column(&absurd, 2);
    assert!((percentiles[2] - 100.0 / 101.0).abs() < 1e-9 && percentiles[0] > 50.0, "{percentiles:?}");
}
