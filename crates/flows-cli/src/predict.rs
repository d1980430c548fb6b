//! `flows predict`: what conditions say of the targets.

use std::path::PathBuf;

use burn::tensor::Device;
use burn_flows::tables::{Prediction, TableFlow, TargetSummary};
use flows_data::{Cells, Digits, Frame, FrameColumn, FrameWriter, ModelledColumn, Style, Unknown};

use crate::conditions::Conditions;
use crate::problem::Problem;
use crate::reading::Reading;
use crate::{model_file, output, terminal};

/// For each row of a table the mean, standard deviation, quantiles and mode of the targets, given the row's conditions.
#[derive(Debug, clap::Args)]
pub(crate) struct Predict {
    /// The model, of `fit --target`
    model: PathBuf,
    /// The table; its columns of the targets need not be there. `-` is standard input
    table: PathBuf,
    /// The quantiles, in percent
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_values_t = [5.0, 50.0, 95.0])]
    quantiles: Vec<f64>,
    /// Instead of these, the density of the one target at the points of a grid, as in 'redshift' or 'redshift:0:3:301'
    #[arg(long, value_name = "COLUMN[:FROM:TO:POINTS]")]
    grid: Option<String>,
    /// Where to write the rows: CSV, JSON lines, Parquet and more, by the extension; `-` is standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// Seeds the draws that predictions of several targets are made of
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    reading: Reading,
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
        output::prepare(&[Some(&self.output)], &[Some(&self.model), Some(&self.table)])?;
        let flow = model_file::load(&self.model, device)?;
        if flow.given_names().is_empty() {
            return Err(Problem::usage(format!(
                "{}: the model predicts nothing, as rows are given nothing",
                self.model.display()
            ))
            .hint("`flows fit TABLE --target COLUMN` makes one that does"));
        }
        let frame = self.reading.read(&self.table)?;
        let conditions = Conditions::of(&flow, &frame, Unknown::Count)?;
        let width = flow.given_names().len();
        let grid = self.grid.as_ref().map(|text| Grid::parse(text, &flow, &conditions, self.seed)).transpose()?;
        let shares: Vec<f64> = self.quantiles.iter().map(|share| share / 100.0).collect();
        let (mut writer, mut unknown) = (FrameWriter::create(&self.output)?, 0);
        for start in (0..conditions.rows()).step_by(BATCH) {
            let rows: Vec<usize> = (start..conditions.rows().min(start + BATCH)).collect();
            let context = &conditions.context[start * width..][..rows.len() * width];
            let mut part = conditions.frame.pick(&rows);
            let columns = match &grid {
                Some(grid) => {
                    let densities = flow.posterior(context, &grid.points)?;
                    unknown += densities.chunks(grid.points.len()).filter(|row| row.iter().any(|d| d.is_nan())).count();
                    grid.columns(&densities)
                }
                None => {
                    let seed = self.seed.wrapping_add(start as u64);
                    let predictions = flow.predict(context, &shares, seed)?;
                    unknown +=
                        predictions.iter().filter(|row| row.targets.iter().any(|target| target.mean.is_nan())).count();
                    self.columns(&flow, &predictions)?
                }
            };
            if grid.is_some() {
                part = Frame::new(columns)?;
            } else {
                for column in columns {
                    part = part.with_column(column)?;
                }
            }
            writer.write(&part)?;
        }
        if unknown > 0 {
            terminal::note(format_args!(
                "{}: of {unknown} rows nothing is predicted: their conditions are too far from those of the training rows, or \
                 samples of theirs are not finite",
                frame.origin()
            ));
        }
        Ok(writer.commit()?)
    }

    /// Of each target its mean, standard deviation, quantiles and mode.
    fn columns(&self, flow: &TableFlow, predictions: &[Prediction]) -> Result<Vec<FrameColumn>, Problem> {
        let codec = flow.codec().ok_or_else(|| Problem::new("the model knows no columns of a file"))?;
        let mut columns = vec![];
        for (place, target) in codec.columns().iter().enumerate() {
            let of = |value: &dyn Fn(&TargetSummary) -> f64| -> Vec<f64> {
                predictions.iter().map(|prediction| value(&prediction.targets[place])).collect()
            };
            let name = &target.name;
            columns.push(in_kind(target, format!("{name}_mean"), of(&|target| target.mean)));
            let unit = match (&target.style, target.unit) {
                (Style::Time(_), 86_400.0) => "_days",
                (Style::Time(_), 60.0) => "_minutes",
                (Style::Time(_), _) => "_seconds",
                _ => "",
            };
            columns.push(figures(format!("{name}_sd{unit}"), of(&|target| target.sd)));
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
            let seconds = values.into_iter().map(|value| value * column.unit).collect();
            FrameColumn { name, cells: Cells::Times(seconds), style: column.style.clone() }
        }
        Style::Digits(Digits::Decimals(decimals)) => {
            let style = Style::Digits(Digits::Decimals(decimals.saturating_add(2)));
            FrameColumn::numbers(name, values).styled(style)
        }
        Style::Digits(Digits::Significant(digits)) => {
            let style = Style::Digits(Digits::Significant((*digits).clamp(6, 17)));
            FrameColumn::numbers(name, values).styled(style)
        }
        _ => FrameColumn::numbers(name, values),
    }
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
                .hint(format!("as in `--grid {target}` or `--grid {target}:0:1:201`"))
        };
        let rest = text.strip_prefix(target.as_str()).ok_or_else(|| wrong(&format!("the target is `{target}`")))?;
        let parts: Vec<&str> = rest.split(':').skip(1).collect();
        let (low, high, points) = match parts[..] {
            [] if rest.is_empty() => {
                let (low, high) = Self::range(flow, conditions, seed)?;
                (low, high, POINTS)
            }
            [low, high, points] => {
                let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
                let points: Option<usize> = points.trim().parse().ok().filter(|points| (2..=100_000).contains(points));
                match (number(low), number(high), points) {
                    (Some(low), Some(high), Some(points)) if low < high => (low, high, points),
                    _ => return Err(wrong("expected two numbers, the smaller one first, and 2 to 100,000 points")),
                }
            }
            _ => return Err(wrong("expected a column, or a column, two numbers and how many points")),
        };
        let step = (high - low) / (points - 1) as f64;
        let points: Vec<f64> = (0..points).map(|i| low + step * i as f64).collect();
        // As many digits as tell neighbours apart.
        let decimals = (2.0 - step.log10().floor()).clamp(0.0, 12.0) as usize;
        let label = |point: &f64| format!("{target}={point:.decimals$}");
        let labels = points.iter().map(label).collect();
        Ok(Self { points, labels })
    }

    /// From a little below to a little above what is predicted for the rows at hand.
    fn range(flow: &TableFlow, conditions: &Conditions, seed: u64) -> Result<(f64, f64), Problem> {
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

    /// The densities given some rows of conditions, one row after the other, as a column for each point.
    fn columns(&self, densities: &[f64]) -> Vec<FrameColumn> {
        let points = self.points.len();
        let column = |(place, label): (usize, &String)| {
            figures(label.clone(), densities.iter().skip(place).step_by(points).copied().collect())
        };
        self.labels.iter().enumerate().map(column).collect()
    }
}
