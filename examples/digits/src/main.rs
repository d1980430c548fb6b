//! Handwritten digits of 8 x 8 pixels, learnt in two minutes.

mod data;
mod pictures;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use burn::tensor::Device;
use clap::Parser;
use example_support::{DeviceChoice, interrupt};
use flows_core::atomic::{self, StagedFolder};
use flows_core::train::{FitConfig, Optimizer, Rows, Schedule, Training};
use flows_core::{ByClass, save};
use flows_data::pictures::Images;
use flows_vision::{Dequantization, Evaluation, GlowConfig, ImageFlowConfig, NetworkConfig, Preprocess};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Trains a Glow on 1,797 handwritten digits, and writes samples, interpolations and its bits per dimension.
#[derive(Parser, Debug)]
#[command(version, about)]
struct Arguments {
    /// Seeds the split, the weights, the training and the samples.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Seconds of training at most.
    #[arg(long, default_value_t = 110.0)]
    seconds: f64,
    /// Passes over the training images at most.
    #[arg(long, default_value_t = 220)]
    epochs: usize,
    /// The number of scales.
    #[arg(long, default_value_t = 2)]
    scales: usize,
    /// Steps of each scale.
    #[arg(long, default_value_t = 6)]
    steps: usize,
    /// Hidden channels of each network.
    #[arg(long, default_value_t = 48)]
    hidden: usize,
    /// Images a training step.
    #[arg(long, default_value_t = 64)]
    batch_size: usize,
    /// The largest learning rate.
    #[arg(long, default_value_t = 1e-3)]
    learning_rate: f64,
    /// Decoupled weight decay. There are few images.
    #[arg(long, default_value_t = 1.0)]
    weight_decay: f64,
    /// Threads that share the images of a training step.
    #[arg(long, default_value_t = 2)]
    workers: usize,
    /// How much narrower than in training samples are drawn.
    #[arg(long, default_value_t = 0.8)]
    temperature: f64,
    /// Uniform noise instead of noise from a flow.
    #[arg(long)]
    uniform: bool,
    /// The folder for the pictures and the flow.
    #[arg(long, default_value = ".")]
    out: PathBuf,
    /// Writes all figures as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    #[command(flatten)]
    device: DeviceChoice,
}

impl Arguments {
    fn flow(&self) -> ImageFlowConfig<ByClass<GlowConfig>> {
        let glow = GlowConfig::new(1, 8, 8).with_scales(self.scales).with_steps(self.steps).with_seed(self.seed);
        let glow = glow.with_network(NetworkConfig::Glow { hidden: self.hidden });
        let config = ImageFlowConfig::new(glow.by_class(10)).with_bits(4).with_preprocess(Preprocess::Centre);
        match self.uniform {
            true => config,
            false => config.with_dequantization(Dequantization::Variational { steps: 4, hidden: 24 }),
        }
    }

    /// The numbers that training does not check itself.
    fn check(&self) -> Result<(), String> {
        for (name, value) in [("scales", self.scales), ("steps", self.steps), ("hidden", self.hidden)] {
            if value == 0 {
                return Err(format!("`{name}`: expected at least 1, got 0"));
            }
        }
        if self.scales > 3 {
            return Err(format!("`scales`: expected at most 3, which halve 8 pixels to one, got {}", self.scales));
        }
        match self.temperature >= 0.0 && self.temperature.is_finite() {
            true => Ok(()),
            false => Err(format!("`temperature`: expected zero or a positive number, got {}", self.temperature)),
        }
    }

    fn training(&self) -> FitConfig {
        FitConfig::new()
            .with_epochs(self.epochs)
            .with_max_seconds(Some(self.seconds))
            .with_batch_size(self.batch_size)
            .with_learning_rate(self.learning_rate)
            .with_optimizer(Optimizer::AdamW { weight_decay: self.weight_decay })
            .with_schedule(Schedule::Cosine { warm_up: 0.02, end: 0.0 })
            .with_patience(None)
            .with_seed(self.seed)
            .with_workers(self.workers)
    }
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let device = arguments.device.init()?;
    arguments.check()?;
    // Before training: a place that cannot be written to would cost two minutes.
    let staged = StagedFolder::new(&arguments.out)?;
    if let Some(path) = &arguments.json {
        atomic::check_writable(path)?;
    }
    let (rest, test) = data::load()?.split(300, arguments.seed);
    let (train, validation) = rest.split(150, arguments.seed);

    device.seed(arguments.seed);
    let config = arguments.flow();
    let [train, validation] = [&train, &validation].map(|images| rows(images, &device));
    let training = arguments.training();
    let fitted = Training::new(&training).stop_on(&interrupt()).run(config.init(&device), &train, Some(&validation))?;
    let flow = fitted.flow;
    save(staged.path("digits.flow"), &config, &flow)?;

    let Rows { x, context } = rows(&test, &device);
    let evaluation = Evaluation::new().with_draws(16).with_seed(arguments.seed);
    let bits = flow.evaluate(&x, &context, &evaluation);
    let right = pictures::draw(&flow, &test, &staged, arguments, &device)?;
    staged.commit()?;
    if let Some(path) = &arguments.json {
        let figures = serde_json::json!({
            "test_bits": bits.mean,
            "standard_error": bits.standard_error,
            "right_classes": right,
            "test_images": test.len(),
            "epochs": fitted.history.len(),
            "best_epoch": fitted.best_epoch,
            "seconds": fitted.history.last().map(|record| record.seconds),
            "seed": arguments.seed,
        });
        atomic::write(path, serde_json::to_string_pretty(&figures)?)?;
    }
    let mut out = std::io::stdout();
    let error = 2.0 * bits.standard_error;
    let said =
        writeln!(out, "test: {:.3} ± {error:.3} bits per pixel of 4 (two standard errors)", bits.mean).and_then(|()| {
            writeln!(out, "the class with the most bits saved is right for {right} of {} test images", test.len())
        });
    match said {
        // Whoever read the output has had enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        said => Ok(said?),
    }
}

/// Images and labels as training takes them.
fn rows(images: &Images, device: &Device) -> Rows<4, burn::tensor::Tensor<1, burn::tensor::Int>> {
    let labels = images.labels_tensor(device).expect("the digits have labels");
    Rows::given(&images.tensor(device), &labels)
}
