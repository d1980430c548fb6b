//! `flows compare`: which of two models is better.

use std::path::PathBuf;

use burn::tensor::Device;
use burn_flows::tables::Mean;
use flows_data::{Frame, Unknown};
use serde_json::json;

use crate::columns::Missing;
use crate::problem::Problem;
use crate::reading::Reading;
use crate::terminal::{self, bold, dim};
use crate::{mixed, model_file, output};

/// By how much one model makes the rows of a table more likely than another, with the error of the paired differences.
#[derive(Debug, clap::Args)]
pub(crate) struct Compare {
    /// A model
    pub(crate) first: PathBuf,
    /// Another model of the same columns
    pub(crate) second: PathBuf,
    /// The table: rows that neither model was fitted to. `-` is standard input
    pub(crate) table: PathBuf,
    /// Writes the difference as JSON; `-` is standard output
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// What becomes of rows that miss a cell; models of `--missing model` score them
    #[arg(long, value_enum, value_name = "WHAT", default_value_t)]
    missing: Missing,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

/// Rows that both models score.
#[derive(Debug)]
pub(crate) struct Scored {
    /// Where each stands in the table.
    pub(crate) places: Vec<usize>,
    pub(crate) scores: Vec<f64>,
    pub(crate) weights: Option<Vec<f64>>,
}

impl Compare {
    /// Scores the rows by both, and tells.
    pub(crate) fn run(&self, device: &Device) -> Result<(), Problem> {
        output::prepare(&[self.json.as_deref()], &[Some(&self.first), Some(&self.second), Some(&self.table)])?;
        match [mixed::load(&self.first, device)?, mixed::load(&self.second, device)?] {
            [Some(first), Some(second)] => return mixed::compare(self, &first, &second),
            [None, None] => {}
            _ => {
                return Err(Problem::new("one model is of `--missing model`, and the other is not")
                    .hint("only densities of the same kind can be compared"));
            }
        }
        let [first, second] = [model_file::load(&self.first, device)?, model_file::load(&self.second, device)?];
        let mut columns = [first.names().to_vec(), second.names().to_vec()];
        columns.iter_mut().for_each(|names| names.sort());
        if columns[0] != columns[1] {
            let message = format!(
                "{} is a density of {}, and {} of {}",
                self.first.display(),
                columns[0].join(", "),
                self.second.display(),
                columns[1].join(", ")
            );
            return Err(Problem::new(message).hint("only densities of the same columns can be compared"));
        }
        let whole = |flow: &burn_flows::tables::TableFlow| {
            let mut names: Vec<String> = flow.codec().map_or(vec![], |codec| {
                codec.columns().iter().filter(|column| column.whole).map(|column| column.name.clone()).collect()
            });
            names.sort();
            names
        };
        if whole(&first) != whole(&second) {
            let message = format!(
                "whole numbers have a probability in one model and a density in the other: {} against {}",
                whole(&first).join(", "),
                whole(&second).join(", ")
            );
            return Err(Problem::new(message)
                .hint("`--as NAME=count` or `--as NAME=number` in both fits makes them comparable"));
        }
        let frame = model_file::read_table(&first, &self.table, &self.reading)?;
        let weighted = self.weighted([&first, &second], &frame)?;
        let scored = |flow: &burn_flows::tables::TableFlow| -> Result<Scored, Problem> {
            let encoded = flow.encode(&frame, Unknown::Count)?;
            let (scores, weights) = (flow.log_probs(&encoded.rows)?, encoded.rows.weights().map(<[f64]>::to_vec));
            Ok(Scored { places: encoded.places, scores, weights })
        };
        self.seen(&frame, [&first, &second])?;
        self.tell(&frame, [&scored(&first)?, &scored(&second)?], weighted)
    }

