//! Tables of columns of any kind with missing cells: `--missing model`.

use crate::program::Folder;

/// Penguins: species, island, a length, eggs, a day, rain that is often zero, and yes or no; of every seventh cell nothing is known.
fn penguins(rows: usize) -> String {
    let mut text = String::from("species,island,bill_mm,eggs,seen,rain,banded,note\n");
    let part = |i: usize, k: f64| (i as f64 * k).fract();
    for i in 0..rows {
        let species = i % 3;
        let island = if part(i, 0.618_034) < 0.7 { species } else { (species + 1) % 3 };
        let wave = (i as f64 * 1.7).sin() + (i as f64 * 0.37).cos();
        let rain = if part(i, 0.414_214) < 0.5 { 0.0 } else { 0.1 + (40.0 * part(i, 0.732_051)).round() / 10.0 };
        let cells = [
            ["Adelie", "Gentoo", "Chinstrap"][species].to_owned(),
            ["Dream", "Biscoe", "Torgersen"][island].to_owned(),
            format!("{:.1}", 38.0 + 5.0 * species as f64 + 1.5 * wave),
            format!("{}", (i * i % 4 + species) % 4),
            format!("2021-{:02}-{:02}", 1 + i % 12, 1 + i % 28),
            format!("{rain:.1}"),
            ["yes", "no"][usize::from(part(i, 0.302_776) < 0.3 + 0.2 * species as f64)].to_owned(),
            format!("note {i}"),
        ];
        let cell = |(column, cell): (usize, &String)| {
            if (3 * i + 5 * column) % 7 == 0 && column < 7 { "" } else { cell }.to_owned()
        };
        text += &(cells.iter().enumerate().map(cell).collect::<Vec<_>>().join(",") + "\n");
    }
    text
}

