//! Training, saving and loading of image flows.

use std::path::Path;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Int, Tensor, TensorData};
use flows_core::testing::randomize;
use flows_core::train::{FitConfig, Fitted, Reporting, Schedule, fit, fit_given};
use flows_core::{
    ByClass, Density, FileProblem, FlowConfig, FlowError, Normalization, Reversible, generator, load, save,
};
use flows_vision::*;
use rand::RngExt;

/// One test at a time, each from the same seed: weights and noise come from the one generator of the device.
fn alone() -> std::sync::MutexGuard<'static, ()> {
    static ALONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    device().seed(0);
    alone
}

fn device() -> Device {
    Device::default()
}

/// Images of 8 x 8 pixels, alternately with a blob in the upper left and one in the lower right, and which of both.
fn blobs(n: usize, seed: u64) -> (Tensor<4>, Tensor<1, Int>) {
    let mut rng = generator(seed, 0);
    let mut values = Vec::with_capacity(n * 64);
    for image in 0..n {
        let middle = [2.0, 5.0][image % 2] + rng.random_range(-0.5..0.5);
        for pixel in 0..64 {
            let (row, column) = ((pixel / 8) as f64 - middle, (pixel % 8) as f64 - middle);
            let blob = 180.0 * (-(row * row + column * column) / 4.0).exp();
            values.push((blob + rng.random_range(0.0..40.0)).round());
        }
    }
    let kinds: Vec<i64> = (0..n as i64).map(|image| image % 2).collect();
    let images = Tensor::from_data(TensorData::new(values, [n, 1, 8, 8]), &device());
    (images, Tensor::from_data(kinds.as_slice(), &device()))
}

fn glow() -> GlowConfig {
    GlowConfig::new(1, 8, 8).with_scales(2).with_steps(2).with_network(NetworkConfig::Glow { hidden: 8 })
}

fn quiet() -> FitConfig {
    FitConfig::new().with_epochs(8).with_batch_size(32).with_learning_rate(1e-2).with_reporting(Reporting::Silent)
}

const VARIATIONAL: Dequantization = Dequantization::Variational { steps: 2, hidden: 4 };

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

/// Log-probabilities with noise that is the same at every call.
fn log_prob<C>(density: &impl Density<4, C>, images: &Tensor<4>, context: &C) -> Vec<f64> {
    device().seed(17);
    density.log_prob(images.clone(), context).try_into_vec_as().unwrap()
}

fn losses<F>(fitted: &Fitted<F>) -> Vec<(f64, Option<f64>)> {
    fitted.history.iter().map(|record| (record.train_loss, record.validation_loss)).collect()
}

#[test]
fn training_lowers_the_bits_of_images_that_it_has_not_seen() {
    let _alone = alone();
    let ((images, _), (unseen, _)) = (blobs(200, 1), blobs(100, 2));
    for dequantization in [Dequantization::Uniform, VARIATIONAL] {
        let density = ImageFlowConfig::new(glow()).with_dequantization(dequantization).init(&device());
        let started = Density::init_from_data(density.clone(), images.clone(), &());
        let fitted = fit(density, &images, &quiet()).unwrap();
        let bits = |density: &ImageFlow<_>| density.evaluate(&unseen, &(), &Evaluation::new()).mean;
        let (before, after) = (bits(&started), bits(&fitted.flow));
        // It comes down by 1.4 bits or more.
        assert!(after < before - 0.7, "{before} to {after}");
        // The pixels' own noise is uniform over forty values: no density can do with less than log₂ 40.
        assert!(after > 40f64.log2(), "{after}");
    }
}

#[test]
fn training_without_stored_activations_goes_the_same_way() {
    let _alone = alone();
    let (images, _) = blobs(200, 1);
    let density = randomize(ImageFlowConfig::new(glow()).init(&device()), 0.05, 3);
    let ordinary = fit(density.clone(), &images, &quiet()).unwrap();
    let reversible = fit(Reversible::new(density.clone()), &images, &quiet()).unwrap();
    assert_eq!(ordinary.history.len(), reversible.history.len());
    for ((a, _), (b, _)) in losses(&ordinary).into_iter().zip(losses(&reversible)) {
        // The same noise and rows; gradients differ by a millionth, and each step starts from the last one's weights.
        assert!((a - b).abs() < 1e-3 * a.abs(), "{a} and {b}");
    }
    // Two workers see the same noise, too.
    let shared = fit(Reversible::new(density), &images, &quiet().with_workers(2)).unwrap();
    for ((a, _), (b, _)) in losses(&ordinary).into_iter().zip(losses(&shared)) {
        assert!((a - b).abs() < 1e-3 * a.abs(), "{a} and {b}");
    }
}

