//! `flows report`: a page about a model.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use burn_flows::tables::{Evaluation, Figures, Mean, TableFlow, TableRows};
use flows_data::{Frame, Unknown, shell_word};
use flows_plot::report::{
    Baseline, Calibration, Cell, Column, Corner, Coverage, Epoch, Estimate, Fact, Model, Notice, OddRow, OutputFile,
    Report as Page, Role, RowCounts, TwoSampleTest,
};
use serde_json::{Value, json};

use crate::problem::Problem;
use crate::reading::Reading;
use crate::{mixed, model_file, odd, output, terminal};

/// One HTML page without a network: columns, figures, calibration, oddest rows, and how the model was fitted.
#[derive(Debug, clap::Args)]
pub(crate) struct Report {
    /// The model
    model: PathBuf,
    /// A table: the one that the model was fitted to adds pictures and the oddest rows; another one is what the figures are
    /// measured on
    table: Option<PathBuf>,
    /// The page; the model's name with `.html` by default
    #[arg(long, short, value_name = "R.html")]
    output: Option<PathBuf>,
    /// Oddest rows to tell
    #[arg(long, value_name = "N", default_value_t = 10)]
    top: usize,
    /// Columns of the corner plot, at most
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u8).range(2..=12))]
    corner: u8,
    /// Seeds the samples
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Writes the figures as JSON; `-` is standard output
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
}

/// Levels at which coverage is told.
const LEVELS: [f64; 9] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
/// Bars of a histogram.
const BARS: usize = 20;
/// Points of a corner plot, at most.
const POINTS: usize = 5000;

/// A table beside a model.
#[derive(Debug)]
struct Shown {
    name: String,
    frame: Frame,
    rows: TableRows,
    places: Vec<usize>,
    /// Whether the model was fitted to it.
    own: bool,
}

impl Report {
    /// Loads, measures and writes.
    pub(crate) fn run(&self, device: &Device) -> Result<(), Problem> {
        let output = self.output.clone().unwrap_or_else(|| self.model.with_extension("html"));
        output::prepare(&[Some(&output), self.json.as_deref()], &[Some(&self.model), self.table.as_deref()])?;
        mixed::refuse(&self.model, "report", device)?;
        let flow = model_file::load(&self.model, device)?;
        let shown = self.table.as_ref().map(|path| self.shown(&flow, path)).transpose()?;
        let evaluation = match &shown {
            Some(shown) if !shown.own => Some(flow.evaluate(&shown.rows)?),
            _ => flow.evaluation(),
        };
        let mut page = self.page(&flow, shown.as_ref(), evaluation.as_ref())?;
        page.files = vec![
            OutputFile { path: self.model.display().to_string(), what: "the model".into(), bytes: size(&self.model) },
            OutputFile { path: output.display().to_string(), what: "this page".into(), bytes: None },
        ];
        if output::is_standard(&output) {
            terminal::print(page.html())?;
        } else {
            page.save(&output)?;
            terminal::say(format_args!("written: {}", output.display()))?;
        }
        match &self.json {
            Some(path) => {
                let other = shown.as_ref().filter(|shown| !shown.own).map(|shown| &shown.name);
                let record = json!({
                    "model": self.model.display().to_string(),
                    // Where it is none, the figures are those of the rows that the fit held out.
                    "measured_on": other,
                    "evaluation": evaluation,
                    "figures": flow.figures(),
                });
                output::json(path, &record)
            }
            None => Ok(()),
        }
    }

    fn shown(&self, flow: &TableFlow, path: &Path) -> Result<Shown, Problem> {
        let frame = model_file::read_table(flow, path, &self.reading)?;
        model_file::note_unweighted(flow, &frame);
        let encoded = flow.encode(&frame, Unknown::Count)?;
        encoded.counted.iter().for_each(|counted| terminal::note(format_args!("{}: {counted}", frame.origin())));
        let own = crate::fit::hash(&encoded.rows.clone().into()) == flow.config().data_hash;
        Ok(Shown { name: path.display().to_string(), frame, rows: encoded.rows, places: encoded.places, own })
    }

