//! `fit` and the objectives.
#![cfg(feature = "train")]

use std::path::Path;

use burn::module::{Lora, Module, ModuleVisitor, Param};
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::{Device, Tensor, TensorData, Tolerance};
use flows_core::train::{
    FitConfig, Optimizer, Reporting, Rows, Schedule, Stop, TrainingError, fit, fit_given, fit_on, fit_watched,
};
use flows_core::{
    Density, DiagonalNormalConfig, FlowError, Normalization, RealNvp, RealNvpConfig, SplineFlowConfig, generator,
    importance_sample, mean_log_prob, reverse_kl, reverse_kl_path, sum_event,
};
use rand::RngExt;

/// One test at a time: samples draw from the one generator of the device.
fn alone() -> std::sync::MutexGuard<'static, ()> {
    static ALONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Points around a bent line.
fn banana(n: usize, seed: u64) -> Tensor<2> {
    let mut rng = generator(seed, 0);
    let values: Vec<f32> = (0..n)
        .flat_map(|_| {
            let x: f32 = rng.random_range(-2.0..2.0);
            [x, x * x + rng.random_range(-0.5..0.5)]
        })
        .collect();
    Tensor::from_data(TensorData::new(values, [n, 2]), &Device::default())
}

fn small() -> RealNvpConfig {
    RealNvpConfig::new(2).with_layers(2).with_hidden(vec![16])
}

/// Weights from a seed of their own: the device's generator is shared by the tests.
fn start(config: &RealNvpConfig) -> RealNvp {
    flows_core::testing::randomize(constant(config.init(&Device::default())), 0.2, 3)
}

/// All parameters at 0.1.
fn constant<M: Module>(module: M) -> M {
    struct Fill;
    impl burn::module::ModuleMapper for Fill {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            if !param.is_require_grad() {
                return param;
            }
            let value = param.val().ones_like() * 0.1;
            flows_core::replace(param, value)
        }
    }
    module.train().map(&mut Fill).valid()
}

fn quiet() -> FitConfig {
    FitConfig::new().with_epochs(4).with_batch_size(64).with_reporting(Reporting::Silent)
}

fn weights<M: Module>(module: &M) -> Vec<f32> {
    struct Collect(Vec<f32>);
    impl ModuleVisitor for Collect {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.0.extend(param.val().try_into_vec_as::<f32>().unwrap());
        }
    }
    let mut collect = Collect(vec![]);
    module.visit(&mut collect);
    collect.0
}

#[test]
fn training_makes_the_likelihood_better_and_changes_every_parameter() {
    let _alone = alone();
    let x = banana(600, 1);
    let flow = start(&small());
    let before = weights(&flow);
    let fitted = fit(flow, &x, &quiet().with_epochs(15).with_learning_rate(5e-3)).unwrap();
    let (first, best) = (fitted.history[0].validation_loss.unwrap(), fitted.best_validation_loss().unwrap());
    assert!(best < first - 0.2, "{first} to {best}");
    let changed = weights(&fitted.flow).iter().zip(&before).filter(|(a, b)| a != b).count();
    assert!(changed > before.len() * 9 / 10, "{changed} of {}", before.len());
    assert_eq!(fitted.stopped, Stop::Epochs);
}

#[test]
fn one_seed_gives_one_result() {
    let _alone = alone();
    let x = banana(300, 1);
    let config = quiet().with_seed(7);
    let run = |config: &FitConfig| fit(start(&small()), &x, config).unwrap();
    let (a, b) = (run(&config), run(&config));
    assert_eq!(weights(&a.flow), weights(&b.flow));
    assert_eq!(a.history[3].train_loss, b.history[3].train_loss);
    assert_ne!(weights(&run(&config.clone().with_seed(8)).flow), weights(&a.flow));
}

#[test]
fn several_workers_train_as_one_and_repeat_themselves() {
    let _alone = alone();
    let x = banana(300, 0);
    let run = |workers| fit(start(&small()), &x, &quiet().with_epochs(2).with_workers(workers)).unwrap();
    let (one, two) = (run(1), run(2));
    assert_eq!(weights(&two.flow), weights(&run(2).flow));
    for (a, b) in one.history.iter().zip(&two.history) {
        // Ten steps in single precision, whose sums are taken in another order.
        assert!((a.train_loss - b.train_loss).abs() < 1e-4, "{} and {}", a.train_loss, b.train_loss);
    }
}

