//! `flows score`: how likely rows are.

use std::path::PathBuf;

use burn::tensor::Device;
use burn_flows::tables::{EncodedRows, Mean, TableFlow};
use clap::ValueEnum;
use flows_data::{Frame, FrameColumn, Style, Unknown};
use serde_json::json;

use crate::missing::Missing;
use crate::output;
use crate::problem::Problem;
use crate::reading::{Reading, Writing};
use crate::{mixed, model_file, odd, terminal};

/// The rows of a table with their log-density, the share of held-out rows that are no more likely, and the column that
/// makes a row odd.
#[derive(Debug, clap::Args)]
pub(crate) struct Score {
    /// The model
    model: PathBuf,
    /// The table; `-` is standard input
    pub(crate) table: PathBuf,
    /// Where to write the rows: CSV, JSON lines, Parquet and more, by the extension; `-` is standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    pub(crate) output: PathBuf,
    /// Only so many rows, the oddest first
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) top: Option<u64>,
    /// For which rows the column is looked for that makes them odd, which takes time
    #[arg(long, value_enum, value_name = "WHICH", default_value_t)]
    pub(crate) reasons: Reasons,
    /// What becomes of rows that miss a cell
    #[arg(long, value_enum, value_name = "WHAT", default_value_t)]
    missing: Missing,
    /// What becomes of values that no training row could have
    #[arg(long, value_enum, value_name = "WHAT", default_value_t)]
    pub(crate) unknown: UnknownName,
    /// Writes the mean log-density as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: Reading,
    #[command(flatten)]
    pub(crate) writing: Writing,
}

/// For which rows a reason is looked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Reasons {
    /// Those of `--top`, or with a p-value of 0.01 at most, but the thousand oddest only
    #[default]
    Odd,
    /// All
    All,
    /// None
    None,
}

/// What becomes of values that no training row could have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum UnknownName {
    /// They are an error
    Refuse,
    /// They are counted; a row outside of a bound has no density
    #[default]
    Count,
}

impl From<UnknownName> for Unknown {
    fn from(name: UnknownName) -> Self {
        match name {
            UnknownName::Refuse => Self::Refuse,
            UnknownName::Count => Self::Count,
        }
    }
}

/// Rows that a reason is looked for, if nothing else is said.
const MOST_REASONS: usize = 1000;
/// The p-value at which a row is odd.
pub(crate) const ODD: f64 = 0.01;

impl Score {
    /// Scores, and writes the rows.
    pub(crate) fn run(&self, device: &Device) -> Result<(), Problem> {
        output::prepare(&[Some(&self.output), self.json.as_deref()], &[Some(&self.model), Some(&self.table)])?;
        if let Some(flow) = mixed::load(&self.model, device)? {
            return mixed::score(self, &flow);
        }
        let flow = model_file::load(&self.model, device)?;
        let beside = (&self.writing, self.output.as_path());
        let (frame, beside) = model_file::read_table_beside(&flow, &self.table, &self.reading, beside)?;
        model_file::note_unweighted(&flow, &frame);
        let encoded = flow.encode(&frame, self.unknown.into())?;
        encoded.counted.iter().for_each(|counted| terminal::note(format_args!("{}: {counted}", frame.origin())));
        if crate::fit::hash(&encoded.rows.clone().into()) == flow.config().data_hash {
            terminal::note(format_args!(
                "{}: this is the table that the model was fitted to; rows that were learnt from flatter it",
                frame.origin()
            ));
        }
        let missing = self.missing.tell(&frame, &encoded.places, "score")?;
        let scores = flow.log_probs(&encoded.rows)?;
        let p_values = flow.p_values(&scores);
        let (frame, scored) = self.rows(&beside, &encoded, &scores);
        let frame = self.with_scores(&flow, frame, scored, &encoded, (&scores, &p_values))?;
        let mut writer = self.writing.writer(&self.output)?;
        writer.write(&frame)?;
        writer.commit()?;
        let mean = Mean::of(&scores, encoded.rows.weights());
        match scores.len() {
            0 => terminal::note("there is no row to score"),
            rows => terminal::note(format_args!("{rows} rows: {mean} nats a row, higher is better")),
        }
        match &self.json {
            Some(path) => {
                let record = json!({
                    "rows": scores.len(),
                    "missing": missing,
                    "log_likelihood": mean.mean,
                    "two_standard_errors": 2.0 * mean.error,
                });
                output::json(path, &record)
            }
            None => Ok(()),
        }
    }