#[test]
fn a_resumed_run_is_bit_for_bit_the_uninterrupted_one_on_one_worker_and_two() {
    let _alone = alone();
    let (images, _) = blobs(200, 1);
    let folder = tempfile::tempdir().unwrap();
    for (name, dequantization) in [("uniform", Dequantization::Uniform), ("variational", VARIATIONAL)] {
        for workers in [1, 2] {
            let config = ImageFlowConfig::new(glow()).with_dequantization(dequantization);
            let density = randomize(config.init(&device()), 0.05, 3);
            // Half of a run that would cool down at its end is not its first half.
            let training = quiet().with_epochs(4).with_workers(workers).with_schedule(Schedule::Constant);
            let whole = fit(density.clone(), &images, &training).unwrap();
            let again = fit(density.clone(), &images, &training).unwrap();
            assert_eq!((weights(&again.flow), losses(&again)), (weights(&whole.flow), losses(&whole)));
            let path = folder.path().join(format!("{name}-{workers}.ckpt"));
            let interrupted = training.with_checkpoint(Some(path));
            fit(density.clone(), &images, &interrupted.clone().with_epochs(2)).unwrap();
            // What is drawn in between disturbs nothing.
            Density::sample(&density, 2, &(), &device());
            let resumed = fit(density, &images, &interrupted).unwrap();
            assert_eq!(weights(&resumed.flow), weights(&whole.flow), "{name}, {workers} workers");
            assert_eq!(losses(&resumed), losses(&whole));
            let bits = |density: &ImageFlow<_>| density.evaluate(&images, &(), &Evaluation::new()).each;
            assert_eq!(bits(&resumed.flow), bits(&whole.flow));
        }
    }
}

#[test]
fn the_noise_of_an_image_is_the_same_on_one_worker_as_on_several() {
    let _alone = alone();
    let (images, _) = blobs(60, 1);
    let network = NetworkConfig::Residual { hidden: 8, blocks: 1, norm: NetworkNorm::Weight, dropout: 0.3 };
    for dequantization in [Dequantization::Uniform, VARIATIONAL] {
        let config = ImageFlowConfig::new(glow().with_network(network)).with_dequantization(dequantization);
        let density = randomize(config.init(&device()), 0.05, 3);
        // One step of all images: its loss is that of the weights at the start.
        let loss = |workers| {
            let training = quiet().with_epochs(1).with_validation_fraction(0.0).with_batch_size(60);
            let training = training.with_init_from_data(false).with_workers(workers);
            fit(density.clone(), &images, &training).unwrap().history[0].train_loss
        };
        let one = loss(1);
        for workers in [2, 3] {
            assert!((loss(workers) - one).abs() < 1e-6 * one.abs(), "{} and {one}", loss(workers));
        }
    }
}

#[test]
fn a_flow_by_class_scores_an_image_higher_with_its_own_class() {
    let _alone = alone();
    let ((images, kinds), (unseen, own)) = (blobs(200, 1), blobs(100, 2));
    let density = ImageFlowConfig::new(glow().by_class(2)).init(&device());
    let density = fit_given(density, &images, &kinds, &quiet().with_epochs(3)).unwrap().flow;
    let (right, wrong) = (log_prob(&density, &unseen, &own), log_prob(&density, &unseen, &(-own + 1)));
    let higher = right.iter().zip(&wrong).filter(|(right, wrong)| right > wrong).count();
    assert!(higher >= 95, "{higher} of 100");
}

