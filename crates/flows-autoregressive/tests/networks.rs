//! What depends on what: the Jacobian of masked networks and layers, and their one-pass inverse in single precision.

use burn::module::Module;
use burn::tensor::{Device, Distribution, Tensor};
use flows_autoregressive::mask::{HiddenDegrees, InputOrder};
use flows_autoregressive::*;
use flows_core::testing::{jacobian, randomize};
use flows_core::{Activation, Affine, Bijection, ContextConfig, Elementwise, RationalQuadraticConfig, is_host};

/// Whether output `i` depends on input `j`, for a network of one output a feature, by gradients.
fn depends(made: &Made, output: usize, features: usize) -> Vec<Vec<bool>> {
    let x = Tensor::<2>::random([6, features], Distribution::Normal(0.0, 1.0), &Device::default());
    let part = |x: Tensor<2>| made.forward(x).narrow(1, output * features, features);
    let jacobians = jacobian(&x, part);
    let entry = |i: usize, j: usize| jacobians.iter().any(|matrix| matrix[i * features + j] != 0.0);
    (0..features).map(|i| (0..features).map(|j| entry(i, j)).collect()).collect()
}

// The seven configurations of pytorch-made's own check; it asks only that no output depends on its own feature, here
// each depends on all earlier features and on nothing else.
#[test]
fn every_output_depends_on_all_earlier_features_and_on_no_other() {
    let shuffled = InputOrder::Random { seed: 7 };
    for (hidden, outputs, order) in [
        (vec![], 1, shuffled),
        (vec![200], 1, shuffled),
        (vec![200, 220], 1, shuffled),
        (vec![200, 220, 230], 1, shuffled),
        (vec![200, 220], 1, InputOrder::Natural),
        (vec![200, 220], 2, InputOrder::Natural),
        (vec![200, 220], 3, shuffled),
    ] {
        let config = MadeConfig::new(10, outputs).with_hidden(hidden.clone()).with_order(order);
        let config = config.with_zero_last(false).with_activation(Activation::Tanh);
        for degrees in [HiddenDegrees::Sequential, HiddenDegrees::Random { seed: 3 }] {
            let made = config.clone().with_degrees(degrees).init(&Device::default());
            let place = &made.connectivity().inputs()[..10];
            for output in 0..outputs {
                for (i, row) in depends(&made, output, 10).iter().enumerate() {
                    for (j, depends) in row.iter().enumerate() {
                        assert_eq!(*depends, place[j] < place[i], "{hidden:?}, {order}, {degrees}: {i} on {j}");
                    }
                }
            }
        }
    }
}

// nflows' test of connectivity: 10 features, 256 units, 20 blocks, 3 outputs a feature.
#[test]
fn a_deep_residual_network_is_as_well_connected() {
    let config = MadeConfig::new(10, 3).with_hidden(vec![256; 20]).with_residual(true).with_zero_last(false);
    let made = config.with_activation(Activation::Tanh).init(&Device::default());
    for output in 0..3 {
        for (i, row) in depends(&made, output, 10).iter().enumerate() {
            assert_eq!(*row, (0..10).map(|j| j < i).collect::<Vec<_>>(), "output {output} of feature {i}");
        }
    }
}

#[test]
fn the_jacobian_of_a_layer_is_exactly_triangular_in_its_order() {
    for order in [InputOrder::Natural, InputOrder::Reversed, InputOrder::Random { seed: 5 }] {
        let made = MadeConfig::new(6, 2).with_hidden(vec![20, 20]).with_order(order).init(&Device::default());
        let place = made.connectivity().inputs().to_vec();
        let layer = randomize(MaskedAutoregressive::new(made, Affine::default()), 0.5, 1);
        let x = Tensor::<2>::random([4, 6], Distribution::Normal(0.0, 1.0), &Device::default());
        let directions: [&dyn Fn(Tensor<2>) -> Tensor<2>; 2] =
            [&|x| layer.forward(x, &()).0, &|y| layer.inverse(y, &()).0];
        for map in directions {
            for matrix in jacobian(&x, map) {
                for (entry, value) in matrix.iter().enumerate() {
                    let (i, j) = (entry / 6, entry % 6);
                    assert!(place[j] <= place[i] || *value == 0.0, "{order}: output {i} depends on {j}: {value}");
                    assert!(i != j || *value > 0.0, "{order}: the diagonal is positive, got {value}");
                }
            }
        }
    }
}

