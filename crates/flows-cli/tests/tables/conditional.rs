//! Conditional densities: fit --target, predict, sample --given.

use crate::program::{Csv, Folder, birds, column, line, mean, numbers};

#[test]
fn quantiles_of_a_line_are_those_of_its_errors() {
    let folder = Folder::with("t.csv", &line(800));
    folder.ok("fit t.csv --target y --model gaussian -o m.flow");
    folder.write("new.csv", "x\n-1\n0\n2.5\n");
    let (out, _) = folder.ok("predict m.flow new.csv --quantiles 5,50,95");
    assert_eq!(out.lines().next(), Some("x,y_mean,y_sd,y_q5,y_q50,y_q95,y_mode"));
    for (row, x) in [-1.0, 0.0, 2.5].into_iter().enumerate() {
        let truth = 2.0 + 3.0 * x;
        let at = |name: &str| numbers(&out, name)[row];
        // Five standard errors of a line through 800 points.
        assert!((at("y_mean") - truth).abs() < 0.15 && (at("y_mode") - truth).abs() < 0.15, "{out}");
        assert!((at("y_sd") - 0.5).abs() < 0.07, "{out}");
        // Quantiles of a normal distribution: 1.6449 deviations.
        assert!((at("y_q95") - at("y_q5") - 2.0 * 1.6449 * at("y_sd")).abs() < 0.02, "{out}");
        assert!((at("y_q50") - at("y_mean")).abs() < 0.02, "{out}");
    }
}

#[test]
fn what_is_predicted_on_a_circle_lies_around_its_mode() {
    let table = Csv::new("x,h", 1500, |_, normal| {
        let x = 4.0 * normal.uniform();
        format!("{x:.4},{:.4}", (6.0 * x + 12.0 + normal.next()).rem_euclid(24.0))
    });
    let folder = Folder::with("t.csv", &table.0);
    folder.ok("fit t.csv --target h --as h=circle:24 --model nsf --time 8s -o m.flow");
    // Where the truth is midnight, 15 h and 9 h.
    folder.write("new.csv", "x\n2\n0.5\n3.5\n");
    let (out, _) = folder.ok("predict m.flow new.csv");
    let off = |name: &str, expected: f64| -> Vec<f64> {
        let truth = [0.0, 15.0, 9.0];
        let turned =
            numbers(&out, name).into_iter().zip(truth).map(|(h, truth)| (h - truth - expected + 12.0).rem_euclid(24.0));
        turned.map(|off| (off - 12.0).abs()).collect()
    };
    for (name, expected) in [("h_mean", 0.0), ("h_q50", 0.0), ("h_mode", 0.0), ("h_q5", -1.645), ("h_q95", 1.645)] {
        assert!(off(name, expected).iter().all(|off| *off < 0.7), "{name}: {out}");
    }
    assert!(numbers(&out, "h_sd").iter().all(|sd| (sd - 1.0).abs() < 0.35), "{out}");
}

#[test]
fn rows_without_a_condition_are_kept_or_left_out_or_refused() {
    let folder = Folder::with("t.csv", &line(200));
    folder.ok("fit t.csv --target y --model gaussian -o m.flow");
    folder.write("new.csv", "n,x\n1,0\n2,NA\n3,1\n");
    let (out, err) = folder.ok("predict m.flow new.csv --json p.json");
    let told = folder.json("p.json");
    assert_eq!((&told["rows"], &told["missing"], &told["targets"][0]), (&3.into(), &1.into(), &"y".into()));
    let means = column(&out, "y_mean");
    assert!(means.len() == 3 && means[1].is_empty() && !means[2].is_empty(), "{out}");
    assert!(err.contains("1 of 3 rows miss a cell"), "{err}");
    let (out, _) = folder.ok("predict m.flow new.csv --grid y:0:8:3");
    assert_eq!(out.lines().nth(2), Some(",,"), "{out}");
    assert_eq!(column(&folder.ok("predict m.flow new.csv --missing drop").0, "n"), ["1", "3"]);
    assert!(folder.fails("predict m.flow new.csv --missing error", 1).contains("row 1 (counting from 0)"));
    // More of them in a row than are predicted at a time.
    let many = format!("n,x\n{}5,1\n", "1,NA\n".repeat(5000));
    folder.write("many.csv", &many);
    for (line, column_of_last) in
        [("predict m.flow many.csv", "y_mean"), ("predict m.flow many.csv --grid y:0:8:3", "y=4.00")]
    {
        let found = column(&folder.ok(line).0, column_of_last);
        assert!(found.len() == 5001 && found[..5000].iter().all(String::is_empty) && !found[5000].is_empty(), "{line}");
    }
    let (_, err) = folder.ok("sample m.flow --given new.csv -n 2");
    assert!(err.contains("1 of 3 rows miss a condition and are left out") && !err.contains("--missing"), "{err}");
    // A column of the table that gives way is told.
    folder.write("named.csv", "x,y_mean\n0,7\n");
    let (out, err) = folder.ok("predict m.flow named.csv");
    assert!(err.contains("`y_mean` is replaced") && column(&out, "y_mean") != ["7"], "{err}");
}

