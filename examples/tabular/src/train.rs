//! `tabular train`: a flow for a table.

use std::fs;
use std::path::PathBuf;

use burn::module::Module;
use burn::tensor::Device;
use example_support::{interrupt, note, print};
use flows_core::atomic::{self, StagedFolder};
use flows_core::train::{Fitted, Stop, Training};
use flows_core::{Scaled, Scaling, ScalingConfig, ScoreRanks, save};
use flows_data::Table;
use serde::Serialize;

use crate::figures::{Figures, Likelihoods, Mean};
use crate::gaussian::Gaussian;
use crate::model::{AnyFlow, ModelConfig, Trained};
use crate::pictures;
use crate::problem::Problem;
use crate::settings::{Given, Settings};
use crate::source::{Part, Parts, Source};
use crate::trainee::{Trainee, rows};

/// What to train on, and how.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("rows").required(true))]
pub(crate) struct Train {
    #[command(flatten)]
    source: Source,
    /// Settings in a JSON file, as `train` writes it; flags win over it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    settings: Given,
    /// The folder for the flow, its settings and the pictures
    #[arg(long, value_name = "DIR", default_value = "tabular-out")]
    out: PathBuf,
    /// Writes all figures as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Trains, saves, draws and reports.
pub(crate) fn run(arguments: &Train, device: &Device) -> Result<(), Problem> {
    let settings = Settings::read(arguments.settings.clone(), arguments.config.as_deref())?;
    let parts = arguments.source.read(&settings)?;
    let table = &parts.train.table;
    let model = ModelConfig::new(&settings, table.columns())?;
    let max_gap = if settings.keep_absurd { None } else { ScalingConfig::new().max_gap };
    let scaling = ScalingConfig::new().with_heavy_tails(settings.heavy_tails).with_max_gap(max_gap);
    let scaling = scaling.fit(&parts.whole.with_noise(table.values().to_vec(), settings.seed), table.columns())?;
    // Where nothing can be written, nothing is trained.
    if let Some(path) = &arguments.json {
        atomic::check_writable(path)?;
    }
    let existed = arguments.out.exists();
    if existed {
        for name in ["flow.flow", "config.json", "loss.png", "corner.png"] {
            atomic::check_writable(arguments.out.join(name))?;
        }
    }
    let staged = StagedFolder::new(&arguments.out)?;
    let done = train(arguments, &settings, &parts, model, scaling, staged, device);
    if done.is_err() && !existed {
        // Only if it is empty, as it was made for what was not written.
        let _ = fs::remove_dir(&arguments.out);
    }
    let (figures, pictures) = done?;
    print(&figures.report())?;
    let files = ["flow.flow", "config.json"].into_iter().chain(pictures).collect::<Vec<_>>().join(", ");
    note(&format!("{files} are in {}", arguments.out.display()));
    Ok(())
}

fn train(
    arguments: &Train,
    settings: &Settings,
    parts: &Parts,
    model: ModelConfig,
    scaling: Scaling,
    staged: StagedFolder,
    device: &Device,
) -> Result<(Figures, Vec<&'static str>), Problem> {
    parts.notes.iter().for_each(|text| note(text));
    let fitted = fit(settings, parts, &model, &scaling, device)?;
    if fitted.stopped == Stop::Interrupted {
        note("interrupted: the best flow so far is kept");
    }
    let trained = Trained {
        model,
        columns: parts.train.table.names().to_vec(),
        whole: parts.whole.clone(),
        ranks: ScoreRanks::new([]),
        figures: serde_json::Value::Null,
        scaling: scaling.clone(),
    };
    let flow = Scaled::new(fitted.flow.flow.clone(), scaling);
    let (likelihoods, ranks) = evaluate(&trained, &flow, parts);
    let heavy = flow.scaling().heavy_tailed();
    let figures = Figures::new(settings, parts, &likelihoods, &fitted, Module::num_params(&flow), &heavy);
    let mut kept = serde_json::to_value(&figures).expect("numbers and names");
    // Two equal runs write equal flows, however long they took.
    kept.as_object_mut().expect("figures by name").remove("seconds");
    let trained = Trained { ranks, figures: kept, ..trained };

    save(staged.path("flow.flow"), &trained, &flow)?;
    atomic::write(staged.path("config.json"), json(settings))?;
    // A picture that cannot be drawn is no reason to lose a flow.
    device.seed(settings.seed);
    let mut drawn = vec![];
    // The path in an error is that of a folder that is about to vanish.
    let missing = |name: &str, error: flows_plot::PlotError| {
        let place = staged.path(name).display().to_string();
        note(&format!("no {name}: {}", error.to_string().replace(&place, name)));
    };
    match pictures::losses(&fitted.history, &staged.path("loss.png")) {
        Ok(()) => drawn.push("loss.png"),
        Err(error) => missing("loss.png", error),
    }
    match pictures::corner(&trained, &flow, parts, &staged.path("corner.png"), device) {
        Ok(lost) => {
            drawn.push("corner.png");
            if lost > 0 {
                note(&format!("{lost} of the samples for corner.png are not finite, and left out"));
            }
        }
        Err(error) => missing("corner.png", error),
    }
    staged.commit()?;
    if let Some(path) = &arguments.json {
        atomic::write(path, json(&figures))?;
    }
    Ok((figures, drawn))
}

fn fit(
    settings: &Settings,
    parts: &Parts,
    model: &ModelConfig,
    scaling: &Scaling,
    device: &Device,
) -> Result<Fitted<Trainee<AnyFlow>>, Problem> {
    device.seed(settings.seed);
    let flow = model.init(device);
    let Parts { train, validation, test, whole, .. } = parts;
    note(&format!(
        "{} rows of {} columns to train on, {} to validate, {} to test; {} parameters",
        train.table.rows(),
        train.table.columns(),
        validation.table.rows(),
        test.table.rows(),
        Module::num_params(&flow)
    ));
    let noisy = |part: &Part, stream: u64| {
        let values = whole.with_noise(part.table.values().to_vec(), settings.seed.wrapping_add(stream));
        rows(scaling, &values, part, device)
    };
    let trainee = Trainee::new(flow, train.weights.is_some());
    let config = settings.fit();
    let training = Training::new(&config).stop_on(&interrupt());
    Ok(training.run(trainee, &noisy(train, 0), Some(&noisy(validation, 1)))?)
}

/// Rows of the training part that are evaluated, where each of them costs many evaluations.
const MOST_ROWS: usize = 10_000;

fn evaluate(trained: &Trained, flow: &Scaled<AnyFlow>, parts: &Parts) -> (Likelihoods, ScoreRanks) {
    let scores = |part: &Part, most: usize| {
        let values = part.table.values();
        trained.log_probs(flow, &values[..values.len().min(most.saturating_mul(part.table.columns()))])
    };
    let mean =
        |part: &Part, scores: &[f64]| Mean::of(scores, part.weights.as_ref().map(|weights| &weights[..scores.len()]));
    let most = if parts.whole.places().is_empty() { usize::MAX } else { MOST_ROWS };
    let train = mean(&parts.train, &scores(&parts.train, most));
    let (validation, test) = (scores(&parts.validation, usize::MAX), scores(&parts.test, usize::MAX));
    // Beside probabilities of whole numbers stands a Gaussian of the same: a density of bare numbers would be no match.
    let spread = |part: &Part, seed: u64| {
        let values = parts.whole.with_noise(part.table.values().to_vec(), seed);
        let table = Table::new(part.table.names().to_vec(), values).expect("numbers as finite as before");
        Part { table, weights: part.weights.clone() }
    };
    let gaussian = Gaussian::fit(&spread(&parts.train, 2));
    let likelihoods = Likelihoods {
        train,
        validation: mean(&parts.validation, &validation),
        test: mean(&parts.test, &test),
        gaussian: gaussian
            .map(|gaussian| mean(&parts.test, &gaussian.log_probs(spread(&parts.test, 3).table.values()))),
    };
    (likelihoods, ScoreRanks::new(validation.into_iter().chain(test)))
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).expect("numbers and names") + "\n"
}