fn agrees<C, N: AutoregressiveConditioner<C>, E: Elementwise>(
    name: &str,
    layer: MaskedAutoregressive<N, E>,
    features: usize,
    context: &C,
) {
    let layer = randomize(layer, 0.05, 3);
    let y = Tensor::<2>::random([32, features], Distribution::Normal(0.0, 1.0), &Device::default());
    let (x, log_det) = layer.inverse(y.clone(), context);
    let until = FixedPoint::new().with_tolerance(0.0).with_max_sweeps(features);
    let solved = layer.inverse_by_iteration(y.clone(), context, &until);
    // As a part of a graph it is made of other operations.
    let (recorded, _) = layer.inverse(y.autodiff(), context);
    let relative =
        |a: Tensor<2>, b: Tensor<2>| ((a - b.clone()) / b.abs().clamp_min(1.0)).abs().max().into_scalar::<f32>();
    let error = relative(x.clone(), solved.x);
    assert!(error < 1e-5, "{name}: x differs by {error:e}");
    let error = relative(recorded.without_autodiff(), x);
    assert!(error < 1e-5, "{name}: x differs in a graph by {error:e}");
    let error = relative(log_det.unsqueeze(), solved.log_det.unsqueeze());
    assert!(error < 1e-5, "{name}: log_det differs by {error:e}");
}

// Two orders of summation in single precision.
#[test]
fn the_one_pass_inverse_is_the_inverse_by_passes_in_single_precision() {
    let device = Device::default();
    let spline = || RationalQuadraticConfig::new().with_bins(8).init();
    // A GPU that computes on the CPU would be at it for many minutes.
    let sizes: &[usize] = if is_host(&device) { &[5, 43] } else { &[5] };
    for &features in sizes {
        for residual in [false, true] {
            let made = |outputs| MadeConfig::new(features, outputs).with_hidden(vec![64, 64]).with_residual(residual);
            let name = format!("{features} features, residual {residual}");
            agrees(&name, MaskedAutoregressive::new(made(2).init(&device), Affine::default()), features, &());
            agrees(&name, MaskedAutoregressive::new(made(23).init(&device), spline()), features, &());
            let (context, seen) = (ContextConfig::new(2), Tensor::<2>::ones([32, 2], &device));
            let network = made(23).init_given(&context, &device);
            agrees(&name, MaskedAutoregressive::new(network, spline()), features, &seen);
        }
    }
}

#[test]
fn wide_layers_that_are_stored_as_staircases_have_the_same_inverse() {
    let made = MadeConfig::new(20, 2).with_hidden(vec![512, 256, 512]).init(&Device::default());
    assert!(made.linears().iter().any(|linear| linear.parts.len() > 1));
    agrees("staircases", MaskedAutoregressive::new(made, Affine::default()), 20, &());
}

#[test]
fn any_order_and_nonlinearity_has_the_same_inverse() {
    for (activation, degrees) in [
        (Activation::Gelu, HiddenDegrees::Sequential),
        (Activation::Silu, HiddenDegrees::Random { seed: 3 }),
        (Activation::Elu, HiddenDegrees::Random { seed: 4 }),
    ] {
        let made = MadeConfig::new(12, 2).with_hidden(vec![48, 40]).with_order(InputOrder::Random { seed: 7 });
        let made = made.with_degrees(degrees).with_activation(activation).init(&Device::default());
        agrees(&format!("{activation}"), MaskedAutoregressive::new(made, Affine::default()), 12, &());
    }
}

#[test]
fn no_rows_have_an_inverse_of_no_rows() {
    let made = MadeConfig::new(3, 2).with_hidden(vec![8]).init(&Device::default());
    let layer = MaskedAutoregressive::new(made, Affine::default());
    let (x, log_det) = layer.inverse(Tensor::zeros([0, 3], &Device::default()), &());
    assert_eq!((x.dims(), log_det.dims()), ([0, 3], [0]));
}