#[test]
fn a_resumed_run_is_bit_for_bit_the_uninterrupted_one() {
    let _alone = alone();
    let x = banana(300, 1);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.ckpt");
    for config in [
        small(),
        small().with_dropout(0.3),
        small().with_normalization(Normalization::BatchNorm),
        small().with_normalization(Normalization::ActNorm),
    ] {
        let training = quiet().with_epochs(6).with_optimizer(Optimizer::AdamW { weight_decay: 1e-2 });
        let training = training.with_schedule(Schedule::Constant);
        let whole = fit(start(&config), &x, &training).unwrap();
        let _ = std::fs::remove_file(&path);
        let interrupted = training.clone().with_checkpoint(Some(path.clone()));
        // With a constant learning rate more epochs may be asked for later.
        fit(start(&config), &x, &interrupted.clone().with_epochs(3)).unwrap();
        let resumed = fit(start(&config), &x, &interrupted).unwrap();
        assert_eq!(weights(&resumed.flow), weights(&whole.flow), "{config}");
        let losses = |f: &flows_core::train::Fitted<RealNvp>| -> Vec<(f64, Option<f64>)> {
            f.history.iter().map(|r| (r.train_loss, r.validation_loss)).collect()
        };
        assert_eq!(losses(&resumed), losses(&whole));
        assert_eq!(resumed.best_epoch, whole.best_epoch);
    }
}

#[test]
fn two_equal_runs_save_the_same_bytes() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let model = small().with_normalization(Normalization::BatchNorm).with_dropout(0.1);
    let run = |name: &str| {
        let path = folder.path().join(name);
        let config = quiet().with_epochs(3).with_clip_norm(Some(1.0)).with_seed(5);
        let fitted = fit(start(&model), &banana(400, 1), &config).unwrap();
        flows_core::save(&path, &model, &fitted.flow).unwrap();
        std::fs::read(path).unwrap()
    };
    // burn numbers parameters at random, and differently in each run.
    assert!(run("a.flow") == run("b.flow"), "the same settings gave other bytes");
}

#[test]
fn a_checkpoint_of_another_run_is_refused_and_says_what_differs() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let config = quiet().with_epochs(1).with_checkpoint(Some(folder.path().join("run.ckpt")));
    fit(start(&small()), &banana(300, 1), &config).unwrap();
    let refused = |x: &Tensor<2>, config: &FitConfig| fit(start(&small()), x, config).unwrap_err().to_string();
    let error = refused(&banana(300, 1), &config.clone().with_learning_rate(0.5));
    assert!(error.contains("`learning_rate`") && error.contains("run.ckpt"), "{error}");
    let error = refused(&banana(300, 2), &config);
    assert!(error.contains("`the training data` was"), "{error}");
    let bytes = std::fs::read(folder.path().join("run.ckpt")).unwrap();
    std::fs::write(folder.path().join("run.ckpt"), &bytes[..bytes.len() / 2]).unwrap();
    assert!(refused(&banana(300, 1), &config).contains("truncated"));
}

#[test]
fn a_run_is_not_resumed_with_another_context() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let config = quiet().with_epochs(1).with_checkpoint(Some(folder.path().join("run.ckpt")));
    let (x, context) = (banana(300, 1), banana(300, 2).narrow(1, 0, 1));
    let flow = || RealNvpConfig::new(2).with_layers(1).with_hidden(vec![4]).given(1).init(&Device::default());
    fit_given(flow(), &x, &context, &config).unwrap();
    fit_given(flow(), &x, &context, &config).unwrap();
    let error = fit_given(flow(), &x, &(context * 2.0), &config).unwrap_err().to_string();
    assert!(error.contains("`the context of the training data` was"), "{error}");
}

