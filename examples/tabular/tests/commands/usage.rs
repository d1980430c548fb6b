//! What every model can do, and what is said about wrong flags and files.

use crate::program::Folder;

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
    let folder = Folder::new();
    folder.write("table.csv", table(400));
    for model in ["made", "made-mog", "real-nvp", "maf", "maf-mog", "spline-coupling", "spline-ar"] {
        let small = ["--hidden", "8", "--layers", "2", "--epochs", "2", "--batch-size", "64"];
        let train = ["train", "--data", "table.csv", "--model", model, "--out", model, "--json", "figures.json"];
        // Statistics of the whole training set, and several threads, where the model allows it.
        let more: &[&str] = if model == "maf" { &["--normalization", "batch", "--workers", "2"] } else { &[] };
        let said = folder.ok(&[&train[..], &small[..], more].concat());
        assert!(said.contains("test log-likelihood") && said.contains("two standard errors"), "{model}: {said}");
        let figures: serde_json::Value = serde_json::from_str(&folder.read("figures.json")).unwrap();
        for figure in
            ["test_log_likelihood", "two_standard_errors", "val_log_likelihood", "params", "epochs", "seconds"]
        {
            assert!(figures[figure].is_number(), "{model}: {figure}");
        }
        for file in ["flow.flow", "config.json", "loss.png", "corner.png"] {
            assert!(folder.path().join(model).join(file).is_file(), "{model}: {file}");
        }
        let flow = format!("{model}/flow.flow");
        let scores = folder.ok(&["score", "--flow", &flow, "--data", "table.csv"]);
        assert_eq!(scores.lines().count(), 401);
        assert_eq!(scores.lines().next(), Some("anomaly_score,log_density,percentile"));
        let samples = folder.ok(&["sample", "--flow", &flow, "-n", "5", "--seed", "3"]);
        assert_eq!(samples, folder.ok(&["sample", "--flow", &flow, "-n", "5", "--seed", "3"]), "a seed repeats");
        assert_eq!((samples.lines().next(), samples.lines().count()), (Some("width,height"), 6));
        assert!(folder.ok(&["inspect", &flow]).contains("columns: width, height"));
    }
}

#[test]
fn the_written_settings_repeat_a_run() {
    let folder = Folder::new();
    folder.write("table.csv", table(300));
    let small = ["--model", "maf", "--hidden", "8", "--epochs", "2", "--seed", "5"];
    folder.ok(&[&["train", "--data", "table.csv", "--out", "a"][..], &small[..]].concat());
    folder.ok(&["train", "--data", "table.csv", "--out", "b", "--config", "a/config.json"]);
    let scores = |out: &str| folder.ok(&["score", "--flow", &format!("{out}/flow.flow"), "--data", "table.csv"]);
    assert_eq!(scores("a"), scores("b"));
}

#[test]
fn what_is_wrong_is_named() {
    let folder = Folder::new();
    folder.write("table.csv", table(60));
    folder.write("wide.csv", "a,b,c\n1,2,3\n4,5,6\n7,8,10\n");
    folder.write("config.json", r#"{"layer": 3}"#);
    let train = ["train", "--data", "table.csv", "--hidden", "4", "--layers", "1", "--epochs", "1"];
    for (arguments, named) in [
        (vec!["train", "--data", "none.csv"], "none.csv"),
        (vec!["train", "--data", "table.csv", "--model", "gan"], "gan"),
        (vec!["train", "--data", "table.csv", "--config", "config.json"], "`layer`"),
        (vec!["train", "--data", "table.csv", "--dropout", "2"], "dropout"),
        (vec!["train", "--data", "table.csv", "--fractions", "0.5,0.5,0.5"], "0.5,0.5,0.5"),
        (vec!["train", "--train", "table.csv", "--val", "wide.csv", "--test", "table.csv"], "wide.csv"),
        (vec!["train", "--data", "table.csv", "--columns", "depth"], "`depth`"),
        (vec!["train", "--data", "table.csv", "--exclude", "*"], "every column is left out"),
        (vec!["train", "--data", "table.csv", "--weights", "depth"], "`depth`"),
        (vec!["train", "--data", "table.csv", "--decimal", ";"], "expected `.` or `,`"),
        (vec!["train", "--paper", "power", "--dir", "nowhere"], "cargo xtask data"),
        (vec!["train"], "--data"),
        (vec!["score", "--data", "table.csv"], "flow.flow"),
    ] {
        let said = folder.error(&arguments);
        assert!(said.contains(named), "{arguments:?}: {said}");
    }
    folder.ok(&train);
    let said = folder.error(&["score", "--data", "wide.csv"]);
    assert!(
        said.contains("wide.csv") && said.contains("`width`, `height`") && said.contains("`a`, `b`, `c`"),
        "{said}"
    );
    let said = folder.error(&["sample", "--out", "samples.txt"]);
    assert!(said.contains("samples.txt"), "{said}");
}