#[test]
fn real_nvp_with_batch_norm_trains_and_recomputes_its_statistics() {
    let _alone = alone();
    let (images, _) = blobs(200, 1);
    let network = NetworkConfig::Residual { hidden: 8, blocks: 1, norm: NetworkNorm::Batch, dropout: 0.0 };
    let model = RealNvpImageConfig::new(1, 8, 8).with_couplings(1).with_network(network);
    let config = ImageFlowConfig::new(model.with_normalization(Normalization::BatchNorm));
    let training = quiet().with_epochs(4).with_recompute_statistics(true);
    let fitted = fit(config.init(&device()), &images, &training).unwrap();
    let (first, last) = (fitted.history[0].train_loss, fitted.history[3].train_loss);
    assert!(last < first - 5.0, "{first} to {last} nats");

    let recomputed = |density: ImageFlow<_>, images: &Tensor<4>| {
        device().seed(18);
        Density::recompute_statistics(density, images.clone(), &())
    };
    // Of darker images they are others; and of the same with the same noise once more the same.
    let dark = (images.clone() * 0.5).floor();
    let once = recomputed(fitted.flow.clone(), &dark);
    assert_ne!(weights(&once), weights(&fitted.flow));
    assert_eq!(weights(&recomputed(once.clone(), &dark)), weights(&once));
    // Dark images are more likely when the layers expect them.
    let mean = |density: &ImageFlow<_>| log_prob(density, &dark, &()).iter().sum::<f64>() / 200.0;
    assert!(mean(&once) > mean(&fitted.flow), "{} and {}", mean(&once), mean(&fitted.flow));
}

/// Saves a density and loads it again.
fn saved<F: FlowConfig>(path: &Path, config: &F, density: &F::Flow) -> (F, F::Flow) {
    save(path, config, density).unwrap();
    load::<F>(path, &device()).unwrap()
}

#[test]
fn a_loaded_image_flow_scores_bit_for_bit_as_the_saved_one() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let (path, (images, kinds)) = (folder.path().join("a.flow"), blobs(20, 1));
    let plain = ImageFlowConfig::new(glow()).with_bits(5).with_preprocess(Preprocess::Logit { alpha: 0.02 });
    let plain = plain.with_dequantization(VARIATIONAL);
    // What was started from data is state beyond the weights: it must survive too.
    let density = randomize(Density::init_from_data(plain.init(&device()), images.clone(), &()), 0.1, 1);
    let (config, loaded) = saved(&path, &plain, &density);
    assert_eq!(log_prob(&loaded, &images, &()), log_prob(&density, &images, &()));
    let restarted = Density::init_from_data(loaded.clone(), images.clone(), &());
    assert_eq!(weights(&restarted), weights(&loaded), "it was started before");
    assert_eq!((config.bits, config.preprocess, config.dequantization), (5, plain.preprocess, VARIATIONAL));

    let by_class = ImageFlowConfig::new(glow().by_class(2));
    let density = randomize(Density::init_from_data(by_class.init(&device()), images.clone(), &kinds), 0.1, 1);
    let (config, loaded) = saved(&path, &by_class, &density);
    assert_eq!(log_prob(&loaded, &images, &kinds), log_prob(&density, &images, &kinds));
    assert_eq!((config.bits, config.model.classes.classes), (8, 2));
}

/// The error of a file that is asked for something else.
fn refused<F: FlowConfig>(path: &Path) -> FileProblem {
    match load::<F>(path, &device()) {
        Err(FlowError::File { path: named, problem }) => {
            assert_eq!(named, path);
            problem
        }
        Err(other) => panic!("another error: {other}"),
        Ok(_) => panic!("it was loaded"),
    }
}

#[test]
fn a_file_of_another_model_is_an_error() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let (one, classes) = (folder.path().join("one.flow"), folder.path().join("classes.flow"));
    let (plain, by_class) = (ImageFlowConfig::new(glow()), ImageFlowConfig::new(glow().by_class(2)));
    save(&one, &plain, &plain.init(&device())).unwrap();
    save(&classes, &by_class, &by_class.init(&device())).unwrap();
    // Another kind of file names both.
    match refused::<GlowConfig>(&one) {
        FileProblem::Kind { expected, found } => {
            assert_eq!((expected.as_str(), found.as_str()), ("flows-vision/Glow", "flows-vision/Glow of images"));
        }
        other => panic!("another problem: {other}"),
    }
    // So do image flows of other models.
    for (problem, names) in [
        (refused::<ImageFlowConfig<RealNvpImageConfig>>(&one), ["RealNvpImage of images", "Glow of images"]),
        (refused::<ImageFlowConfig<SplineGlowConfig>>(&one), ["SplineGlow of images", "Glow of images"]),
        (refused::<ImageFlowConfig<ByClass<GlowConfig>>>(&one), ["Glow of images by class", "Glow of images"]),
        (refused::<ImageFlowConfig<GlowConfig>>(&classes), ["Glow of images", "Glow of images by class"]),
    ] {
        let FileProblem::Kind { expected, found } = problem else { panic!("another problem: {problem}") };
        assert_eq!([expected, found], names.map(|name| format!("flows-vision/{name}")));
    }
}
