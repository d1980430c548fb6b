//! Two moons, each given by its label.

use std::path::PathBuf;

use burn::tensor::Tensor;
use clap::Parser;
use example_support::{DeviceChoice, interrupt, points, two_moons};
use flows_core::train::{FitConfig, Rows, Schedule, Training};
use flows_core::{SplineFlowConfig, mean_log_prob};
use flows_plot::SamplePanels;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Trains a conditional spline flow: the moon is given, the point is learnt.
#[derive(Parser, Debug)]
#[command(version, about)]
struct Arguments {
    /// Seeds the data, the weights and the training.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Passes over the data.
    #[arg(long, default_value_t = 30)]
    epochs: usize,
    /// The folder for the picture.
    #[arg(long, default_value = ".")]
    out: PathBuf,
    #[command(flatten)]
    device: DeviceChoice,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let device = arguments.device.init()?;
    std::fs::create_dir_all(&arguments.out)?;

    let (x, label) = two_moons(16_384, 0.1, arguments.seed, &device);
    let (test, test_label) = two_moons(10_000, 0.1, arguments.seed + 1, &device);
    device.seed(arguments.seed);
    let flow = SplineFlowConfig::new(2).with_layers(6).given(1).init(&device);
    let training = FitConfig::new()
        .with_epochs(arguments.epochs)
        .with_seed(arguments.seed)
        .with_schedule(Schedule::Cosine { warm_up: 0.0, end: 0.0 })
        .with_patience(None);
    let picture = arguments.out.join("conditional-moons.png");
    flows_core::atomic::check_writable(&picture)?;
    let fitted = Training::new(&training).stop_on(&interrupt()).run(flow, &Rows::given(&x, &label), None)?;

    let (mean, error) = mean_log_prob(&fitted.flow, &test, &test_label);
    println!("test log-likelihood given the moon {mean:.4} ± {:.4} nats (two standard errors)", 2.0 * error);
    let moon = |label: f32| -> Tensor<2> {
        let label = Tensor::<2>::from_data([[label]], &device);
        fitted.flow.given(&label).sample(2000, &device)
    };
    SamplePanels::new()
        .panel("given 0: the upper moon", &points(moon(0.0)))
        .panel("given 1: the lower moon", &points(moon(1.0)))
        .equal_aspect(true)
        .save(&picture)?;
    println!("{} written", picture.display());
    Ok(())
}
