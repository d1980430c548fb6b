//! Made-up figures of a table of 53,940 diamonds with 10 columns.

use flows_plot::report::{
    Baseline, Calibration, Cell, Column, Corner, Coverage, Epoch, Estimate, Fact, Model, Notice, OddRow, OutputFile,
    Report, Role, RowCounts, TwoSampleTest,
};

/// The rows that all figures are measured on.
const TEST: usize = 5394;
/// The columns of the density.
const NUMBERS: [&str; 7] = ["carat", "depth", "table", "price", "x", "y", "z"];
/// Those of the corner plot, in [`NUMBERS`]: the worst first.
const WORST: [usize; 5] = [2, 3, 0, 5, 1];

/// The report.
pub(crate) fn report() -> Report {
    let mut random = Random(7);
    let rows: Vec<[f64; 7]> = (0..TEST).map(|_| diamond(&mut random, 1.0)).collect();
    let samples: Vec<[f64; 7]> = (0..TEST).map(|_| diamond(&mut random, 1.08)).collect();
    Report {
        title: "diamonds".into(),
        program: "flows 0.1.0".into(),
        created: Some("26 November 2026".into()),
        given: ["cut", "color", "clarity"].map(String::from).to_vec(),
        rows: RowCounts { train: 43_152, validation: 5_374, test: TEST as u64, dropped: 20, folds: 0 },
        columns: columns(&rows),
        notices: notices(),
        model: model(),
        log_likelihood: Some(estimate(2.7142, 0.0613)),
        baselines: baselines(),
        history: history(&mut random),
        best_epoch: Some(41),
        calibration: calibration(&mut random),
        coverage: joint_coverage(&mut random),
        coverage_rows: TEST as f64,
        two_sample: Some(TwoSampleTest {
            accuracy: estimate(0.5312, 0.0136),
            classifier: "a network of two layers of 64 units".into(),
            rows: TEST as u64,
        }),
        odd_rows: odd_rows(),
        corner: Some(Corner {
            columns: WORST.map(|column| NUMBERS[column].to_owned()).to_vec(),
            of: NUMBERS.len(),
            label: None,
            rows: rows.iter().flat_map(|row| WORST.map(|column| row[column])).collect(),
            samples: samples.iter().flat_map(|row| WORST.map(|column| row[column])).collect(),
        }),
        settings: settings(),
        hashes: vec![
            Fact::new("data", "sha256:8f1c0e6a54b1d1c27c11b52e0f4a9d3a6d4b8c0f7e25f3a1b9d0c4e8a7f61234"),
            Fact::new("settings", "sha256:03ad5be1f2c8879e4c4d1f8a0be2b6679a1e9b7705f0c2d4e6f8a1b3c5d7e9f0"),
            Fact::new("model", "sha256:c7b2e0945d3f186a7c5e4d2b1a0f9e8d7c6b5a4938271605f4e3d2c1b0a99887"),
        ],
        files: vec![
            OutputFile { path: "diamonds.flow".into(), what: "the model".into(), bytes: Some(1_312_004) },
            OutputFile { path: "diamonds.html".into(), what: "this page".into(), bytes: None },
        ],
        command: Some("flows report diamonds.flow diamonds.csv -o diamonds.html".into()),
        ..Report::default()
    }
}

fn estimate(value: f64, two_standard_errors: f64) -> Estimate {
    Estimate { value, two_standard_errors }
}