    /// The rows to write, and for each of them its place among the scores.
    fn rows(&self, frame: &Frame, encoded: &EncodedRows, scores: &[f64]) -> (Frame, Vec<Option<usize>>) {
        if let Some(top) = self.top {
            let mut order: Vec<usize> = (0..scores.len()).collect();
            // What has no number is the oddest of all.
            let key = |row: usize| if scores[row].is_nan() { f64::NEG_INFINITY } else { scores[row] };
            order.sort_by(|a, b| key(*a).total_cmp(&key(*b)).then(a.cmp(b)));
            order.truncate(usize::try_from(top).unwrap_or(usize::MAX));
            let places: Vec<usize> = order.iter().map(|row| encoded.places[*row]).collect();
            let picked = frame.pick(&places);
            let rows = FrameColumn::numbers("row", places.iter().map(|place| *place as f64));
            // The place in the table, as the rows are in another order now.
            let name = if picked.names().contains(&"row") { "row_counting_from_0" } else { "row" };
            let picked = picked.with_column(FrameColumn { name: name.to_owned(), ..rows });
            let picked = picked.unwrap_or_else(|error| panic!("a column of as many rows fits: {error}"));
            return (picked, order.into_iter().map(Some).collect());
        }
        let (places, scored): (Vec<usize>, _) = self.missing.rows(frame, &encoded.places).into_iter().unzip();
        (frame.pick(&places), scored)
    }

    fn with_scores(
        &self,
        flow: &TableFlow,
        frame: Frame,
        scored: Vec<Option<usize>>,
        encoded: &EncodedRows,
        (scores, p_values): (&[f64], &[f64]),
    ) -> Result<Frame, Problem> {
        let mut explained: Vec<usize> = (0..frame.rows())
            .filter(|place| match (self.reasons, scored[*place]) {
                (Reasons::None, _) | (_, None) => false,
                (Reasons::All, Some(_)) => true,
                (Reasons::Odd, Some(row)) => self.top.is_some() || p_values[row] <= ODD,
            })
            .collect();
        if self.reasons == Reasons::Odd && explained.len() > MOST_REASONS {
            let score = |place: &usize| scored[*place].map_or(f64::NAN, |row| scores[row]);
            explained.sort_by(|a, b| score(a).total_cmp(&score(b)));
            let more = explained.split_off(MOST_REASONS).len();
            terminal::note(format_args!(
                "the column that makes a row odd is told of the {MOST_REASONS} oddest rows; {more} more have a p-value of \
                 {ODD} at most, and `--reasons all` tells it of all"
            ));
        }
        let rows: Vec<usize> = explained.iter().filter_map(|place| scored[*place]).collect();
        let reasons = odd::reasons(flow, encoded, &rows)?;
        let (mut worst, mut expected) = (vec![None; frame.rows()], vec![None; frame.rows()]);
        for (place, reason) in explained.iter().zip(reasons) {
            let is_time = |name: &String| {
                let column = flow.codec().and_then(|codec| codec.columns().iter().find(|column| column.name == *name));
                column.is_some_and(|column| matches!(column.style, Style::Time(_)))
            };
            // A time is no number, whatever its seconds are.
            let time = reason.column.as_ref().is_some_and(is_time);
            let told = reason.expected.map(|told| if time { told } else { self.writing.number(told) });
            (worst[*place], expected[*place]) = (reason.column, told);
        }
        let number =
            |values: &[f64]| scored.iter().map(|row| row.map_or(f64::NAN, |row| values[row])).collect::<Vec<_>>();
        let mut frame = frame;
        let mut columns = vec![numbers("log_density", &number(scores), 6), numbers("p_value", &number(p_values), 6)];
        if self.reasons != Reasons::None {
            columns.push(FrameColumn::new("worst_column", worst.into_iter().collect()));
            columns.push(FrameColumn::new("worst_expected", expected.into_iter().collect()));
        }
        output::tell_replaced(&frame, &columns);
        for column in columns {
            frame = frame.with_column(column)?;
        }
        Ok(frame)
    }
}

/// A column of figures, with so many digits.
pub(crate) fn numbers(name: &str, values: &[f64], digits: u8) -> FrameColumn {
    FrameColumn::numbers(name, values.iter().copied()).styled(Style::Digits(flows_data::Digits::Significant(digits)))
}
