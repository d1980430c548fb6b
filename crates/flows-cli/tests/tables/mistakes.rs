//! What cannot be meant, and files that cannot be used.

use std::process::Stdio;

use crate::program::{Csv, Folder, birds, exists, line};

#[test]
fn wrong_uses_end_with_two_and_failures_with_one_and_both_say_what_to_do() {
    let folder = Folder::with("t.csv", &line(60));
    for (line, code, text) in [
        ("fit", 2, "TABLE"),
        ("fit t.csv --tiem 3s", 2, "--time"),
        ("fit t.csv --time never", 2, "30s"),
        ("fit t.csv --as x=nonsense", 2, "nonsense"),
        ("fit t.csv --columns 'x,'", 2, "comma"),
        ("fit t.csv --layers 3", 2, "of maf, maf-mog, nsf, nsf-ar, real-nvp"),
        ("fit t.csv --components 3", 2, "of mixture, maf-mog, made-mog"),
        ("fit t.csv --model maf --bins 3", 2, "nsf, nsf-ar"),
        ("fit t.csv --model gaussian --learning-rate 0.1", 2, "`learning_rate` is no setting of `gaussian`"),
        ("fit t.csv --model nsf --layers 0", 2, "layers"),
        ("fit t.csv --held-out 0.9,0.2", 2, "shares"),
        ("fit t.csv --held-out 0.001,0.001 --folds-below 0", 2, "a row or more of each kind"),
        ("fit t.csv --as x=interval:-1e308:1e308", 2, "wider"),
        ("fit t.csv --train t.csv", 2, "--train"),
        ("fit - ", 2, "-o"),
        ("fit none.csv", 1, "none.csv"),
        ("fit t.csv --columns z", 1, "`z`"),
        ("fit t.csv --target z", 1, "`x`"),
        ("fit t.csv --target x --given x", 2, "once"),
        ("fit t.csv --weights z", 1, "`z`"),
        ("fit t.csv --split time:z", 1, "`z`"),
        ("fit t.csv -o none/m.flow", 1, "none"),
        ("fit t.csv --json none/f.json", 1, "none"),
        ("fit t.csv --columns x --model nsf", 2, "nsf-ar"),
        ("score t.csv t.csv", 1, "t.csv"),
        ("show none.flow", 1, "none.flow"),
        ("peek t.csv --rows 0", 2, "0"),
        ("sample t.csv -n 0", 2, "0"),
    ] {
        let error = folder.fails(line.trim(), code);
        assert!(error.contains(text), "flows {line}\n{error}");
    }
    // Nothing was left behind.
    assert_eq!(folder.files(), ["t.csv"]);
}

#[test]
fn a_column_that_a_table_lacks_is_named() {
    let folder = Folder::with("t.csv", &line(60));
    folder.ok("fit t.csv --model gaussian -o m.flow");
    folder.write("other.csv", "y,z\n1,2\n3,4\n");
    let error = folder.fails("score m.flow other.csv", 1);
    assert!(error.contains("`x`") && error.contains("other.csv"), "{error}");
    folder.write("empty.csv", "x,y\n1,\n3,\n");
    for line in
        ["score m.flow empty.csv --missing drop", "report m.flow empty.csv", "compare m.flow m.flow empty.csv"]
    {
        let error = folder.fails(line, 1);
        assert!(error.contains("none of the 2 rows") && error.contains("`y` is missing in 2"), "{line}: {error}");
    }
    assert!(!exists(&folder.path("m.html")));
    // Rows that miss a cell are kept, even if all of them do.
    let (out, err) = folder.ok("score m.flow empty.csv");
    assert!(out.contains("\n1,,,,,\n3,,,,,\n") && err.contains("2 of 2 rows miss a cell"), "{out}\n{err}");
    // Columns are matched by name, and in any order.
    folder.write("turned.csv", "y,x\n2.5,0.1\n");
    folder.write("straight.csv", "x,y\n0.1,2.5\n");
    let score = |table: &str| folder.ok(&format!("score m.flow {table} --reasons none")).0;
    assert_eq!(
        crate::program::numbers(&score("turned.csv"), "log_density"),
        crate::program::numbers(&score("straight.csv"), "log_density")
    );
}