    fn page(&self, flow: &TableFlow, shown: Option<&Shown>, evaluation: Option<&Evaluation>) -> Result<Page, Problem> {
        let config = flow.config();
        let figures = flow.figures();
        let title = self.model.file_stem().map_or("model".to_owned(), |name| name.to_string_lossy().into_owned());
        let calibration = evaluation.map_or(vec![], calibrations);
        let given: Vec<String> =
            flow.codec().map_or(vec![], |codec| codec.conditions().iter().map(|c| c.name.clone()).collect());
        let mut page = Page {
            title,
            program: format!("flows {}", env!("CARGO_PKG_VERSION")),
            targets: if given.is_empty() { vec![] } else { flow.names().to_vec() },
            given,
            columns: columns(flow, shown),
            log_likelihood: evaluation.map(|evaluation| estimate(evaluation.log_likelihood)),
            coverage: evaluation.map_or(vec![], |evaluation| {
                LEVELS.map(|level| Coverage { level, observed: evaluation.coverage(level).mean }).to_vec()
            }),
            coverage_rows: evaluation.map_or(0.0, effective_rows),
            two_sample: evaluation.and_then(|evaluation| evaluation.two_sample.as_ref()).map(|test| TwoSampleTest {
                accuracy: Estimate { value: test.accuracy, two_standard_errors: 2.0 * test.error },
                classifier: format!("the better of a small network and boosted decision trees: {}", test.classifier),
                rows: test.rows as u64,
            }),
            corner: shown.map(|shown| self.corner(flow, shown, &calibration)).transpose()?.flatten(),
            odd_rows: shown.map_or(Ok(vec![]), |shown| self.odd_rows(flow, shown))?,
            calibration,
            settings: facts("", &config.settings),
            hashes: vec![
                Fact::new("data", format!("sha256:{}", config.data_hash)),
                Fact::new("settings", format!("sha256:{}", crate::show::settings_hash(flow))),
            ],
            command: Some(self.command()),
            ..Page::default()
        };
        if let Some(figures) = &figures {
            of_figures(&mut page, figures, flow);
        }
        page.notices = self.notices(flow, shown);
        if let (Some(shown), Some(evaluation)) = (shown, evaluation)
            && !shown.own
        {
            // What was compared when the model was fitted was compared on other rows.
            page.baselines.clear();
            page.rows.test = evaluation.rows as u64;
            page.rows.folds = 0;
        }
        Ok(page)
    }

    /// What is not as one might think.
    fn notices(&self, flow: &TableFlow, shown: Option<&Shown>) -> Vec<Notice> {
        let mut notices = vec![];
        let mut notice = |text: String| notices.push(Notice { text, flag: None });
        let source = &flow.config().source;
        if let [Some(read), Some(used)] = ["rows_read", "rows_used"].map(|key| source[key].as_u64())
            && read > used
        {
            notice(format!(
                "{} of {read} rows were left out, as they miss a cell of a column that is used.",
                read - used
            ));
        }
        match shown {
            None => notice("No table was given: there are no oddest rows and no corner plot.".into()),
            Some(shown) if !shown.own => {
                notice(format!(
                    "The figures are of the rows of {}, which is not the table that the model was fitted to.",
                    shown.name
                ));
            }
            Some(_) => {}
        }
        if let Some(shown) = shown.filter(|shown| shown.places.len() < shown.frame.rows()) {
            let (missing, rows) = (shown.frame.rows() - shown.places.len(), shown.frame.rows());
            notice(format!("{missing} of {rows} rows of {} miss a cell and have no score.", shown.name));
        }
        notices
    }

    fn odd_rows(&self, flow: &TableFlow, shown: &Shown) -> Result<Vec<OddRow>, Problem> {
        let places: Vec<usize> = (0..shown.frame.rows()).collect();
        let found = odd::oddest(flow, &shown.name, &shown.frame, &places, self.top, || false)?;
        let row = |odd: odd::OddRow| {
            let cells = shown
                .frame
                .columns()
                .iter()
                .map(|column| Cell { column: column.name.clone(), value: column.text(odd.row).unwrap_or_default() });
            OddRow {
                place: format!("row {} (counting from 0)", odd.row),
                log_density: odd.log_density,
                p_value: odd.p_value,
                reason: odd.reason(),
                cells: cells.collect(),
                column: odd.worst_column,
            }
        };
        Ok(found.into_iter().map(row).collect())
    }

    /// Rows beside samples, of the columns that fit worst.
    fn corner(&self, flow: &TableFlow, shown: &Shown, calibration: &[Calibration]) -> Result<Option<Corner>, Problem> {
        let width = flow.names().len();
        if width < 2 {
            return Ok(None);
        }
        let (rows, held_out) = held_out(flow, shown);
        let rows = if rows.len() > POINTS { rows.split(POINTS as f64 / rows.len() as f64, self.seed).0 } else { rows };
        let samples = match flow.given_names().len() {
            0 => flow.sample(rows.len().clamp(1000, POINTS), self.seed)?,
            _ => flow.sample_given(1, rows.context(), self.seed)?,
        };
        let misfits: Vec<f64> = match calibration.len() == width {
            true => calibration.iter().map(Calibration::misfit).collect(),
            false => vec![0.0; width],
        };
        let chosen = Corner::choose(&misfits, usize::from(self.corner));
        let of = |rows: &TableRows| -> Vec<f64> {
            let finite = |row: &&[f64]| row.iter().all(|value| value.is_finite());
            rows.values()
                .chunks(width)
                .filter(finite)
                .flat_map(|row| chosen.iter().map(|column| row[*column]))
                .collect()
        };
        Ok(Some(Corner {
            columns: chosen.iter().map(|column| flow.names()[*column].clone()).collect(),
            of: width,
            label: (!held_out).then(|| "rows".to_owned()),
            rows: of(&rows),
            samples: of(&samples),
        }))
    }

