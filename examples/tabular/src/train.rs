//! `tabular train`: a flow for a table.

use std::fs;
use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use flows_core::data::{Split, Table};
use flows_core::plot::{CornerPlot, LossCurves};
use flows_core::train::{EpochRecord, FitConfig, Fitted, Optimizer, Rows, Schedule, fit_on};
use flows_core::{Density, GaussianMixtureConfig, atomic, log_probs, mean_log_prob, save};
use serde::Serialize;

use crate::model::{AnyFlow, ModelConfig, Trained};
use crate::problem::Problem;
use crate::settings::{Given, Norm, Rate, Settings};
use crate::source::Source;

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

/// All figures of a run; likelihoods in nats a row, in the units of the table.
#[derive(Debug, Serialize)]
struct Figures {
    model: serde_json::Value,
    test_log_likelihood: f64,
    two_standard_errors: f64,
    val_log_likelihood: Option<f64>,
    train_log_likelihood: f64,
    bits_per_feature: f64,
    gaussian_test_log_likelihood: f64,
    params: usize,
    epochs: usize,
    best_epoch: usize,
    seconds: f64,
    train_rows: usize,
    validation_rows: usize,
    test_rows: usize,
    features: usize,
    seed: u64,
}

/// Trains, reports, draws and saves.
pub(crate) fn run(arguments: &Train, device: &Device) -> Result<(), Problem> {
    let settings = Settings::read(arguments.settings.clone(), arguments.config.as_deref())?;
    let split = arguments.source.read(settings.seed)?;
    let out = |name: &str| arguments.out.join(name);
    let create = |source| Problem::Write { path: arguments.out.clone(), source };
    fs::create_dir_all(&arguments.out).map_err(create)?;
    write(&out("config.json"), &settings)?;

    let features = split.train.columns();
    let config = ModelConfig::new(&settings, features);
    device.seed(settings.seed);
    let flow = config.init(device);
    eprintln!(
        "{} rows of {features} columns to train on, {} to validate, {} to test; {} parameters",
        split.train.rows(),
        split.validation.rows(),
        split.test.rows(),
        Module::num_params(&flow)
    );
    let rows = |table: &Table| Rows::new(&table.to_tensor(device));
    let fitted = fit_on(flow, &rows(&split.train), Some(&rows(&split.validation)), &fit(&settings))?;

    let figures = figures(&settings, &split, &fitted, device);
    report(&figures);
    if let Some(path) = &arguments.json {
        write(path, &figures)?;
    }
    let scores = log_probs(&fitted.flow, &split.train.to_tensor(device), &());
    let trained = Trained {
        model: config,
        columns: split.train.names().to_vec(),
        percentiles: percentiles(scores),
        figures: serde_json::to_value(&figures).expect("numbers and names"),
    };
    save(out("flow.flow"), &trained, &fitted.flow)?;
    draw(&fitted, &split, &arguments.out, device)?;
    eprintln!("flow.flow, config.json, loss.png and corner.png are in {}", arguments.out.display());
    Ok(())
}

fn fit(settings: &Settings) -> FitConfig {
    let config = FitConfig::new()
        .with_epochs(settings.epochs)
        .with_max_seconds(Some(settings.seconds))
        .with_batch_size(settings.batch_size)
        .with_learning_rate(settings.learning_rate)
        .with_patience(Some(settings.patience))
        .with_recompute_statistics(settings.normalization == Norm::Batch)
        .with_workers(settings.workers)
        .with_seed(settings.seed);
    let config = match settings.schedule {
        Rate::Constant => config,
        Rate::Cosine => config.with_schedule(Schedule::Cosine { warm_up: 0.0, end: 0.0 }),
    };
    match settings.weight_decay {
        0.0 => config,
        weight_decay => config.with_optimizer(Optimizer::AdamW { weight_decay }),
    }
}