    /// Compares the scores of the rows that both models score.
    pub(crate) fn tell(&self, frame: &Frame, [a, b]: [&Scored; 2], weighted: bool) -> Result<(), Problem> {
        let [mut a_scores, mut b_scores, mut weights] = common(a, b);
        let whole = a_scores.len();
        let possible: Vec<bool> = a_scores
            .iter()
            .zip(&b_scores)
            .map(|(a, b)| a.max(*b) > f64::NEG_INFINITY || a.is_nan() || b.is_nan())
            .collect();
        let impossible = possible.iter().filter(|possible| !**possible).count();
        if impossible > 0 {
            terminal::note(format_args!(
                "{}: {impossible} rows are impossible by both models, tell nothing of which is better, and are left out",
                frame.origin()
            ));
            for values in [&mut a_scores, &mut b_scores, &mut weights] {
                let mut possible = possible.iter();
                values.retain(|_| possible.next().is_none_or(|possible| *possible));
            }
        }
        let rows = a_scores.len();
        if whole < frame.rows() {
            let told = format!("{}: {} of {} rows miss a cell", frame.origin(), frame.rows() - whole, frame.rows());
            match self.missing {
                Missing::Drop => {
                    terminal::note(format_args!("{told} and are left out; `--missing error` refuses them"))
                }
                Missing::Model => {
                    return Err(Problem::usage("`--missing model`: two flows score whole rows")
                        .hint("`--missing drop` leaves the others out"));
                }
                Missing::Error => return Err(Problem::new(told).hint("`--missing drop` leaves them out")),
            }
        }
        if rows == 0 {
            return Err(Problem::new(format!("{}: no row has all columns of both models", frame.origin()))
                .hint("`flows peek` shows what is missing"));
        }
        let weights = weighted.then_some(weights.as_slice());
        let (of_a, of_b) = (Mean::of(&a_scores, weights), Mean::of(&b_scores, weights));
        let difference = Mean::of_differences(&a_scores, &b_scores, weights);
        let tie = difference.error.is_nan() || difference.mean.abs() <= 2.0 * difference.error;
        let winner = match (tie && difference.mean.is_finite(), difference.mean > 0.0) {
            (true, _) => None,
            (false, true) => Some(&self.first),
            (false, false) => Some(&self.second),
        };
        let names = [self.first.display().to_string(), self.second.display().to_string()];
        let width = names.iter().map(String::len).max().unwrap_or(0).max("difference".len());
        terminal::tell(format_args!("{:<width$}  {of_a}", names[0]))?;
        terminal::tell(format_args!("{:<width$}  {of_b}", names[1]))?;
        terminal::tell(format_args!("{:<width$}  {difference}", "difference"))?;
        terminal::tell(dim(format_args!("nats a row, higher is better, with two standard errors, of {rows} rows")))?;
        match winner {
            None => terminal::tell(format_args!("{}: the difference is within two standard errors", bold("a tie")))?,
            Some(winner) => terminal::tell(format_args!("{} is better", bold(winner.display())))?,
        }
        match &self.json {
            Some(path) => {
                let record = json!({
                    "rows": rows,
                    "first": of_a.mean,
                    "second": of_b.mean,
                    "difference": difference.mean,
                    "two_standard_errors": 2.0 * difference.error,
                    "better": winner.map(|path| path.display().to_string()),
                });
                output::json(path, &record)
            }
            None => Ok(()),
        }
    }

    /// Whether rows have weights: where one of the models was fitted with weights, they count in the figures of both.
    fn weighted(&self, flows: [&burn_flows::tables::TableFlow; 2], frame: &Frame) -> Result<bool, Problem> {
        let [first, second] = flows;
        let of =
            |flow: &burn_flows::tables::TableFlow| flow.codec().and_then(|codec| codec.weights().map(str::to_owned));
        match (of(first), of(second)) {
            (Some(one), Some(other)) if one != other => {
                let message = format!(
                    "{} was fitted with the weights `{one}`, and {} with `{other}`",
                    self.first.display(),
                    self.second.display()
                );
                Err(Problem::new(message).hint("only figures with the same weights can be compared"))
            }
            (None, None) => Ok(false),
            (Some(name), _) | (_, Some(name)) if frame.column(&name).is_err() => {
                let weighted = flows.into_iter().find(|flow| of(flow).is_some());
                weighted.into_iter().for_each(|flow| model_file::note_unweighted(flow, frame));
                Ok(false)
            }
            (Some(_), Some(_)) => Ok(true),
            (Some(name), None) | (None, Some(name)) => {
                terminal::note(format_args!(
                    "rows count by their weights `{name}`, which one of the models was fitted with"
                ));
                Ok(true)
            }
        }
    }

    /// Warns of rows that a model was fitted to.
    fn seen(&self, frame: &Frame, flows: [&burn_flows::tables::TableFlow; 2]) -> Result<(), Problem> {
        for (flow, path) in flows.into_iter().zip([&self.first, &self.second]) {
            let rows = flow.encode(frame, Unknown::Count)?.rows;
            if crate::fit::hash(&rows.into()) == flow.config().data_hash {
                terminal::note(format_args!(
                    "{}: this is the table that it was fitted to; rows that were learnt from flatter a model",
                    path.display()
                ));
            }
        }
        Ok(())
    }
}

/// The scores of the rows that both have, by the one and the other, and the rows' weights.
fn common(a: &Scored, b: &Scored) -> [Vec<f64>; 3] {
    let mut found = [vec![], vec![], vec![]];
    for (row, place) in a.places.iter().enumerate() {
        if let Ok(other) = b.places.binary_search(place) {
            found[0].push(a.scores[row]);
            found[1].push(b.scores[other]);
            let of = |scored: &Scored, row: usize| scored.weights.as_ref().map(|weights| weights[row]);
            found[2].push(of(a, row).or(of(b, other)).unwrap_or(1.0));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rows_that_both_models_score_are_compared() {
        let a = Scored { places: vec![0, 2, 3], scores: vec![1.0, 2.0, 3.0], weights: Some(vec![4.0, 5.0, 6.0]) };
        let b = Scored { places: vec![1, 2, 3], scores: vec![5.0, 6.0, 7.0], weights: None };
        assert_eq!(common(&a, &b), [vec![2.0, 3.0], vec![6.0, 7.0], vec![5.0, 6.0]]);
        assert_eq!(common(&b, &a), [vec![6.0, 7.0], vec![2.0, 3.0], vec![5.0, 6.0]]);
    }
}