#[test]
fn no_result_replaces_what_is_read_or_another_result() {
    let folder = Folder::with("t.csv", &line(60));
    folder.ok("fit t.csv --model gaussian -o m.flow");
    let before = [folder.read("t.csv"), format!("{:?}", std::fs::read(folder.path("m.flow")))];
    for line in [
        "fit t.csv --json t.csv",
        "fit t.csv -o ./t.csv --force",
        "fit t.csv -o n.flow --json n.flow",
        "peek t.csv --json t.csv",
        "show m.flow --json m.flow",
        "score m.flow t.csv -o t.csv",
        "score m.flow t.csv --json m.flow -o s.csv",
        "compare m.flow m.flow t.csv --json m.flow",
        "report m.flow t.csv -o t.csv",
        "sample m.flow -o m.flow",
    ] {
        assert!(folder.fails(line, 2).contains("the file is"), "{line}");
    }
    assert_eq!([folder.read("t.csv"), format!("{:?}", std::fs::read(folder.path("m.flow")))], before);
    assert_eq!(folder.files(), ["m.flow", "t.csv"]);
}

#[test]
fn a_fit_does_not_end_with_its_reader() {
    let folder = Folder::with("\u{e9}t\u{e9}.csv", &line(60));
    let mut child =
        folder.command("fit \u{e9}t\u{e9}.csv --model gaussian").stdout(Stdio::piped()).spawn().expect("it starts");
    drop(child.stdout.take());
    assert!(child.wait().expect("it ends").success());
    assert!(exists(&folder.path("\u{e9}t\u{e9}.flow")));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_standard_output_is_an_error_and_the_model_is_kept() {
    let folder = Folder::with("t.csv", &line(60));
    for (line, kept) in [("fit t.csv --model gaussian --json -", true), ("sample t.flow -n 100000", true)] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("linux has it");
        let output = folder.command(line).stdout(full).output().expect("it starts");
        let (_, err) = crate::program::texts(&output);
        assert_eq!(output.status.code(), Some(1), "{line}: {err}");
        assert!(err.contains("No space left") && err.contains("hint: "), "{line}: {err}");
        assert_eq!(exists(&folder.path("t.flow")), kept, "{line}");
    }
}

#[test]
fn more_columns_than_rows_have_no_gaussian() {
    let names: Vec<String> = (0..60).map(|i| format!("c{i}")).collect();
    let row = |_, normal: &mut crate::program::Normal| {
        (0..60).map(|_| format!("{:.4}", normal.next())).collect::<Vec<_>>().join(",")
    };
    let folder = Folder::with("t.csv", &Csv::new(&names.join(","), 40, row).0);
    folder.ok("fit t.csv --quality fast --time 10s --json f.json");
    let found = folder.json("f.json");
    assert!(found["baselines"].get("gaussian").is_none(), "{found}");
    // The truth is -(log 2π + 1) / 2 = -1.419 a column, and its mean over 40 rows is off by 0.9; a model of so few rows loses more.
    assert!((found["test_log_likelihood"].as_f64().expect("a number") + 85.1).abs() < 5.0, "{found}");
    assert!(folder.fails("fit t.csv --model gaussian -o g.flow", 1).contains("takes 61"));
}

#[test]
fn a_rare_word_is_a_condition_and_words_beyond_a_hundred_are_counted() {
    let table = Csv::new("x,c", 300, |i, normal| {
        let word = if i == 7 { "rare".to_owned() } else { format!("w{}", (normal.uniform() * 2.0) as usize) };
        format!("{:.3},{word}", normal.next())
    });
    let folder = Folder::with("t.csv", &table.0);
    folder.ok("fit t.csv --given c --quality fast --time 5s -o m.flow");
    folder.write("new.csv", "c\nrare\nnew\n");
    let (out, err) = folder.ok("predict m.flow new.csv");
    assert!(out.lines().count() == 3 && err.contains("1 cells hold words that are none"), "{out}\n{err}");
    assert!(folder.fails("sample m.flow --given c=new", 1).contains("`new`"));
    let many = Csv::new("x,c", 600, |i, normal| format!("{:.3},w{}", normal.next(), i % 150));
    folder.write("many.csv", many.0);
    let (_, err) = folder.ok("fit many.csv --given c --as c=category --model gaussian");
    assert!(err.contains("hold words that are none"), "{err}");
}