#[test]
fn gradients_go_through_the_inverse_of_a_layer_that_is_not_trained() {
    let made = MadeConfig::new(3, 2).with_hidden(vec![16]).with_activation(Activation::Tanh).init(&Device::default());
    let layer = randomize(MaskedAutoregressive::new(made, Affine::default()), 0.2, 3).valid();
    let y = Tensor::<2>::from_data([[0.3, -1.0, 0.5]], &Device::default()).autodiff().require_grad();
    let (x, log_det) = layer.inverse(y.clone(), &());
    let grads = x.clone().narrow(1, 2, 1).sum().backward();
    // The last feature depends on all.
    let of_y = y.grad(&grads).expect("a gradient").try_into_vec_as::<f32>().unwrap();
    assert!(of_y.iter().all(|g| *g != 0.0), "{of_y:?}");
    let (_, back) = layer.forward(x.without_autodiff(), &());
    assert!((back + log_det.without_autodiff()).abs().into_scalar::<f32>() < 1e-5);
}

#[test]
fn gradients_go_through_the_one_pass_inverse_as_through_the_passes() {
    let device = Device::default().autodiff();
    let made = MadeConfig::new(5, 2).with_hidden(vec![16]).with_activation(Activation::Tanh).init(&device);
    let layer = randomize(MaskedAutoregressive::new(made, Affine::default()), 0.2, 3);
    let y = Tensor::<2>::random([7, 5], Distribution::Normal(0.0, 1.0), &device);
    let gradients = |x: Tensor<2>, log_det: Tensor<1>| {
        let grads = ((x.clone() * x).sum() + log_det.sum()).backward();
        let of = |linear: &MaskedLinear| linear.parts[0].weight.val().grad(&grads).expect("a gradient");
        layer.network.linears().into_iter().map(of).collect::<Vec<_>>()
    };
    let (x, log_det) = layer.inverse(y.clone(), &());
    let one_pass = gradients(x, log_det);
    let until = FixedPoint::new().with_tolerance(0.0);
    let solved = layer.inverse_by_iteration(y, &(), &until);
    for (a, b) in one_pass.into_iter().zip(gradients(solved.x, solved.log_det)) {
        let size = b.clone().abs().max().into_scalar::<f32>();
        let error = (a - b).abs().max().into_scalar::<f32>();
        // Rounding in single precision, relative to the largest gradient.
        assert!(size > 0.0 && error < 1e-5 * size.max(1.0), "{error:e} of {size:e}");
    }
}

#[test]
fn dropout_acts_in_training_alone() {
    let device = Device::default().autodiff();
    let made = MadeConfig::new(4, 1).with_dropout(0.5).with_zero_last(false).init(&device);
    let x = Tensor::<2>::ones([1, 4], &device);
    let values = |made: &Made, x: Tensor<2>| made.forward(x).into_data();
    assert_ne!(values(&made, x.clone()), values(&made, x.clone()));
    let (made, x) = (made.valid(), x.inner());
    assert_eq!(values(&made, x.clone()), values(&made, x));
}

#[test]
#[should_panic(expected = "expected 8 outputs (2 parameters for each of 4 features), got 4")]
fn a_network_with_too_few_outputs_panics_with_both_numbers() {
    let layer = MaskedAutoregressive::new(MadeConfig::new(4, 1).init(&Device::default()), Affine::default());
    layer.forward(Tensor::zeros([2, 4], &Device::default()), &());
}

#[test]
#[should_panic(expected = "`context`: expected 3 columns, got 0")]
fn a_network_with_context_inputs_alone_panics() {
    let network = MadeConfig::new(4, 2).with_context(3).init(&Device::default());
    let layer = MaskedAutoregressive::new(network, Affine::default());
    layer.inverse(Tensor::zeros([2, 4], &Device::default()), &());
}

#[test]
#[should_panic(expected = "`hidden`: expected residual blocks of one width, got [8, 9]")]
fn residual_blocks_of_different_widths_panic() {
    MadeConfig::new(4, 2).with_hidden(vec![8, 9]).with_residual(true).init(&Device::default());
}

#[test]
#[should_panic(expected = "`features`: expected at least 1, got 0")]
fn a_network_of_no_features_panics() {
    MadeConfig::new(0, 2).init(&Device::default());
}

#[test]
#[should_panic(expected = "`y`: expected 4 features, got 5")]
fn data_of_another_width_panics() {
    let layer = MaskedAutoregressive::new(MadeConfig::new(4, 2).init(&Device::default()), Affine::default());
    layer.inverse(Tensor::zeros([2, 5], &Device::default()), &());
}