fn columns(rows: &[[f64; 7]]) -> Vec<Column> {
    let histogram = |place: usize| {
        let values: Vec<f64> = rows.iter().map(|row| row[place]).collect();
        let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(low, high), &v| (low.min(v), high.max(v)));
        let mut bars = vec![0.0; 26];
        values.iter().for_each(|value| bars[(((value - low) / (high - low) * 26.0) as usize).min(25)] += 1.0);
        bars
    };
    let number = |place: usize, kind: &str, reason: &str, distinct: u64, range: [&str; 2]| Column {
        name: NUMBERS[place].into(),
        kind: kind.into(),
        reason: reason.into(),
        distinct: Some(distinct),
        range: Some(range.map(String::from)),
        histogram: histogram(place),
        ..Column::default()
    };
    let category = |name: &str, reason: &str, distinct: u64, bars: &[f64]| Column {
        name: name.into(),
        kind: "category".into(),
        reason: reason.into(),
        role: Role::Condition,
        distinct: Some(distinct),
        histogram: bars.to_vec(),
        ..Column::default()
    };
    vec![
        Column {
            name: String::new(),
            kind: "identifier".into(),
            role: Role::LeftOut("it counts from 1 to 53,940".into()),
            flag: Some("-c '*'".into()),
            distinct: Some(53_940),
            range: Some(["1".into(), "53940".into()]),
            ..Column::default()
        },
        Column {
            findings: vec!["5.2 % of the rows share the value 0.3".into()],
            flag: Some("--as carat=number".into()),
            ..number(0, "above zero", "No value is zero or below, and the values are skewed.", 273, ["0.2", "5.01"])
        },
        category("cut", "Five words.", 5, &[1610.0, 4906.0, 12082.0, 13791.0, 21551.0]),
        category("color", "Seven words.", 7, &[6775.0, 9797.0, 9542.0, 11292.0, 8304.0, 5422.0, 2808.0]),
        category("clarity", "Eight words.", 8, &[741.0, 9194.0, 13065.0, 12258.0, 8171.0, 5066.0, 3655.0, 1790.0]),
        number(1, "number", "Numbers with one digit after the point.", 184, ["43.0", "79.0"]),
        Column {
            findings: vec!["18.3 % of the rows share the value 56".into()],
            ..number(2, "number", "Nearly all are whole, 3 % are not.", 127, ["43.0", "95.0"])
        },
        Column {
            flag: Some("--as price=count".into()),
            ..number(
                3,
                "whole number, above zero",
                "Whole, and more than a hundred different values.",
                11_602,
                ["326", "18823"],
            )
        },
        Column { missing: 8, ..number(4, "number", "Numbers with two digits after the point.", 554, ["0.0", "10.74"]) },
        Column { missing: 7, ..number(5, "number", "Numbers with two digits after the point.", 552, ["0.0", "58.9"]) },
        Column { missing: 20, ..number(6, "number", "Numbers with two digits after the point.", 375, ["0.0", "31.8"]) },
    ]
}

fn notices() -> Vec<Notice> {
    let notice = |text: &str, flag: &str| Notice { text: text.into(), flag: (!flag.is_empty()).then(|| flag.into()) };
    vec![
        notice("The first column has no name and counts the rows: it is left out.", "-c '*'"),
        notice("20 rows are dropped: 20 miss z, 8 of them x too, 7 of them y.", "--missing error"),
        notice(
            "cut, color and clarity are given: the density is that of the other columns for each combination.",
            "-c '!cut'",
        ),
        notice(
            "x, y and z determine depth up to rounding: the log-likelihood counts how well the rounding is learnt too.",
            "",
        ),
    ]
}

fn model() -> Model {
    Model {
        name: "neural spline flow".into(),
        why: "It is the best of four models on the held-out rows, by far more than the errors of the differences."
            .into(),
        parameters: 318_214,
        epochs: 54,
        seconds: 58.3,
        stopped: "the time of 60 s was up".into(),
        details: vec![Fact::new("layers", 6), Fact::new("hidden units", "128, 128"), Fact::new("bins", 16)],
    }
}

fn baselines() -> Vec<Baseline> {
    let baseline = |name: &str, mean: Estimate, difference: Option<Estimate>| Baseline {
        name: name.into(),
        log_likelihood: mean,
        chosen: difference.is_none(),
        difference,
    };
    vec![
        baseline("neural spline flow", estimate(2.7142, 0.0613), None),
        baseline("mixture of 24 Gaussians", estimate(0.5538, 0.0641), Some(estimate(2.1604, 0.0382))),
        baseline("Gaussian", estimate(-3.3067, 0.0925), Some(estimate(6.0209, 0.0811))),
        baseline("kernel estimate", estimate(-0.4120, 0.0702), Some(estimate(3.1262, 0.0467))),
    ]
}

fn history(random: &mut Random) -> Vec<Epoch> {
    let epoch = |epoch: usize| {
        let time = epoch as f64;
        let training = 2.86 - 7.0 * (-time / 2.2).exp() - 2.4 * (-time / 11.0).exp() + 0.015 * random.normal();
        Epoch { epoch, training, validation: Some(training - 0.06 - 0.0016 * time + 0.035 * random.normal()) }
    };
    (0..54).map(epoch).collect()
}

