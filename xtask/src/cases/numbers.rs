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
                &fit("numbers/timestamps.csv", ""),
                "flows fit {in}/numbers/timestamps_shifted.csv -o {out}/b.flow --json {out}/b.json --time 10s",
                "flows sample {out}/a.flow -n 5000 -o {out}/samples.csv",
            ],
            By(timestamps),
        ),
        Case::new(
            "an hour of timestamps",
            "within 0.05 of the shifted column",
            &[
                &fit("numbers/hour.csv", ""),
                "flows fit {in}/numbers/hour_shifted.csv -o {out}/b.flow --json {out}/b.json --time 10s",
            ],
            Agree(0.05),
        ),
        Case::new("huge.csv", "-48.89", &[&fit("numbers/huge.csv", "")], Likelihood { nats: -48.89, slack: 0.05 }),
        Case::new(
            "fill_value.csv",
            "an error or a warning that names `sst` and the three cells",
            &[&fit("numbers/fill_value.csv", "")],
            By(|outcomes| {
                told(outcomes, &["sst", "e36"], &["3 cells", "three", "rows 11, 500 and 1500", "11, 500, 1500"])
            }),
        ),
        Case::new("tiny.csv", "50.12", &[&fit("numbers/tiny.csv", "")], Likelihood { nats: 50.12, slack: 0.05 }),
        Case::new(
            "scales.csv, the Gaussian",
            "-5.137",
            &[&fit("numbers/scales.csv", "")],
            By(|outcomes| {
                likelihood(outcomes, -5.137, 0.05)?;
                let gaussian = outcomes.number("a.json", "baselines.gaussian")?;
                let three = 1.5 * outcomes.number("a.json", "two_standard_errors")?;
                verdict((gaussian + 5.137).abs() <= three + 0.05, format!("{gaussian:.3}"))
            }),
        ),
        Case {
            steps: rare(),
            ..Case::new(
                "rare.csv, ten seeds",
                "one answer for all; it says `training`; without the column it trains",
                &["flows show x"],
                By(rare_column),
            )
        },
        Case::new(
            "counts.csv",
            "-3.350, dequantised",
            &[&fit("numbers/counts.csv", "")],
            Likelihood { nats: -3.350, slack: 0.05 },
        ),
        Case::new(
            "twice.csv",
            "a warning that c and d are linear functions of others",
            &[&fit("numbers/twice.csv", "")],
            By(|outcomes| told(outcomes, &["linear"], &["`c`", "c and d", "c, d"])),
        ),
        Case::new(
            "cauchy.csv",
            "-3.933 within 0.1",
            &[&fit("numbers/cauchy.csv", "")],
            Likelihood { nats: -3.933, slack: 0.1 },
        ),
        Case::new(
            "lognormal.csv",
            "-3.536 within 0.1",
            &[&fit("numbers/lognormal.csv", "")],
            Likelihood { nats: -3.536, slack: 0.1 },
        ),
        Case::new(
            "ten_rows.csv",
            "exit 0, no NaN",
            &[&fit("numbers/ten_rows.csv", "")],
            By(|outcomes| {
                outcomes.succeeded()?;
                let said = format!("{}{}", outcomes.last().stdout, outcomes.last().stderr);
                verdict(!said.contains("NaN"), if said.contains("NaN") { "a NaN" } else { "numbers" }.to_owned())
            }),
        ),
        Case::new(
            "score_absurd.csv",
            "five scores; the absurd rows last, the others as without them",
            &[
                &fit("numbers/score_train.csv", ""),
                "write {out}/plain.csv a,b\\n0,0\\n1,-1\\n0.5,0.5\\n",
                "flows score {out}/a.flow {in}/numbers/score_absurd.csv --reasons none -o {out}/absurd.csv",
                "flows score {out}/a.flow {out}/plain.csv --reasons none -o {out}/scores.csv",
            ],
            By(absurd),
        ),
        Case::new(
            "weighted.csv, --weights weight",
            "P(a > 0) = 0.75 in samples, which have no column `weight`",
            &[
                &fit("numbers/weighted.csv", "--weights weight"),
                "flows sample {out}/a.flow -n 20000 -o {out}/samples.csv",
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
const MODELS: [(&str, &str, &str); 9] = [
    ("gaussian", "utm.npy, gaussian", "one_column.csv, gaussian"),
    ("mixture", "utm.npy, mixture", "one_column.csv, mixture"),
    ("made", "utm.npy, made", "one_column.csv, made"),
    ("made-mog", "utm.npy, made-mog", "one_column.csv, made-mog"),
    ("real-nvp", "utm.npy, real-nvp", "one_column.csv, real-nvp"),
    ("maf", "utm.npy, maf", "one_column.csv, maf"),
    ("maf-mog", "utm.npy, maf-mog", "one_column.csv, maf-mog"),
    ("nsf", "utm.npy, nsf", "one_column.csv, nsf"),
    ("nsf-ar", "utm.npy, nsf-ar", "one_column.csv, nsf-ar"),
];

/// A fit to one input, with its figures in `a.json`.
pub(super) fn fit(input: &str, more: &str) -> String {
    let time = if more.contains("--time") { "" } else { " --time 10s" };
    format!("flows fit {{in}}/{input} -o {{out}}/a.flow --json {{out}}/a.json{time} {more}").trim_end().to_owned()
}

fn utm_case(model: &str, name: &'static str) -> Case {
    let run = |input: &str, out: &str| {
        format!(
            "flows fit {{in}}/numbers/{input}.npy --model {model} --quality fast --time 6s --seed 1 -o {{out}}/{out}.flow \
             --json {{out}}/{out}.json"
        )
    };
    Case::new(
        name,
        "-12.048, within 0.02 of the shifted columns; samples have sd 100 within 3 %",
        &[&run("utm", "a"), &run("utm_shifted", "b"), "flows sample {out}/a.flow -n 20000 -o {out}/samples.csv"],
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
        &[&fit("numbers/one_column.csv", &format!("--model {model}"))],
        By(|outcomes| match outcomes.last().code {
            Some(0) => likelihood(outcomes, -1.419, 0.05),
            _ => refused(outcomes, &["two"]).or_else(|_| refused(outcomes, &["2"])),
        }),
    )
}

fn rare() -> Vec<super::program::Step> {
    let run = |seed: u32| fit("numbers/rare.csv", &format!("--seed {seed} --time 3s --force"));
    let without = fit("numbers/rare.csv", "--columns a --time 3s --force");
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

/// The user is told: all of `words` and one of `either`; whether as a warning or as an error.
fn told(outcomes: &Outcomes, words: &[&str], either: &[&str]) -> Result<String, String> {
    let last = outcomes.last();
    if last.code.is_none_or(|code| code == 101) {
        return Err(failure(last));
    }
    let line = last
        .stderr
        .lines()
        .chain(last.stdout.lines())
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
    fn every_fit_is_bounded() {
        for case in cases() {
            let lines = format!("{:?}", case.steps);
            assert_eq!(lines.matches("flows fit").count(), lines.matches("--time").count(), "{}", case.name);
        }
        assert!(fit("a.csv", "").contains("--time 10s") && !fit("a.csv", "--time 5s").contains("--time 10s"));
    }

    #[test]
    fn every_model_meets_coordinates_and_a_single_column() {
        assert!(cases().len() >= 2 * MODELS.len());
    }
}