#[test]
fn of_conditions_far_from_all_training_rows_nothing_is_predicted() {
    let folder = Folder::with("t.csv", &line(400));
    folder.ok("fit t.csv --target y --model gaussian -o m.flow");
    folder.write("far.csv", "x\n100\n1e20\n1e39\n");
    let (out, err) = folder.ok("predict m.flow far.csv");
    let (mean, sd) = (crate::program::numbers(&out, "y_mean"), crate::program::column(&out, "y_sd"));
    // The slope of 400 rows is known to 0.0125, and x is 100.
    assert!((mean[0] - 302.0).abs() < 5.0 && (sd[0].parse::<f64>().expect("a number") - 0.5).abs() < 0.1, "{out}");
    assert_eq!(sd[1..], ["", ""], "{out}");
    assert!(err.contains("of 2 rows nothing is predicted"), "{err}");
    let (out, err) = folder.ok("predict m.flow far.csv --grid y:0:400:5");
    let densities = crate::program::column(&out, "y=300");
    assert!(
        !densities[0].is_empty() && densities[1..] == ["", ""] && err.contains("of 2 rows nothing"),
        "{out}\n{err}"
    );
    assert!(folder.fails("predict m.flow far.csv --quantiles 0", 2).contains("between 0 and 100"));
}

#[test]
fn weights_that_leave_no_rows_are_an_error() {
    let table = Csv::new("a,w,none", 60, |i, normal| format!("{:.3},{},0", normal.next(), u8::from(i == 3)));
    let folder = Folder::with("t.csv", &table.0);
    assert!(folder.fails("fit t.csv -c a --weights w", 1).contains("1 rows are too few"));
    assert!(folder.fails("fit t.csv -c a --weights none", 1).contains("every weight is zero"));
}

#[test]
fn rows_that_miss_cells_are_counted_or_an_error() {
    let folder = Folder::with("birds.csv", &birds(120));
    assert!(folder.fails("fit birds.csv --missing error -o m.flow", 1).contains("`bill`"));
    let (out, _) = folder.ok("fit birds.csv --model gaussian -o m.flow");
    assert!(out.contains("3 of them left out for a missing cell"), "{out}");
    assert!(folder.fails("score m.flow birds.csv --missing error", 1).contains("row 3 (counting from 0)"));
    let (kept, _) = folder.ok("score m.flow birds.csv --missing drop");
    assert_eq!(kept.lines().count(), 1 + 117);
}

#[test]
fn values_that_no_training_row_could_have_are_counted_and_score_minus_infinity() {
    let folder = Folder::with(
        "t.csv",
        &Csv::new("p,q", 200, |_, normal| format!("{:.3},{:.3}", normal.next().exp(), normal.next())).0,
    );
    folder.ok("fit t.csv --as p=log --model gaussian -o m.flow");
    folder.write("bad.csv", "p,q\n1.5,0.2\n-1,0.2\n");
    let (out, notes) = folder.ok("score m.flow bad.csv");
    assert_eq!(crate::program::column(&out, "log_density")[1], "-inf");
    assert!(notes.contains("`p`") && notes.contains("1 cells"), "{notes}");
    assert!(folder.fails("score m.flow bad.csv --unknown refuse", 1).contains("`p`"));
}

#[test]
fn a_damaged_model_and_one_of_other_things_are_errors() {
    let folder = Folder::with("t.csv", &line(60));
    folder.ok("fit t.csv --model gaussian -o m.flow");
    let bytes = std::fs::read(folder.path("m.flow")).expect("there");
    folder.write("half.flow", &bytes[..bytes.len() / 2]);
    folder.write("empty.flow", "");
    for name in ["half.flow", "empty.flow", "t.csv"] {
        for verb in ["show {}", "score {} t.csv", "sample {}", "report {}"] {
            let error = folder.fails(&verb.replace("{}", name), 1);
            assert!(error.contains(name), "{error}");
        }
    }
    assert!(!exists(&folder.path("half.html")));
}

#[test]
fn a_constant_column_too_few_rows_and_an_absurd_one_are_told() {
    let folder = Folder::with("t.csv", "a,b\n1,2\n1,3\n1,4\n");
    let error = folder.fails("fit t.csv --columns a", 1);
    assert!(error.contains("`a (it holds 1 in every row)`"), "{error}");
    assert!(folder.fails("fit t.csv --columns b", 1).contains('3'));
    let mut text = line(200);
    text += "1e20,1\n";
    folder.write("absurd.csv", text);
    let error = folder.fails("fit absurd.csv --model gaussian -o m.flow", 1);
    assert!(error.contains("`x`") && error.contains("1e20"), "{error}");
}
