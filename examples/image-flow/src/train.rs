//! `image-flow train`: a flow for images.

use std::fs;
use std::path::PathBuf;

use burn::module::Module;
use burn::tensor::Device;
use flows_core::train::{EpochRecord, FitConfig, Fitted, Optimizer, Rows, Schedule, fit_watched};
use flows_core::{Density, FlowConfig, FlowError, Reversible, atomic, save};
use flows_vision::data::Images;
use flows_vision::picture::grid;
use serde::Serialize;

use crate::apply::{labels, report, sample_labels};
use crate::model::{AnyFlow, Labels, ModelConfig};
use crate::problem::Problem;
use crate::settings::{Given, Rate, Settings};
use crate::source::Source;

/// What to train on, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct Train {
    #[command(flatten)]
    source: Source,
    /// Settings in a JSON file, as `train` writes it; flags win over it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    settings: Given,
    /// How much narrower than in training samples are drawn
    #[arg(long, default_value_t = 0.7)]
    temperature: f64,
    /// The folder for the flow, its settings and checkpoint, and the pictures
    #[arg(long, value_name = "DIR", default_value = "image-flow-out")]
    out: PathBuf,
    /// Writes all figures as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// All figures of a run.
#[derive(Debug, Serialize)]
struct Figures<'a> {
    settings: &'a Settings,
    test: crate::apply::Bits,
    params: usize,
    epochs: &'a [EpochRecord],
    best_epoch: usize,
}

/// Images that set the data-dependent parameters.
const INIT_IMAGES: usize = 256;
/// Samples of a grid, and its columns.
const SAMPLES: (usize, usize) = (80, 10);

/// Trains, draws, reports and saves.
pub(crate) fn run(arguments: &Train, device: &Device) -> Result<(), Problem> {
    let settings = Settings::read(arguments.settings.clone(), arguments.config.as_deref())?;
    let all = arguments.source.train()?;
    let test = arguments.source.test()?;
    if settings.validation >= all.images.len() {
        let expected = format!("fewer than the {} training images", all.images.len());
        return Err(Problem::Setting { setting: "validation", expected, got: settings.validation.to_string() });
    }
    let (train, validation) = all.images.split(settings.validation, settings.seed);

    let write = |source| Problem::Write { path: arguments.out.clone(), source };
    fs::create_dir_all(&arguments.out).map_err(write)?;
    atomic::write(arguments.out.join("config.json"), json(&settings))?;

    let [_, channels, height, width] = train.dims();
    let classes = train.labels().map(|labels| labels.iter().max().map_or(1, |most| most + 1));
    let config = ModelConfig::new(&settings, [channels, height, width], classes)?;
    device.seed(settings.seed);
    let flow = config.init(device);
    let params = Module::num_params(&flow);
    eprintln!("{} images to train on, {} to validate; {params} parameters", train.len(), validation.len());

    let rows = |images: &Images| Rows::given(&images.tensor(device), &labels(images, device));
    let validation = (!validation.is_empty()).then(|| rows(&validation));
    let watch = |record: &EpochRecord, flow: &AnyFlow| draw(record, flow, &config, arguments, settings.seed, device);
    let (flow, history, best_epoch) = if settings.reversible {
        let watch = |record: &EpochRecord, flow: &Reversible<AnyFlow>| watch(record, &flow.density);
        let fitted = fit(Reversible::new(flow), &rows(&train), validation.as_ref(), arguments, &settings, watch)?;
        (fitted.flow.density, fitted.history, fitted.best_epoch)
    } else {
        let fitted = fit(flow, &rows(&train), validation.as_ref(), arguments, &settings, watch)?;
        (fitted.flow, fitted.history, fitted.best_epoch)
    };
    save(arguments.out.join("image.flow"), &config, &flow)?;
    let test = report(&flow, &test, settings.seed, device);
    if let Some(path) = &arguments.json {
        let figures = Figures { settings: &settings, test, params, epochs: &history, best_epoch };
        atomic::write(path, json(&figures))?;
    }
    Ok(())
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).expect("numbers and names")
}

fn fit<F: Density<4, Labels>>(
    flow: F,
    train: &Rows<4, Labels>,
    validation: Option<&Rows<4, Labels>>,
    arguments: &Train,
    settings: &Settings,
    watch: impl FnMut(&EpochRecord, &F) -> Result<(), FlowError>,
) -> Result<Fitted<F>, FlowError> {
    let schedule = match settings.schedule {
        Rate::Constant => Schedule::Constant,
        Rate::Cosine => Schedule::Cosine { warm_up: 0.02, end: 0.0 },
    };
    let config = FitConfig::new()
        .with_epochs(settings.epochs)
        .with_batch_size(settings.batch_size)
        .with_learning_rate(settings.learning_rate)
        .with_optimizer(Optimizer::AdamW { weight_decay: settings.weight_decay })
        .with_schedule(schedule)
        .with_patience(None)
        .with_clip_norm(Some(settings.clip))
        .with_validation_fraction(0.0)
        .with_seed(settings.seed)
        .with_init_rows(INIT_IMAGES)
        .with_workers(settings.workers)
        .with_checkpoint(Some(arguments.out.join("checkpoint")));
    fit_watched(flow, train, validation, &config, watch)
}

/// Samples of the flow after an epoch.
fn draw(
    record: &EpochRecord,
    flow: &AnyFlow,
    config: &ModelConfig,
    arguments: &Train,
    seed: u64,
    device: &Device,
) -> Result<(), FlowError> {
    device.seed(seed);
    let labels = sample_labels(config.classes(), SAMPLES.0, SAMPLES.1, device);
    let samples = flow.sample_at(arguments.temperature, &labels, device);
    let path = arguments.out.join(format!("samples-{:03}.png", record.epoch));
    let drawn = Images::from_tensor(samples).and_then(|images| grid(&images, SAMPLES.1, 2, 1).save(&path));
    drawn.map_err(|error| FlowError::Io { action: "write", path, source: std::io::Error::other(error) })
}
