//! Where the rows come from.

use std::path::{Path, PathBuf};

use flows_data::{Notice, Split, Table, WholeNumbers};
use paper_tables::PaperTable;

use crate::checks::{Checks, check, check_held_out};
use crate::problem::Problem;
use crate::reading::{Choice, Reading};
use crate::settings::Settings;

/// The rows to train, validate and test on.
#[derive(Debug, clap::Args)]
pub(crate) struct Source {
    /// One table, .csv, .tsv, .txt or .npy; its rows are split at random by `--fractions` and `--seed`
    #[arg(long, value_name = "FILE", group = "rows", conflicts_with_all = ["val", "test"])]
    data: Option<PathBuf>,
    /// The table to train on, beside `--val` and `--test`
    #[arg(long, value_name = "FILE", group = "rows", requires = "val", requires = "test")]
    train: Option<PathBuf>,
    /// The table to choose the best epoch by; its columns are matched by name
    #[arg(long, value_name = "FILE", requires = "train")]
    val: Option<PathBuf>,
    /// The table to report the likelihood of; its columns are matched by name
    #[arg(long, value_name = "FILE", requires = "train")]
    test: Option<PathBuf>,
    /// One of the tables of the MAF paper, from the folder `--dir`, preprocessed as there
    #[arg(long, value_name = "NAME", group = "rows", conflicts_with_all = ["val", "test", "weights"])]
    paper: Option<PaperTable>,
    /// The folder with the tables of the MAF paper; `cargo xtask data paper-tables` fills it
    #[arg(long, value_name = "DIR", default_value = "data/paper-tables")]
    dir: PathBuf,
    /// The shares of `--data` to train, validate and test on
    #[arg(long, value_name = "TRAIN,VAL,TEST", value_parser = fractions, default_value = "0.8,0.1,0.1")]
    fractions: Fractions,
    /// The column that holds the weight of each row; it is not modelled
    #[arg(long, value_name = "NAME")]
    weights: Option<String>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    choice: Choice,
}

/// Three shares that add up to one.
#[derive(Debug, Clone, Copy)]
struct Fractions([f64; 3]);

fn fractions(text: &str) -> Result<Fractions, String> {
    let shares: Vec<f64> = text.split(',').filter_map(|part| part.trim().parse().ok()).collect();
    match <[f64; 3]>::try_from(shares) {
        Ok(shares) if shares.iter().all(|s| *s > 0.0) && (shares.iter().sum::<f64>() - 1.0).abs() < 1e-9 => {
            Ok(Fractions(shares))
        }
        _ => Err(format!("expected three positive shares that add up to 1, as in 0.8,0.1,0.1, got `{text}`")),
    }
}

/// Rows and their weights.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) table: Table,
    /// With mean one; `None` where all rows count the same.
    pub(crate) weights: Option<Vec<f64>>,
}

/// What is trained, validated and tested on.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) train: Part,
    pub(crate) validation: Part,
    pub(crate) test: Part,
    pub(crate) whole: WholeNumbers,
    /// What a reader or a check has found.
    pub(crate) notes: Vec<String>,
}

impl Source {
    /// Reads the rows and looks for what stands between them and a density.
    pub(crate) fn read(&self, settings: &Settings) -> Result<Parts, Problem> {
        let mut notes = vec![];
        let mut noted = |table: Table| {
            let note = |notice: &Notice| format!("{}: {notice}", table.origin());
            notes.extend(table.notices().iter().map(note));
            table
        };
        let weights = self.weights.as_deref();
        let (split, mut checks) = match (&self.data, &self.train, &self.val, &self.test, self.paper) {
            (Some(data), ..) => {
                let table = noted(self.reading.table(&self.choice, weights, data)?);
                check_weights(&table, weights)?;
                let checks = check(&without(&table, weights)?, settings)?;
                (table.split(self.fractions.0, settings.seed)?, checks)
            }
            (_, Some(train), Some(validation), Some(test), _) => {
                let train = noted(self.reading.table(&self.choice, weights, train)?);
                let like = |path: &Path| self.reading.table_like(train.names(), self.choice.missing(), path);
                let (validation, test) = (noted(like(validation)?), noted(like(test)?));
                [&train, &validation, &test].into_iter().try_for_each(|table| check_weights(table, weights))?;
                let checks = check(&without(&train, weights)?, settings)?;
                for part in [&validation, &test] {
                    check_held_out(&without(part, weights)?, settings)?;
                }
                (Split { train, validation, test }, checks)
            }
            (.., Some(paper)) => {
                // Prepared by the paper's recipe, as they are.
                let split = paper.load(&self.dir)?;
                let whole = WholeNumbers::new(split.train.columns(), []);
                (split, Checks { whole, notes: vec![] })
            }
            _ => unreachable!("clap asks for one of --data, --train and --paper"),
        };
        notes.append(&mut checks.notes);
        let parts = Parts {
            train: part(split.train, weights)?,
            validation: part(split.validation, weights)?,
            test: part(split.test, weights)?,
            whole: checks.whole,
            notes,
        };
        require_varying(&parts.train.table, &parts.whole)?;
        Ok(parts)
    }
}

