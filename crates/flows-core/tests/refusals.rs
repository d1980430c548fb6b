//! What `fit` refuses, and how it says so.
#![cfg(feature = "train")]

#[path = "shared/runs.rs"]
mod runs;

use burn::tensor::{Device, Tensor, TensorData};
use flows_core::train::{BatchLoader, FitConfig, Rows, TrainingError, fit, fit_given, fit_on};
use flows_core::{
    BatchNormConfig, Bijection, Flow, FlowError, Logit, Normalization, RealNvpConfig, Sigmoid, StandardNormal,
    UniformBox, mean_log_prob,
};
use runs::{alone, banana, quiet, small, start};

fn refused<T>(result: Result<T, FlowError>) -> String {
    match result {
        Ok(_) => panic!("expected an error"),
        Err(error) => error.to_string(),
    }
}

fn says(error: &str, words: &[&str]) {
    for word in words {
        assert!(error.contains(word), "`{word}` in: {error}");
    }
}

fn with_row(x: Tensor<2>, row: [f32; 2]) -> Tensor<2> {
    let device = x.device();
    Tensor::cat(vec![x, Tensor::from_data([row], &device)], 0)
}

#[test]
fn rows_or_contexts_of_another_width_are_errors() {
    let _alone = alone();
    let device = Device::default();
    let wide = Tensor::<2>::cat(vec![banana(50, 1), banana(50, 2)], 1);
    says(&refused(fit(start(&small()), &wide, &quiet())), &["[4]", "2"]);
    let flow = || small().given(3).init(&device);
    let context = Tensor::<2>::cat(vec![banana(50, 1), banana(50, 3)], 1);
    says(&refused(fit_given(flow(), &banana(50, 1), &context, &quiet())), &["rows of shape [2]"]);
    let (train, validation) = (Rows::new(&banana(50, 1)), Rows::new(&wide));
    says(&refused(fit_on(start(&small()), &train, Some(&validation), &quiet())), &["[4]"]);
}

#[test]
fn a_constant_feature_is_named() {
    let _alone = alone();
    let x =
        Tensor::<2>::cat(vec![banana(1000, 8).narrow(1, 0, 1), Tensor::full([1000, 1], 14.62, &Device::default())], 1);
    for config in [small(), small().with_standardize(false), small().with_normalization(Normalization::ActNorm)] {
        says(&refused(fit(start(&config), &x, &quiet())), &["feature 1", "14.62", "hint"]);
    }
    // Two neighbouring numbers in single precision are one number and its rounding.
    let rounded = (0..1000).map(|i| f32::from_bits(14.62f32.to_bits() + i % 2)).collect::<Vec<_>>();
    let rounded = Tensor::from_data(TensorData::new(rounded, [1000, 1]), &Device::default());
    let x = Tensor::<2>::cat(vec![x.narrow(1, 0, 1), rounded], 1);
    let config = small().with_standardize(false);
    says(&refused(fit(start(&config), &x, &quiet())), &["feature 1", "14.62", "hint"]);
}

#[test]
fn a_single_absurd_row_is_named_wherever_it_stands() {
    let _alone = alone();
    let (x, bad) = (banana(300, 1), [0.3, 1e20]);
    says(&refused(fit(start(&small()), &with_row(x.clone(), bad), &quiet())), &["feature 1", "row 300", "1e20"]);
    let (train, validation) = (Rows::new(&x), Rows::new(&with_row(banana(60, 2), bad)));
    let error = refused(fit_on(start(&small()), &train, Some(&validation), &quiet()));
    says(&error, &["the validation data", "row 60"]);
    // Whoever wants them can have them.
    let unchecked = quiet().with_epochs(1).with_check_rows(false);
    let _ = fit(start(&small()), &with_row(x, [0.3, 1e10]), &unchecked);
}

