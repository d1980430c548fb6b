//! `flows images fit`: a flow of pictures.

use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::tensor::Device;
use flows_core::train::{EpochRecord, FitConfig, Fitted, Optimizer, Reporting, Rows, Stop, Training};
use flows_core::{Density, FlowError, Reversible, ScoreRanks, load, save};
use flows_data::pictures::{Images, grid};
use flows_vision::Evaluation;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::flow::{AnyFlow, Labels, ModelConfig, check_scales};
use super::given::{Bits, bits, labels};
use super::picture::{GAP, save_picture};
use super::problems::{self, check_range, check_temperature};
use super::sample::{sample_labels, samples};
use super::saved::Saved;
use super::settings::Settings;
use super::source::{Data, Source, warn_of_empty_classes};
use crate::differences::differences;
use crate::interrupt::interrupt;
use crate::problem::Problem;
use crate::progress::Progress;
use crate::terminal::{self, bold};
use crate::{duration, output};

/// The pictures, and how to fit a flow to them.
#[derive(Debug, clap::Args)]
pub(crate) struct Fit {
    #[command(flatten)]
    source: Source,
    /// The number of training images, the first of them
    #[arg(long, value_name = "N")]
    train_images: Option<usize>,
    /// The model's file; the folder's name with `.flow` by default
    #[arg(long, short, value_name = "M.flow")]
    output: Option<PathBuf>,
    /// Replaces the model of another fit, and forgets one that was interrupted
    #[arg(long)]
    force: bool,
    /// Writes all figures as JSON; `-` is standard output
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// The most time to take, as in 10m or 2h
    #[arg(long, value_name = "TIME", value_parser = crate::duration::seconds)]
    time: Option<f64>,
    /// A folder for grids of samples after epochs
    #[arg(long, value_name = "DIR")]
    grids: Option<PathBuf>,
    /// How much narrower than in training the samples of these grids are drawn
    #[arg(long, default_value_t = 0.7)]
    temperature: f64,
    #[command(flatten)]
    settings: Settings,
}

/// Images that set the data-dependent parameters.
const INIT_IMAGES: usize = 256;
/// Samples of a grid, and its columns.
const SAMPLES: (usize, usize) = (80, 10);
/// The first epochs, each of which is drawn; later ones are only where their number ends in a zero.
const DRAWN: usize = 10;

impl Fit {
    /// Reads, fits, tests, writes and tells.
    pub(super) fn run(&self, device: &Device) -> Result<(), Problem> {
        let output = self.check()?;
        let (train, test) = self.source.both()?;
        let images = train.images.take(self.train_images.unwrap_or(usize::MAX));
        let [_, channels, height, width] = images.dims();
        let event = [channels, height, width];
        let settings = self.settings.settle(images.len(), event)?;
        if settings.by_class && images.classes().is_none() {
            return Err(problems::no_classes(self.source.dir()));
        }
        let (train, validation) = images.split(settings.validation.unwrap_or(0), settings.seed);
        if settings.by_class {
            warn_of_empty_classes(&train, self.source.dir());
        }
        // The classes of all images: a rare one may be in a part alone.
        let model = ModelConfig::new(&settings, event, images.classes())?;
        let mut saved = Saved::new(model, images.class_names().to_vec(), self.source.seen(&images));
        saved.settings = settings.identity(&saved.class_names);
        for (name, value) in [
            ("seed", json!(settings.seed)),
            ("learning_rate", json!(settings.learning_rate)),
            ("schedule", json!(settings.schedule)),
            ("batch_size", json!(settings.batch_size)),
            ("clip", json!(settings.clip)),
            ("weight_decay", json!(settings.weight_decay)),
            ("pictures", json!(digest(&images))),
        ] {
            saved.settings[name] = value;
        }
        let checkpoint = checkpoint(&output);
        if !self.force {
            existing(&output, &saved, device)?;
        }
        device.seed(settings.seed);
        let flow = saved.model.init(device);
        let params = Module::num_params(&flow);
        terminal::note(format_args!(
            "{} images to learn from, {} to choose by, {} to report; {params} parameters",
            train.len(),
            validation.len(),
            test.images.len()
        ));
        if checkpoint.exists() && !self.force {
            terminal::note(format_args!("going on from {}", checkpoint.display()));
        }
        let rows = |images: &Images| Rows::given(&images.tensor(device), &labels(images, device));
        let (train_rows, held) = (rows(&train), (!validation.is_empty()).then(|| rows(&validation)));
        let run = Run { fit: self, settings: &settings, saved: &saved, checkpoint: &checkpoint, device };
        let trained = if settings.reversible {
            run.train(Reversible::new(flow), &train_rows, held.as_ref(), |flow| &flow.density)?.map(|flow| flow.density)
        } else {
            run.train(flow, &train_rows, held.as_ref(), |flow| flow)?
        };
        let Trained { flow, epochs, best_epoch, stopped, seconds } = trained;

        let evaluation = || Evaluation::new().with_seed(settings.seed);
        let found = bits(&flow, &test, evaluation(), device);
        let chosen_by = match validation.is_empty() {
            true => vec![],
            false => bits(&flow, &Data { images: validation, ..test.clone() }, evaluation(), device).each,
        };
        saved.ranks = ScoreRanks::new(found.each.iter().chain(&chosen_by).map(|bits| -bits));
        let figures = Bits::new(&flow, &test, &found);
        saved.figures = json!({
            "test": figures,
            "params": params,
            "epochs": epochs.len(),
            "best_epoch": best_epoch,
            "stopped": stopped,
        });
        save(&output, &saved, &flow)?;
        if checkpoint.exists() {
            terminal::note(format_args!(
                "{} is the state of training: the same command with more time, epochs or patience goes on from it",
                checkpoint.display()
            ));
        }
        figures.say()?;
        let name = flows_data::shell_word(&output.display().to_string());
        terminal::say(format_args!("written: {name} ({params} parameters, {})", duration::shown(seconds)))?;
        terminal::say(format_args!("next: {}", bold(format_args!("flows images sample {name}"))))?;
        match &self.json {
            Some(path) => {
                let mut record = saved.figures.clone();
                record["settings"] = serde_json::to_value(&settings).unwrap_or(Value::Null);
                record["history"] = serde_json::to_value(&epochs).unwrap_or(Value::Null);
                record["seconds"] = json!(seconds);
                output::json(path, &record)
            }
            None => Ok(()),
        }
    }

