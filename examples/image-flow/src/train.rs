//! `image-flow train`: a flow for images.

use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::tensor::Device;
use example_support::interrupt;
use flows_core::atomic::{StagedFolder, check_writable};
use flows_core::train::{EpochRecord, FitConfig, Fitted, Optimizer, Rows, Stop, Training};
use flows_core::{Density, FlowError, Reversible, save};
use flows_data::pictures::Images;
use flows_data::pictures::grid;
use flows_vision::Evaluation;
use serde::Serialize;

use crate::apply::{Bits, check_range, check_temperature, labels, sample_labels, samples};
use crate::model::{AnyFlow, Labels, ModelConfig, check_scales};
use crate::output::{GAP, check_folder, note, save_picture, write_json};
use crate::problem::Problem;
use crate::saved::Saved;
use crate::settings::{Given, Settings};
use crate::source::{Source, warn_of_empty_classes};

/// What to train on, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct Train {
    #[command(flatten)]
    source: Source,
    /// The number of training images, the first of them
    #[arg(long, value_name = "N")]
    train_images: Option<usize>,
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
    test: Bits,
    params: usize,
    epochs: &'a [EpochRecord],
    best_epoch: usize,
    stopped: Stop,
}

/// Images that set the data-dependent parameters.
const INIT_IMAGES: usize = 256;
/// Samples of a grid, and its columns.
const SAMPLES: (usize, usize) = (80, 10);
/// The first epochs, each of which is drawn; later ones are only where their number ends in a zero.
const DRAWN: usize = 10;

/// Trains, draws, reports and saves.
pub(crate) fn run(arguments: &Train, device: &Device) -> Result<(), Problem> {
    arguments.check()?;
    let (train, test) = arguments.source.both()?;
    let images = train.images.take(arguments.train_images.unwrap_or(usize::MAX));
    let [_, channels, height, width] = images.dims();
    let event = [channels, height, width];
    let settings = arguments.settings.clone().settle(arguments.config.as_deref(), images.len(), event)?;
    if settings.by_class && images.classes().is_none() {
        return Err(Problem::NoClasses { dir: arguments.source.dir() });
    }
    let (train, validation) = images.split(settings.validation, settings.seed);
    if settings.by_class {
        warn_of_empty_classes(&train, &arguments.source.dir());
    }

    // The classes of all images: a rare one may be in a part alone.
    let model = ModelConfig::new(&settings, event, images.classes())?;
    let saved = Saved { model, class_names: images.class_names().to_vec(), seen: arguments.source.seen(&images) };
    device.seed(settings.seed);
    let flow = saved.model.init(device);
    let params = Module::num_params(&flow);
    let (training, validating) = (train.len(), validation.len());
    note(format_args!("{training} images to train on, {validating} to validate; {params} parameters"));

    let rows = |images: &Images| Rows::given(&images.tensor(device), &labels(images, device));
    let (train, validation) = (rows(&train), (!validation.is_empty()).then(|| rows(&validation)));
    let run = Run { arguments, settings: &settings, saved: &saved, device };
    let (flow, history, best_epoch, stopped) = if settings.reversible {
        let watch = |record: &EpochRecord, flow: &Reversible<AnyFlow>| run.draw(record, &flow.density);
        let fitted = run.fit(Reversible::new(flow), &train, validation.as_ref(), watch)?;
        (fitted.flow.density, fitted.history, fitted.best_epoch, fitted.stopped)
    } else {
        let fitted = run.fit(flow, &train, validation.as_ref(), |record, flow| run.draw(record, flow))?;
        (fitted.flow, fitted.history, fitted.best_epoch, fitted.stopped)
    };

    // The flow before its figures: they take a while, too.
    let staged = StagedFolder::new(&arguments.out)?;
    save(staged.path("image.flow"), &saved, &flow)?;
    run.picture(&flow, &staged.path("samples.png"))?;
    staged.commit()?;
    let test = Bits::of(&flow, &test, Evaluation::new().with_seed(settings.seed), device);
    let figures = Figures { settings: &settings, test, params, epochs: &history, best_epoch, stopped };
    if let Some(path) = &arguments.json {
        write_json(path, &figures)?;
    }
    figures.test.say()
}

impl Train {
    /// Checks all that can be checked before an image is read.
    fn check(&self) -> Result<(), Problem> {
        self.source.check()?;
        check_range("train-images", self.train_images.unwrap_or(1), 1, usize::MAX)?;
        check_temperature(self.temperature)?;
        check_scales(&self.settings.preview(self.config.as_deref())?, self.source.event())?;
        check_folder(&self.out)?;
        match &self.json {
            // A folder that is made with the flow.
            Some(path) if path.parent() == Some(&*self.out) && !self.out.exists() => Ok(()),
            Some(path) => Ok(check_writable(path)?),
            None => Ok(()),
        }
    }
}

/// What a run of training needs of everything.
struct Run<'a> {
    arguments: &'a Train,
    settings: &'a Settings,
    saved: &'a Saved,
    device: &'a Device,
}

impl Run<'_> {
    fn fit<F: Density<4, Labels>>(
        &self,
        flow: F,
        train: &Rows<4, Labels>,
        validation: Option<&Rows<4, Labels>>,
        watch: impl FnMut(&EpochRecord, &F) -> Result<(), FlowError>,
    ) -> Result<Fitted<F>, FlowError> {
        let (settings, out) = (self.settings, &self.arguments.out);
        let config = FitConfig::new()
            .with_epochs(settings.epochs)
            .with_max_seconds(settings.seconds)
            .with_patience(Some(settings.patience))
            .with_batch_size(settings.batch_size)
            .with_learning_rate(settings.learning_rate)
            .with_optimizer(Optimizer::AdamW { weight_decay: settings.weight_decay })
            .with_schedule(settings.schedule.into())
            .with_clip_norm(Some(settings.clip))
            .with_validation_fraction(0.0)
            .with_seed(settings.seed)
            .with_init_rows(INIT_IMAGES)
            .with_check_rows(false)
            .with_workers(settings.workers)
            .with_checkpoint(Some(out.join("checkpoint")));
        let started = || {
            let made = std::fs::create_dir_all(out);
            made.map_err(|source| FlowError::Io { action: "create", path: out.clone(), source })?;
            write_json(&out.join("config.json"), settings)
        };
        Training::new(&config)
            .identity(&settings.identity(&self.saved.class_names))
            .stop_on(&interrupt())
            .started(started)
            .watch(watch)
            .run(flow, train, validation)
    }

    /// Samples of the flow after an epoch. A flow that cannot be drawn yet is no reason to end its training.
    fn draw(&self, record: &EpochRecord, flow: &AnyFlow) -> Result<(), FlowError> {
        if record.epoch <= DRAWN || record.epoch.is_multiple_of(DRAWN) {
            let path = self.arguments.out.join(format!("samples-{:03}.png", record.epoch));
            if let Err(error) = self.picture(flow, &path) {
                note(format_args!("warning: {error}"));
            }
        }
        Ok(())
    }

    fn picture(&self, flow: &AnyFlow, path: &Path) -> Result<(), Problem> {
        self.device.seed(self.settings.seed);
        let labels = sample_labels(self.saved.model.classes(), SAMPLES.0, SAMPLES.1);
        let (images, broken) = samples(&flow.valid(), self.arguments.temperature, &labels, self.device)?;
        save_picture(&grid(&images, SAMPLES.1, GAP, 1), broken, path)
    }
}
