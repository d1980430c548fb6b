//! Runs that are wrong from the start, cut off, or not listened to.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::program::{Folder, csv, normal};

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("table.csv", csv("a,b", &[normal(300, 1), normal(300, 2)]));
    folder
}

#[test]
fn sizes_of_zero_and_counts_beyond_all_disks_are_errors_before_any_work() {
    let folder = folder();
    for setting in ["--epochs", "--batch-size", "--layers", "--patience", "--seconds", "--workers", "--hidden"] {
        let said = folder.error(&["train", "--data", "table.csv", setting, "0"]);
        assert!(said.contains(&setting[2..].replace('-', "_")) || said.contains(setting), "{said}");
    }
    assert!(!folder.path().join("tabular-out").exists());
    folder.train("table.csv", &["--model", "made", "--epochs", "1"]);
    assert!(folder.error(&["sample", "-n", "0"]).contains("0"));
    let said = folder.error(&["sample", "-n", "18446744073709551615"]);
    assert!(said.contains("more than can be counted"), "{said}");
    if cfg!(unix) {
        let said = folder.error(&["sample", "-n", "1000000000000000", "--out", "rows.csv"]);
        assert!(said.contains("rows.csv") && said.contains("disk"), "{said}");
    }
    assert!(!folder.path().join("rows.csv").exists());
}

#[test]
fn places_that_cannot_be_written_to_are_errors_before_training() {
    let folder = folder();
    for (flag, place) in [("--json", "no/such/folder.json"), ("--out", "table.csv"), ("--json", ".")] {
        // A minute of training would show.
        let said = folder.error(&["train", "--data", "table.csv", flag, place, "--epochs", "1000000"]);
        assert!(said.contains(place) && !said.contains("epoch "), "{said}");
    }
    assert!(!folder.path().join("tabular-out").exists());
}

#[test]
fn rows_go_to_text_and_npy_alike() {
    let folder = folder();
    folder.train("table.csv", &["--model", "made", "--epochs", "1"]);
    let text = folder.ok(&["sample", "-n", "20000", "--seed", "4"]);
    for name in ["rows.csv", "rows.npy"] {
        folder.ok(&["sample", "-n", "20000", "--seed", "4", "--out", name]);
    }
    assert_eq!(folder.read("rows.csv"), text);
    let [csv, npy] = ["rows.csv", "rows.npy"].map(|name| flows_data::Table::read(folder.path().join(name)).unwrap());
    assert_eq!((csv.rows(), csv.values()), (20_000, npy.values()));
}

#[test]
fn a_reader_who_has_read_enough_is_no_error() {
    let folder = folder();
    folder.train("table.csv", &["--model", "made", "--epochs", "1"]);
    for arguments in [
        &["inspect"][..],
        &["sample", "-n", "300000"],
        &["score", "--data", "table.csv"],
        &["train", "--data", "table.csv", "--model", "made", "--epochs", "2", "--hidden", "4"],
    ] {
        let mut child = folder
            .command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        drop(child.stdout.take());
        let mut said = String::new();
        std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut said).unwrap();
        let status = child.wait().unwrap();
        assert!(status.success() && !said.contains("panicked"), "{arguments:?} {status}: {said}");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_training_keeps_the_best_flow() {
    let folder = folder();
    let arguments = ["train", "--data", "table.csv", "--model", "made", "--hidden", "4", "--epochs", "1000000"];
    let more = ["--patience", "1000000", "--json", "figures.json"];
    let mut child =
        folder.command(&[&arguments[..], &more].concat()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    // Once an epoch has ended.
    lines.find(|line| line.as_ref().is_ok_and(|line| line.starts_with("epoch"))).expect("an epoch").unwrap();
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let said: String = lines.map_while(Result::ok).collect();
    assert!(child.wait().unwrap().success(), "{said}");
    assert!(said.contains("interrupted"), "{said}");
    let figures: serde_json::Value = serde_json::from_str(&folder.read("figures.json")).unwrap();
    assert!(figures["best_epoch"].as_u64() > Some(0), "{figures}");
    folder.ok(&["score", "--data", "table.csv"]);
}

#[test]
fn a_flow_of_an_earlier_version_is_refused_with_advice() {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Old;
    impl flows_core::FlowConfig for Old {
        const NAME: &'static str = "tabular/flow";
        type Flow = flows_core::StandardNormal<2>;

        fn init(&self, _: &burn::tensor::Device) -> Self::Flow {
            flows_core::StandardNormal::new([2])
        }
    }
    let folder = folder();
    flows_core::save(folder.path().join("old.flow"), &Old, &flows_core::StandardNormal::new([2])).unwrap();
    let said = folder.error(&["inspect", "old.flow"]);
    assert!(said.contains("old.flow") && said.contains("train again"), "{said}");
}
