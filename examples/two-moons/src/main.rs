//! Two moons: the smallest useful flow.

use std::path::PathBuf;

use burn::tensor::Tensor;
use clap::Parser;
use example_support::{DeviceChoice, interrupt, points, two_moons};
use flows_core::train::{EpochRecord, FitConfig, Rows, Schedule, Training};
use flows_core::{SplineFlowConfig, log_probs, mean_log_prob, save};
use flows_plot::{DensityMap, Grid, LossCurves, SamplePanels};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Trains a spline flow on two moons and draws it.
#[derive(Parser, Debug)]
#[command(version, about)]
struct Arguments {
    /// Seeds the data, the weights and the training.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Passes over the data.
    #[arg(long, default_value_t = 30)]
    epochs: usize,
    /// The number of points.
    #[arg(long, default_value_t = 16_384)]
    points: usize,
    /// The folder for pictures and the flow.
    #[arg(long, default_value = ".")]
    out: PathBuf,
    #[command(flatten)]
    device: DeviceChoice,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let device = arguments.device.init()?;
    std::fs::create_dir_all(&arguments.out)?;
    let out = |name: &str| arguments.out.join(name);
    for name in ["two-moons.flow", "density.png", "samples.png", "loss.png"] {
        flows_core::atomic::check_writable(out(name))?;
    }

    let (x, _) = two_moons(arguments.points, 0.1, arguments.seed, &device);
    let (test, _) = two_moons(10_000, 0.1, arguments.seed + 1, &device);
    device.seed(arguments.seed);
    let config = SplineFlowConfig::new(2).with_layers(6);
    let training = FitConfig::new()
        .with_epochs(arguments.epochs)
        .with_seed(arguments.seed)
        .with_schedule(Schedule::Cosine { warm_up: 0.0, end: 0.0 })
        .with_patience(None);
    let fitted = Training::new(&training).stop_on(&interrupt()).run(config.init(&device), &Rows::new(&x), None)?;

    let (mean, error) = mean_log_prob(&fitted.flow, &test, &());
    println!("test log-likelihood {mean:.4} ± {:.4} nats (two standard errors)", 2.0 * error);
    save(out("two-moons.flow"), &config, &fitted.flow)?;

    let grid = Grid::new([300, 240], -1.5..2.5, -1.1..1.6);
    let centres: Vec<f32> = grid.centres().iter().flatten().map(|v| *v as f32).collect();
    let centres = Tensor::<1>::from_data(centres.as_slice(), &device).reshape([-1, 2]);
    DensityMap::from_log_density(&grid, &log_probs(&fitted.flow, &centres, &()))
        .equal_aspect(true)
        .title("Two moons: density")
        .save(out("density.png"))?;
    SamplePanels::new()
        .panel("data", &points(test.narrow(0, 0, 3000)))
        .panel("samples", &points(fitted.flow.sample(3000, &device)))
        .equal_aspect(true)
        .save(out("samples.png"))?;
    let curve = |loss: fn(&EpochRecord) -> f64| -> Vec<(usize, f64)> {
        fitted.history.iter().map(|record| (record.epoch, loss(record))).collect()
    };
    LossCurves::new()
        .series("training", curve(|record| record.train_loss))
        .series("validation", curve(|record| record.validation_loss.unwrap_or(f64::NAN)))
        .best_of("validation")
        .save(out("loss.png"))?;
    Ok(())
}
