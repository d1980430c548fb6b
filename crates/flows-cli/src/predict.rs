//! `flows predict`: what conditions say of the targets.

use std::path::PathBuf;

use burn::tensor::Device;
use burn_flows::tables::{Prediction, TableFlow, TargetSummary};
use flows_core::Support;
use flows_data::{Cells, Digits, Frame, FrameColumn, ModelledColumn, Style, Unknown};
use serde_json::json;

use crate::conditions::Conditions;
use crate::missing::Missing;
use crate::problem::Problem;
use crate::reading::Reading;
use crate::{mixed, model_file, output, terminal};

/// For each row of a table the mean, standard deviation, quantiles and mode of the targets, given the row's conditions.
#[derive(Debug, clap::Args)]
pub(crate) struct Predict {
    /// The model, of `fit --target` or `fit --missing model`
    model: PathBuf,
    /// The table; its columns of the targets need not be there. `-` is standard input
    pub(crate) table: PathBuf,
    /// Of a model of `--missing model`: the columns to predict, given all others that a row has
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) target: Option<Vec<String>>,
    /// The quantiles, in percent
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_values_t = [5.0, 50.0, 95.0])]
    pub(crate) quantiles: Vec<f64>,
    /// Instead of these, the density of the one target at the points of a grid, as in 'redshift' or 'redshift:0:3:301'
    #[arg(long, value_name = "COLUMN[:FROM:TO:POINTS]")]
    pub(crate) grid: Option<String>,
    /// Where to write the rows: CSV, JSON lines, Parquet and more, by the extension; `-` is standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    pub(crate) output: PathBuf,
    /// What becomes of rows that miss a condition
    #[arg(long, value_enum, value_name = "WHAT", default_value_t)]
    missing: Missing,
    /// Seeds the draws that predictions of several targets are made of
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Writes what was predicted as JSON: the targets, and the numbers of rows
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

/// Rows predicted at a time.
const BATCH: usize = 4096;
/// Points of a grid, if they are not said.
const POINTS: usize = 201;
/// Beyond the middle of what is predicted, a grid reaches so many of its widths.
const BEYOND: f64 = 0.1;

impl Predict {
    /// Predicts and writes.
    pub(crate) fn run(&self, device: &Device) -> Result<(), Problem> {
        if let Some(bad) = self.quantiles.iter().find(|share| !(**share > 0.0 && **share < 100.0)) {
            return Err(Problem::usage(format!("`--quantiles {bad}`: expected percentages between 0 and 100"))
                .hint("as in `--quantiles 5,50,95`"));
        }
        output::prepare(&[Some(&self.output), self.json.as_deref()], &[Some(&self.model), Some(&self.table)])?;
        if let Some(flow) = mixed::load(&self.model, device)? {
            return mixed::predict(self, &flow);
        }
        if self.target.is_some() {
            return Err(Problem::usage("`--target`: the model predicts what it was fitted to predict")
                .hint("leave it away; `fit --missing model` makes one that predicts any column"));
        }
        let flow = model_file::load(&self.model, device)?;
        if flow.given_names().is_empty() {
            return Err(Problem::usage(format!(
                "{}: the model predicts nothing, as rows are given nothing",
                self.model.display()
            ))
            .hint("`flows fit TABLE --target COLUMN` makes one that does"));
        }
        let frame = self.reading.read(&self.table)?;
        flow.codec().map_or(Ok(()), |codec| codec.check_signs(&frame))?;
        let conditions = Conditions::of(&flow, &frame, Unknown::Count, self.missing)?;
        let missing = self.missing.tell(&frame, &conditions.places, "prediction")?;
        let rows = self.missing.rows(&frame, &conditions.places);
        let width = flow.given_names().len();
        let grid = self.grid.as_ref().map(|text| Grid::parse(text, &flow, &conditions, self.seed)).transpose()?;
        let shares: Vec<f64> = self.quantiles.iter().map(|share| share / 100.0).collect();
        let (mut writer, mut unknown) = (self.reading.writer(&self.output)?, 0);
        for (batch, rows) in rows.chunks(BATCH).enumerate() {
            // Rows with all conditions stand there in the order of the table.
            let known: Vec<usize> = rows.iter().filter_map(|(_, at)| *at).collect();
            let context = &conditions.context[known.first().map_or(0, |at| at * width)..][..known.len() * width];
            let of_each = |row: usize| rows[row].1.map(|at| at - known[0]);
            let nothing = known.is_empty();
            let part = match &grid {
                Some(grid) => {
                    let densities = if nothing { vec![] } else { flow.posterior(context, &grid.points)? };
                    unknown += densities.chunks(grid.points.len()).filter(|row| row.iter().any(|d| d.is_nan())).count();
                    Frame::new(
                        grid.columns(rows.len(), |row| of_each(row).map(|at| &densities[at * grid.points.len()..])),
                    )?
                }
                None => {
                    let seed = self.seed.wrapping_add((batch * BATCH) as u64);
                    let predictions = if nothing { vec![] } else { flow.predict(context, &shares, seed)? };
                    unknown +=
                        predictions.iter().filter(|row| row.targets.iter().any(|target| target.mean.is_nan())).count();
                    let each: Vec<Option<&Prediction>> =
                        (0..rows.len()).map(|row| of_each(row).map(|at| &predictions[at])).collect();
                    let mut part = frame.pick(&rows.iter().map(|(row, _)| *row).collect::<Vec<_>>());
                    let columns = self.columns(&flow, &each)?;
                    if batch == 0 {
                        output::tell_replaced(&part, &columns);
                    }
                    for column in columns {
                        part = part.with_column(column)?;
                    }
                    part
                }
            };
            writer.write(&part)?;
        }
        if unknown > 0 {
            terminal::note(format_args!(
                "{}: of {unknown} rows nothing is predicted: their conditions are too far from those of the training rows, or \
                 samples of theirs are not finite",
                frame.origin()
            ));
        }
        writer.commit()?;
        match &self.json {
            Some(path) => {
                let record = json!({
                    "rows": rows.len(),
                    "missing": missing,
                    "not_predicted": unknown,
                    "targets": flow.names(),
                    "given": flow.codec().map_or(vec![], |codec| codec.conditions().iter().map(|c| &c.name).collect()),
                    "grid": grid.as_ref().map(|grid| &grid.points),
                    "quantiles": grid.is_none().then_some(&self.quantiles),
                    "seed": self.seed,
                });
                output::json(path, &record)
            }
            None => Ok(()),
        }
    }

