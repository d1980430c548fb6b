//! Schedules that end when the patience does, and runs that end and go on.
#![cfg(feature = "train")]

#[path = "shared/runs.rs"]
mod runs;

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use flows_core::train::{EpochRecord, FitConfig, Fitted, Phase, Rows, Schedule, Stop, StopFlag, Training, fit, fit_on};
use flows_core::{Activation, Density, FlowError, Mixing, RealNvp, RealNvpConfig, mean_log_prob};
use runs::{alone, banana, quiet, small, start, weights};

fn losses<F>(fitted: &Fitted<F>) -> Vec<(f64, Option<f64>, f64)> {
    fitted.history.iter().map(|r| (r.train_loss, r.validation_loss, r.learning_rate)).collect()
}

/// A network far too large for forty rows, so that the patience runs out.
fn overfitting() -> (RealNvp, Rows<2>, Rows<2>, FitConfig) {
    let flow = start(&RealNvpConfig::new(2).with_layers(4).with_hidden(vec![64, 64]));
    let config = quiet().with_epochs(400).with_learning_rate(1e-2).with_patience(Some(8)).with_batch_size(40);
    // Without a warm-up the run is that of a constant rate, up to the cool-down.
    let config = config.with_schedule(Schedule::WarmupStableDecay { warm_up: 0.0, decay: 0.2 });
    (flow, Rows::new(&banana(40, 1)), Rows::new(&banana(200, 2)), config)
}

#[test]
fn out_of_patience_the_learning_rate_cools_down_and_the_best_comes_back() {
    let _alone = alone();
    let (flow, train, validation, config) = overfitting();
    let fitted = fit_on(flow.clone(), &train, Some(&validation), &config).unwrap();
    assert_eq!(fitted.stopped, Stop::Patience);
    let first = fitted.cool_down_epoch().expect("a cool-down");
    let (stable, cooled) = fitted.history.split_at(first - 1);
    // A fifth of all epochs, rounded up to whole ones.
    assert_eq!(cooled.len(), stable.len().div_ceil(4));
    assert!(stable.iter().all(|r| r.phase == Phase::Scheduled));
    assert!(cooled.iter().all(|r| r.phase == Phase::CoolDownOutOfPatience));
    assert!(cooled.windows(2).all(|pair| pair[1].learning_rate < pair[0].learning_rate));
    assert!(cooled.last().unwrap().learning_rate < 0.5 * config.learning_rate);
    let (again, _) = mean_log_prob(&fitted.flow, &validation.x, &());
    assert!((again + fitted.best_validation_loss().unwrap()).abs() < 1e-9);
    let constant = config.with_schedule(Schedule::Constant);
    let without = fit_on(flow, &train, Some(&validation), &constant).unwrap();
    assert_eq!(without.history.len(), stable.len(), "the same run up to there");
    assert!(fitted.best_validation_loss() <= without.best_validation_loss(), "the best of before is kept");
}

#[test]
fn a_limit_of_seconds_changes_nothing_for_a_run_that_ends_before() {
    let _alone = alone();
    let (flow, train, validation, config) = overfitting();
    let config = config.with_schedule(Schedule::default());
    let without = fit_on(flow.clone(), &train, Some(&validation), &config).unwrap();
    let with = fit_on(flow, &train, Some(&validation), &config.with_max_seconds(Some(1000.0))).unwrap();
    assert_eq!((with.stopped, losses(&with)), (Stop::Patience, losses(&without)));
    assert_eq!(weights(&with.flow), weights(&without.flow));
}

#[test]
fn a_run_of_a_single_step_trains() {
    let _alone = alone();
    let flow = start(&small());
    let before = weights(&flow);
    let fitted = fit(flow, &banana(60, 1), &quiet().with_epochs(1).with_validation_fraction(0.0)).unwrap();
    assert_eq!(fitted.history[0].learning_rate, FitConfig::new().learning_rate);
    assert_ne!(weights(&fitted.flow), before);
}