fn figures(settings: &Settings, split: &Split, fitted: &Fitted<AnyFlow>, device: &Device) -> Figures {
    let test = split.test.to_tensor(device);
    let (mean, error) = mean_log_prob(&fitted.flow, &test, &());
    let (train, _) = mean_log_prob(&fitted.flow, &split.train.to_tensor(device), &());
    let features = split.train.columns();
    let gaussian = GaussianMixtureConfig::new(vec![features], 1).init::<2>(device);
    let gaussian = gaussian.init_from_data(split.train.to_tensor(device), &());
    Figures {
        model: serde_json::to_value(settings.model).expect("a name"),
        test_log_likelihood: mean,
        two_standard_errors: 2.0 * error,
        val_log_likelihood: fitted.best_validation_loss().map(|loss| -loss),
        train_log_likelihood: train,
        bits_per_feature: -mean / (features as f64 * std::f64::consts::LN_2),
        gaussian_test_log_likelihood: mean_log_prob(&gaussian, &test, &()).0,
        params: Module::num_params(&fitted.flow),
        epochs: fitted.history.len(),
        best_epoch: fitted.best_epoch,
        seconds: fitted.history.last().map_or(0.0, |record| record.seconds),
        train_rows: split.train.rows(),
        validation_rows: split.validation.rows(),
        test_rows: split.test.rows(),
        features,
        seed: settings.seed,
    }
}

fn report(figures: &Figures) {
    let Figures { test_log_likelihood, two_standard_errors, gaussian_test_log_likelihood, .. } = figures;
    println!(
        "test log-likelihood   {test_log_likelihood:10.4} ± {two_standard_errors:.4} nats a row (two standard errors)"
    );
    println!("  of a Gaussian       {gaussian_test_log_likelihood:10.4}");
    println!("bits per feature      {:10.4}", figures.bits_per_feature);
    println!("validation            {:10.4}", figures.val_log_likelihood.unwrap_or(f64::NAN));
    println!("training rows         {:10.4}", figures.train_log_likelihood);
    println!("parameters            {:10}", figures.params);
    println!("epochs                {:10}   (the best was {})", figures.epochs, figures.best_epoch);
    println!("seconds               {:10.1}", figures.seconds);
}

/// The percentiles of values, from the 0th to the 100th, between neighbours by proportion.
fn percentiles(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    let last = values.len() - 1;
    let percentile = |share: usize| {
        let place = share as f64 / 100.0 * last as f64;
        let below = place.floor() as usize;
        let above = (below + 1).min(last);
        values[below] + (values[above] - values[below]) * place.fract()
    };
    (0..=100).map(percentile).collect()
}

/// Features in the corner plot, at most: more could not be read.
const CORNER: usize = 8;

fn draw(fitted: &Fitted<AnyFlow>, split: &Split, out: &Path, device: &Device) -> Result<(), Problem> {
    let curve = |loss: fn(&EpochRecord) -> f64| -> Vec<(usize, f64)> {
        fitted.history.iter().map(|record| (record.epoch, loss(record))).collect()
    };
    LossCurves::new()
        .series("training", curve(|record| record.train_loss))
        .series("validation", curve(|record| record.validation_loss.unwrap_or(f64::NAN)))
        .best_of("validation")
        .y_label("negative log-likelihood (nats)")
        .save(out.join("loss.png"))?;
    if split.test.columns() < 2 {
        return Ok(());
    }
    let features = split.test.columns().min(CORNER);
    let rows = split.test.rows().clamp(2000, 10_000);
    let samples: Tensor<2> = fitted.flow.sample(rows, &(), device).narrow(1, 0, features);
    let samples: Vec<f64> = samples.try_into_vec_as().expect("the device answers");
    let data: Vec<f64> =
        split.test.values().chunks(split.test.columns()).flat_map(|row| &row[..features]).copied().collect();
    CornerPlot::new(split.test.names()[..features].to_vec())
        .set("test rows", &data)
        .set("samples", &samples)
        .save(out.join("corner.png"))?;
    Ok(())
}

fn write(path: &Path, value: &impl Serialize) -> Result<(), Problem> {
    let json = serde_json::to_string_pretty(value).expect("numbers and names") + "\n";
    Ok(atomic::write(path, json)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_reach_from_the_smallest_to_the_largest_value() {
        let values: Vec<f64> = (0..=200).rev().map(f64::from).collect();
        let percentiles = percentiles(values);
        assert_eq!((percentiles[0], percentiles[50], percentiles[99], percentiles[100]), (0.0, 100.0, 198.0, 200.0));
    }
}
