//! How tables are written, and where results go.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use crate::program::{Folder, birds, line, numbers, texts};

#[test]
fn dialects_of_text_give_one_model() {
    let folder = Folder::with("t.csv", &line(120));
    let plain = folder.read("t.csv");
    folder.write("semicolon.csv", plain.replace(',', ";").replace('.', ","));
    folder.write("tabs.tsv", plain.replace(',', "\t"));
    folder.write("comment.csv", format!("# made by a program\n{plain}"));
    folder.write("bytes.csv", [&b"\xef\xbb\xbf"[..], plain.as_bytes()].concat());
    folder.ok("fit t.csv --model gaussian -o m.flow");
    let scores = |table: &str, flags: &str| {
        let out = folder.ok(&format!("score m.flow {table} --reasons none {flags}")).0;
        // What the flags say of the table holds for what is written too.
        let out = if flags.is_empty() { out } else { out.replace(',', ".").replace(';', ",") };
        numbers(&out, "log_density")
    };
    let expected = scores("t.csv", "");
    for (table, flags) in
        [("semicolon.csv", "--delimiter ; --decimal ,"), ("tabs.tsv", ""), ("comment.csv", ""), ("bytes.csv", "")]
    {
        assert_eq!(scores(table, flags.trim()), expected, "{table}");
    }
}

#[test]
fn standard_input_and_output_take_the_place_of_files() {
    let folder = Folder::with("t.csv", &line(120));
    let mut fit = folder.command("fit - --model gaussian -o m.flow --json -");
    let mut child = fit.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    child.stdin.take().expect("a pipe").write_all(folder.read("t.csv").as_bytes()).expect("written");
    let (out, err) = texts(&child.wait_with_output().expect("it ends"));
    let json: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}\n{err}"));
    assert_eq!(json["chosen"], "gaussian");
    assert!(err.contains("nats a row"), "{err}");
    let (drawn, _) = folder.ok("sample m.flow -n 5");
    assert_eq!(drawn.lines().count(), 6);
}

#[test]
fn outputs_are_written_in_the_format_of_their_extension() {
    let folder = Folder::with("birds.csv", &birds(100));
    folder.ok("fit birds.csv --model gaussian -c bill,eggs -o m.flow");
    for name in ["s.csv", "s.tsv", "s.jsonl", "s.npy", "s.csv.gz", "s.parquet", "s.feather", "s.arrows"] {
        folder.ok(&format!("sample m.flow -n 50 -o {name}"));
        let (out, _) = folder.ok(&format!("score m.flow {name} --reasons none"));
        assert_eq!(out.lines().count(), 51, "{name}");
    }
    assert!(folder.fails("sample m.flow -o s.xlsx", 1).contains("xlsx"));
}

#[test]
fn flags_come_from_a_file_too() {
    let folder = Folder::with("t.csv", &line(100));
    folder.write("fit.toml", "model = \"gaussian\"\nseed = 9\noutput = \"other.flow\"\n");
    folder.ok("fit t.csv --config fit.toml --seed 4");
    let (_, _) = folder.ok("show other.flow --json s.json");
    assert_eq!(folder.json("s.json")["settings"]["seed"], 4);
    folder.write("bad.toml", "sede = 9\n");
    let error = folder.fails("fit t.csv --config bad.toml", 2);
    assert!(error.contains("`sede`") && error.contains("hint"), "{error}");
}

#[test]
fn a_reader_that_has_read_enough_is_no_error() {
    let folder = Folder::with("t.csv", &line(100));
    folder.ok("fit t.csv --model gaussian -o m.flow");
    let mut command = folder.command("sample m.flow -n 2000000");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    assert_eq!(lines.next().expect("a line").expect("text"), "x,y");
    drop(lines);
    let (_, err) = texts(&child.wait_with_output().expect("it ends"));
    assert!(err.is_empty(), "{err}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let folder = Folder::with("t.csv", &line(100));
    folder.ok("fit t.csv --model gaussian -o m.flow");
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
    let output = folder.command("sample m.flow -n 100000").stdout(full).output().expect("it starts");
    let (_, err) = texts(&output);
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(err.contains("error: ") && err.contains("\nhint: "), "{err}");
}

#[test]
fn quiet_says_nothing_and_completions_are_for_a_shell() {
    let folder = Folder::with("t.csv", &line(100));
    let (out, err) = folder.ok("fit t.csv --model gaussian -o m.flow -q");
    assert_eq!((out.as_str(), err.as_str()), ("", ""));
    assert!(folder.ok("completions bash").0.contains("_flows"));
}
