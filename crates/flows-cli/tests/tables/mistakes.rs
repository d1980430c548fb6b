//! What cannot be meant, and files that cannot be used.

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
        ("fit t.csv --layers 3", 2, "--model nsf"),
        ("fit t.csv --model nsf --layers 0", 2, "layers"),
        ("fit t.csv --held-out 0.9,0.2", 2, "shares"),
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
    for line in ["score m.flow empty.csv", "report m.flow empty.csv", "compare m.flow m.flow empty.csv"] {
        let error = folder.fails(line, 1);
        assert!(error.contains("none of the 2 rows") && error.contains("`y` is missing in 2"), "{line}: {error}");
    }
    assert!(!exists(&folder.path("m.html")));
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