#[test]
fn the_cool_down_fits_into_the_epochs_and_into_the_time() {
    let _alone = alone();
    let x = banana(300, 1);
    let fitted = fit(start(&small()), &x, &quiet().with_epochs(10)).unwrap();
    assert_eq!((fitted.stopped, fitted.history.len(), fitted.cool_down_epoch()), (Stop::Epochs, 10, Some(9)));
    assert!(fitted.history[9].learning_rate < 0.2 * fitted.history[7].learning_rate);
    let seconds = 1.5;
    let timed = quiet().with_epochs(1_000_000).with_patience(None).with_max_seconds(Some(seconds));
    let fitted = fit(start(&small()), &x, &timed).unwrap();
    assert_eq!(fitted.stopped, Stop::Time);
    let start = fitted.history.iter().find(|r| r.phase == Phase::CoolDown).expect("a cool-down").seconds;
    assert!((0.75 * seconds..0.9 * seconds).contains(&start), "{start}");
    let last = fitted.history.last().unwrap();
    assert!(last.learning_rate < 0.1 * 1e-3, "{}", last.learning_rate);
}

#[test]
fn a_run_cut_off_in_its_cool_down_goes_on_bit_for_bit() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let (flow, train, validation, config) = overfitting();
    let whole = fit_on(flow.clone(), &train, Some(&validation), &config).unwrap();
    let first = whole.cool_down_epoch().unwrap();
    let config = config.with_checkpoint(Some(folder.path().join("run.ckpt")));
    // Before the cool-down, at its start, and within it.
    let mut from = 0;
    for until in [first - 3, first - 1, first, first + 1] {
        let cut = |record: &EpochRecord, _: &RealNvp| match record.epoch == until {
            true => Err(FlowError::Io { action: "go on", path: "".into(), source: std::io::Error::other("cut") }),
            false => Ok(()),
        };
        Training::new(&config).watch(cut).run(flow.clone(), &train, Some(&validation)).unwrap_err();
        assert!(until > from);
        from = until;
    }
    let resumed = fit_on(flow, &train, Some(&validation), &config).unwrap();
    assert_eq!(losses(&resumed), losses(&whole));
    assert_eq!(weights(&resumed.flow), weights(&whole.flow));
    assert_eq!((resumed.best_epoch, resumed.stopped), (whole.best_epoch, whole.stopped));
}

#[test]
fn a_run_stopped_by_patience_time_or_epochs_goes_on_with_more_of_it() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let (flow, train, validation, config) = overfitting();
    let run = |config: &FitConfig| fit_on(flow.clone(), &train, Some(&validation), config).unwrap();
    for schedule in [Schedule::default(), Schedule::Constant] {
        let path = folder.path().join(format!("{}.ckpt", schedule.factor(1.0)));
        let config = config.clone().with_schedule(schedule).with_checkpoint(Some(path.clone()));
        let first = run(&config);
        assert_eq!(first.stopped, Stop::Patience);
        let again = run(&config);
        assert_eq!((again.history.len(), again.stopped), (first.history.len(), Stop::Patience), "no more patience");
        let more = run(&config.clone().with_patience(Some(12)));
        assert!(more.history.len() > first.history.len());
        assert!(more.best_validation_loss() <= first.best_validation_loss());
        std::fs::remove_file(&path).unwrap();

        let timed = config.clone().with_patience(None).with_epochs(100_000).with_max_seconds(Some(0.3));
        let first = run(&timed);
        assert_eq!(first.stopped, Stop::Time);
        assert_eq!(run(&timed).history.len(), first.history.len(), "no more time");
        assert!(run(&timed.with_max_seconds(Some(0.6))).history.len() > first.history.len());
        std::fs::remove_file(&path).unwrap();

        let short = config.with_patience(None).with_epochs(3);
        assert_eq!(run(&short).stopped, Stop::Epochs);
        assert_eq!(run(&short.with_epochs(5)).history.len(), 5);
    }
}

/// Raises a flag while it makes its third gradients, so that training ends after three steps.
#[derive(Module, Debug)]
struct Raises {
    flow: RealNvp,
    #[module(skip)]
    calls: Arc<AtomicUsize>,
    #[module(skip)]
    flag: StopFlag,
}

impl Raises {
    fn new(flag: &StopFlag) -> Self {
        Self { flow: start(&small()), calls: Arc::default(), flag: flag.clone() }
    }
}

impl Density<2> for Raises {
    fn log_prob(&self, x: Tensor<2>, _: &()) -> Tensor<1> {
        self.flow.log_prob(x)
    }

    fn sample(&self, n: usize, _: &(), device: &Device) -> Tensor<2> {
        self.flow.sample(n, device)
    }

    fn init_from_data(self, x: Tensor<2>, context: &()) -> Self {
        Self { flow: self.flow.init_from_data(x, context), ..self }
    }

