//! Every kind of column: in, out and back.

use crate::program::{Csv, Folder, Normal, column, mean, numbers};

const ROWS: usize = 600;
const DRAWN: usize = 2000;
const MONTHS: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const WORDS: [&str; 8] = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"];
/// What is not recognised by itself. A column called `wind_dir` would be a circle.
const KINDS: &str = "--as hour=circle:24,share=interval:0:1,price=log,visib=max:10,wind_dir=count --given colour,flag";

/// A day of 2021, counted from zero.
fn date(day: i64) -> String {
    let (mut month, mut day) = (0, day);
    while day >= MONTHS[month] {
        day -= MONTHS[month];
        month += 1;
    }
    format!("2021-{:02}-{:02}", month + 1, day + 1)
}

/// Days of 2021 from `YYYY-MM-DD`, or with `HH:MM:SS` behind it.
fn days(cell: &str) -> f64 {
    let parts: Vec<i64> = cell.split(['-', ' ', ':']).map(|part| part.parse().expect("a time")).collect();
    assert!(parts[0] == 2021 && [3, 6].contains(&parts.len()), "{cell}");
    let whole = MONTHS[..parts[1] as usize - 1].iter().sum::<i64>() + parts[2] - 1;
    let seconds = parts[3..].iter().fold(0, |sum, part| 60 * sum + part);
    whole as f64 + seconds as f64 / 86_400.0
}

/// How far two points of a circle are apart: half of the way around at most, below zero against the clock.
fn apart(a: f64, b: f64, period: f64) -> f64 {
    (a - b + period / 2.0).rem_euclid(period) - period / 2.0
}

/// The log-density of a normal distribution.
fn normal_log(z: f64, sd: f64) -> f64 {
    -0.5 * (std::f64::consts::TAU.ln() + z * z) - sd.ln()
}

/// A table with a column of each kind, all independent, and the mean log-density of its rows by what made them.
fn everything() -> (String, f64) {
    let mut truth = 0.0;
    let header = "id,remark,number,whole,hour,day,moment,share,price,visib,wind_dir,colour,flag";
    let table = Csv::new(header, ROWS, |i, normal| {
        let pick = |normal: &mut Normal, of: usize| (of as f64 * normal.uniform()) as usize;
        let remark: Vec<&str> = (0..6).map(|_| WORDS[pick(normal, 8)]).collect();
        let (colour, flag) = (pick(normal, 3), pick(normal, 2));
        let mut z: Vec<f64> = (0..9).map(|_| normal.next()).collect();
        let wind = (180.0 + 70.0 * z[8]).round().clamp(0.0, 360.0);
        z[8] = (wind - 180.0) / 70.0;
        let number = 10.0 + 2.0 * colour as f64 + flag as f64 + z[0];
        let hour = (23.0 + 2.0 * z[2]).rem_euclid(24.0);
        let day = (182.5 + 20.0 * z[3]).floor() as i64;
        let moment = 86_400 * 182 + (86_400.0 * 20.0 * z[4]) as i64;
        let share = 1.0 / (1.0 + z[5].exp());
        let price = (1.0 + 0.5 * z[6]).exp();
        let below = (0.5 * z[7]).exp();
        // Times count in their own steps, days and seconds; logarithms and the logit bring their derivatives along.
        let steps = [1.0, 5.0, 2.0, 20.0, 20.0 * 86_400.0, 1.0, 0.5, 0.5, 70.0];
        truth += z.iter().zip(steps).map(|(z, sd)| normal_log(*z, sd)).sum::<f64>();
        truth -= (share * (1.0 - share)).ln() + price.ln() + below.ln();
        format!(
            "A{i:04},{},{number:.2},{},{hour:.2},{},{} {:02}:{:02}:{:02},{share:.3},{price:.2},{:.2},{},{},{}",
            remark.join(" "),
            (100.0 + 5.0 * z[1]).round(),
            date(day),
            date(moment / 86_400),
            moment / 3600 % 24,
            moment / 60 % 60,
            moment % 60,
            10.0 - below,
            wind,
            ["red", "green", "blue"][colour],
            ["no", "yes"][flag],
        )
    });
    (table.0, truth / ROWS as f64)
}

#[test]
fn columns_of_every_kind_are_told_and_have_the_density_that_made_them() {
    let (table, truth) = everything();
    let folder = Folder::with("t.csv", &table);
    folder.ok(&format!("peek t.csv {KINDS} --json peek.json"));
    let peeked = folder.json("peek.json");
    let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
    let told: Vec<[String; 3]> = (peeked["columns"].as_array().expect("columns").iter())
        .map(|column| [text(&column["name"]), text(&column["kind"]), text(&column["role"])])
        .collect();
    let expected = [
        ["id", "identifier", "left out"],
        ["remark", "text", "left out"],
        ["number", "number", "modelled"],
        ["whole", "whole number", "modelled"],
        ["hour", "circle of 24", "modelled"],
        ["day", "time", "modelled"],
        ["moment", "time", "modelled"],
        ["share", "0 to 1", "modelled"],
        ["price", "above 0", "modelled"],
        ["visib", "below 10", "modelled"],
        ["wind_dir", "whole number", "modelled"],
        ["colour", "category", "given"],
        ["flag", "yes or no", "given"],
    ];
    assert_eq!(told, expected);
    folder.ok("peek t.csv -c wind_dir,flag --json alone.json");
    assert_eq!(
        folder.json("alone.json")["columns"][10]["kind"],
        "circle of 360",
        "`--as wind_dir=count` changes something"
    );

    folder.ok(&format!("fit t.csv {KINDS} --model gaussian -o m.flow --json fit.json"));
    let found = folder.json("fit.json")["test_log_likelihood"].as_f64().expect("a number");
    // A model of 9 means, 27 slopes and 45 covariances that was fitted to 480 rows loses 81 / 960 = 0.084 nats on
    // others. Of 600 rows that has an error of sqrt(2 * 0.084 / 600) = 0.017.
    assert!((truth - found - 0.084).abs() < 5.0 * 0.017, "{found}, where the truth has {truth}");
}