#[test]
fn grids_of_dates_and_counts_have_points_of_their_kind() {
    let table = Csv::new("x,day,n", 300, |_, normal| {
        let x = normal.uniform();
        format!(
            "{x:.3},2021-03-{:02},{}",
            1 + (x * 20.0 + 8.0 * normal.uniform()) as u32,
            (4.0 * normal.uniform()) as u32
        )
    });
    let folder = Folder::with("t.csv", &table.0);
    folder.write("new.csv", "x\n0.5\n");
    folder.ok("fit t.csv --target day --given x --model gaussian -o d.flow");
    let (out, _) = folder.ok("predict d.flow new.csv --grid day:2021-03-01:2021-03-31:31");
    assert!(out.starts_with("day=2021-03-01,day=2021-03-02,"), "{out}");
    let total = |out: &str| -> f64 {
        out.lines().nth(1).expect("a row").split(',').map(|p| p.parse::<f64>().expect("a number")).sum()
    };
    // Probabilities of days.
    assert!((total(&out) - 1.0).abs() < 0.02, "{}", total(&out));
    folder.ok("fit t.csv --target n --given x --model gaussian -o n.flow");
    let (out, _) = folder.ok("predict n.flow new.csv --grid n:-3.5:9:40");
    assert!(out.starts_with("n=0,n=1,n=2,"), "{out}");
    assert!(folder.fails("predict n.flow new.csv --grid n:-9:-3:5", 2).contains("no values there"));
}

#[test]
fn a_grid_is_a_density_for_each_row() {
    let folder = Folder::with("t.csv", &line(400));
    folder.ok("fit t.csv --target y --model gaussian -o m.flow");
    folder.write("new.csv", "x\n0\n1\n");
    let (out, _) = folder.ok("predict m.flow new.csv --grid y:-1:8:901");
    let rows: Vec<Vec<f64>> =
        out.lines().skip(1).map(|line| line.split(',').map(|cell| cell.parse().expect("a number")).collect()).collect();
    assert_eq!((rows.len(), rows[0].len()), (2, 901));
    assert!(out.starts_with("y=-1.0000,"), "{}", &out[..40]);
    for (row, center) in rows.iter().zip([2.0, 5.0]) {
        let total: f64 = row.iter().sum::<f64>() * 0.01;
        let middle = row.iter().enumerate().map(|(i, p)| p * 0.01 * (-1.0 + 0.01 * i as f64)).sum::<f64>();
        assert!((total - 1.0).abs() < 1e-3 && (middle - center).abs() < 0.15, "{total} {middle}");
    }
    folder.ok("predict m.flow new.csv --grid y -o grid.npy");
    let error = folder.fails("predict m.flow new.csv --grid x", 2);
    assert!(error.contains("the target is `y`"), "{error}");
}

#[test]
fn rows_are_drawn_for_conditions_that_are_said_or_in_a_table() {
    let folder = Folder::with("birds.csv", &birds(400));
    folder.ok("fit birds.csv --target bill --given species,sex --model gaussian -o m.flow");
    let (gentoo, _) = folder.ok("sample m.flow -n 300 --given species=Gentoo,sex=female");
    assert_eq!(gentoo.lines().next(), Some("species,sex,bill"));
    assert!(column(&gentoo, "species").iter().all(|species| species == "Gentoo"));
    // 38 + 8 for the species; the standard error is 0.06, that of the fit twice as much.
    assert!((mean(&numbers(&gentoo, "bill")) - 46.0).abs() < 0.6);
    folder.write("some.csv", "sex,species\nmale,Adelie\nfemale,Gentoo\n");
    let (each, _) = folder.ok("sample m.flow --given some.csv -n 2");
    assert_eq!(column(&each, "species"), ["Adelie", "Adelie", "Gentoo", "Gentoo"]);
    assert_eq!(folder.ok("sample m.flow --given some.csv").0.lines().count(), 3);

    for (line, code, text) in [
        ("sample m.flow", 2, "given species, sex"),
        ("sample m.flow --given species=Gentoo", 2, "`sex` is not said"),
        ("sample m.flow --given species=Emu,sex=male", 1, "`Emu`"),
        ("sample m.flow --given 'species=Gentoo,sex=male,mass=3'", 2, "`mass` is no condition"),
    ] {
        let error = folder.fails(line, code);
        assert!(error.contains(text), "{error}");
    }
    folder.ok("fit birds.csv -c bill,eggs --model gaussian -o joint.flow");
    assert!(folder.fails("sample joint.flow --given a=1", 2).contains("no conditions"));
    assert!(folder.fails("predict joint.flow birds.csv", 2).contains("--target"));
}

#[test]
fn several_targets_are_predicted_by_samples_and_reported() {
    let folder = Folder::with(
        "t.csv",
        &Csv::new("x,y,n", 300, |_, normal| {
            let x = normal.next();
            format!("{x:.3},{:.3},{}", x + 0.3 * normal.next(), (3.0 + x + normal.next()).max(0.0) as u32)
        })
        .0,
    );
    folder.ok("fit t.csv --target y,n --quality fast -o m.flow");
    let (out, _) = folder.ok("predict m.flow t.csv -o - --quantiles 10,90");
    assert_eq!(out.lines().count(), 301);
    assert!(out.starts_with("x,y,n,y_mean,y_sd,y_q10,y_q90,y_mode,n_mean,"), "{out}");
    folder.ok("report m.flow t.csv -o r.html --json r.json");
    let report = folder.json("r.json");
    assert!(report["measured_on"].is_null() && report["evaluation"]["coverage_90"].is_object(), "{report}");
    folder.ok("sample m.flow --given t.csv -o s.csv --json s.json");
    assert_eq!(folder.json("s.json")["not_finite"], 0);
    assert!(folder.read("r.html").contains("given"));
}