#[test]
fn rows_that_leave_the_support_are_named() {
    let _alone = alone();
    let x = with_row(banana(100, 1).clamp(-0.9, 0.9), [0.5, 1.5]);
    let flow = Flow::new(RealNvpConfig::new(2).with_standardize(false).init(&Device::default()).bijection, {
        UniformBox::<2>::new([2], &[-1.0, -1.0], &[1.0, 1.0])
    });
    says(&refused(fit(flow, &x, &quiet())), &["row 100", "-inf", "reach"]);
    // The logit of what is not within 0 and 1.
    let flow = Flow::new(
        (Logit::new(Sigmoid::new()), small().init(&Device::default()).bijection),
        StandardNormal::<2>::new([2]),
    );
    let inside = (banana(100, 1).clamp(-0.9, 0.9) + 1.0) * 0.5;
    let error = refused(fit(flow, &with_row(inside, [0.5, 1.5]), &quiet().with_init_from_data(false)));
    says(&error, &["row 100"]);
}

#[test]
fn ten_rows_train_and_too_few_are_an_error() {
    let _alone = alone();
    let fitted = fit(start(&small()), &banana(10, 1), &quiet()).unwrap();
    assert!(fitted.history.iter().all(|r| r.train_loss.is_finite() && r.validation_loss.unwrap().is_finite()));
    let (mean, _) = mean_log_prob(&fitted.flow, &banana(1, 5), &());
    assert!(mean.is_finite());
    for rows in 1..3 {
        says(&refused(fit(start(&small()), &banana(rows, 1), &quiet())), &["too few", "3 are needed"]);
    }
    let all = quiet().with_validation_fraction(0.95);
    says(&refused(fit(start(&small()), &banana(10, 1), &all)), &["validation_fraction", "10 rows"]);
}

#[test]
fn a_last_batch_of_one_row_is_merged_so_that_batch_norm_has_a_variance() {
    let _alone = alone();
    let config =
        RealNvpConfig::new(2).with_layers(2).with_hidden(vec![16]).with_normalization(Normalization::BatchNorm);
    let training = FitConfig { batch_size: 256, ..quiet().with_validation_fraction(0.0) };
    let (even, odd) = (banana(256, 20), banana(257, 20));
    let loss = |x: &Tensor<2>| fit(start(&config), x, &training).unwrap().history[3].train_loss;
    let (even, odd) = (loss(&even), loss(&odd));
    assert!((even - odd).abs() < 0.1, "{even} and {odd}");
    // A batch size of one leaves nothing to merge.
    let error = refused(fit(start(&config), &banana(20, 1), &quiet().with_batch_size(1)));
    says(&error, &["train on", "at least 2"]);
}

#[test]
#[should_panic(expected = "at least 2")]
fn batch_norm_refuses_a_batch_of_one_in_training() {
    let device = Device::default().autodiff();
    BatchNormConfig::new(2).init(&device).forward(Tensor::<2>::zeros([1, 2], &device), &());
}

#[test]
fn a_loss_that_is_not_finite_names_the_least_likely_row_of_its_step() {
    let _alone = alone();
    let x = with_row(banana(300, 1), [0.0, 3e3]);
    let config = small().with_bound(flows_core::LogScaleBound::Unbounded).with_standardize(false);
    let training = quiet().with_learning_rate(3e3).with_clip_norm(None).with_epochs(50).with_validation_fraction(0.0);
    match fit(start(&config), &x, &training) {
        Err(FlowError::Training(TrainingError::Loss { row, .. } | TrainingError::Gradient { row, .. })) => {
            assert!(row.is_some());
        }
        other => panic!("expected a loss that is not finite, got {:?}", other.map(|_| ())),
    }
}

#[test]
fn a_learner_gets_no_batch_of_one_row() {
    use burn::data::dataloader::DataLoader;
    let loader = BatchLoader::new(Rows::new(&banana(257, 1)), 256);
    let sizes: Vec<usize> = loader.iter().map(|batch| batch.unwrap().len()).collect();
    assert_eq!(sizes, [257]);
}