    /// Of each target its mean, standard deviation, quantiles and mode.
    fn columns(&self, flow: &TableFlow, predictions: &[Option<&Prediction>]) -> Result<Vec<FrameColumn>, Problem> {
        let codec = flow.codec().ok_or_else(|| Problem::new("the model knows no columns of a file"))?;
        let mut columns = vec![];
        for (place, target) in codec.columns().iter().enumerate() {
            let of = |value: &dyn Fn(&TargetSummary) -> f64| -> Vec<f64> {
                let one = |prediction: &Option<&Prediction>| prediction.map_or(f64::NAN, |p| value(&p.targets[place]));
                predictions.iter().map(one).collect()
            };
            let name = &target.name;
            columns.push(in_kind(target, format!("{name}_mean"), of(&|target| target.mean)));
            let unit = match (&target.style, target.unit) {
                (Style::Time(_), 86_400.0) => "_days",
                (Style::Time(_), 3600.0) => "_hours",
                (Style::Time(_), 60.0) => "_minutes",
                (Style::Time(_), _) => "_seconds",
                _ => "",
            };
            let digits = Style::Digits(Digits::Significant(6));
            // 5 $ deviate by dollars.
            let style = target.style.mark().map_or(digits, |mark| Style::Marked(mark.clone(), Digits::Significant(6)));
            columns.push(FrameColumn::numbers(format!("{name}_sd{unit}"), of(&|target| target.sd)).styled(style));
            for (i, share) in self.quantiles.iter().enumerate() {
                columns.push(in_kind(target, format!("{name}_q{share}"), of(&|target| target.quantiles[i])));
            }
            columns.push(in_kind(target, format!("{name}_mode"), of(&|target| target.mode)));
        }
        Ok(columns)
    }
}

/// Values of a column, written as its cells are: times as times, numbers with two digits more.
fn in_kind(column: &ModelledColumn, name: String, values: Vec<f64>) -> FrameColumn {
    match &column.style {
        Style::Time(_) => {
            // A mean may lie between two days.
            let step = |value: f64| if column.whole { value.round() } else { value };
            let seconds = values.into_iter().map(|value| step(value) * column.unit).collect();
            FrameColumn { name, cells: Cells::Times(seconds), style: column.style.clone() }
        }
        style => {
            let digits = match style.digits() {
                Some(Digits::Decimals(decimals)) => Digits::Decimals(decimals.saturating_add(2)),
                Some(Digits::Significant(digits)) => Digits::Significant(digits.clamp(6, 17)),
                _ => return FrameColumn::numbers(name, values),
            };
            FrameColumn::numbers(name, values).styled(style.clone().with_digits(digits))
        }
    }
}

/// Names for the points of a grid: as the column's cells are written, with as many digits as tell neighbours apart.
fn labels(column: &ModelledColumn, points: &[f64]) -> Vec<String> {
    if let Style::Time(_) = column.style {
        let times = in_kind(column, String::new(), points.to_vec());
        let mut labels: Vec<String> = (0..points.len()).filter_map(|row| times.text(row)).collect();
        labels.dedup();
        if labels.len() == points.len() {
            return labels.into_iter().map(|label| format!("{}={label}", column.name)).collect();
        }
    }
    let step = (points[points.len() - 1] - points[0]) / (points.len().max(2) - 1) as f64;
    let decimals = if column.whole { 0 } else { (2.0 - step.log10().floor()).clamp(0.0, 12.0) as usize };
    points.iter().map(|point| format!("{}={point:.decimals$}", column.name)).collect()
}

