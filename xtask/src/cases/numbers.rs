//! Offsets, scales, and kinds of columns.

use super::{
    case::Case,
    outcome::{Outcomes, failure, moments},
    right::{
        Right::{Agree, By, Likelihood},
        likelihood, refused, verdict,
    },
};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        Case::new(
            "a day of timestamps",
            "within 0.05 of the shifted column; sampled times fill the day",
            &[
                "tabular train --data {in}/numbers/timestamps.csv --out {out}/a --json {out}/a.json --epochs 20 --seconds 40",
                "tabular train --data {in}/numbers/timestamps_shifted.csv --out {out}/b --json {out}/b.json --epochs 20 --seconds 40",
                "tabular sample --flow {out}/a/flow.flow -n 5000 --out {out}/samples.csv",
            ],
            By(timestamps),
        ),
        Case::new(
            "an hour of timestamps",
            "within 0.05 of the shifted column",
            &[
                "tabular train --data {in}/numbers/hour.csv --out {out}/a --json {out}/a.json --epochs 20 --seconds 40",
                "tabular train --data {in}/numbers/hour_shifted.csv --out {out}/b --json {out}/b.json --epochs 20 --seconds 40",
            ],
            Agree(0.05),
        ),
        Case::new("huge.csv", "-48.89", &[&train("numbers/huge.csv", "")], Likelihood { nats: -48.89, slack: 0.05 }),
        Case::new(
            "fill_value.csv",
            "an error or a warning that names `sst` and the three cells",
            &[&train("numbers/fill_value.csv", "")],
            By(|outcomes| told(outcomes, &["sst"], &["3", "three"])),
        ),
        Case::new("tiny.csv", "50.12", &[&train("numbers/tiny.csv", "")], Likelihood { nats: 50.12, slack: 0.05 }),
        Case::new(
            "scales.csv, the Gaussian",
            "-5.137",
            &[&train("numbers/scales.csv", "--epochs 2")],
            By(|outcomes| {
                likelihood(outcomes, -5.137, 0.05)?;
                let gaussian = outcomes.number("a.json", "gaussian_test_log_likelihood")?;
                let three = 1.5 * outcomes.number("a.json", "two_standard_errors")?;
                verdict((gaussian + 5.137).abs() <= three + 0.05, format!("{gaussian:.3}"))
            }),
        ),
        Case {
            steps: rare(),
            ..Case::new(
                "rare.csv, ten seeds",
                "one answer for all; it says `training`; without the column it trains",
                &["tabular inspect x"],
                By(rare_column),
            )
        },
        Case::new(
            "counts.csv",
            "-3.350, dequantised, or the user is told of `count`",
            &[&train("numbers/counts.csv", "--epochs 40")],
            By(|outcomes| {
                let mean = outcomes.number("a.json", "test_log_likelihood");
                told(outcomes, &["count"], &[""]).map(|text| match mean {
                    Ok(mean) => format!("{mean:.3}; {text}"),
                    Err(_) => text,
                })
            }),
        ),
        Case::new(
            "twice.csv",
            "a warning that c and d are linear functions of others",
            &[&train("numbers/twice.csv", "--epochs 5")],
            By(|outcomes| told(outcomes, &["linear"], &["`c`", "c and d", "c, d"])),
        ),
        Case::new(
            "cauchy.csv",
            "-3.933 within 0.1",
            &[&train("numbers/cauchy.csv", "--epochs 40 --seconds 60")],
            Likelihood { nats: -3.933, slack: 0.1 },
        ),
        Case::new(
            "lognormal.csv",
            "-3.536 within 0.1",
            &[&train("numbers/lognormal.csv", "--epochs 40 --seconds 60")],
            Likelihood { nats: -3.536, slack: 0.1 },
        ),
        Case::new(
            "ten_rows.csv",
            "exit 0, no NaN",
            &[&train("numbers/ten_rows.csv", "--epochs 10")],
            By(|outcomes| {
                outcomes.succeeded()?;
                let said = format!("{}{}", outcomes.last().stdout, outcomes.last().stderr);
                verdict(!said.contains("NaN"), if said.contains("NaN") { "a NaN" } else { "numbers" }.to_owned())
            }),
        ),
        Case::new(
            "a last batch of one row under batch norm",
            "as without that row",
            &[&parts("256", "a"), &parts("257", "b")],
            By(|outcomes| {
                outcomes.succeeded()?;
                let [a, b] = ["a.json", "b.json"].map(|file| outcomes.number(file, "train_log_likelihood"));
                let (a, b) = (a?, b?);
                verdict((a - b).abs() < 0.3, format!("{a:.3} and {b:.3}"))
            }),
        ),
        Case::new(
            "score_absurd.csv",
            "five scores; the absurd rows last, the others as without them",
            &[
                &train("numbers/score_train.csv", "--epochs 10"),
                "write {out}/plain.csv a,b\\n0,0\\n1,-1\\n0.5,0.5\\n",
                "tabular score --flow {out}/a/flow.flow --data {in}/numbers/score_absurd.csv --out {out}/absurd.csv",
                "tabular score --flow {out}/a/flow.flow --data {out}/plain.csv --out {out}/scores.csv",
            ],
            By(absurd),
        ),
        Case::new(
            "weighted.csv, --weights weight",
            "P(a > 0) = 0.75 in samples, which have no column `weight`",
            &[
                &train("numbers/weighted.csv", "--weights weight --epochs 30"),
                "tabular sample --flow {out}/a/flow.flow -n 20000 --out {out}/samples.csv",
            ],
            By(|outcomes| {
                outcomes.succeeded()?;
                let samples = outcomes.table("samples.csv")?;
                let a = samples.column("a")?;
                let share = a.iter().filter(|value| **value > 0.0).count() as f64 / a.len() as f64;
                let text = format!("{share:.3}, columns {}", samples.names.join(", "));
                verdict((share - 0.75).abs() < 0.02 && samples.names == ["a", "b"], text)
            }),
        ),
    ];
    cases.extend(MODELS.iter().map(|(model, utm, _)| utm_case(model, utm)));
    cases.extend(MODELS.iter().map(|(model, _, one)| one_column(model, one)));
    cases
}