    fn gradients(&self, x: Tensor<2>, _: &(), weight: f64) -> (Tensor<1>, GradientsParams) {
        if self.calls.fetch_add(1, Ordering::Relaxed) == 2 {
            self.flag.raise();
        }
        self.flow.gradients(x, &(), weight)
    }
}

#[test]
fn an_interrupted_run_keeps_its_best_and_goes_on_from_the_very_step() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.ckpt");
    let (x, validation) = (Rows::new(&banana(600, 1)), Rows::new(&banana(100, 2)));
    let whole = fit_on(start(&small()), &x, Some(&validation), &quiet()).unwrap();
    let config = quiet().with_checkpoint(Some(path.clone()));
    let mut interruptions = 0;
    let resumed = loop {
        let flag = StopFlag::new();
        let fitted = Training::new(&config).stop_on(&flag).run(Raises::new(&flag), &x, Some(&validation)).unwrap();
        if fitted.stopped != Stop::Interrupted {
            break fitted;
        }
        interruptions += 1;
        assert!(path.exists());
        let (score, _) = mean_log_prob(&fitted.flow.flow, &validation.x, &());
        assert!((score + fitted.best_validation_loss().unwrap()).abs() < 1e-9);
    };
    // Four epochs of ten steps, three at a time.
    assert_eq!(interruptions, 13);
    assert_eq!(losses(&resumed), losses(&whole));
    assert_eq!(weights(&resumed.flow), weights(&whole.flow));
}

#[test]
fn a_flag_raised_within_the_first_epoch_still_gives_what_was_trained() {
    let _alone = alone();
    let flag = StopFlag::new();
    let flow = Raises::new(&flag);
    let before = weights(&flow);
    let (x, config) = (Rows::new(&banana(600, 1)), quiet().with_learning_rate(1e-2));
    let fitted = Training::new(&config).stop_on(&flag).run(flow, &x, None).unwrap();
    assert_eq!((fitted.stopped, fitted.history.len(), fitted.best_epoch), (Stop::Interrupted, 1, 1));
    assert_ne!(weights(&fitted.flow), before);
    assert!(fitted.history[0].train_loss.is_finite() && fitted.best_validation_loss().is_some());
}

#[test]
fn a_resume_of_another_model_names_what_differs_and_changes_no_file() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.ckpt");
    let config = quiet().with_epochs(1).with_checkpoint(Some(path.clone()));
    let (x, model) = (banana(300, 1), small().with_mixing(Mixing::Permutation));
    fit(start(&model), &x, &config).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let more = config.clone().with_epochs(2);
    for (other, name, values) in [
        (model.clone().with_activation(Activation::Tanh), "activation", "was Relu and is Tanh"),
        (model.clone().with_dropout(0.25), "dropout.prob", "was 0.0 and is 0.25"),
        (model.clone().with_layers(3), "blocks.2", "is CouplingBlock"),
    ] {
        let error = fit(start(&other), &x, &more).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains("run.ckpt"), "{name}: {error}");
        assert!(
            error.contains(values) || error.contains(&values.replace("was", "were").replace("is", "are")),
            "{error}"
        );
    }
    // Of two features there are two orders, so that some seeds agree.
    let another = (1..20).find_map(|seed| fit(start(&model.clone().with_seed(seed)), &x, &config).err());
    let error = another.expect("another order").to_string();
    assert!(error.contains("permutation."), "{error}");
    let error = fit(start(&model), &x, &more.clone().with_seed(5)).unwrap_err().to_string();
    assert!(error.contains("`seed` was 0 and is 5"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    assert_eq!(fit(start(&model), &x, &more).unwrap().history.len(), 2);
}

#[test]
fn an_identity_is_compared_field_by_field_before_anything_starts() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let config = quiet().with_epochs(1).with_checkpoint(Some(folder.path().join("run.ckpt")));
    let x = Rows::new(&banana(300, 1));
    let started = Cell::new(0);
    let run = |bits: usize, logit: Option<f64>| {
        let identity = serde_json::json!({ "bits": bits, "logit": logit, "kind": "glow" });
        let training = Training::new(&config).identity(&identity);
        let training = training.started(|| {
            started.set(started.get() + 1);
            Ok(())
        });
        training.run(start(&small()), &x, None)
    };
    run(8, None).unwrap();
    let error = run(5, Some(0.05)).unwrap_err().to_string();
    assert!(error.contains("`bits` was 8 and is 5; `logit` was null and is 0.05"), "{error}");
    assert!(!error.contains("kind"), "{error}");
    assert_eq!(started.get(), 1, "nothing starts that is refused");
}
