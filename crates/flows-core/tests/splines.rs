//! The rational-quadratic spline against what other libraries test of theirs.

use burn::tensor::{Device, Tensor, TensorData, Tolerance};
use flows_core::{Elementwise, RationalQuadratic, RationalQuadraticConfig, Tails, generator};
use rand::RngExt;

fn draws(n: usize, low: f32, high: f32, seed: u64) -> Vec<f32> {
    let mut rng = generator(seed, 0);
    (0..n).map(|_| rng.random_range(low..high)).collect()
}

/// `rows` splines with raw parameters of the given size, at one input each.
fn at(spline: &RationalQuadratic, x: &[f32], size: f32, seed: u64) -> (Tensor<2>, Tensor<2>) {
    let (device, params) = (Device::default(), spline.params_per_element());
    let raw = draws(x.len() * params, -size, size, seed);
    (
        Tensor::from_data(TensorData::new(x.to_vec(), [x.len(), 1]), &device),
        Tensor::from_data(TensorData::new(raw, [x.len(), params]), &device),
    )
}

fn host<const D: usize>(x: Tensor<D>) -> Vec<f32> {
    x.try_into_vec_as::<f32>().unwrap()
}

// flowjax, test_rational_quadratic_spline: identity at the start to 1e-6; distrax: zero parameters, 5e-5.
#[test]
fn zero_parameters_are_the_identity() {
    for (lower, upper) in [(-5.0, 5.0), (-4.0, 5.0), (0.0, 1.0)] {
        for tails in [Tails::Linear, Tails::Circular] {
            let config = RationalQuadraticConfig::new().with_lower(lower).with_upper(upper).with_tails(tails);
            let x = draws(500, lower as f32, upper as f32, 1);
            let (x, params) = at(&config.init(), &x, 1e-30, 2);
            let (y, log_det) = config.init().forward(x.clone(), params);
            // A few roundings of numbers up to 5.
            y.to_data().assert_approx_eq::<f32>(&x.to_data(), Tolerance::absolute(3e-6));
            assert!(log_det.abs().max().into_scalar::<f32>() < 2e-6);
        }
    }
}

// flowjax: identity outside the interval, for symmetric and asymmetric ones, to 1e-5; here bit for bit.
#[test]
fn outside_the_interval_the_map_is_the_identity() {
    let spline = RationalQuadraticConfig::new().with_lower(-4.0).with_upper(5.0).init();
    let (x, params) = at(&spline, &[-4.001, -7.0, 5.001, 1e30, -1e30, f32::MAX], 3.0, 3);
    let (y, log_det) = spline.forward(x.clone(), params.clone());
    assert_eq!(y.to_data(), x.to_data());
    assert_eq!(log_det.to_data(), [0.0f32; 6].into());
    assert_eq!(spline.inverse(x.clone(), params).0.to_data(), x.to_data());
}

// flowjax issue 239: gradients of inputs outside the interval were NaN.
#[test]
fn gradients_are_finite_inside_outside_and_on_the_edges() {
    for tails in [Tails::Linear, Tails::Circular] {
        let spline = RationalQuadraticConfig::new().with_lower(-2.0).with_upper(2.0).with_tails(tails).init();
        let inputs = [-1e30, -5.0, -2.0, -1.9999999, 0.0, 1.3, 2.0, 2.0000002, 1e30, 1e-30];
        for size in [0.0001, 1.0, 30.0] {
            let (x, params) = at(&spline, &inputs, size, 4);
            let x = x.autodiff().require_grad();
            let params = params.autodiff().require_grad();
            for inverse in [false, true] {
                let (y, log_det) = match inverse {
                    false => spline.forward(x.clone(), params.clone()),
                    true => spline.inverse(x.clone(), params.clone()),
                };
                let grads = (y.sum() * 1e-20 + log_det.sum()).backward();
                for grad in [x.grad(&grads), params.grad(&grads)].into_iter().flatten() {
                    assert!(host(grad).iter().all(|g| g.is_finite()), "{tails}, raw size {size}, inverse {inverse}");
                }
            }
        }
    }
}