#[test]
fn columns_of_every_kind_come_back_as_they_were_written() {
    let folder = Folder::with("t.csv", &everything().0);
    folder.ok(&format!("fit t.csv {KINDS} --model gaussian -o m.flow"));
    let sample = format!("sample m.flow --given colour=green,flag=yes -n {DRAWN}");
    let (drawn, _) = folder.ok(&sample);
    assert_eq!(drawn.lines().next(), Some("colour,flag,number,whole,hour,day,moment,share,price,visib,wind_dir"));
    assert!(column(&drawn, "colour").iter().all(|cell| cell == "green"));
    assert!(column(&drawn, "flag").iter().all(|cell| cell == "yes"));
    for (name, decimals) in
        [("number", 2), ("whole", 0), ("hour", 2), ("share", 3), ("price", 2), ("visib", 2), ("wind_dir", 0)]
    {
        let written = |cell: &String| cell.split_once('.').map_or(0, |(_, digits)| digits.len());
        assert!(column(&drawn, name).iter().all(|cell| written(cell) == decimals), "{name}");
    }
    assert!(column(&drawn, "day").iter().all(|cell| cell.len() == "2021-07-02".len()));
    assert!(column(&drawn, "moment").iter().all(|cell| cell.len() == "2021-07-02 00:00:00".len()));

    let values = |name: &str| numbers(&drawn, name);
    let times = |name: &str| column(&drawn, name).iter().map(|cell| days(cell)).collect::<Vec<_>>();
    assert!(values("hour").iter().all(|hour| (0.0..24.0).contains(hour)));
    assert!(values("share").iter().all(|share| (0.0..=1.0).contains(share)));
    assert!(values("price").iter().all(|price| *price >= 0.0) && values("visib").iter().all(|visib| *visib <= 10.0));
    let all = |values: Vec<f64>, change: fn(f64) -> f64| values.into_iter().map(change).collect::<Vec<_>>();
    // What made the rows, where colour is 1 of 0 to 2 and flag 1: by its mean and deviation.
    for (name, values, center, sd) in [
        ("number", values("number"), 13.0, 1.0),
        ("whole", values("whole"), 100.0, 5.0),
        ("hour", all(values("hour"), |hour| apart(hour, 23.0, 24.0)), 0.0, 2.0),
        ("day", times("day"), 182.0, 20.0),
        ("moment", times("moment"), 182.0, 20.0),
        ("share", all(values("share"), |share| (1.0 / share - 1.0).ln()), 0.0, 1.0),
        ("price", all(values("price"), f64::ln), 1.0, 0.5),
        ("visib", all(values("visib"), |visib| (10.0 - visib).ln()), 0.0, 0.5),
        ("wind_dir", values("wind_dir"), 180.0, 70.0),
    ] {
        // Five standard errors: of a line with four coefficients through the rows, and of the samples.
        let error = (4.0 / ROWS as f64 + 1.0 / DRAWN as f64).sqrt();
        let found = mean(&values);
        assert!((found - center).abs() < 5.0 * error * sd, "{name}: {found}, not {center}");
        let spread = mean(&values.iter().map(|value| (value - found).powi(2)).collect::<Vec<_>>()).sqrt();
        let error = (0.5 / ROWS as f64 + 0.5 / DRAWN as f64).sqrt();
        assert!((spread / sd - 1.0).abs() < 5.0 * error, "{name}: a deviation of {spread}, not {sd}");
    }

    // The samples are rows again, in every format.
    let scores = |name: &str| {
        folder.ok(&format!("{sample} -o {name}"));
        numbers(&folder.ok(&format!("score m.flow {name} --reasons none")).0, "log_density")
    };
    let plain = scores("s.csv");
    assert!(plain.len() == DRAWN && plain.iter().all(|score| score.is_finite()));
    for name in ["s.tsv", "s.jsonl", "s.parquet", "s.feather", "s.csv.gz"] {
        assert_eq!(scores(name), plain, "{name}");
    }
}