    fn command(&self) -> String {
        let word = |path: &PathBuf| shell_word(&path.display().to_string());
        let mut words = vec!["flows report".to_owned(), word(&self.model)];
        words.extend(self.table.as_ref().map(word));
        words.extend(self.output.as_ref().map(|path| format!("-o {}", word(path))));
        words.join(" ")
    }
}

/// The rows that a model was not fitted to, as far as that can be told, and whether it can.
fn held_out(flow: &TableFlow, shown: &Shown) -> (TableRows, bool) {
    let (settings, figures) = (flow.settings(), flow.figures());
    let source = &flow.config().source;
    let by_chance = source["split"] == "random" && source["tables"].as_array().is_some_and(|tables| tables.len() == 1);
    match (settings, figures) {
        _ if !shown.own => (shown.rows.clone(), true),
        (Some(settings), Some(figures)) if by_chance && figures.folds.is_none() && settings.held_out[1] > 0.0 => {
            (shown.rows.split(1.0 - settings.held_out[1], settings.seed).1, true)
        }
        _ => (shown.rows.clone(), false),
    }
}

fn of_figures(page: &mut Page, figures: &Figures, flow: &TableFlow) {
    let source = &flow.config().source;
    let count = |key: &str| source[key].as_u64().unwrap_or(0);
    let test = if figures.rows.test > 0 { figures.rows.test } else { figures.rows.validation };
    page.rows = RowCounts {
        train: figures.rows.train as u64,
        validation: figures.rows.validation as u64,
        test: test as u64,
        dropped: count("rows_read").saturating_sub(count("rows_used")),
        folds: figures.folds.filter(|_| test == figures.rows.validation).unwrap_or(0) as u64,
    };
    let stopped = match figures.stopped.as_str() {
        _ if figures.epochs == 0 => "",
        "patience" => "the held-out rows got no more likely",
        "time" => "the time was over",
        "epochs" => "all epochs were done",
        "interrupted" => "it was interrupted",
        _ => "",
    };
    let detail = figures.candidates.iter().find(|candidate| candidate.model == figures.chosen);
    let mut details: Vec<Fact> =
        detail.map(|c| Fact::new("size", &c.detail)).into_iter().filter(|f| !f.value.is_empty()).collect();
    if figures.members > 1 {
        details.push(Fact::new("members", format!("the mean of {} models, one of each fold", figures.members)));
    }
    page.model = Model {
        name: figures.chosen.to_string(),
        why: figures.reason.clone(),
        parameters: figures.parameters as u64,
        epochs: figures.epochs as u64,
        seconds: 0.0,
        stopped: stopped.to_owned(),
        details,
    };
    let difference = |model| {
        let other = figures.differences.iter().find(|other| other.against == model)?;
        Some(estimate(other.difference))
    };
    page.baselines = (figures.candidates.iter())
        .map(|candidate| Baseline {
            name: candidate.model.to_string(),
            log_likelihood: estimate(candidate.test),
            difference: difference(candidate.model),
            chosen: candidate.model == figures.chosen,
        })
        .collect();
    // Of a flow that was not kept, what it learnt is no part of the model.
    let losses = if figures.epochs > 0 { figures.losses.as_slice() } else { &[] };
    page.history = losses
        .iter()
        .map(|losses| Epoch {
            epoch: losses.epoch,
            training: losses.train,
            validation: Some(losses.validation).filter(|value| value.is_finite()),
        })
        .collect();
    page.best_epoch = (figures.best_epoch > 0).then_some(figures.best_epoch);
}

fn estimate(mean: Mean) -> Estimate {
    Estimate { value: mean.mean, two_standard_errors: 2.0 * mean.error }
}

/// The number of rows behind figures of an evaluation: fewer where some count more than others.
fn effective_rows(evaluation: &Evaluation) -> f64 {
    match &evaluation.weights {
        None => evaluation.levels.len() as f64,
        Some(weights) => {
            weights.iter().sum::<f64>().powi(2) / weights.iter().map(|weight| weight * weight).sum::<f64>()
        }
    }
}