#[test]
fn a_watcher_sees_every_epoch_and_can_stop_the_run() {
    let _alone = alone();
    let (x, mut seen) = (Rows::new(&banana(300, 1)), vec![]);
    let fitted = fit_watched(start(&small()), &x, None, &quiet().with_epochs(3), |record, flow: &RealNvp| {
        seen.push((record.epoch, weights(flow)));
        Ok(())
    });
    let fitted = fitted.unwrap();
    assert_eq!(seen.iter().map(|(epoch, _)| *epoch).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(seen[fitted.best_epoch - 1].1, weights(&fitted.flow));
    let stop = || FlowError::Training(TrainingError::TooFewRows { rows: 0, needed: 1 });
    let result = fit_watched(start(&small()), &x, None, &quiet(), |_, _: &RealNvp| Err(stop()));
    assert!(matches!(result, Err(FlowError::Training(TrainingError::TooFewRows { .. }))));
}

#[test]
fn patience_ends_training_and_the_best_parameters_come_back() {
    let _alone = alone();
    let (train, validation) = (banana(40, 1), banana(200, 2));
    // A network far too large for forty rows.
    let flow = RealNvpConfig::new(2).with_layers(4).with_hidden(vec![64, 64]).init(&Device::default());
    let config = quiet().with_epochs(400).with_learning_rate(1e-2).with_patience(Some(5)).with_batch_size(40);
    let config = config.with_schedule(Schedule::Constant);
    let fitted = fit_on(flow, &Rows::new(&train), Some(&Rows::new(&validation)), &config).unwrap();
    assert_eq!(fitted.stopped, Stop::Patience);
    assert_eq!(fitted.history.len(), fitted.best_epoch + 5);
    let (again, _) = mean_log_prob(&fitted.flow, &validation, &());
    assert!((again + fitted.best_validation_loss().unwrap()).abs() < 1e-9);
}

#[test]
fn recomputed_statistics_are_those_of_all_training_rows_at_the_best_epoch() {
    let _alone = alone();
    let (train, validation) = (banana(300, 1), banana(100, 2));
    let config = quiet().with_recompute_statistics(true);
    let flow = start(&small().with_normalization(Normalization::BatchNorm));
    let fitted = fit_on(flow, &Rows::new(&train), Some(&Rows::new(&validation)), &config).unwrap();
    let (score, _) = mean_log_prob(&fitted.flow, &validation, &());
    assert!((score + fitted.best_validation_loss().unwrap()).abs() < 1e-9);
    // Computed once more, nothing changes: they already were those of these rows.
    let again = flows_core::Density::recompute_statistics(fitted.flow.clone(), train, &());
    assert_eq!(weights(&again), weights(&fitted.flow));
}

#[test]
fn a_loss_that_is_not_finite_stops_training_and_names_the_step() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.ckpt");
    let config = small().with_bound(flows_core::LogScaleBound::Unbounded).with_standardize(false);
    let training = quiet().with_learning_rate(30.0).with_clip_norm(None).with_epochs(50);
    let training = training.with_checkpoint(Some(path.clone()));
    match fit(start(&config), &(banana(300, 1) * 2.0), &training) {
        Err(FlowError::Training(
            TrainingError::Loss { step, checkpoint, .. } | TrainingError::Gradient { step, checkpoint, .. },
        )) => {
            assert!(step > 0);
            assert_eq!(checkpoint.is_some(), path.exists());
        }
        Err(FlowError::Training(TrainingError::Validation { epoch, .. })) => assert!(epoch > 0),
        other => panic!("expected a loss that is not finite, got {:?}", other.map(|_| ())),
    }
}

#[test]
fn bad_rows_are_counted_and_the_first_is_named() {
    let _alone = alone();
    let x = banana(50, 1);
    let bad = Tensor::<2>::from_data([[f32::NAN, 1.0], [1.0, f32::INFINITY]], &Device::default());
    let error = fit(start(&small()), &Tensor::cat(vec![x, bad], 0), &quiet()).unwrap_err().to_string();
    assert!(error.contains("2 of the 52 rows") && error.contains("row 50"), "{error}");
}

#[test]
fn a_context_of_another_length_and_too_few_rows_are_errors() {
    let _alone = alone();
    let flow = small().given(1).init(&Device::default());
    let context = Tensor::<2>::zeros([49, 1], &Device::default());
    let error = fit_given(flow, &banana(50, 1), &context, &quiet()).unwrap_err().to_string();
    assert!(error.contains("49") && error.contains("50"), "{error}");
    let error = fit(start(&small()), &banana(1, 1), &quiet()).unwrap_err().to_string();
    assert!(error.contains("too few"), "{error}");
}

