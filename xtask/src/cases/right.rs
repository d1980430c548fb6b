//! What is right.

use super::outcome::{Outcomes, failure};

/// Judges what came out: shown as right, or as wrong.
pub(super) type Judge = fn(&Outcomes) -> Result<String, String>;

/// What is right.
#[derive(Clone, Copy)]
pub(super) enum Right {
    /// The test log-likelihood in `a.json` is that of the density which made the rows: three of its own standard errors and
    /// `slack` below it at most, and no more than three above.
    Likelihood { nats: f64, slack: f64 },
    /// The test log-likelihoods in `a.json` and `b.json` are no further apart than this.
    Agree(f64),
    /// The last command fails with an error, not a panic, that says all of these words.
    Refused(&'static [&'static str]),
    /// All rows and columns are read, or the last command fails as above.
    Read { rows: f64, columns: f64, or: &'static [&'static str] },
    /// Whatever this function says.
    By(Judge),
}

impl Right {
    pub(super) fn judge(self, outcomes: &Outcomes) -> Result<String, String> {
        match self {
            Self::Likelihood { nats, slack } => likelihood(outcomes, nats, slack),
            Self::Agree(within) => {
                outcomes.succeeded()?;
                let [a, b] = ["a.json", "b.json"].map(|file| outcomes.number(file, "test_log_likelihood"));
                let (a, b) = (a?, b?);
                verdict((a - b).abs() <= within, format!("{a:.3} and {b:.3}"))
            }
            Self::Refused(words) => refused(outcomes, words),
            Self::Read { rows, columns, or } => {
                if outcomes.last().code != Some(0) {
                    return refused(outcomes, or);
                }
                let (found, features) = shape(outcomes)?;
                verdict(found == rows && features == columns, format!("{found} rows of {features} columns"))
            }
            Self::By(judge) => judge(outcomes),
        }
    }
}

/// Right where `is_right`; the text is shown either way.
pub(super) fn verdict(is_right: bool, text: String) -> Result<String, String> {
    if is_right { Ok(text) } else { Err(text) }
}

/// Whether the test log-likelihood in `a.json` is as good as it can be.
pub(super) fn likelihood(outcomes: &Outcomes, nats: f64, slack: f64) -> Result<String, String> {
    outcomes.succeeded()?;
    let mean = outcomes.number("a.json", "test_log_likelihood")?;
    let three = 1.5 * outcomes.number("a.json", "two_standard_errors")?;
    verdict(mean >= nats - three - slack && mean <= nats + three, format!("{mean:.3} ± {three:.3} (three errors)"))
}

/// Whether the last command ended in an error that says all of these words.
pub(super) fn refused(outcomes: &Outcomes, words: &[&str]) -> Result<String, String> {
    let last = outcomes.last();
    let panicked = last.stderr.contains("panicked at");
    let is_error = last.code.is_some_and(|code| code != 0 && code != 101) && !panicked;
    let missing: Vec<_> = words.iter().filter(|word| !last.stderr.contains(*word)).collect();
    match missing.first() {
        Some(word) if is_error => Err(format!("{} (nothing of `{word}`)", failure(last))),
        _ => verdict(is_error, failure(last)),
    }
}

/// The rows and columns that were modelled, by the figures in `a.json`.
pub(super) fn shape(outcomes: &Outcomes) -> Result<(f64, f64), String> {
    let part = |key: &str| outcomes.number("a.json", &format!("rows.{key}"));
    // In folds every row is learnt from and held out in turn.
    let folds = outcomes.number("a.json", "folds").is_ok();
    let rows = if folds { part("train")? } else { part("train")? + part("validation")? + part("test")? };
    let columns = outcomes.json("a.json")?["columns"].as_array().cloned().unwrap_or_default();
    Ok((rows, columns.iter().filter(|column| column["left_out"].is_null()).count() as f64))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{super::program::Ran, *};

    fn outcomes(code: Option<i32>, stderr: &str, json: &str) -> (tempfile::TempDir, Outcomes) {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("a.json"), json).expect("written");
        let runs = vec![Ran { code, stderr: stderr.to_owned(), ..Ran::default() }];
        let out = folder.path().to_owned();
        (folder, Outcomes { runs, out })
    }

    #[test]
    fn a_likelihood_may_be_too_low_by_its_errors_and_the_slack_and_too_high_by_its_errors() {
        let right = Right::Likelihood { nats: -3.0, slack: 0.05 };
        for (mean, is_right) in [(-3.0, true), (-3.34, true), (-3.36, false), (-2.71, true), (-2.69, false)] {
            let json = format!(r#"{{"test_log_likelihood": {mean}, "two_standard_errors": 0.2}}"#);
            let (_folder, outcomes) = outcomes(Some(0), "", &json);
            assert_eq!(right.judge(&outcomes).is_ok(), is_right, "{mean}");
        }
    }

    #[test]
    fn an_error_must_be_one_and_say_what_is_wrong() {
        let right = Right::Refused(&["`b`"]);
        let is_right = |code, stderr| right.judge(&outcomes(code, stderr, "{}").1).is_ok();
        assert!(is_right(Some(1), "error: there is no column `b`"));
        assert!(!is_right(Some(1), "error: there is no column"));
        assert!(!is_right(Some(0), "there is no column `b`"));
        assert!(!is_right(Some(101), "thread 'main' panicked at `b`"));
        assert!(!is_right(None, "error: `b`"));
    }

    #[test]
    fn what_is_read_is_counted() {
        let right = Right::Read { rows: 10.0, columns: 2.0, or: &["flag"] };
        let json = r#"{"rows": {"train": 8, "validation": 1, "test": 1}, "folds": null,
            "columns": [{"left_out": null}, {"left_out": "text"}, {"left_out": null}]}"#;
        assert!(right.judge(&outcomes(Some(0), "", json).1).is_ok());
        assert!(right.judge(&outcomes(Some(2), "error: try the flag", "").1).is_ok());
        assert!(right.judge(&outcomes(Some(0), "", &json.replace(": 8", ": 9")).1).is_err());
    }
}