/// Checks that no column is constant in the training part; a whole number is spread over an interval.
fn require_varying(train: &Table, whole: &WholeNumbers) -> Result<(), Problem> {
    let places = (0..train.columns()).filter(|place| !whole.places().contains(place));
    let names: Vec<&String> = places.map(|place| &train.names()[place]).collect();
    if names.is_empty() {
        return Ok(());
    }
    let origin = format!("{}, training part", train.origin());
    Ok(train.select(&names)?.named(origin).require_trainable(2)?)
}

/// The table without the column of weights.
fn without(table: &Table, weights: Option<&str>) -> Result<Table, Problem> {
    let Some(weights) = weights else { return Ok(table.clone()) };
    let names: Vec<&String> = table.names().iter().filter(|name| *name != weights).collect();
    if names.len() == table.columns() {
        let is_text = |notice: &&Notice| matches!(notice, Notice::Text { column, .. } if column == weights);
        if let Some(notice) = table.notices().iter().find(is_text) {
            return Err(Problem::TextWeights { file: table.origin().to_owned(), notice: notice.to_string() });
        }
        let [file, column] = [table.origin(), weights].map(str::to_owned);
        return Err(Problem::NoWeights { file, column, names: table.names().join(", ") });
    }
    if names.is_empty() {
        return Err(Problem::OnlyWeights { file: table.origin().to_owned() });
    }
    Ok(table.select(&names)?)
}

/// Checks the weights of a table before its rows are split, so that an error can name the row.
fn check_weights(table: &Table, weights: Option<&str>) -> Result<(), Problem> {
    let Some(weights) = weights else { return Ok(()) };
    without(table, Some(weights))?;
    let place = table.names().iter().position(|name| name == weights).expect("it was found before");
    let negative = table.column(place).enumerate().find(|(_, weight)| *weight < 0.0);
    negative.map_or(Ok(()), |(row, weight)| Err(Problem::Weight { file: table.origin().to_owned(), row, weight }))
}

/// The rows, and their weights from the column that holds them.
fn part(table: Table, weights: Option<&str>) -> Result<Part, Problem> {
    let rest = without(&table, weights)?;
    let Some(place) = table.names().iter().position(|name| Some(name.as_str()) == weights) else {
        return Ok(Part { table: rest, weights: None });
    };
    let values: Vec<f64> = table.column(place).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    if mean.is_nan() || mean <= 0.0 || mean.is_infinite() {
        return Err(Problem::NoWeight { file: table.origin().to_owned() });
    }
    Ok(Part { table: rest, weights: Some(values.into_iter().map(|weight| weight / mean).collect()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_taken_out_of_the_table_and_have_mean_one() {
        let table = Table::from_rows(["a", "w"], [[5.0, 3.0], [6.0, 1.0]]).unwrap();
        let part = part(table.clone(), Some("w")).unwrap();
        assert_eq!((part.table.names(), part.weights), (&["a".to_owned()][..], Some(vec![1.5, 0.5])));
        let error = super::part(table, Some("v")).unwrap_err().to_string();
        assert!(error.contains("`v`") && error.contains("a, w"), "{error}");
        let negative = Table::from_rows(["a", "w"], [[5.0, 3.0], [6.0, -1.0]]).unwrap();
        let error = check_weights(&negative, Some("w")).unwrap_err().to_string();
        assert!(error.contains("row 1") && error.contains("-1"), "{error}");
    }

    #[test]
    fn weights_that_are_text_are_said_to_be() {
        let read = |text: &str| Table::from_csv(text.as_bytes(), "t.csv", &flows_data::CsvOptions::new()).unwrap();
        let error = check_weights(&read("a,w\n1,x\n2,y\n"), Some("w")).unwrap_err().to_string();
        assert!(error.contains("weights") && error.contains("`w`: it holds text, such as `x` on line 2"), "{error}");
    }

    #[test]
    fn a_column_that_is_constant_in_the_training_part_is_an_error_that_says_so() {
        let train = Table::from_rows(["a", "b"], [[1.0, 5.5], [2.0, 5.5]]).unwrap().named("t.csv");
        let error = require_varying(&train, &WholeNumbers::new(2, [])).unwrap_err().to_string();
        assert!(error.contains("t.csv, training part") && error.contains("`b = 5.5`"), "{error}");
        assert!(require_varying(&train, &WholeNumbers::new(2, [1])).is_ok());
    }
}
