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
        numbers(&folder.ok(&format!("score m.flow {table} --reasons none {flags}")).0, "log_density")
    };
    let expected = scores("t.csv", "");
    for (table, flags) in
        [("semicolon.csv", "--delimiter ; --decimal ,"), ("tabs.tsv", ""), ("comment.csv", ""), ("bytes.csv", "")]
    {
        assert_eq!(scores(table, flags.trim()), expected, "{table}");
    }
}

#[test]
fn what_is_written_has_the_marks_that_are_asked_for_and_reads_back() {
    let folder = Folder::with("t.csv", &line(120));
    folder.ok("fit t.csv --model gaussian -o m.flow");
    let plain = folder.ok("score m.flow t.csv --reasons all").0;
    let comma = folder.ok("score m.flow t.csv --reasons all --output-decimal ,").0;
    assert_eq!(comma.replace(',', ".").replace(';', ","), plain);
    folder.ok("sample m.flow -n 30 --output-decimal , --output-delimiter tab -o s.csv");
    assert!(!folder.read("s.csv").contains('.'), "{}", folder.read("s.csv"));
    let points = folder.ok("sample m.flow -n 30").0;
    assert_eq!(folder.read("s.csv").replace('\t', ";").replace(',', ".").replace(';', ","), points);
    for mark in ["1", "a", ".", "-"] {
        let error = folder.fails(&format!("sample m.flow -n 3 --output-delimiter={mark}"), 2);
        assert!(error.contains("cannot be between cells"), "{mark}: {error}");
    }
}

#[test]
fn columns_that_the_model_does_not_use_stay_as_they_stand() {
    let folder = Folder::with("t.csv", &line(120));
    folder.ok("fit t.csv --model gaussian -o m.flow");
    let text = "id,code,x,long,y,word\n1152921504606846977,007, 0.10,0.1234567890123456789,0.5, p0 \n\
                1152921504606846978,010,0.20,0.1234567890123456788,0.25,NA\n";
    folder.write("wide.csv", text);
    let cells = |out: &str| -> Vec<Vec<String>> {
        let of_row = |line: &str| line.split(',').take(6).map(str::to_owned).collect();
        out.lines().skip(1).map(of_row).collect()
    };
    let out = folder.ok("score m.flow wide.csv --reasons none").0;
    for (row, expected) in cells(&out).iter().zip(cells(text)) {
        for column in [0, 1, 3, 5] {
            assert_eq!(row[column], expected[column], "{out}");
        }
    }
    let mut child = folder
        .command("score m.flow - --reasons none")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("written");
    assert_eq!(texts(&child.wait_with_output().expect("it ends")).0, out);
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