/// A column of figures.
fn figures(name: String, values: Vec<f64>) -> FrameColumn {
    FrameColumn::numbers(name, values).styled(Style::Digits(Digits::Significant(6)))
}

/// A grid of one target.
#[derive(Debug)]
struct Grid {
    points: Vec<f64>,
    labels: Vec<String>,
}

impl Grid {
    fn parse(text: &str, flow: &TableFlow, conditions: &Conditions, seed: u64) -> Result<Self, Problem> {
        let [target] = flow.names() else {
            return Err(Problem::usage(format!(
                "`--grid {text}`: a grid is one of a single target, and the model has {}",
                flow.names().len()
            ))
            .hint("`flows fit --target COLUMN` makes a model of one"));
        };
        let wrong = |what: &str| {
            Problem::usage(format!("`--grid {text}`: {what}"))
                .hint(format!("as in `--grid {target}` or `--grid {target}:FROM:TO:201`"))
        };
        let column = &flow.codec().ok_or_else(|| Problem::new("the model knows no columns of a file"))?.columns()[0];
        let rest = text.strip_prefix(target.as_str()).ok_or_else(|| wrong(&format!("the target is `{target}`")))?;
        let (low, high, points) = match rest.strip_prefix(':') {
            None if rest.is_empty() => {
                let (low, high) = Self::range(flow, conditions, seed)?;
                (low, high, POINTS)
            }
            Some(said) => {
                let (ends, points) = said.rsplit_once(':').unwrap_or((said, ""));
                let points: Option<usize> = points.trim().parse().ok().filter(|points| (2..=100_000).contains(points));
                // Times may have colons of their own.
                let pair = |at: usize| Some((column.read(&ends[..at])?, column.read(&ends[at + 1..])?));
                let mut found = ends.match_indices(':').filter_map(|(at, _)| pair(at));
                match (found.next(), points) {
                    (Some((low, high)), Some(points)) if low < high => (low, high, points),
                    _ => {
                        return Err(wrong(
                            "expected two values of the target, the smaller one first, and 2 to 100,000 points",
                        ));
                    }
                }
            }
            None => return Err(wrong("expected a column, or a column, two values of it and how many points")),
        };
        let points = match column.whole {
            false => (0..points).map(|i| low + (high - low) / (points - 1) as f64 * i as f64).collect(),
            true => {
                // Whole ones, as evenly spread as they can be; values below the least possible one have no probability.
                let least = column.limits[0].unwrap_or(f64::NEG_INFINITY);
                let low = low.floor().max(least);
                if high.floor() < low {
                    return Err(wrong("the target has no values there"));
                }
                let step = ((high.floor() - low) / (points - 1) as f64).ceil().max(1.0);
                let count = ((high.floor() - low) / step).floor() as usize + 1;
                (0..count).map(|i| low + step * i as f64).collect::<Vec<f64>>()
            }
        };
        Ok(Self { labels: labels(column, &points), points })
    }

    /// From a little below to a little above what is predicted for the rows at hand.
    fn range(flow: &TableFlow, conditions: &Conditions, seed: u64) -> Result<(f64, f64), Problem> {
        if let Some(Support::Circle { start, period, .. }) = flow.codec().map(|codec| codec.columns()[0].support) {
            return Ok((start, start + period));
        }
        let width = flow.given_names().len();
        // The rows are thinned out: their outermost quantiles need not be exact.
        let step = conditions.rows().div_ceil(500);
        let context: Vec<f64> = (0..conditions.rows())
            .step_by(step)
            .flat_map(|row| &conditions.context[row * width..][..width])
            .copied()
            .collect();
        let predictions = flow.predict(&context, &[0.001, 0.999], seed)?;
        let ends = predictions.iter().map(|prediction| &prediction.targets[0].quantiles);
        let (low, high) =
            ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), q| (low.min(q[0]), high.max(q[1])));
        let margin = (BEYOND * (high - low)).max(f64::MIN_POSITIVE);
        Ok((low - margin, high + margin))
    }

    /// The densities of some rows, as a column for each point.
    fn columns<'a>(&self, rows: usize, densities: impl Fn(usize) -> Option<&'a [f64]>) -> Vec<FrameColumn> {
        let column = |(place, label): (usize, &String)| {
            let density = |row| densities(row).map_or(f64::NAN, |densities| densities[place]);
            figures(label.clone(), (0..rows).map(density).collect())
        };
        self.labels.iter().enumerate().map(column).collect()
    }
}
