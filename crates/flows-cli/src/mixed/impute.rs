//! `flows impute`: what is missing, drawn given what is there.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use burn_flows::mixed::{Expected, MixedFlow, MixedTable};
use flows_data::{Cells, Frame, FrameColumn, MixedColumn, Style, Unknown};
use serde_json::json;

use super::model::{codec, load};
use crate::problem::Problem;
use crate::reading::{Reading, Writing};
use crate::{output, terminal};

/// The table with its missing cells drawn given the others of their rows, as often as is asked for, or their means.
///
/// Cells that are there stay as they are, and so do columns that the model does not know.
#[derive(Debug, clap::Args)]
pub(crate) struct Impute {
    /// The model, of `fit --missing model`
    model: PathBuf,
    /// The table; `-` is standard input
    table: PathBuf,
    /// The number of completed tables: OUT-1.csv to OUT-k.csv, where there are several
    #[arg(short = 'k', long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    draws: u32,
    /// Writes means of numbers and the likeliest word instead of draws
    #[arg(long, conflicts_with = "draws")]
    mean: bool,
    /// Where to write the rows: CSV, JSON lines, Parquet and more, by the extension; `-` is standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// Seeds the draws: the same seed draws the same cells
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Writes how many cells of each column were missing, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    writing: Writing,
}

/// Draws by which a mean is taken.
const DRAWS: usize = 400;