#[test]
fn a_context_that_is_not_finite_is_an_error_that_names_the_row() {
    let _alone = alone();
    let mut values: Vec<f32> = (0..100).map(|i| i as f32).collect();
    (values[17], values[40]) = (f32::NAN, f32::INFINITY);
    let context = Tensor::<2>::from_data(TensorData::new(values, [100, 1]), &Device::default());
    let error = fit_given(small().given(1).init(&Device::default()), &banana(100, 1), &context, &quiet());
    let error = error.unwrap_err().to_string();
    assert!(error.contains("context") && error.contains("2 of its 100 rows") && error.contains("row 17"), "{error}");
}

#[test]
fn a_flow_that_is_made_without_its_context_is_never_trained_with_one() {
    let _alone = alone();
    let (x, context) = (banana(100, 1), banana(100, 2));
    let error = fit_given(start(&small()), &x, &context, &quiet()).unwrap_err();
    assert!(matches!(error, FlowError::Training(TrainingError::ContextUnseen)), "{error}");
    assert!(error.to_string().contains("`.given(width)`"), "{error}");
    // A base that sees it is enough.
    let base = flows_core::ConditionalNormalConfig::new(vec![2], 2).init::<2>(&Device::default());
    let flow = flows_core::Flow::new(start(&small()).bijection, base);
    fit_given(flow, &x, &context, &quiet().with_epochs(1)).unwrap();
}

#[test]
fn a_conditional_flow_learns_what_it_is_given() {
    let _alone = alone();
    let label = Tensor::<2>::from_data(
        TensorData::new((0..600).map(|i| (i % 2) as f32).collect(), [600, 1]),
        &Device::default(),
    );
    let x = banana(600, 1) + label.clone() * 20.0;
    let flow = SplineFlowConfig::new(2).with_layers(2).with_hidden(vec![32]).given(1).init(&Device::default());
    let config =
        quiet().with_epochs(20).with_learning_rate(5e-3).with_schedule(Schedule::Cosine { warm_up: 0.0, end: 0.0 });
    let flow = fit_given(flow, &x, &label, &config).unwrap().flow;
    let mean = |label: f32| -> f32 {
        let given = Tensor::<2>::from_data([[label]], &Device::default());
        let drawn: Tensor<2> = flow.given(&given).sample(500, &Device::default());
        drawn.narrow(1, 0, 1).mean().into_scalar()
    };
    assert!(mean(0.0).abs() < 3.0 && (mean(1.0) - 20.0).abs() < 3.0, "{}, {}", mean(0.0), mean(1.0));
}

// NormalizingFlows.jl: variational inference on a diagonal Gaussian finds mean and scale within 0.2.
#[test]
fn variational_inference_finds_mean_scale_and_normaliser_of_a_gaussian() {
    let _alone = alone();
    for path_gradient in [false, true] {
        let device = Device::default().autodiff();
        // p̃(x) = 7 N(x; μ, σ²) without further normaliser.
        let target = |x: Tensor<2>| {
            let loc = Tensor::<2>::from_data([[1.5, -2.0]], &x.device());
            let scale = Tensor::<2>::from_data([[0.5, 2.0]], &x.device());
            let constant = 7f64.ln() - (2.0 * std::f64::consts::PI).ln();
            sum_event(((x - loc) / scale).powi_scalar(2)) * -0.5 + constant
        };
        let mut q = DiagonalNormalConfig::new(vec![2]).init::<2>(&device);
        let mut optimizer = AdamConfig::new().init();
        for _ in 0..400 {
            let loss = match path_gradient {
                true => reverse_kl_path(&q, 64, &(), &device, target),
                false => reverse_kl(&q, 64, &(), &device, target),
            };
            let grads = GradientsParams::from_grads(loss.backward(), &q);
            q = optimizer.step(2e-2, q, grads);
        }
        let q = q.valid();
        let near = |got: Tensor<2>, expected: [[f32; 2]; 1]| {
            got.to_data().assert_approx_eq::<f32>(&expected.into(), Tolerance::absolute(0.2));
        };
        near(q.loc.val(), [[1.5, -2.0]]);
        near(q.log_scale.val().exp(), [[0.5, 2.0]]);
        let weighted = importance_sample(&q, 2000, &(), &Device::default(), target);
        // The normaliser of 7 N(x; μ, diag(0.5, 2)) is 7 · 0.5 · 2.
        assert!((weighted.log_normalizer() - 7f64.ln()).abs() < 0.05, "{}", weighted.log_normalizer());
        assert!(weighted.effective_sample_size() > 1500.0);
    }
}

