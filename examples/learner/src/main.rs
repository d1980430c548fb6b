//! A flow through burn's own `Learner`, with dashboard, checkpoints and early stopping.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use burn::data::dataloader::DataLoader;
use burn::optim::AdamConfig;
use burn::train::metric::store::{Aggregate, Direction, Split};
use burn::train::{Learner, MetricEarlyStoppingStrategy, StoppingCondition, SupervisedTraining};
use clap::Parser;
use example_support::{DeviceChoice, interrupt, two_moons};
use flows_core::train::{Batch, BatchLoader, NllMetric, Rows, Trainee};
use flows_core::{RealNvpConfig, mean_log_prob, save};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Trains RealNVP on two moons with burn's `Learner`.
#[derive(Parser, Debug)]
#[command(version, about)]
struct Arguments {
    /// Passes over the data.
    #[arg(long, default_value_t = 20)]
    epochs: usize,
    /// Go on from the checkpoint of this epoch.
    #[arg(long)]
    resume: Option<usize>,
    /// The folder for checkpoints, metrics and the flow.
    #[arg(long, default_value = "out/learner")]
    out: PathBuf,
    #[command(flatten)]
    device: DeviceChoice,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let device = arguments.device.init()?;
    std::fs::create_dir_all(&arguments.out)?;

    flows_core::atomic::check_writable(arguments.out.join("two-moons.flow"))?;

    let loader = |n, seed, shuffled: bool| -> Arc<dyn DataLoader<Batch<2>>> {
        let loader = BatchLoader::new(Rows::new(&two_moons(n, 0.1, seed, &device).0), 256);
        if shuffled { Arc::new(loader.shuffled(seed)) } else { Arc::new(loader) }
    };
    device.seed(0);
    let config = RealNvpConfig::new(2);
    let trainee = Trainee::new(config.init(&device.clone().autodiff()));

    let mut training = SupervisedTraining::new(&arguments.out, loader(16_384, 0, true), loader(4096, 1, false))
        .num_epochs(arguments.epochs)
        .metrics((NllMetric::new(),))
        .with_default_checkpointers()
        .early_stopping(MetricEarlyStoppingStrategy::new(
            &NllMetric::new(),
            Aggregate::Mean,
            Direction::Lowest,
            Split::Valid,
            StoppingCondition::NoImprovementSince { n_epochs: 5 },
        ))
        .summary();
    // Ctrl-C ends training as the dashboard does, and the flow is saved.
    let (interrupted, interrupter) = (interrupt(), training.interrupter());
    std::thread::spawn(move || {
        while !interrupted.is_raised() {
            std::thread::sleep(Duration::from_millis(100));
        }
        interrupter.stop(Some("Ctrl-C"));
    });
    if let Some(epoch) = arguments.resume {
        training = training.checkpoint(epoch);
    }
    let result = training.launch(Learner::new(trainee, AdamConfig::new().with_epsilon(1e-8).init(), 1e-3_f64));
    if let Some(error) = result.error {
        return Err(error.to_string().into());
    }

    let flow = result.model.flow;
    let (mean, error) = mean_log_prob(&flow, &two_moons(10_000, 0.1, 2, &device).0, &());
    println!("test log-likelihood {mean:.4} ± {:.4} nats (two standard errors)", 2.0 * error);
    save(arguments.out.join("two-moons.flow"), &config, &flow)?;
    Ok(())
}