/// Transforms of uniform values that are bent a little: how the values of a model that is nearly right lie.
fn calibration(random: &mut Random) -> Vec<Calibration> {
    let mut column = |name: &str, shift: f64, narrow: f64| {
        let values: Vec<f64> = (0..TEST)
            .map(|_| random.uniform())
            .map(|u| u + shift * u * (1.0 - u) + narrow * (2.0 * std::f64::consts::PI * u).sin() / 6.3)
            .collect();
        let mut pit = vec![0.0; 20];
        values.iter().for_each(|value| pit[((value * 20.0) as usize).min(19)] += 1.0);
        let inside = |level: f64| {
            let count = values.iter().filter(|value| (**value - 0.5).abs() <= level / 2.0).count();
            Coverage { level, observed: count as f64 / TEST as f64 }
        };
        let coverage = (1..=19).map(|step| inside(f64::from(step) / 20.0)).collect();
        Calibration { column: name.into(), pit, coverage, rows: TEST as f64 }
    };
    vec![
        column("carat", 0.05, 0.02),
        column("depth", 0.0, 0.03),
        column("table", 0.0, -0.28),
        column("price", 0.12, 0.0),
        column("x", 0.0, 0.0),
        column("y", 0.01, 0.0),
        column("z", 0.0, -0.01),
    ]
}

fn joint_coverage(random: &mut Random) -> Vec<Coverage> {
    let values: Vec<f64> = (0..TEST).map(|_| random.uniform()).map(|u| u + 0.06 * u * (1.0 - u)).collect();
    let inside = |level: f64| values.iter().filter(|value| **value <= level).count() as f64 / TEST as f64;
    [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99].map(|level| Coverage { level, observed: inside(level) }).to_vec()
}

fn odd_rows() -> Vec<OddRow> {
    let row = |place: &str, log_density: f64, p_value: f64, column: &str, reason: &str, values: [&str; 10]| OddRow {
        place: place.into(),
        log_density,
        p_value,
        column: Some(column.into()),
        reason: reason.into(),
        cells: ["carat", "cut", "color", "clarity", "depth", "table", "price", "x", "y", "z"]
            .into_iter()
            .zip(values)
            .map(|(column, value)| Cell { column: column.into(), value: value.into() })
            .collect(),
    };
    vec![
        row(
            "row 24,068",
            -412.7,
            0.0,
            "y",
            "y is 58.9; given the other columns it should lie between 7.9 and 8.3.",
            ["2.00", "Premium", "H", "SI2", "58.9", "57", "12210", "8.09", "58.9", "8.06"],
        ),
        row(
            "row 48,411",
            -377.1,
            0.0,
            "z",
            "z is 31.8; given the other columns it should lie between 3.1 and 3.3.",
            ["0.51", "Very Good", "E", "VS1", "61.8", "54.7", "1970", "5.12", "5.15", "31.8"],
        ),
        row(
            "row 49,190",
            -301.4,
            0.0002,
            "y",
            "y is 31.8; given the other columns it should lie between 5.0 and 5.3.",
            ["0.51", "Ideal", "E", "VS1", "61.8", "55", "2075", "5.15", "31.8", "5.12"],
        ),
    ]
}

fn settings() -> Vec<Fact> {
    vec![
        Fact::new("columns", "all but the first"),
        Fact::new("split", "random: 80 % training, 10 % validation, 10 % test"),
        Fact::new("model", "auto"),
        Fact::new("quality", "normal"),
        Fact::new("time", "60 s"),
        Fact::new("missing", "drop"),
        Fact::new("device", "flex, 2 cores"),
        Fact::new("seed", 0),
    ]
}

/// A diamond: clusters of weights, and measures that follow from them.
fn diamond(random: &mut Random, noise: f64) -> [f64; 7] {
    let sizes = [0.31, 0.41, 0.53, 0.71, 0.9, 1.02, 1.22, 1.52, 2.03];
    let place = ((random.uniform().powf(1.35) * 9.0) as usize).min(8);
    let carat = sizes[place] * (1.0 + 0.06 * noise * random.normal().abs());
    let depth = 61.75 + 1.35 * noise * random.normal();
    let table = 57.4 + 2.1 * noise * random.normal();
    let table = if noise > 1.0 { table } else { table.round() };
    let side = 6.46 * carat.cbrt() * (1.0 + 0.006 * noise * random.normal()) * (1.0 - 0.004 * (depth - 61.75));
    let price = (4300.0 * carat.powf(1.75) * (0.27 * noise * random.normal()).exp()).clamp(326.0, 18_823.0).round();
    let other = side * (1.0 + 0.004 * random.normal());
    [carat, depth, table, price, side, other, depth / 100.0 * (side + other) / 2.0]
}

/// SplitMix64, so that the page is the same everywhere.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (2.0 * std::f64::consts::PI * self.uniform()).cos()
    }
}
