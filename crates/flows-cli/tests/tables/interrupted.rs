//! Fits that are killed or interrupted.

use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::program::{Csv, Folder, texts};

/// A table with which a flow is busy for a while.
fn folder() -> Folder {
    let table = Csv::new("a,b", 3000, |_, normal| {
        let a = normal.next();
        format!("{a:.5},{:.5}", (2.0 * a).sin() + 0.1 * normal.next())
    });
    Folder::with("t.csv", &table.0)
}

fn start(folder: &Folder, line: &str) -> Child {
    folder.command(line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
}

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(120), "{what} has not happened");
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_fit_that_was_killed_goes_on() {
    let folder = folder();
    let line = "fit t.csv --model nsf --layers 2 --hidden 16,16 -o m.flow";
    let mut child = start(&folder, &format!("{line} --time 100s"));
    wait_until("a state of training", || folder.path("m.flow.part").exists());
    child.kill().expect("killed");
    child.wait().expect("it has ended");
    assert!(!folder.path("m.flow").exists());
    let error = folder.fails(&format!("{line} --time 4s --bins 5"), 1);
    assert!(error.contains("--force"), "{error}");
    // What is refused loses nothing, forced or not.
    let state = std::fs::read(folder.path("m.flow.part")).expect("there");
    folder.write("few.csv", "a,b\n1.5,2.5\n2.5,1.5\n0.5,3\n");
    folder.fails("fit few.csv -o m.flow --force", 1);
    assert!(std::fs::read(folder.path("m.flow.part")).expect("still there") == state);
    std::fs::remove_file(folder.path("few.csv")).expect("removed");
    let (_, err) = folder.ok(&format!("{line} --time 4s --json f.json"));
    assert!(err.contains("going on from"), "{err}");
    // The state stays for more time, if it was time that ended it.
    let files = match folder.json("f.json")["stopped"] == "time" {
        true => vec!["f.json", "m.flow", "m.flow.part", "t.csv"],
        false => vec!["f.json", "m.flow", "t.csv"],
    };
    assert_eq!(folder.files(), files);
}

#[test]
fn a_fit_that_ran_out_of_time_goes_on_with_more_of_it() {
    let folder = folder();
    let line = "fit t.csv --model nsf --layers 2 --hidden 16,16 -o m.flow";
    let (_, err) = folder.ok(&format!("{line} --time 1s --json f.json"));
    assert!(err.contains("more `--time` goes on from m.flow.part"), "{err}");
    let epochs = || folder.json("f.json")["epochs"].as_u64().expect("a number");
    let first = epochs();
    let (_, err) = folder.ok(&format!("{line} --time 3s --json f.json"));
    assert!(err.contains("going on from m.flow.part"), "{err}");
    assert!(epochs() > first, "{} after {first}", epochs());
    let (_, err) = folder.ok(&format!("{line} --bins 5 --time 1s --json f.json --force"));
    assert!(!err.contains("going on from m.flow.part\n"), "{err}");
}

#[test]
fn a_fit_that_ends_before_its_time_is_the_same_run_twice_and_killed_in_between() {
    let folder = folder();
    let line = "fit t.csv --model real-nvp --layers 2 --hidden 16 --quality fast --time 100s";
    folder.ok(&format!("{line} -o a.flow"));
    folder.ok(&format!("{line} -o b.flow"));
    let mut child = start(&folder, &format!("{line} -o c.flow"));
    wait_until("a state of training", || folder.path("c.flow.part").exists());
    child.kill().expect("killed");
    child.wait().expect("it has ended");
    let (_, err) = folder.ok(&format!("{line} -o c.flow"));
    assert!(err.contains("going on from"), "{err}");
    let bytes = |name: &str| std::fs::read(folder.path(name)).expect("there");
    assert!(bytes("a.flow") == bytes("b.flow"), "twice");
    assert!(bytes("a.flow") == bytes("c.flow"), "killed");
}

#[test]
fn ctrl_c_ends_training_and_what_is_best_is_written() {
    let folder = folder();
    let child = start(&folder, "fit t.csv --model nsf --layers 2 --hidden 16,16 --time 100s -o m.flow");
    wait_until("a state of training", || folder.path("m.flow.part").exists());
    let pid = child.id().to_string();
    let interrupt = || std::process::Command::new("kill").args(["-INT", &pid]).status().expect("kill is there");
    interrupt();
    sleep(Duration::from_millis(300));
    interrupt();
    let began = Instant::now();
    let output = child.wait_with_output().expect("it ends");
    let (out, err) = texts(&output);
    assert!(output.status.success(), "{out}\n{err}");
    assert!(began.elapsed() < Duration::from_secs(60), "it took its time");
    assert!(out.contains("interrupted"), "{out}\n{err}");
    assert_eq!(folder.files(), ["m.flow", "m.flow.part", "t.csv"]);
    folder.ok("score m.flow t.csv --reasons none -o s.csv");
}