    /// Checks all that can be checked before an image is read; the model's file.
    fn check(&self) -> Result<PathBuf, Problem> {
        self.source.check()?;
        self.settings.check()?;
        check_range("train-images", self.train_images.unwrap_or(1), 1, usize::MAX)?;
        check_temperature(self.temperature)?;
        check_scales(&self.settings, self.source.event())?;
        let output = match (&self.output, self.source.dir().file_name()) {
            (Some(output), _) => output.clone(),
            (None, Some(name)) => PathBuf::from(format!("{}.flow", name.to_string_lossy())),
            (None, None) => {
                return Err(Problem::usage("the folder has no name").hint("`-o NAME.flow` names the model's file"));
            }
        };
        let part = checkpoint(&output);
        output::prepare(&[Some(&output), self.json.as_deref()], &[Some(self.source.dir()), Some(&part)])?;
        if let Some(folder) = &self.grids {
            if folder.exists() && !folder.is_dir() {
                return Err(Problem::usage(format!("`--grids {}`: it is no folder", folder.display()))
                    .hint("name another one, which need not be there"));
            }
            // Among the pictures they would be learnt from the next time.
            let whole =
                |path: &Path| std::path::absolute(path).ok()?.ancestors().find_map(|part| part.canonicalize().ok());
            if let (Some(grids), Ok(pictures)) = (whole(folder), self.source.dir().canonicalize())
                && grids.starts_with(pictures)
            {
                return Err(Problem::usage(format!(
                    "`--grids {}`: it is in the folder of the pictures",
                    folder.display()
                ))
                .hint("name a folder elsewhere"));
            }
        }
        Ok(output)
    }

    /// Makes the folder of the grids, once nothing is refused any more and before the first step.
    fn folder_of_grids(&self) -> Result<(), FlowError> {
        let Some(folder) = &self.grids else { return Ok(()) };
        std::fs::create_dir_all(folder).map_err(|source| FlowError::Io {
            action: "create",
            path: folder.clone(),
            source,
        })
    }
}