/// What the killed process does: the same run as `undisturbed`, with a checkpoint after each epoch.
#[test]
fn child() {
    if let Ok(path) = std::env::var("FLOWS_TEST_CHECKPOINT") {
        let _alone = alone();
        let workers = std::env::var("FLOWS_TEST_WORKERS").unwrap().parse().unwrap();
        long_run(workers, Some(Path::new(&path)));
    }
}

fn long_run(workers: usize, checkpoint: Option<&Path>) -> Vec<f32> {
    let config = quiet().with_epochs(300).with_workers(workers).with_checkpoint(checkpoint.map(Path::to_path_buf));
    weights(&fit(start(&small().with_dropout(0.1)), &banana(800, 1), &config).unwrap().flow)
}

#[test]
fn a_run_that_is_killed_again_and_again_ends_as_an_undisturbed_one() {
    killed_again_and_again(1);
}

#[test]
fn a_run_on_two_workers_that_is_killed_again_and_again_ends_as_an_undisturbed_one() {
    killed_again_and_again(2);
}

fn killed_again_and_again(workers: usize) {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.ckpt");
    let mut rng = generator(5, 0);
    let mut killed = 0;
    while killed < 12 {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--test-threads", "1"])
            .env("FLOWS_TEST_CHECKPOINT", &path)
            .env("FLOWS_TEST_WORKERS", workers.to_string())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(rng.random_range(20..300)));
        if child.try_wait().unwrap().is_some() {
            break; // It came to its end before we did.
        }
        // SIGKILL: nothing is cleaned up.
        child.kill().unwrap();
        child.wait().unwrap();
        killed += 1;
    }
    assert!(killed >= 2, "the run is too short for this test: it was over after {killed} interruptions");
    let resumed = long_run(workers, Some(&path));
    assert_eq!(resumed, long_run(workers, None));
}

#[test]
fn gradients_without_a_tape_drop_what_those_of_the_tape_drop() {
    let _alone = alone();
    let device = Device::default();
    let config = RealNvpConfig::new(3).with_layers(2).with_hidden(vec![32, 32]).with_dropout(0.4);
    let flow = flows_core::testing::randomize(config.init(&device), 0.3, 1).train();
    let x = Tensor::<2>::from_data([[0.1, -0.4, 0.3], [0.8, 0.2, -1.0]], &device);
    let by_autodiff = |flow: &RealNvp| {
        device.seed(7);
        flow.log_prob(x.clone()).without_autodiff().try_into_vec_as::<f32>().unwrap()
    };
    let without_a_tape = |flow: &RealNvp| {
        device.seed(7);
        flow.gradients(x.clone(), &(), -0.5).0.try_into_vec_as::<f32>().unwrap()
    };
    let close = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5 * b.abs().max(1.0));
    assert!(close(&without_a_tape(&flow), &by_autodiff(&flow)));
    // What is frozen drops nothing, as what is not in training, and has no gradients.
    let (frozen, plain) = (flow.clone().freeze(), flow.valid());
    assert!(frozen.gradients(x.clone(), &(), -0.5).1.is_empty());
    assert!(close(&without_a_tape(&frozen), &by_autodiff(&plain)));
    assert!(!close(&without_a_tape(&flow), &by_autodiff(&plain)), "dropout drops something");
}

#[test]
fn the_noise_of_dropout_is_the_same_on_one_worker_as_on_several() {
    let _alone = alone();
    let flow = || start(&small().with_dropout(0.3));
    let config = quiet().with_epochs(1).with_validation_fraction(0.0).with_init_from_data(false);
    // One step of all rows: its loss is that of the weights at the start.
    let loss = |workers| {
        let config = config.clone().with_batch_size(300).with_workers(workers);
        fit(flow(), &banana(300, 1), &config).unwrap().history[0].train_loss
    };
    let one = loss(1);
    for workers in [2, 3] {
        // Sums in single precision, taken in another order.
        assert!((loss(workers) - one).abs() < 1e-6 * one.abs().max(1.0), "{} and {one}", loss(workers));
    }
    let without = fit(start(&small()), &banana(300, 1), &config.with_batch_size(300)).unwrap().history[0].train_loss;
    assert!((without - one).abs() > 1e-3, "dropout drops something");
}