/// Each model, and the names of its cases.
const MODELS: [(&str, &str, &str); 7] = [
    ("made", "utm.npy, made", "one_column.csv, made"),
    ("made-mog", "utm.npy, made-mog", "one_column.csv, made-mog"),
    ("real-nvp", "utm.npy, real-nvp", "one_column.csv, real-nvp"),
    ("maf", "utm.npy, maf", "one_column.csv, maf"),
    ("maf-mog", "utm.npy, maf-mog", "one_column.csv, maf-mog"),
    ("spline-coupling", "utm.npy, spline-coupling", "one_column.csv, spline-coupling"),
    ("spline-ar", "utm.npy, spline-ar", "one_column.csv, spline-ar"),
];

/// A training run on one input, with its figures in `a.json`.
pub(super) fn train(input: &str, more: &str) -> String {
    let limits = if more.contains("--epochs") { "" } else { " --epochs 20" };
    let seconds = if more.contains("--seconds") { "" } else { " --seconds 40" };
    format!("tabular train --data {{in}}/{input} --out {{out}}/a --json {{out}}/a.json{limits}{seconds} {more}")
}

fn parts(rows: &str, name: &str) -> String {
    format!(
        "tabular train --train {{in}}/numbers/batch_{rows}.csv --val {{in}}/numbers/batch_val.csv \
         --test {{in}}/numbers/batch_test.csv --model maf --normalization batch --batch-size 256 --epochs 10 \
         --out {{out}}/{name} --json {{out}}/{name}.json"
    )
}

fn utm_case(model: &str, name: &'static str) -> Case {
    let run = |input: &str, out: &str| {
        format!(
            "tabular train --data {{in}}/numbers/{input}.npy --model {model} --layers 2 --hidden 32 --epochs 2 \
             --seed 1 --out {{out}}/{out} --json {{out}}/{out}.json"
        )
    };
    Case::new(
        name,
        "-12.048, within 0.02 of the shifted columns; samples have sd 100 within 3 %",
        &[
            &run("utm", "a"),
            &run("utm_shifted", "b"),
            "tabular sample --flow {out}/a/flow.flow -n 20000 --out {out}/samples.csv",
        ],
        By(|outcomes| {
            let agree = Agree(0.02).judge(outcomes)?;
            likelihood(outcomes, -12.048, 0.05)?;
            let samples = outcomes.table("samples.csv")?;
            let columns = samples.names.iter().map(|name| samples.column(name)).collect::<Result<Vec<_>, _>>()?;
            let sds: Vec<f64> = columns.iter().map(|column| moments(column).1).collect();
            let text = format!("{agree}; sd {:.1}, {:.1}", sds[0], sds[1]);
            verdict(sds.iter().all(|sd| (sd / 100.0 - 1.0).abs() < 0.03), text)
        }),
    )
}

