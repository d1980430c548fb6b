//! The program as it is used: train, score, sample, inspect, and what it says when it is used wrongly.

use std::path::Path;
use std::process::{Command, Output};

fn tabular(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tabular")).current_dir(dir).args(arguments).output().expect("the program starts")
}

fn ok(dir: &Path, arguments: &[&str]) -> String {
    let output = tabular(dir, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn error(dir: &Path, arguments: &[&str]) -> String {
    let output = tabular(dir, arguments);
    assert!(!output.status.success(), "{arguments:?} should fail");
    String::from_utf8(output.stderr).expect("text")
}

/// Two columns, the second about the square of the first.
fn table(rows: usize) -> String {
    let row = |i: usize| {
        let x = (i as f64 * 0.618_034).fract() * 4.0 - 2.0;
        format!("{x},{}\n", x * x + 0.1 * (i as f64 * 1.7).sin())
    };
    "width,height\n".to_owned() + &(0..rows).map(row).collect::<String>()
}

#[test]
fn every_model_is_trained_scored_sampled_and_inspected() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    std::fs::write(dir.join("table.csv"), table(400)).unwrap();
    for model in ["made", "made-mog", "real-nvp", "maf", "maf-mog", "spline-coupling", "spline-ar"] {
        let small = ["--hidden", "8", "--layers", "2", "--epochs", "2", "--batch-size", "64"];
        let train = ["train", "--data", "table.csv", "--model", model, "--out", model, "--json", "figures.json"];
        // Statistics of the whole training set, and several threads, where the model allows it.
        let more: &[&str] = if model == "maf" { &["--normalization", "batch", "--workers", "2"] } else { &[] };
        let said = ok(dir, &[&train[..], &small[..], more].concat());
        assert!(said.contains("test log-likelihood") && said.contains("two standard errors"), "{model}: {said}");
        let figures: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(dir.join("figures.json")).unwrap()).unwrap();
        for figure in
            ["test_log_likelihood", "two_standard_errors", "val_log_likelihood", "params", "epochs", "seconds"]
        {
            assert!(figures[figure].is_number(), "{model}: {figure}");
        }
        for file in ["flow.flow", "config.json", "loss.png", "corner.png"] {
            assert!(dir.join(model).join(file).is_file(), "{model}: {file}");
        }
        let flow = format!("{model}/flow.flow");
        let scores = ok(dir, &["score", "--flow", &flow, "--data", "table.csv"]);
        assert_eq!(scores.lines().count(), 401);
        assert_eq!(scores.lines().next(), Some("anomaly_score,log_density,percentile_of_training"));
        let samples = ok(dir, &["sample", "--flow", &flow, "-n", "5", "--seed", "3"]);
        assert_eq!(samples, ok(dir, &["sample", "--flow", &flow, "-n", "5", "--seed", "3"]), "a seed repeats");
        assert_eq!((samples.lines().next(), samples.lines().count()), (Some("width,height"), 6));
        assert!(ok(dir, &["inspect", &flow]).contains("columns: width, height"));
    }
}

#[test]
fn the_written_settings_repeat_a_run() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    std::fs::write(dir.join("table.csv"), table(300)).unwrap();
    let small = ["--model", "maf", "--hidden", "8", "--epochs", "2", "--seed", "5"];
    ok(dir, &[&["train", "--data", "table.csv", "--out", "a"][..], &small[..]].concat());
    ok(dir, &["train", "--data", "table.csv", "--out", "b", "--config", "a/config.json"]);
    let scores = |out: &str| ok(dir, &["score", "--flow", &format!("{out}/flow.flow"), "--data", "table.csv"]);
    assert_eq!(scores("a"), scores("b"));
}

#[test]
fn what_is_wrong_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    std::fs::write(dir.join("table.csv"), table(60)).unwrap();
    std::fs::write(dir.join("wide.csv"), "a,b,c\n1,2,3\n4,5,6\n7,8,10\n").unwrap();
    std::fs::write(dir.join("config.json"), r#"{"layer": 3}"#).unwrap();
    let train = ["train", "--data", "table.csv", "--hidden", "4", "--layers", "1", "--epochs", "1"];
    for (arguments, named) in [
        (vec!["train", "--data", "none.csv"], "none.csv"),
        (vec!["train", "--data", "table.csv", "--model", "gan"], "gan"),
        (vec!["train", "--data", "table.csv", "--config", "config.json"], "`layer`"),
        (vec!["train", "--data", "table.csv", "--dropout", "2"], "dropout"),
        (vec!["train", "--data", "table.csv", "--fractions", "0.5,0.5,0.5"], "0.5,0.5,0.5"),
        (vec!["train", "--train", "table.csv", "--val", "wide.csv", "--test", "table.csv"], "wide.csv"),
        (vec!["train", "--paper", "power", "--dir", "nowhere"], "cargo xtask data"),
        (vec!["train"], "--data"),
        (vec!["score", "--data", "table.csv"], "flow.flow"),
    ] {
        let said = error(dir, &arguments);
        assert!(said.contains(named), "{arguments:?}: {said}");
    }
    ok(dir, &train);
    let said = error(dir, &["score", "--data", "wide.csv"]);
    assert!(said.contains("wide.csv") && said.contains("width, height") && said.contains('3'), "{said}");
    let said = error(dir, &["sample", "--out", "samples.txt"]);
    assert!(said.contains("samples.txt"), "{said}");
}