fn calibrations(evaluation: &Evaluation) -> Vec<Calibration> {
    let weight = |row: usize| evaluation.weights.as_ref().map_or(1.0, |weights| weights[row]);
    let one = |(name, shares): (&String, &Vec<f64>)| {
        let mut pit = vec![0.0; BARS];
        for (row, share) in shares.iter().enumerate() {
            pit[((share * BARS as f64) as usize).min(BARS - 1)] += weight(row);
        }
        let coverage = LEVELS.map(|level| {
            let inside: Vec<f64> =
                shares.iter().map(|share| f64::from(u8::from((share - 0.5).abs() <= 0.5 * level))).collect();
            Coverage { level, observed: Mean::of(&inside, evaluation.weights.as_deref()).mean }
        });
        Calibration { column: name.clone(), pit, coverage: coverage.to_vec(), rows: effective_rows(evaluation) }
    };
    evaluation.names.iter().zip(&evaluation.pit).map(one).collect()
}

/// The columns as the model's file tells of them, with pictures from a table.
fn columns(flow: &TableFlow, shown: Option<&Shown>) -> Vec<Column> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let one = |column: &Value| {
        let name = text(&column["name"]);
        let cells = shown.and_then(|shown| shown.frame.column(&name).ok());
        let values: Vec<f64> = cells
            .and_then(|column| column.cells.values())
            .map_or(vec![], |values| values.iter().copied().filter(|value| value.is_finite()).collect());
        let (low, high) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v)));
        let mut histogram = vec![];
        if low < high {
            histogram = vec![0.0; 26];
            values.iter().for_each(|value| histogram[(((value - low) / (high - low) * 26.0) as usize).min(25)] += 1.0);
        }
        let end = |end: f64| {
            let row = cells?.cells.values()?.iter().position(|value| *value == end)?;
            cells?.text(row)
        };
        Column {
            kind: text(&column["kind"]),
            role: match column["role"].as_str() {
                Some("target") => Role::Target,
                Some("given") => Role::Condition,
                Some("weight") => Role::Weight,
                Some("left out") => Role::LeftOut(text(&column["left_out"])),
                _ => Role::Modelled,
            },
            reason: text(&column["reason"]),
            flag: column["otherwise"].as_str().map(str::to_owned),
            missing: column["missing"].as_u64().unwrap_or(0),
            distinct: column["distinct"].as_u64(),
            range: end(low).zip(end(high)).map(|(low, high)| [low, high]),
            histogram,
            findings: column["remarks"].as_array().map_or(vec![], |all| all.iter().map(text).collect()),
            name,
        }
    };
    match flow.config().source["columns"].as_array() {
        Some(all) => all.iter().map(one).collect(),
        None => flow.names().iter().map(|name| Column { name: name.clone(), ..Column::default() }).collect(),
    }
}

/// Settings as names and values.
fn facts(place: &str, value: &Value) -> Vec<Fact> {
    match value {
        Value::Object(map) => (map.iter())
            .flat_map(|(key, value)| {
                facts(&if place.is_empty() { key.clone() } else { format!("{place}.{key}") }, value)
            })
            .collect(),
        Value::Null => vec![],
        Value::String(text) => vec![Fact::new(place, text)],
        other => vec![Fact::new(place, other)],
    }
}

fn size(path: &Path) -> Option<u64> {
    std::fs::metadata(path).ok().map(|file| file.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_names_and_values_without_what_is_not_said() {
        let value = serde_json::json!({"seed": 7, "whiten": null, "model": {"kind": "nsf", "hidden": [8, 8]}});
        let facts: Vec<String> = facts("", &value).iter().map(|f| format!("{}={}", f.name, f.value)).collect();
        assert_eq!(facts, ["model.hidden=[8,8]", "model.kind=nsf", "seed=7"]);
    }

    #[test]
    fn weights_leave_fewer_rows_behind_a_figure() {
        let evaluation = Evaluation {
            names: vec!["a".into()],
            rows: 3,
            log_likelihood: Mean { mean: -1.0, error: 0.1 },
            pit: vec![vec![0.1, 0.5, 0.99]],
            levels: vec![0.2, 0.4, 0.95],
            weights: Some(vec![2.0, 1.0, 1.0]),
            coverage_90: Mean { mean: 0.75, error: 0.2 },
            column_coverage_90: vec![],
            two_sample: None,
            baselines: vec![],
        };
        assert!((effective_rows(&evaluation) - 16.0 / 6.0).abs() < 1e-12);
        let calibration = &calibrations(&evaluation)[0];
        assert_eq!((calibration.pit[2], calibration.pit[10], calibration.pit[19]), (2.0, 1.0, 1.0));
        // 0.1 and 0.5 of 2 + 1 + 1 lie in the middle 90 %.
        assert_eq!(calibration.coverage[8].observed, 0.75);
    }
}
