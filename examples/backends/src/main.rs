//! One flow on every backend: how far log-densities, gradients and samples are apart.

mod answers;
mod devices;
#[cfg(test)]
mod tests;

use std::path::Path;

use burn::tensor::Device;
use clap::Parser;
use example_support::two_moons;
use flows_core::testing::uniform;
use flows_core::train::{FitConfig, Reporting, fit};
use flows_core::{FlowError, SplineFlowConfig, load, save};

use answers::{Answers, Questions};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Trains a flow on one backend, saves it, loads it on every one, and prints what their answers differ by.
#[derive(Parser, Debug)]
#[command(version, about)]
struct Arguments {
    /// Passes over the data.
    #[arg(long, default_value_t = 5)]
    epochs: usize,
    /// The number of points.
    #[arg(long, default_value_t = 4096)]
    points: usize,
    /// What to train on; by default the first of the backends compiled in
    #[arg(long, value_name = "BACKEND")]
    device: Option<String>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let trainer = devices::named(arguments.device.as_deref())?;
    let devices = devices::compiled_in();
    let training = FitConfig::new().with_epochs(arguments.epochs).with_batch_size(256);
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("spline.flow");
    let config = SplineFlowConfig::new(2).with_layers(4).with_hidden(vec![32]);
    train(&path, &config, arguments.points, &training, &trainer)?;

    let reference = answer(&path, &devices[0].1)?;
    println!("{:<10} {:>10} {:>10} {:>10}", "", "log_prob", "gradients", "samples");
    for (name, device) in &devices {
        let difference = answer(&path, device)?.difference(&reference);
        let line = [difference.log_prob, difference.gradients, difference.samples].map(|d| format!("{d:>10.1e}"));
        println!("{name:<10} {}", line.join(" "));
    }
    Ok(())
}

/// Trains a flow on two moons and saves it.
fn train(
    path: &Path,
    config: &SplineFlowConfig,
    points: usize,
    training: &FitConfig,
    device: &Device,
) -> Result<f64, FlowError> {
    device.seed(0);
    let (x, _) = two_moons(points, 0.1, 0, device);
    let fitted = fit(config.init(device), &x, &training.clone().with_reporting(Reporting::Silent))?;
    save(path, config, &fitted.flow)?;
    Ok(fitted.best_validation_loss().unwrap_or(f64::NAN))
}

/// Loads a saved flow and asks it about points in the plane.
fn answer(path: &Path, device: &Device) -> Result<Answers, FlowError> {
    let (_, flow) = load::<SplineFlowConfig>(path, device)?;
    let numbers = |seed| uniform([64, 2], -2.0, 2.0, seed, device).into_data();
    Ok(Answers::of(&flow, &Questions { x: numbers(1), z: numbers(2) }, device))
}