impl Impute {
    /// Draws, and writes.
    pub(crate) fn run(&self, device: &Device) -> Result<(), Problem> {
        let outputs = self.outputs()?;
        let written: Vec<Option<&Path>> =
            outputs.iter().map(|path| Some(path.as_path())).chain([self.json.as_deref()]).collect();
        output::prepare(&written, &[Some(&self.model), Some(&self.table)])?;
        let flow = load(&self.model, device)?.ok_or_else(|| {
            Problem::new(format!("{}: the model knows nothing of missing cells", self.model.display()))
                .hint("`flows fit TABLE --missing model` makes one that does")
        })?;
        let (frame, raw) = self.read()?;
        // A row without a weight has cells to complete as well.
        let unweighted = match codec(&flow)?.weights() {
            Some(name) if frame.names().contains(&name) && frame.names().len() > 1 => {
                frame.select(&format!("!{}", flows_data::shell_word(name)).parse()?)?
            }
            _ => frame.clone(),
        };
        let encoded = flow.encode(&unweighted, Unknown::Count, &[])?;
        for counted in &encoded.counted {
            terminal::note(format_args!(
                "{}: {counted}; such cells count as missing, and stay as they are",
                frame.origin()
            ));
        }
        let table = encoded.table;
        let missing: usize = (0..frame.rows()).map(|row| missing_of(&flow, &frame, row)).sum();
        for (draw, path) in outputs.iter().enumerate() {
            let completed = match self.mean {
                true => self.means(&flow, &table)?,
                false => {
                    let seed = self.seed.wrapping_add((draw as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
                    flow.complete(&table, seed)?
                }
            };
            // Words are no numbers in other formats than text.
            let raw = raw.as_ref().filter(|_| self.writing.is_plain_text(path));
            let filled = filled(&flow, &frame, raw, &completed)?;
            let mut writer = self.writing.writer(path)?;
            writer.write(&filled)?;
            writer.commit()?;
        }
        let what = if self.mean { "filled with what is expected" } else { "drawn" };
        terminal::note(format_args!("{}: {missing} missing cells are {what}", frame.origin()));
        match &self.json {
            Some(path) => {
                let of = |name: &str| frame.column(name).map_or(0, |column| column.cells.missing());
                let columns: serde_json::Map<String, serde_json::Value> =
                    flow.names().into_iter().map(|name| (name.to_owned(), json!(of(name)))).collect();
                let files: Vec<String> = outputs.iter().map(|path| path.display().to_string()).collect();
                output::json(
                    path,
                    &json!({ "rows": frame.rows(), "missing": columns, "files": files, "seed": self.seed }),
                )
            }
            None => Ok(()),
        }
    }

    /// The table, and its cells as they stand in a text.
    fn read(&self) -> Result<(Frame, Option<Frame>), Problem> {
        let mut spooled = None;
        if output::is_standard(&self.table) {
            let failed = |error: std::io::Error| Problem::new(format!("standard input cannot be kept: {error}"));
            let mut file = tempfile::NamedTempFile::new().map_err(failed)?;
            std::io::copy(&mut std::io::stdin().lock(), &mut file).map_err(failed)?;
            spooled = Some(file);
        }
        let path = spooled.as_ref().map_or(self.table.as_path(), |file| file.path());
        let frame = Frame::read(path, &self.reading.options())?.named(self.table.display().to_string());
        crate::reading::tell_notices(&frame);
        let raw = Frame::read(path, &self.reading.options().verbatim())?;
        let raw = (raw.rows() == frame.rows() && stands_as_read(&frame, &raw)).then_some(raw);
        Ok((frame, raw))
    }

    /// One file, or one for each draw.
    fn outputs(&self) -> Result<Vec<PathBuf>, Problem> {
        if self.draws == 1 {
            return Ok(vec![self.output.clone()]);
        }
        if output::is_standard(&self.output) {
            return Err(Problem::usage(format!("`-k {}`: several tables need a file each", self.draws))
                .hint("`-o OUT.csv` names them OUT-1.csv, OUT-2.csv and so on"));
        }
        let name = self.output.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (stem, end) =
            name.split_once('.').map_or((name.as_str(), String::new()), |(stem, end)| (stem, format!(".{end}")));
        Ok((1..=self.draws).map(|draw| self.output.with_file_name(format!("{stem}-{draw}{end}"))).collect())
    }

    /// The rows with what is expected in the place of what is missing.
    fn means(&self, flow: &MixedFlow, table: &MixedTable) -> Result<MixedTable, Problem> {
        let (width, mut values) = (table.width(), table.values().to_vec());
        for column in 0..width {
            let rows: Vec<usize> = (0..table.len()).filter(|row| values_missing(table, *row, column)).collect();
            let found = flow.expected(&table.select(&rows), column, &[], &[], (DRAWS, self.seed))?;
            for (row, expected) in rows.iter().zip(found) {
                values[row * width + column] = match expected {
                    Expected::Number { mean, .. } => mean,
                    Expected::Classes(shares) => {
                        (0..shares.len()).max_by(|a, b| shares[*a].total_cmp(&shares[*b])).unwrap_or(0) as f64
                    }
                };
            }
        }
        // A mean of whole numbers is the nearest one.
        for (at, value) in values.iter_mut().enumerate() {
            if matches!(table.holds()[at % width], burn_flows::mixed::Holds::Whole { .. }) {
                *value = value.round();
            }
        }
        Ok(MixedTable::new(table.names().to_vec(), table.holds().to_vec(), values)?)
    }
}

fn values_missing(table: &MixedTable, row: usize, column: usize) -> bool {
    table.values()[row * table.width() + column].is_nan()
}

/// How many cells of the model's columns a row of a frame misses.
fn missing_of(flow: &MixedFlow, frame: &Frame, row: usize) -> usize {
    let missing = |name: &&str| frame.column(name).is_ok_and(|column| column.cells.is_missing(row));
    flow.names().iter().filter(|name| missing(name)).count()
}

/// Whether a table that is read from a text could be written with the texts of its cells: all numbers are spelt as they are
/// written, without thousands and with a point.
fn stands_as_read(frame: &Frame, raw: &Frame) -> bool {
    frame.columns().iter().zip(raw.columns()).all(|(column, raw)| match (&column.cells, &column.style) {
        (Cells::Numbers(values), Style::Digits(_)) => values.iter().enumerate().all(|(row, value)| {
            let spelt = raw.cells.word(row).and_then(|text| text.trim().parse::<f64>().ok());
            !value.is_finite() || spelt == Some(*value)
        }),
        _ => matches!(raw.cells, Cells::Words { .. }),
    })
}

/// The frame with cells of the completed rows where its own are missing.
fn filled(flow: &MixedFlow, frame: &Frame, raw: Option<&Frame>, completed: &MixedTable) -> Result<Frame, Problem> {
    let decoded = flow.decode(completed)?;
    let mut filled = raw.unwrap_or(frame).clone();
    for (column, drawn) in codec(flow)?.columns().iter().zip(decoded.columns()) {
        let there = frame.column(column.name())?;
        if there.cells.missing() == 0 {
            continue;
        }
        let merged = match raw {
            Some(raw) => {
                let raw = raw.column(column.name())?;
                let cell = |row: usize| match there.cells.is_missing(row) {
                    true => drawn.text(row),
                    false => raw.cells.word(row).map(str::to_owned),
                };
                FrameColumn::new(column.name(), (0..frame.rows()).map(cell).collect())
            }
            None => merged(column, there, drawn),
        };
        filled = filled.with_column(merged)?;
    }
    Ok(filled)
}

fn merged(column: &MixedColumn, there: &FrameColumn, drawn: &FrameColumn) -> FrameColumn {
    let rows = 0..there.cells.len();
    let text = || rows.clone().map(|row| there.text(row).or_else(|| drawn.text(row)));
    let numbers = |own: &[f64], drawn: &[f64]| -> Vec<f64> {
        own.iter().zip(drawn).map(|(own, drawn)| if own.is_finite() { *own } else { *drawn }).collect()
    };
    let cells = match (&there.cells, &drawn.cells) {
        (Cells::Numbers(own), Cells::Numbers(drawn)) => Cells::Numbers(numbers(own, drawn)),
        (Cells::Times(own), Cells::Times(drawn)) => Cells::Times(numbers(own, drawn)),
        _ => text().collect(),
    };
    // A column that is wholly missing has no style of its own.
    let style = if there.cells.missing() == there.cells.len() { column.style().clone() } else { there.style.clone() };
    FrameColumn { name: there.name.clone(), cells, style }
}