/// Where the state of training is kept, so that a fit that was killed goes on.
fn checkpoint(output: &Path) -> PathBuf {
    let mut name = output.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

/// Whether a fit may replace the file at its output: a flow of the same settings.
fn existing(output: &Path, saved: &Saved, device: &Device) -> Result<(), Problem> {
    if !output.exists() {
        return Ok(());
    }
    let refuse = |what: String| {
        Err(Problem::new(format!("{}: {what}, and is not replaced", output.display()))
            .hint("`-o NAME.flow` writes another file, `--force` replaces this one"))
    };
    let Ok((there, _)) = load::<Saved>(output, device) else {
        return refuse("it is there already, and no flow of pictures".to_owned());
    };
    let found = differences("", &there.settings, &saved.settings);
    match found.is_empty() {
        true => Ok(()),
        false => refuse(format!("it is a flow of another fit ({})", found.join("; "))),
    }
}

/// A digest of pictures and their labels.
fn digest(images: &Images) -> String {
    let mut hash = Sha256::new();
    images.dims().iter().for_each(|dim| hash.update((*dim as u64).to_le_bytes()));
    hash.update(images.pixels());
    images.labels().unwrap_or_default().iter().for_each(|label| hash.update((*label as u64).to_le_bytes()));
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What came of training.
struct Trained<F> {
    flow: F,
    epochs: Vec<EpochRecord>,
    best_epoch: usize,
    stopped: Stop,
    seconds: f64,
}

impl<F> Trained<F> {
    fn map<G>(self, to: impl FnOnce(F) -> G) -> Trained<G> {
        let Self { flow, epochs, best_epoch, stopped, seconds } = self;
        Trained { flow: to(flow), epochs, best_epoch, stopped, seconds }
    }
}

/// What a run of training needs of everything.
struct Run<'a> {
    fit: &'a Fit,
    settings: &'a Settings,
    saved: &'a Saved,
    checkpoint: &'a Path,
    device: &'a Device,
}

impl Run<'_> {
    fn train<F: Density<4, Labels>>(
        &self,
        flow: F,
        train: &Rows<4, Labels>,
        validation: Option<&Rows<4, Labels>>,
        inner: impl Fn(&F) -> &AnyFlow,
    ) -> Result<Trained<F>, Problem> {
        let settings = self.settings;
        let config = FitConfig::new()
            .with_epochs(settings.epochs)
            .with_max_seconds(self.fit.time)
            .with_patience(Some(settings.patience))
            .with_batch_size(settings.batch_size.unwrap_or(1))
            .with_learning_rate(settings.learning_rate)
            .with_optimizer(Optimizer::AdamW { weight_decay: settings.weight_decay })
            .with_schedule(settings.schedule.into())
            .with_clip_norm(Some(settings.clip))
            .with_validation_fraction(0.0)
            .with_seed(settings.seed)
            .with_init_rows(INIT_IMAGES)
            .with_check_rows(false)
            .with_workers(settings.workers)
            .with_reporting(Reporting::Silent)
            .with_checkpoint(Some(self.checkpoint.to_path_buf()));
        let (mut progress, flags, mut seconds) = (Progress::new(), interrupt(), 0.0);
        // The loss is in nats an image; people think in bits a dimension.
        let dims: usize = train.x.dims()[1..].iter().product();
        let to_bits = 1.0 / (dims as f64 * std::f64::consts::LN_2);
        let mut best = f64::INFINITY;
        let watch = |record: &EpochRecord, flow: &F| {
            seconds = record.seconds;
            best = record.validation_loss.map_or(best, |loss| best.min(loss * to_bits));
            let by_time = self.fit.time.map_or(0.0, |limit| record.seconds / limit);
            let done = by_time.max(record.epoch as f64 / settings.epochs as f64);
            progress.tell(done, || {
                let best =
                    if best.is_finite() { format!(" · best {best:.4} bits per dimension") } else { String::new() };
                format!("epoch {}{best} · {}", record.epoch, duration::shown(record.seconds))
            });
            self.draw(record, inner(flow))
        };
        let fitted: Result<Fitted<F>, FlowError> = Training::new(&config)
            .identity(&self.saved.settings)
            .anew(self.fit.force)
            .started(|| self.fit.folder_of_grids())
            .stop_on(&flags.stop)
            .cool_down_on(&flags.cool_down)
            .watch(watch)
            .run(flow, train, validation);
        progress.finish();
        let fitted = fitted.map_err(|error| {
            let of_the_state = matches!(&error, FlowError::Training(_) | FlowError::File { .. });
            let problem = Problem::from(error);
            match of_the_state
                && self.checkpoint.exists()
                && problem.to_string().contains(&self.checkpoint.display().to_string())
            {
                true => problem.hint("`--force` begins anew and forgets the fit that was interrupted"),
                false => problem,
            }
        })?;
        let Fitted { flow, history, best_epoch, stopped, .. } = fitted;
        Ok(Trained { flow, epochs: history, best_epoch, stopped, seconds })
    }

    /// Samples of the flow after an epoch. A flow that cannot be drawn yet is no reason to end its training.
    fn draw(&self, record: &EpochRecord, flow: &AnyFlow) -> Result<(), FlowError> {
        let Some(folder) = &self.fit.grids else { return Ok(()) };
        if record.epoch <= DRAWN || record.epoch.is_multiple_of(DRAWN) {
            let path = folder.join(format!("samples-{:03}.png", record.epoch));
            if let Err(error) = self.picture(flow, &path) {
                terminal::note(format_args!("warning: {error}"));
            }
        }
        Ok(())
    }

    fn picture(&self, flow: &AnyFlow, path: &Path) -> Result<(), Problem> {
        self.device.seed(self.settings.seed);
        let labels = sample_labels(self.saved.model.classes(), SAMPLES.0, SAMPLES.1);
        let (images, broken) = samples(&flow.valid(), self.fit.temperature, &labels, self.device)?;
        save_picture(&grid(&images, SAMPLES.1, GAP, 1), broken, path)
    }
}
