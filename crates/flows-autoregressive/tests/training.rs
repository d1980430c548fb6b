//! Training of autoregressive models: one seed, one run.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor, TensorData};
use flows_autoregressive::mask::{HiddenDegrees, InputOrder};
use flows_autoregressive::{MadeDensity, MadeDensityConfig};
use flows_core::generator;
use flows_core::train::{FitConfig, Fitted, Reporting, Rows, TrainingError, fit, fit_watched};
use rand::RngExt;

fn rows() -> Tensor<2> {
    let mut rng = generator(1, 0);
    let values: Vec<f32> = (0..300)
        .flat_map(|_| {
            let x: f32 = rng.random_range(-2.0..2.0);
            [x, x * x + rng.random_range(-0.5..0.5), x.sin() + rng.random_range(-0.1..0.1)]
        })
        .collect();
    Tensor::from_data(TensorData::new(values, [300, 3]), &Device::default())
}

/// Three masks and dropout.
fn start() -> MadeDensity {
    let config = MadeDensityConfig::new(3)
        .with_hidden(vec![16, 16])
        .with_order(InputOrder::Random { seed: 1 })
        .with_degrees(HiddenDegrees::Random { seed: 2 })
        .with_masks(3)
        .with_dropout(0.2);
    flows_core::testing::randomize(config.init(&Device::default()), 0.2, 3)
}

fn quiet(workers: usize) -> FitConfig {
    // Four steps an epoch: three masks do not divide them.
    FitConfig::new().with_epochs(5).with_batch_size(70).with_workers(workers).with_reporting(Reporting::Silent)
}

fn weights<M: Module>(module: &M) -> Vec<f32> {
    struct Collect(Vec<f32>);
    impl ModuleVisitor for Collect {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.0.extend(param.val().try_into_vec_as::<f32>().expect("the device answers"));
        }
    }
    let mut collect = Collect(vec![]);
    module.visit(&mut collect);
    collect.0
}

fn losses<F>(fitted: &Fitted<F>) -> Vec<(f64, Option<f64>)> {
    fitted.history.iter().map(|record| (record.train_loss, record.validation_loss)).collect()
}

#[test]
fn made_with_three_masks_that_is_stopped_and_resumed_is_the_undisturbed_run_on_one_worker_and_two() {
    let (flow, x, folder) = (start(), rows(), tempfile::tempdir().expect("a folder"));
    for workers in [1, 2] {
        let config = quiet(workers);
        let whole = fit(flow.clone(), &x, &config).expect("it trains");
        let again = fit(flow.clone(), &x, &config).expect("it trains");
        assert_eq!((weights(&whole.flow), losses(&whole)), (weights(&again.flow), losses(&again)), "{workers} workers");
        // An error after three epochs: what is kept of the run is its checkpoint alone.
        let config = config.with_checkpoint(Some(folder.path().join(format!("{workers}.ckpt"))));
        let stopped = fit_watched(flow.clone(), &Rows::new(&x), None, &config, |record, _| match record.epoch {
            3 => Err(TrainingError::TooFewRows { rows: 0, needed: 1 }.into()),
            _ => Ok(()),
        });
        assert!(stopped.is_err());
        let resumed = fit(flow.clone(), &x, &config).expect("it goes on");
        assert_eq!(weights(&resumed.flow), weights(&whole.flow), "{workers} workers");
        assert_eq!(losses(&resumed), losses(&whole), "{workers} workers");
    }
}

#[test]
fn both_workers_of_a_step_train_under_the_same_masks() {
    let (flow, x) = (start(), rows());
    let config = |workers| quiet(workers).with_epochs(1).with_validation_fraction(0.0);
    // One step of all rows: the loss is that of the weights at the start, of one mask, and of the same noise.
    let loss = |workers: usize| {
        fit(flow.clone(), &x, &config(workers).with_batch_size(300)).expect("it trains").history[0].train_loss
    };
    let one = loss(1);
    for workers in [2, 3] {
        assert!((loss(workers) - one).abs() < 1e-6 * one.abs().max(1.0), "{} and {one}", loss(workers));
    }
}
