//! What the program does: train, score, sample.

use std::path::{Path, PathBuf};
use std::{fs, io};

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use example_support::{interrupt, note, print};
use flows_core::train::{FitConfig, Optimizer, Rows, Schedule, Training};
use flows_core::{FlowConfig, FlowError, load, log_probs, mean_log_prob, save};
use flows_data::{CsvOptions, Table, TableWriter};
use serde::Serialize;

use crate::model::WorldConfig;
use crate::{Arguments, baselines, cities, map};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// All figures of a run.
#[derive(Serialize)]
struct Figures {
    test_log_likelihood: f64,
    two_standard_errors: f64,
    validation_log_likelihood: Option<f64>,
    gaussian: Option<f64>,
    mixture_50: Option<f64>,
    kernel: Option<f64>,
    kernel_bandwidth_degrees: Option<f64>,
    params: usize,
    epochs: usize,
    best_epoch: usize,
    seconds: f64,
    train_rows: usize,
    validation_rows: usize,
    test_rows: usize,
    seed: u64,
}

/// Trains, compares, draws and saves.
pub(crate) fn train(arguments: &Arguments, path: &Path, device: &Device) -> Outcome {
    let split = cities::load(arguments.seed)?;
    fs::create_dir_all(&arguments.out)?;
    // Where nothing can be written, nothing is trained.
    let picture = arguments.out.join("world-map.png");
    for place in arguments.json.iter().map(PathBuf::as_path).chain([path, &picture]) {
        flows_core::atomic::check_writable(place)?;
    }
    note(&format!("{} cities to train on, {} to test on", split.train.rows(), split.test.rows()));
    device.seed(arguments.seed);
    let config = &arguments.model;
    let flow = config.init(device);
    let rows = |table: &Table| Rows::new(&table.to_tensor(device));
    let fit = FitConfig::new()
        .with_epochs(10_000)
        .with_max_seconds(Some(arguments.seconds))
        .with_batch_size(arguments.batch_size)
        .with_learning_rate(arguments.learning_rate)
        .with_optimizer(Optimizer::AdamW { weight_decay: arguments.weight_decay })
        .with_schedule(Schedule::Cosine { warm_up: 0.02, end: 0.0 })
        .with_patience(None)
        .with_seed(arguments.seed);
    let training = Training::new(&fit).identity(config).stop_on(&interrupt());
    let fitted = training.run(flow, &rows(&split.train), Some(&rows(&split.validation)))?;
    save(path, config, &fitted.flow)?;
    let (mean, error) = mean_log_prob(&fitted.flow, &split.test.to_tensor(device), &());
    print("test log-likelihood, nats a city (densities per square degree)\n")?;
    let mut figures = Figures {
        test_log_likelihood: mean,
        two_standard_errors: 2.0 * error,
        validation_log_likelihood: fitted.best_validation_loss().map(|loss| -loss),
        gaussian: None,
        mixture_50: None,
        kernel: None,
        kernel_bandwidth_degrees: None,
        params: fitted.flow.num_params(),
        epochs: fitted.history.len(),
        best_epoch: fitted.best_epoch,
        seconds: fitted.history.last().map_or(0.0, |record| record.seconds),
        train_rows: split.train.rows(),
        validation_rows: split.validation.rows(),
        test_rows: split.test.rows(),
        seed: arguments.seed,
    };
    if !arguments.no_baselines {
        let gaussian = baselines::mixture(1, &split.train, &split.test, arguments.seed, device);
        print(&format!("  Gaussian, full covariance     {gaussian:8.3}\n"))?;
        let mixture = baselines::mixture(50, &split.train, &split.test, arguments.seed, device);
        print(&format!("  mixture of 50 Gaussians       {mixture:8.3}\n"))?;
        let (bandwidth, kernel) = baselines::kernel(&split.train, &split.validation, &split.test);
        print(&format!("  kernel estimate ({bandwidth:.2}°)       {kernel:8.3}\n"))?;
        figures.gaussian = Some(gaussian);
        figures.mixture_50 = Some(mixture);
        (figures.kernel, figures.kernel_bandwidth_degrees) = (Some(kernel), Some(bandwidth));
    }
    print(&format!("  neural spline flow            {mean:8.3} ± {:.3} (two standard errors)\n", 2.0 * error))?;
    map::draw(&fitted.flow, &split.test, &picture, device)?;
    print(&format!("{} and {} written\n", picture.display(), path.display()))?;
    if let Some(json) = &arguments.json {
        flows_core::atomic::write(json, serde_json::to_string_pretty(&figures)? + "\n")?;
    }
    Ok(())
}

/// Prints the log-density of every row of a table.
pub(crate) fn score(path: &Path, file: &Path, device: &Device) -> Outcome {
    let (_, flow) = trained(path, device)?;
    let table = Table::read_csv(file, &CsvOptions::new().with_columns(cities::COLUMNS))?;
    table.notices().iter().for_each(|notice| note(&format!("{}: {notice}", table.origin())));
    let scores = log_probs(&flow, &table.to_tensor(device), &());
    let rows = scores.iter().enumerate().flat_map(|(row, score)| [table.row(row)[0], table.row(row)[1], *score]);
    let rows: Vec<f64> = rows.collect();
    listed(&["lat", "lng", "log_density"], |writer| writer.write(&rows))
}

/// Cities drawn at a time.
const BATCH: u64 = 8192;

/// Prints cities that the flow draws.
pub(crate) fn sample(path: &Path, n: u64, seed: u64, device: &Device) -> Outcome {
    let (_, flow) = trained(path, device)?;
    device.seed(seed);
    listed(&cities::COLUMNS, |writer| {
        for start in (0..n).step_by(BATCH as usize) {
            let x: Tensor<2> = flow.sample(BATCH.min(n - start) as usize, device);
            let values = x.try_into_vec_as::<f32>().map_err(io::Error::other)?;
            // The digits of single precision, and no more.
            let digits = |value: &f32| value.to_string().parse().unwrap_or(f64::from(*value));
            writer.write(&values.iter().map(digits).collect::<Vec<_>>())?;
        }
        Ok(())
    })
}

/// Prints rows; that the reader has read enough is no error.
fn listed(names: &[&str], rows: impl FnOnce(&mut TableWriter<io::StdoutLock<'static>>) -> io::Result<()>) -> Outcome {
    let print = || {
        let mut writer = TableWriter::csv(io::stdout().lock(), names)?;
        rows(&mut writer)?;
        writer.finish().map(drop)
    };
    match print() {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn trained(path: &Path, device: &Device) -> Result<(WorldConfig, <WorldConfig as FlowConfig>::Flow), FlowError> {
    if !path.exists() {
        note("no trained flow here: run without arguments first");
    }
    load::<WorldConfig>(path, device)
}