// distrax: monotone on a grid; forward, inverse and log-determinants agree to 7e-4. Where the slope is small, the
// rounding of y, half a unit of 2e-7 of the interval, becomes an error of x in inverse proportion: ours is bounded so.
#[test]
fn the_spline_increases_and_is_undone_by_its_inverse() {
    for (tails, bins) in [(Tails::Linear, 8), (Tails::Circular, 8), (Tails::Linear, 2), (Tails::Linear, 64)] {
        let config = RationalQuadraticConfig::new().with_bins(bins).with_lower(-3.0).with_upper(3.0);
        let spline = config.with_tails(tails).init();
        let grid: Vec<f32> = (0..1000).map(|i| -2.999 + 5.998 * i as f32 / 999.0).collect();
        for seed in 0..20 {
            let (_, params) = at(&spline, &[0.0], 3.0, seed);
            let params = params.repeat_dim(0, grid.len());
            let x = Tensor::<2>::from_data(TensorData::new(grid.clone(), [grid.len(), 1]), &Device::default());
            let (y, log_det) = spline.forward(x.clone(), params.clone());
            assert!(host(y.clone()).windows(2).all(|w| w[0] <= w[1]), "{tails}, {bins} bins, seed {seed}");
            let (back, back_log_det) = spline.inverse(y, params.clone());
            let (_, again) = spline.forward(back.clone(), params);
            let log_dets = host(log_det).into_iter().zip(host(again)).zip(host(back_log_det));
            let rows = host(back).into_iter().zip(host(x)).zip(log_dets);
            for ((back, x), ((log_det, again), back_log_det)) in rows {
                let slope = log_det.exp().min(1.0);
                let allowed = 6.0 * 4.0 * f32::EPSILON / slope;
                assert!((back - x).abs() < allowed, "{x} came back as {back}, slope {slope}, {bins} bins, seed {seed}");
                // At the point that came back: within a bin of 1e-3 of the interval the log-slope changes by a few units.
                let log_det_allowed = 7e-4 + 1e3 * allowed;
                assert!((again + back_log_det).abs() < log_det_allowed, "{again} and {back_log_det} at {back}");
            }
        }
    }
}

#[test]
fn both_ends_of_the_circle_are_one_point_with_one_slope() {
    let spline = RationalQuadraticConfig::new().with_lower(-180.0).with_upper(180.0).with_tails(Tails::Circular).init();
    let (x, params) = at(&spline, &[-180.0], 2.0, 5);
    let (_, west) = spline.forward(x, params.clone());
    let (_, east) = spline.forward(Tensor::from_data([[179.99999f32]], &Device::default()), params.clone());
    assert!((west.into_scalar::<f32>() - east.into_scalar::<f32>()).abs() < 1e-4);
    // Once round is the same place.
    let at =
        |x: f32| spline.forward(Tensor::from_data([[x]], &Device::default()), params.clone()).0.into_scalar::<f32>();
    assert!((at(30.0) - at(390.0)).abs() < 1e-3);
}

#[test]
fn a_nan_comes_out_as_a_nan() {
    for tails in [Tails::Linear, Tails::Circular] {
        let spline = RationalQuadraticConfig::new().with_tails(tails).init();
        let (x, params) = at(&spline, &[f32::NAN], 1.0, 6);
        assert!(spline.forward(x.clone(), params.clone()).0.into_scalar::<f32>().is_nan());
        assert!(spline.inverse(x, params).0.into_scalar::<f32>().is_nan());
    }
}

#[test]
#[should_panic(expected = "`min_width`: expected more than 0 and less than 0.01")]
fn bins_that_do_not_fit_panic() {
    RationalQuadraticConfig::new().with_bins(100).with_min_width(0.02).init();
}