#[test]
fn dropout_on_two_workers_repeats_itself_and_survives_a_stop() {
    let _alone = alone();
    let (x, folder) = (banana(300, 1), tempfile::tempdir().unwrap());
    let flow = || start(&small().with_dropout(0.3));
    let config = quiet().with_epochs(6).with_workers(2);
    let whole = fit(flow(), &x, &config).unwrap();
    assert_eq!(weights(&fit(flow(), &x, &config).unwrap().flow), weights(&whole.flow));
    let config = config.with_checkpoint(Some(folder.path().join("run.ckpt")));
    let stopped = fit_watched(flow(), &Rows::new(&x), None, &config, |record, flow| {
        // What is drawn in between disturbs nothing.
        flow.sample(3, &Device::default());
        match record.epoch {
            2 => Err(TrainingError::TooFewRows { rows: 0, needed: 1 }.into()),
            _ => Ok(()),
        }
    });
    assert!(stopped.is_err());
    assert_eq!(weights(&fit(flow(), &x, &config).unwrap().flow), weights(&whole.flow));
}

#[test]
fn batch_norms_running_statistics_move_on_two_workers() {
    let _alone = alone();
    let x = banana(300, 1) + 5.0;
    let config = quiet().with_epochs(3).with_learning_rate(1e-4);
    let run = |workers| {
        let flow = start(&small().with_normalization(Normalization::BatchNorm));
        fit(flow, &x, &config.clone().with_workers(workers)).unwrap()
    };
    let (one, two) = (run(1), run(2));
    assert_eq!(weights(&two.flow), weights(&run(2).flow));
    // With statistics that never moved, validation would be that of mean zero and unit variance: far off.
    let (a, b) = (one.best_validation_loss().unwrap(), two.best_validation_loss().unwrap());
    assert!((a - b).abs() < 0.5, "{a} on one worker, {b} on two");
}

#[test]
fn the_adapters_of_lora_get_their_gradients_and_are_trained() {
    let _alone = alone();
    let (device, x) = (Device::default(), banana(64, 1));
    let flow = start(&small()).train().apply_lora(Lora::new(2, 4.0));
    let (_, found) = flow.gradients(x.clone(), &(), -1.0 / 64.0);
    let tape = flow.log_prob(x.clone().autodiff()).sum() * (-1.0 / 64.0);
    let tape = GradientsParams::from_grads(tape.backward(), &flow);
    struct Compare<'a>(&'a GradientsParams, &'a GradientsParams, usize);
    impl ModuleVisitor for Compare<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let (Some(a), Some(b)) = (self.0.get::<D>(param.id), self.1.get::<D>(param.id)) else {
                assert!(self.0.get::<D>(param.id).is_none() && self.1.get::<D>(param.id).is_none());
                return;
            };
            a.into_data().assert_approx_eq::<f32>(&b.into_data(), Tolerance::rel_abs(1e-4, 1e-5));
            self.2 += 1;
        }
    }
    let mut compare = Compare(&found, &tape, 0);
    flow.visit(&mut compare);
    assert!(compare.2 > 0 && found.len() == tape.len(), "{} of {} and {}", compare.2, found.len(), tape.len());
    let before = flow.valid().log_prob(x.clone()).mean().into_scalar::<f32>();
    let fitted = fit(flow, &x, &quiet().with_epochs(20).with_learning_rate(1e-2)).unwrap();
    let after = fitted.flow.log_prob(x.to_device(&device)).mean().into_scalar::<f32>();
    assert!(after > before + 0.1, "{before} to {after}");
}

#[test]
fn a_flow_on_a_device_with_gradient_checkpointing_starts_from_data_and_trains() {
    let _alone = alone();
    let device = Device::default().autodiff().gradient_checkpointing();
    let x = banana(128, 1);
    for normalization in [Normalization::BatchNorm, Normalization::ActNorm] {
        for residual in [false, true] {
            let config = small().with_normalization(normalization).with_residual(residual);
            let flow = Density::init_from_data(config.init(&device), x.clone(), &());
            let loss = -flow.log_prob(x.clone().to_device(&device)).mean();
            let tape = GradientsParams::from_grads(loss.backward(), &flow);
            let (_, found) = flow.gradients(x.clone(), &(), -1.0 / 128.0);
            assert_eq!(found.len(), tape.len());
            assert!(fit(flow, &x, &quiet().with_epochs(1)).is_ok());
        }
    }
}
