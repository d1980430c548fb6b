//! What stands between a table and its density: errors, or notes with a way out.

use flows_data::{Finding, Table, WholeNumbers, shell_word};

use crate::problem::Problem;
use crate::settings::Settings;

/// What has been found, and can be lived with.
#[derive(Debug)]
pub(crate) struct Checks {
    pub(crate) whole: WholeNumbers,
    pub(crate) notes: Vec<String>,
}

/// Checks the rows to train on.
pub(crate) fn check(table: &Table, settings: &Settings) -> Result<Checks, Problem> {
    let findings = table.findings();
    let file = table.origin();
    let whole_names: Vec<&str> = findings.iter().filter_map(whole_number).filter(|_| settings.dequantize).collect();
    let mut notes = vec![];
    for finding in &findings {
        let name = finding.column();
        let word = shell_word(name);
        let hint = match finding {
            Finding::Absurd { .. } if !settings.keep_absurd => return Err(refused(file, finding, ABSURD)),
            Finding::NearlyConstant { .. } if !whole_names.contains(&name) => {
                return Err(refused(file, finding, &format!("`--exclude {word}` leaves the column out")));
            }
            Finding::FillValue { value, .. } => {
                format!("`--missing {value} --drop-missing` leaves these rows out, `--exclude {word}` the column")
            }
            Finding::WholeNumbers { .. } if settings.dequantize => {
                "trained with uniform noise, likelihoods are those of whole numbers, and samples are rounded down; \
                 `--dequantize false` treats them as continuous"
                    .to_owned()
            }
            Finding::WholeNumbers { .. } => "its likelihood grows with training without bound".to_owned(),
            _ => format!("`--exclude {word}` leaves the column out"),
        };
        notes.push(format!("{file}: {finding}; hint: {hint}"));
    }
    let place = |name: &&str| table.names().iter().position(|other| other == name);
    let whole = WholeNumbers::new(table.columns(), whole_names.iter().filter_map(place));
    Ok(Checks { whole, notes })
}

/// Checks rows that are held out.
pub(crate) fn check_held_out(table: &Table, settings: &Settings) -> Result<(), Problem> {
    match table.absurd().iter().find(|finding| matches!(finding, Finding::Absurd { .. })) {
        Some(finding) if !settings.keep_absurd => Err(refused(table.origin(), finding, ABSURD)),
        _ => Ok(()),
    }
}

const ABSURD: &str = "correct or remove the rows, declare the number as missing (`--missing NUMBER --drop-missing`), leave \
                      the column out (`--exclude`), or keep all as it is (`--keep-absurd true`)";

fn refused(file: &str, finding: &Finding, hint: &str) -> Problem {
    Problem::Finding { file: file.to_owned(), finding: finding.to_string(), hint: hint.to_owned() }
}

fn whole_number(finding: &Finding) -> Option<&str> {
    matches!(finding, Finding::WholeNumbers { .. }).then(|| finding.column())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Given;

    fn table(second: impl Fn(usize) -> f64) -> Table {
        let rows = (0..200).map(|i| [(i as f64 * 0.618_034).fract(), second(i)]);
        Table::from_rows(["a", "b"], rows).unwrap().named("t.csv")
    }

    fn settings(given: Given) -> Settings {
        given.over(Given::default())
    }

    #[test]
    fn a_nearly_constant_column_is_an_error_or_dequantised_and_always_speaks_of_the_training_part() {
        let plain = settings(Given::default());
        let error = check(&table(|i| if i == 3 { 0.5 } else { 0.25 }), &plain).unwrap_err().to_string();
        assert!(error.contains("training part") && error.contains("--exclude b"), "{error}");
        let checks = check(&table(|i| if i == 3 { 1.0 } else { 0.0 }), &plain).unwrap();
        assert_eq!(checks.whole.places(), [1]);
        assert!(
            checks.notes[0].contains("training part") && checks.notes[0].contains("--exclude b"),
            "{:?}",
            checks.notes
        );
    }

    #[test]
    fn absurd_cells_are_an_error_unless_they_are_kept() {
        let table = table(|i| if i == 7 { 1e20 } else { (i as f64 * 0.37).sin() });
        let error = check(&table, &settings(Given::default())).unwrap_err().to_string();
        assert!(error.contains("column `b`") && error.contains("row 7"), "{error}");
        assert!(check_held_out(&table, &settings(Given::default())).is_err());
        let kept = settings(Given { keep_absurd: Some(true), ..Given::default() });
        assert!(check(&table, &kept).unwrap().notes[0].contains("row 7"));
    }

    #[test]
    fn whole_numbers_are_noticed_and_the_noise_can_be_switched_off() {
        let table = table(|i| (i % 7) as f64);
        assert_eq!(check(&table, &settings(Given::default())).unwrap().whole.places(), [1]);
        let off = check(&table, &settings(Given { dequantize: Some(false), ..Given::default() })).unwrap();
        assert!(off.whole.places().is_empty() && off.notes[0].contains("without bound"), "{:?}", off.notes);
    }
}