fn column(csv: &str, name: &str) -> Vec<String> {
    let place = csv.lines().next().and_then(|line| line.split(',').position(|cell| cell == name));
    let place = place.unwrap_or_else(|| panic!("no `{name}` in {csv}"));
    csv.lines().skip(1).map(|line| line.split(',').nth(place).unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_table_with_holes_of_every_kind_is_fitted_scored_sampled_predicted_completed_and_explained() {
    let folder = Folder::with("t.csv", &penguins(240));
    let (out, _) = folder.ok("peek t.csv --missing model");
    assert!(out.contains("a mixture of classes and a network"), "{out}");
    let (out, err) = folder.ok("fit t.csv --missing model --time 20s --quality fast --json f.json");
    let told = format!("{out}{err}");
    for word in [
        "missing cells, which are modelled",
        "independent",
        "any-order",
        "classes",
        "flows impute t.flow t.csv",
        "species",
    ] {
        assert!(told.contains(word), "{word}: {told}");
    }
    let figures = folder.json("f.json");
    let of = |name: &str| figures["baselines"][name].as_f64().unwrap_or_else(|| panic!("{name}: {figures}"));
    assert!(of("any-order").max(of("classes")) > of("independent") + 0.2, "{figures}");
    assert_eq!(
        (figures["rows"]["dropped"].as_u64(), figures["oddest_rows"].as_array().map(Vec::len)),
        (Some(0), Some(3))
    );
    let (shown, _) = folder.ok("show t.flow --json s.json");
    assert!(shown.contains("any of them given any others") && shown.contains("species (category of 3)"), "{shown}");

    let (scored, _) = folder.ok("score t.flow t.csv --top 3");
    assert_eq!(scored.lines().count(), 4);
    assert!(column(&scored, "log_density").iter().all(|score| score.parse::<f64>().is_ok()), "{scored}");
    let (scored, _) = folder.ok("score t.flow t.csv --reasons none");
    assert_eq!((scored.lines().count(), column(&scored, "log_density").contains(&String::new())), (241, false));

    let (drawn, _) = folder.ok("sample t.flow -n 400");
    let known = ["Adelie", "Gentoo", "Chinstrap"];
    assert!(column(&drawn, "species").iter().all(|word| known.contains(&word.as_str())), "{drawn}");
    let rain: Vec<f64> = column(&drawn, "rain").iter().map(|cell| cell.parse().expect("a number")).collect();
    let dry = rain.iter().filter(|rain| **rain == 0.0).count();
    assert!(rain.iter().all(|rain| *rain >= 0.0) && (140..260).contains(&dry), "{dry} of 400");
    assert!(column(&drawn, "eggs").iter().all(|eggs| eggs.parse::<u32>().is_ok_and(|eggs| eggs < 20)), "{drawn}");
    assert!(column(&drawn, "seen").iter().all(|day| day.starts_with("202") && day.len() == 10), "{drawn}");
    let (given, _) = folder.ok("sample t.flow -n 50 --given species=Gentoo,banded=yes");
    assert!(column(&given, "species").iter().all(|word| word == "Gentoo"), "{given}");
    assert!(column(&given, "banded").iter().all(|word| word == "yes"), "{given}");

    folder.write("new.csv", "island,bill_mm,eggs,seen,rain,banded\nDream,38.2,1,2021-03-04,0.0,yes\nBiscoe,,,,,\n");
    let (predicted, _) = folder.ok("predict t.flow new.csv --target species");
    let shares = |row: usize| {
        known.map(|word| column(&predicted, &format!("species={word}"))[row].parse::<f64>().expect("a share"))
    };
    assert!((shares(0).iter().sum::<f64>() - 1.0).abs() < 1e-3 && shares(0)[0] > 0.5, "{predicted}");
    assert_eq!(column(&predicted, "species_mode")[0], "Adelie");
    let error = folder.fails("predict t.flow new.csv --target bill_mm", 1);
    assert!(error.contains("no column `species`"), "{error}");
    folder.write("all.csv", "species,island,bill_mm,eggs,seen,rain,banded\nGentoo,Biscoe,,,,,\nAdelie,Dream,,,,,\n");
    let (predicted, _) = folder.ok("predict t.flow all.csv --target bill_mm,eggs --quantiles 10,90");
    let mean = |row: usize| column(&predicted, "bill_mm_mean")[row].parse::<f64>().expect("a number");
    assert!(mean(0) > mean(1) + 2.0, "{predicted}");
    assert!(column(&predicted, "eggs_q90").iter().all(|eggs| eggs.parse::<f64>().is_ok()), "{predicted}");

    let (out, _) = folder.ok("explain t.flow t.csv --row 1,2 --top 2 --json e.json");
    assert!(out.contains("row 1:") && out.contains("row 2:") && out.contains("expected, given the others"), "{out}");
    assert_eq!(folder.json("e.json")[0]["cells"].as_array().map(Vec::len), Some(2));
}

#[test]
fn what_is_missing_is_drawn_and_what_is_there_stays_byte_for_byte() {
    let folder = Folder::with("t.csv", &penguins(150));
    folder.ok("fit t.csv --missing model --model classes -o m.flow");
    folder.ok("impute m.flow t.csv -k 3 -o full.csv --json i.json");
    folder.ok("impute m.flow t.csv --mean -o mean.csv");
    let table = folder.read("t.csv");
    let files = ["full-1.csv", "full-2.csv", "full-3.csv", "mean.csv"].map(|name| folder.read(name));
    for filled in &files {
        assert_eq!(filled.lines().next(), table.lines().next());
        assert_eq!(filled.lines().count(), table.lines().count());
        for (line, before) in filled.lines().zip(table.lines()) {
            for (cell, before) in line.split(',').zip(before.split(',')) {
                assert!(!cell.is_empty() && (before.is_empty() || cell == before), "{line}, not {before}");
            }
        }
    }
    assert!(files[0] != files[1] && files[1] != files[2]);
    let missing = folder.json("i.json");
    let expected = table.lines().skip(1).filter(|line| line.split(',').nth(2) == Some("")).count();
    assert_eq!(missing["missing"]["bill_mm"].as_u64(), Some(expected as u64), "{missing}");
    let again = folder.ok("impute m.flow t.csv").0;
    assert_eq!(again, files[0]);
    assert!(folder.fails("impute m.flow t.csv -k 2", 2).contains("a file each"));
    // Other spellings stay, and what the model does not know.
    let other = "note,species,bill_mm,eggs,seen,rain,banded,island\nNA,Gentoo,38,01,2021-03-04,0,yes,\n\"a, b\",,4.25e1,,,.5,no,Dream\n";
    folder.write("other.csv", other);
    let filled = folder.ok("impute m.flow other.csv").0;
    let lines: Vec<&str> = filled.lines().collect();
    assert!(lines[1].starts_with("NA,Gentoo,38,01,2021-03-04,0,yes,") && lines[1].len() > 34, "{filled}");
    assert!(
        lines[2].starts_with("\"a, b\",") && lines[2].contains(",4.25e1,") && lines[2].ends_with(",.5,no,Dream"),
        "{filled}"
    );
    assert!(!filled.contains(",,"), "{filled}");
}

#[test]
fn what_cannot_be_is_refused_with_a_way_out() {
    let folder = Folder::with("t.csv", &penguins(120));
    for (line, word) in [
        ("fit t.csv --missing model --target bill_mm", "--target COLUMN"),
        ("fit t.csv --missing model --model maf", "any-order"),
        ("fit t.csv --model classes", "--missing model"),
        ("fit t.csv --missing model --bins 3", "--quality"),
    ] {
        let error = folder.fails(line, 2);
        assert!(error.contains(word), "{line}: {error}");
    }
    folder.ok("fit t.csv --missing model --model independent -o m.flow");
    folder.ok("fit t.csv --missing model --model independent -o m.flow");
    let error = folder.fails("fit t.csv --missing model --model independent --seed 2 -o m.flow", 1);
    assert!(error.contains("other settings") && error.contains("--force"), "{error}");
    let error = folder.fails("report m.flow t.csv", 1);
    assert!(error.contains("--missing model") && error.contains("`score`"), "{error}");
    assert!(folder.fails("predict m.flow t.csv", 2).contains("`--target` names some of"));
    assert!(folder.fails("explain m.flow t.csv --row 500", 2).contains("has 120 rows"));
    let error = folder.fails("sample m.flow --given species=Emperor", 1);
    assert!(error.contains("`Emperor` was not among the rows") && error.contains("`Gentoo`"), "{error}");
    folder.ok("fit t.csv --columns bill_mm,rain --model gaussian -o g.flow");
    let error = folder.fails("compare m.flow g.flow t.csv", 1);
    assert!(error.contains("and the other is not"), "{error}");
    folder.ok("fit t.csv --missing model --model classes -o c.flow");
    let (out, _) = folder.ok("compare c.flow m.flow t.csv --json d.json");
    assert!(out.contains("c.flow is better"), "{out}");
    assert_eq!(folder.json("d.json")["rows"].as_u64(), Some(120));
    folder.write("wet.csv", penguins(120).replace(",0.0,", ",0.7,"));
    folder.ok("fit wet.csv --missing model --model independent -o wet.flow");
    let error = folder.fails("compare wet.flow m.flow t.csv", 1);
    assert!(error.contains("rain: ") && error.contains("other shared values"), "{error}");
    for verb in ["impute g.flow t.csv", "explain g.flow t.csv --row 0"] {
        assert!(folder.fails(verb, 1).contains("--missing model"), "{verb}");
    }
}