#[test]
fn dates_moments_and_counts_are_predicted_as_such_alone_and_together() {
    // 20 days and 5 pieces for each x; deviations of 5 days, 3 days and 2 pieces.
    let table = Csv::new("x,day,moment,pieces", ROWS, |_, normal| {
        let x = normal.next();
        let day = (182.5 + 20.0 * x + 5.0 * normal.next()).floor() as i64;
        let hour = (24.0 * (182.0 + 20.0 * x + 3.0 * normal.next())) as i64;
        let pieces = (40.0 + 5.0 * x + 2.0 * normal.next()).round();
        format!("{x:.3},{},{} {:02}:30:05,{pieces}", date(day), date(hour / 24), hour % 24)
    });
    let folder = Folder::with("t.csv", &table.0);
    folder.write("new.csv", "x\n0\n1\n");
    for targets in ["day", "moment", "pieces", "day,moment,pieces"] {
        folder.ok(&format!(
            "fit t.csv --target {targets} --given x --as pieces=count --model gaussian -o m.flow --force"
        ));
        let (out, _) = folder.ok("predict m.flow new.csv --quantiles 5,50,95");
        for target in targets.split(',') {
            let (unit, center, slope, sd) = match target {
                "day" => ("_days", 182.0, 20.0, 5.0),
                "moment" => ("_seconds", 182.0, 20.0, 3.0),
                _ => ("", 40.0, 5.0, 2.0),
            };
            let scale = if target == "moment" { 86_400.0 } else { 1.0 };
            for row in 0..2 {
                let truth = center + slope * row as f64;
                let at = |figure: &str| {
                    let cell = column(&out, &format!("{target}_{figure}")).swap_remove(row);
                    if target == "pieces" { cell.parse().expect("a number") } else { days(&cell) }
                };
                // Five errors of a line through 600 points and of its deviation, and a step for whole days and pieces.
                let step = if target == "moment" { 0.0 } else { 1.0 };
                let near = 5.0 * sd * (2.0 / ROWS as f64).sqrt() + step;
                for (figure, expected) in [("mean", 0.0), ("q5", -1.6449), ("q50", 0.0), ("q95", 1.6449)]
                    .map(|(name, z)| (name, truth + sd * z))
                {
                    let found = at(figure);
                    assert!((found - expected).abs() < near + 0.5 * sd, "{figure}: {found}, not {expected}\n{out}");
                }
                let found = numbers(&out, &format!("{target}_sd{unit}"))[row] / scale;
                // The variance of rounding to whole steps is a twelfth.
                let expected = (sd * sd + step / 12.0).sqrt();
                assert!((found / expected - 1.0).abs() < 5.0 * (0.5 / ROWS as f64).sqrt() + 0.1, "{found}\n{out}");
            }
        }
    }
}

#[test]
fn numbers_with_a_sign_keep_it_and_tables_with_another_are_refused() {
    let table = Csv::new("size,price,share", 300, |_, normal| {
        let size = 50.0 + 10.0 * normal.next();
        format!("{size:.1},\"${:.2}\",{:.0}%", 20.0 * size + 30.0 * normal.next(), 40.0 + 10.0 * normal.next())
    });
    let folder = Folder::with("t.csv", &table.0);
    let (_, err) = folder.ok("fit t.csv --model gaussian -o joint.flow");
    assert!(err.contains("`price` holds numbers with a sign") && err.contains("`share`"), "{err}");
    let (out, _) = folder.ok("sample joint.flow -n 50");
    let all = |name: &str, test: fn(&str) -> bool| column(&out, name).iter().all(|cell| test(cell));
    assert!(all("price", |cell| cell.starts_with('$')) && all("share", |cell| cell.ends_with('%')), "{out}");
    // Written and read back: the same scores, in every format.
    folder.ok("score joint.flow t.csv --reasons none -o a.csv");
    let scores = numbers(&folder.read("a.csv"), "log_density");
    for other in ["t.jsonl", "t.parquet"] {
        folder.ok(&format!("score joint.flow t.csv --reasons none -o {other}"));
        let (out, _) = folder.ok(&format!("score joint.flow {other} --reasons none"));
        assert_eq!(numbers(&out, "log_density"), scores, "{other}");
    }
    folder.ok("fit t.csv --target price --given size,share --model gaussian -o price.flow");
    folder.write("new.csv", "size,share\n50,40%\n");
    let (out, _) = folder.ok("predict price.flow new.csv");
    let mean = column(&out, "price_mean")[0].strip_prefix('$').and_then(|mean| mean.parse().ok()).unwrap_or(0.0);
    assert!((mean - 1000.0_f64).abs() < 20.0, "{out}");
    folder.ok("sample price.flow -n 3 --given 'size=50,share=40%'");
    folder.write("plain.csv", "size,share\n50,0.4\n");
    folder.write("euros.csv", table.0.replace('$', "€"));
    let error = folder.fails("fit euros.csv --model gaussian -o joint.flow", 1);
    assert!(error.contains("the signs beside numbers"), "{error}");
    let error = folder.fails("fit t.csv --model gaussian -o n.flow --json n.flow.part", 2);
    assert!(error.contains("would be replaced"), "{error}");
    let error = folder.fails("predict price.flow plain.csv", 1);
    assert!(error.contains("`share`: its numbers have no sign beside them, and `%` in the training rows"), "{error}");
}
