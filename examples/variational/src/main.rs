//! Variational inference: three targets with known answers, and how far a fit can be trusted.

mod targets;

use std::path::{Path, PathBuf};
use std::time::Instant;

use burn::tensor::{Device, Tensor};
use clap::Parser;
use example_support::{DeviceChoice, interrupt};
use flows_core::train::{FitTargetConfig, FittedTarget, Reporting, Start, StopFlag, fit_target_until};
use flows_core::{Mixing, RealNvp, RealNvpConfig};
use flows_plot::{CornerPlot, DensityMap, Grid};
use targets::Target;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Fits flows to a banana, Neal's funnel and the eight schools, and compares log Z with the truth.
#[derive(Parser, Debug)]
#[command(version, about)]
struct Arguments {
    /// Seeds the weights and the fits.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Steps of each fit, at most.
    #[arg(long, default_value_t = 3000)]
    steps: usize,
    /// The folder for the pictures.
    #[arg(long, default_value = ".")]
    out: PathBuf,
    /// Shows the progress of each fit.
    #[arg(long)]
    verbose: bool,
    #[command(flatten)]
    device: DeviceChoice,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let device = arguments.device.init()?;
    std::fs::create_dir_all(&arguments.out)?;
    println!(
        "target           log Z, known by     of the flow           from outside          effective      k  seconds"
    );
    let picture = |target: &Target| arguments.out.join(format!("{}.png", target.name));
    for target in targets::all() {
        flows_core::atomic::check_writable(picture(&target))?;
    }
    // Ctrl-C ends the fit at hand, which is reported and drawn as it is, and then the program.
    let interrupted = interrupt();
    for target in targets::all() {
        let started = Instant::now();
        let fitted = fit(&target, &target.start, &arguments, &interrupted, &device)?;
        report(&target, &fitted, started);
        draw(&target, &fitted.flow, &picture(&target), &device)?;
        if interrupted.is_raised() {
            return Ok(());
        }
    }
    // Where nobody says how wide the banana is, most of it is never met; the result says so.
    let banana = &targets::all()[0];
    let narrow = Start::normal(&[0.0, -3.0], &[0.1, 0.1]);
    let started = Instant::now();
    println!("\nthe banana from a start a hundredth as wide, in a tenth of the steps:");
    let hurried = Arguments { steps: (arguments.steps / 10).max(1), ..arguments };
    report(banana, &fit(banana, &narrow, &hurried, &interrupted, &device)?, started);
    Ok(())
}

fn fit(
    target: &Target,
    start: &Start,
    arguments: &Arguments,
    stop: &StopFlag,
    device: &Device,
) -> Result<FittedTarget<RealNvp>, Box<dyn std::error::Error>> {
    device.seed(arguments.seed);
    let features = start.mean()?.len();
    let flow = RealNvpConfig::new(features).with_layers(6).with_hidden(vec![48, 48]).with_mixing(Mixing::Permutation);
    let config = FitTargetConfig::new()
        .with_steps(arguments.steps)
        .with_seed(arguments.seed)
        .with_reporting(if arguments.verbose { Reporting::Lines } else { Reporting::Silent });
    Ok(fit_target_until(stop, flow.init(device), target.log_density, start, &config)?)
}

fn report(target: &Target, fitted: &FittedTarget<RealNvp>, started: Instant) {
    let (inside, outside) = (fitted.check.inside, fitted.check.outside);
    println!(
        "{:13} {:8.4}, {:10}  {:9.4} ± {:.4}  {:9.4} ± {:.4}  {:11.1} %  {:5.2}  {:7.1}",
        target.name,
        target.log_z,
        target.source,
        inside.log_z,
        inside.error,
        outside.log_z,
        outside.error,
        100.0 * inside.effective_share(),
        inside.pareto_k,
        started.elapsed().as_secs_f64()
    );
    for warning in &fitted.check.warnings {
        println!("  warning: {warning}");
    }
}

/// Two features: of the target the density where there are but two, else pairs of samples.
fn draw(target: &Target, flow: &RealNvp, path: &Path, device: &Device) -> Result<(), Box<dyn std::error::Error>> {
    let samples: Vec<f64> = flow.sample(4000, device).try_into_vec_as()?;
    let features = target.start.mean()?.len();
    let [first, second] = target.shown;
    let pairs: Vec<[f64; 2]> = samples.chunks(features).map(|row| [row[first.0], row[second.0]]).collect();
    if features > 2 {
        let names = [first.1, second.1];
        CornerPlot::new(names).set("samples", pairs.as_flattened()).title(target.name).save(path)?;
        return Ok(());
    }
    let grid = Grid::new([320, 240], -32.0..32.0, -9.0..25.0);
    let centres: Vec<f32> = grid.centres().iter().flatten().map(|v| *v as f32).collect();
    let centres = Tensor::<1>::from_data(centres.as_slice(), device).reshape([-1, 2]);
    let log_density: Vec<f64> = (target.log_density)(centres).try_into_vec_as()?;
    DensityMap::from_log_density(&grid, &log_density)
        .points(&pairs[..1000])
        .title("The banana and a thousand samples of the flow")
        .save(path)?;
    Ok(())
}