fn one_column(model: &str, name: &'static str) -> Case {
    Case::new(
        name,
        "-1.419, or an error that says what needs two columns",
        &[&train("numbers/one_column.csv", &format!("--model {model} --epochs 10"))],
        By(|outcomes| match outcomes.last().code {
            Some(0) => likelihood(outcomes, -1.419, 0.05),
            _ => refused(outcomes, &["two"]).or_else(|_| refused(outcomes, &["2"])),
        }),
    )
}

fn rare() -> Vec<super::program::Step> {
    let run = |seed: u32| train("numbers/rare.csv", &format!("--epochs 2 --seed {seed}"));
    let without = train("numbers/rare.csv", "--epochs 2 --columns a");
    (0..10).map(run).chain([without]).map(|line| super::program::Step::new(&line)).collect()
}

/// The same kind of answer for every seed; an error says which part it is about; without the column it trains.
fn rare_column(outcomes: &Outcomes) -> Result<String, String> {
    let (without, seeds) = outcomes.runs.split_last().ok_or("no run")?;
    let codes: Vec<_> = seeds.iter().map(|ran| ran.code).collect();
    if codes.iter().any(|code| *code != codes[0] || *code == Some(101)) {
        return Err(format!("exits {codes:?}"));
    }
    let told = seeds.iter().all(|ran| ran.code == Some(0) || ran.stderr.contains("training"));
    verdict(told && without.code == Some(0), format!("{}; without it: {}", failure(&seeds[0]), failure(without)))
}

/// The user is told on standard error: all of `words` and one of `either`; whether as a warning or as an error.
fn told(outcomes: &Outcomes, words: &[&str], either: &[&str]) -> Result<String, String> {
    let last = outcomes.last();
    if last.code.is_none_or(|code| code == 101) {
        return Err(failure(last));
    }
    let line = last
        .stderr
        .lines()
        .find(|line| words.iter().all(|word| line.contains(word)) && either.iter().any(|word| line.contains(word)));
    line.map(|line| line.chars().take(200).collect()).ok_or_else(|| format!("not a word of it; {}", failure(last)))
}

fn timestamps(outcomes: &Outcomes) -> Result<String, String> {
    let agree = Agree(0.05).judge(outcomes)?;
    let mut times = outcomes.table("samples.csv")?.column("time")?;
    let (_, sd) = moments(&times);
    let coarse = times.iter().filter(|time| (*time % 128.0).abs() < 1e-6).count();
    times.sort_by(f64::total_cmp);
    times.dedup();
    // A uniform day has sd 86400 / √12.
    let even = (sd / (86_400.0 / 12f64.sqrt()) - 1.0).abs() < 0.05;
    let text = format!("{agree}; sd {sd:.0}, {} different times, {coarse} multiples of 128", times.len());
    verdict(even && times.len() > 4_900 && coarse < 100, text)
}

fn absurd(outcomes: &Outcomes) -> Result<String, String> {
    outcomes.succeeded()?;
    let scores = outcomes.table("absurd.csv")?.column("log_density")?;
    let plain = outcomes.table("scores.csv")?.column("log_density")?;
    let text = format!("{scores:?}");
    let [a, b, huge, c, beyond] = scores[..] else { return Err(text) };
    let alike = [a, b, c].iter().zip(&plain).all(|(with, without)| (with - without).abs() < 1e-4);
    verdict(alike && plain.iter().all(|score| huge < *score && beyond < *score) && plain.len() == 3, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_training_run_is_bounded() {
        for case in cases() {
            let lines = format!("{:?}", case.steps);
            assert_eq!(lines.matches("tabular train").count(), lines.matches("--epochs").count(), "{}", case.name);
        }
        assert!(train("a.csv", "").contains("--seconds 40") && !train("a.csv", "--seconds 5").contains("--seconds 40"));
    }

    #[test]
    fn every_model_meets_coordinates_and_a_single_column() {
        assert!(cases().len() >= 2 * MODELS.len());
    }
}
