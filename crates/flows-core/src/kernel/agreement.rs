//! The kernels against ordinary operations: values and gradients.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{DType, Device, Tensor, TensorData, Tolerance};
use rand::RngExt;

use super::{DenseParts, Direction, FusedMap, HostRows, HostWeights, normal, standard_normal_log_prob};
use crate::generator::generator;
use crate::{
    Activation, Affine, Context, Density, Elementwise, Exp, Flow, LogScaleBound, Mixing, NiceConfig, Normalization,
    Partition, RationalQuadratic, RationalQuadraticConfig, RealNvpConfig, Sigmoid, SplineFlowConfig, StandardNormal,
    Tails, UniformBox, sum_event,
};

/// Normal numbers, the same at every run: those of the device are shared by all tests.
fn random<const D: usize>(shape: [usize; D], scale: f64) -> Tensor<D> {
    let count: usize = shape.iter().product();
    let mut rng = generator(count as u64, 0);
    // The sum of twelve uniform numbers is normal enough.
    let mut normal = || ((0..12).map(|_| rng.random_range(0.0..1.0)).sum::<f64>() - 6.0) * scale;
    let values: Vec<f64> = (0..count).map(|_| normal()).collect();
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

/// A few roundings, in another order, of numbers of size `scale`.
fn assert_near<const D: usize>(a: Tensor<D>, b: Tensor<D>, scale: f32, what: &str) {
    let far = distance(a, b);
    assert!(far < 2e-6 * f64::from(scale), "{what}: off by {far}");
}

fn distance<const D: usize>(a: Tensor<D>, b: Tensor<D>) -> f64 {
    assert_eq!(a.dims(), b.dims());
    let (a, b) = (a.into_data(), b.into_data());
    a.iter::<f64>().zip(b.iter::<f64>()).map(|(a, b)| (a - b).abs() / (1.0 + b.abs())).fold(0.0, f64::max)
}

/// The kernel is about as near to what double precision gives as ordinary operations in single precision are. The way
/// back through an inverse starts from a point that was rounded once more.
fn assert_as_good<const D: usize>(kernel: Tensor<D>, ordinary: Tensor<D>, exact: Tensor<D>, slack: f64, what: &str) {
    let (ours, theirs) = (distance(kernel, exact.clone()), distance(ordinary, exact));
    assert!(ours < 8.0 * theirs + slack, "{what}: off by {ours}, ordinary operations by {theirs}");
}

/// Some function of both outputs with gradients of every size.
fn loss<const D: usize>(y: &Tensor<D>, log_det: &Tensor<1>) -> Tensor<1> {
    (y.clone() * y.clone() * 0.3 + y.clone()).sum() + (log_det.clone().sin() * 1.7).sum()
}

fn map_agrees<const D: usize, M: FusedMap + Elementwise>(map: &M, shape: [usize; D], spread: f64) {
    let mut params_shape = shape;
    params_shape[1] *= map.params_per_element();
    // The device that the tests run on, whose kernels these are; double precision is flex's.
    let device = Device::default();
    let exactly = |x: &Tensor<D>| x.clone().to_device(&Device::flex()).cast(DType::F64);
    for direction in [Direction::Forward, Direction::Inverse] {
        let (x, params) = (random(shape, 2.5), random(params_shape, spread));
        let (x, params) = (x.to_device(&device), params.to_device(&device));
        let (y, log_slope) = map.fused_each(x.clone(), params.clone(), direction);
        let ordinary = map.ordinary(x.clone(), params.clone(), direction);
        let exact = map.ordinary(exactly(&x), exactly(&params), direction);
        assert_as_good(y, ordinary.0, exact.0, 2e-6, "value");
        assert_as_good(log_slope, ordinary.1, exact.1, 4e-6, "logarithm of the slope");

        type Apply<'a, const D: usize> = &'a dyn Fn(Tensor<D>, Tensor<D>) -> (Tensor<D>, Tensor<1>);
        let gradients = |x: Tensor<D>, params: Tensor<D>, apply: Apply<'_, D>| {
            let (x, params) = (x.autodiff().require_grad(), params.autodiff().require_grad());
            let (y, log_det) = apply(x.clone(), params.clone());
            let grads = loss(&y, &log_det).backward();
            (x.grad(&grads).expect("a gradient"), params.grad(&grads).expect("a gradient"))
        };
        let summed = |x: Tensor<D>, params: Tensor<D>| {
            let (y, log_slope) = map.ordinary(x, params, direction);
            (y, sum_event(log_slope))
        };
        let kernel = gradients(x.clone(), params.clone(), &|x, params| map.fused(x, params, direction));
        let exact = gradients(exactly(&x), exactly(&params), &summed);
        let ordinary = gradients(x, params, &summed);
        assert_as_good(kernel.0, ordinary.0, exact.0, 5e-5, &format!("{direction:?}, gradient of x"));
        assert_as_good(kernel.1, ordinary.1, exact.1, 5e-5, &format!("{direction:?}, gradient of the parameters"));
    }
}

#[test]
fn the_affine_map_agrees_with_ordinary_operations() {
    let bound = 3.0;
    for bound in [LogScaleBound::SoftSign { bound }, LogScaleBound::Tanh { bound }, LogScaleBound::Unbounded] {
        for features in [1, 2, 3, 5, 64, 100] {
            map_agrees(&Affine::new(bound), [37, features], 1.0);
        }
        map_agrees(&Affine::new(bound), [3, 2, 4, 5], 1.0);
    }
}

#[test]
fn the_spline_agrees_with_ordinary_operations() {
    for tails in [Tails::Linear, Tails::Circular] {
        for bins in [2, 8] {
            let spline = RationalQuadraticConfig::new().with_bins(bins).with_tails(tails).init();
            for features in [1, 3, 70] {
                map_agrees(&spline, [29, features], 1.0);
            }
        }
    }
}

#[test]
fn a_map_of_a_view_and_an_output_that_nobody_uses_are_fine() {
    let (x, params) = (random([6, 9], 1.0), random([6, 40], 1.0));
    let view = |x: &Tensor<2>| x.clone().narrow(1, 2, 4);
    let wide = |params: &Tensor<2>| params.clone().narrow(1, 3, 8);
    let map = Affine::default();
    let (y, log_det) = map.fused(view(&x), wide(&params), Direction::Forward);
    let (expected, slopes) = map.ordinary(view(&x), wide(&params), Direction::Forward);
    assert_near(y, expected, 4.0, "value");
    assert_near(log_det, sum_event(slopes), 4.0, "log-determinant");

    let params = params.autodiff().require_grad();
    for used in [0, 1] {
        let pick = |(y, log_det): (Tensor<2>, Tensor<1>)| if used == 0 { y.sum() } else { log_det.sum() };
        let ours = pick(map.fused(view(&x), wide(&params), Direction::Forward)).backward();
        let (y, slopes) = map.ordinary(view(&x), wide(&params), Direction::Forward);
        let expected = pick((y, sum_event(slopes))).backward();
        assert_near(params.grad(&ours).expect("one"), params.grad(&expected).expect("one"), 8.0, "gradient");
    }
}

#[test]
fn bad_numbers_come_out_as_bad_numbers() {
    let device = Device::flex();
    let x = Tensor::<2>::from_data([[f32::NAN, 0.5, f32::INFINITY]], &device);
    let spline: RationalQuadratic = RationalQuadraticConfig::new().init();
    let params = Tensor::<2>::zeros([1, 3 * spline.params_per_element()], &device);
    let (y, log_det) = spline.fused(x.clone(), params, Direction::Forward);
    let y: Vec<f32> = y.try_into_vec_as().expect("numbers");
    assert!(y[0].is_nan() && y[2] == f32::INFINITY && log_det.into_scalar::<f32>().is_nan());
    let params = Tensor::<2>::from_data([[0.0, 0.0, 0.0, 0.0, f32::NAN, 0.0]], &device);
    let (y, log_det) = Affine::default().fused(x, params, Direction::Forward);
    let y: Vec<f32> = y.try_into_vec_as().expect("numbers");
    assert!(y[1].is_nan() && log_det.into_scalar::<f32>().is_nan());
}

#[test]
fn dense_layers_agree_with_ordinary_operations() {
    let activations = [
        None,
        Some(Activation::Relu),
        Some(Activation::Silu),
        Some(Activation::Gelu),
        Some(Activation::Tanh),
        Some(Activation::Elu),
        Some(Activation::LeakyRelu),
    ];
    for activation in activations {
        let x = random([17, 12], 1.0).autodiff().require_grad();
        let tensors: Vec<(usize, Tensor<2>, Option<(usize, Tensor<2>)>, Tensor<1>)> =
            [(0, 12, 5), (3, 4, 7), (0, 9, 1)]
                .into_iter()
                .map(|(first, seen, outputs)| {
                    let from = if seen == 12 { 5 } else { 0 };
                    let holes = || random([seen - 2 * from / 5 - from, outputs], 1.0).greater_scalar(0.0).float();
                    let mask = (first == 0).then(|| (from, holes()));
                    let (weight, bias) = (random([seen, outputs], 0.5), random([outputs], 0.5));
                    (first, weight.autodiff().require_grad(), mask, bias.autodiff().require_grad())
                })
                .collect();
        for parts in [&tensors[..1], &tensors] {
            let layer = || {
                parts.iter().fold(DenseParts::new(12), |layer, (first, weight, mask, bias)| {
                    layer.with(*first, weight.clone(), mask.clone(), bias.clone())
                })
            };
            let (y, expected) = (layer().apply(x.clone(), activation), layer().ordinary(x.clone(), activation));
            assert_near(y.clone(), expected.clone(), 4.0, "value");
            let (ours, theirs) = ((y.clone() * y).sum().backward(), (expected.clone() * expected).sum().backward());
            assert_near(x.grad(&ours).expect("one"), x.grad(&theirs).expect("one"), 30.0, "gradient of x");
            for (_, weight, _, bias) in parts {
                let name = format!("{activation:?}");
                assert_near(weight.grad(&ours).expect("one"), weight.grad(&theirs).expect("one"), 60.0, &name);
                assert_near(bias.grad(&ours).expect("one"), bias.grad(&theirs).expect("one"), 60.0, &name);
            }
        }
    }
}

#[test]
fn constants_get_no_gradient_and_views_are_multiplied_as_they_are() {
    let (x, weight) = (random([5, 8], 1.0), random([3, 6], 1.0).autodiff().require_grad());
    let bias = random([3], 1.0);
    let part = |x: &Tensor<2>| x.clone().narrow(1, 1, 6);
    let y = super::dense(part(&x), weight.clone().transpose(), bias.clone(), Some(Activation::Relu));
    let expected = (part(&x).matmul(weight.clone().transpose()) + bias.unsqueeze()).clamp_min(0.0);
    assert_near(y.clone(), expected.clone(), 4.0, "value");
    let (ours, theirs) = (y.sum().backward(), expected.sum().backward());
    weight
        .grad(&ours)
        .expect("one")
        .into_data()
        .assert_approx_eq::<f32>(&weight.grad(&theirs).expect("one").into_data(), Tolerance::rel_abs(1e-5, 1e-5));
}

/// The gradients without a tape against those of autodiff.
fn gradients_agree<const D: usize, C: Context, P: Density<D, C>>(density: &P, x: &Tensor<D>, context: &C) {
    let density = crate::testing::randomize(density.clone(), 0.3, 3).train();
    let weight = -1.0 / x.dims()[0] as f64;
    let (log_prob, ours) = density.gradients(x.clone(), context, weight);
    let (expected, autodiff) = crate::density::gradients(&density, x.clone(), context, weight);
    assert_near(log_prob, expected, 20.0, "log-density");
    struct Compare(GradientsParams, GradientsParams, usize);
    impl ModuleVisitor for Compare {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let (ours, autodiff) = (self.0.remove::<D>(param.id), self.1.remove::<D>(param.id));
            assert_eq!(ours.is_some(), autodiff.is_some(), "a gradient of a parameter of shape {}", param.shape());
            if let (Some(ours), Some(autodiff)) = (ours, autodiff) {
                assert_near(ours, autodiff, 60.0, &format!("gradient of a parameter of shape {}", param.shape()));
                self.2 += 1;
            }
        }
    }
    let mut compare = Compare(ours, autodiff, 0);
    density.visit(&mut compare);
    assert!(compare.2 > 0, "a parameter with a gradient");
}

#[test]
fn gradients_without_a_tape_are_those_of_autodiff() {
    let device = Device::flex();
    let x = random([50, 5], 1.0);
    let config = RealNvpConfig::new(5).with_layers(3).with_hidden(vec![16, 16]);
    gradients_agree(&config.init(&device), &x, &());
    gradients_agree(&config.clone().with_activation(Activation::Gelu).init(&device), &x, &());
    gradients_agree(&config.clone().with_activation(Activation::Silu).with_residual(true).init(&device), &x, &());
    let mixed = config.clone().with_mixing(Mixing::Plu).with_normalization(Normalization::ActNorm);
    gradients_agree(&mixed.with_partition(Partition::Alternating).init(&device), &x, &());
    gradients_agree(&SplineFlowConfig::new(5).with_layers(2).with_hidden(vec![16]).init(&device), &x, &());
    gradients_agree(&config.clone().given(2).init(&device), &x, &random([50, 2], 1.0));
    let uniform = UniformBox::<2>::new([5], &[0.0; 5], &[1.0; 5]);
    let bounded = Flow::new((config.init(&device).bijection, Sigmoid::new()), uniform);
    gradients_agree(&bounded, &x, &());
    let nice = NiceConfig::new(5).with_layers(2).init(&device);
    let nested = Flow::new((nice.bijection, Exp::new()), StandardNormal::<2>::new([5]));
    gradients_agree(&nested, &x, &());
}

#[test]
fn frozen_parameters_have_no_gradient() {
    let flow = RealNvpConfig::new(2).with_layers(1).init(&Device::flex()).train().freeze();
    let (_, grads) = flow.gradients(random([4, 2], 1.0), &(), -0.25);
    assert!(grads.is_empty());
}

#[test]
fn the_normal_density_agrees_with_ordinary_operations() {
    fn agrees<const D: usize>(x: Tensor<D>) {
        let x = x.autodiff().require_grad();
        let (ours, theirs) = (standard_normal_log_prob(x.clone()), normal::ordinary(x.clone()));
        assert_near(ours.clone(), theirs.clone(), 4.0, "value");
        let weights = random([x.dims()[0]], 1.0);
        let gradient = |y: Tensor<1>| x.grad(&(y * weights.clone()).sum().backward()).expect("one");
        assert_near(gradient(ours), gradient(theirs), 1.0, "gradient");
    }
    for shape in [[1, 1], [3, 6], [5, 16], [4, 100], [300, 784]] {
        agrees(random(shape, 0.8));
    }
    agrees(random([5, 3, 4, 4], 1.0));
    agrees(random([5, 9], 1.0).transpose());
    agrees(Tensor::<2>::zeros([0, 3], &Device::flex()));
}

/// Rows of the host, three inputs and four outputs of a layer among them, against tensors.
#[test]
fn rows_are_computed_in_place() {
    let (x, y) = (random([7, 6], 1.0), random([9, 6], 1.0));
    let rows = |x: &Tensor<2>, width| HostRows::new(x.clone(), width).expect("there are kernels");
    // In two parts, of which the second sees the inputs from the fourth on alone.
    let (left, right) = (random([7, 5], 1.0), random([4, 4], 1.0));
    let layer = DenseParts::new(7).with(0, left.clone(), None, random([5], 1.0));
    let layer = layer.with(3, right.clone(), None, random([4], 1.0));
    let mut to = rows(&y, 6);
    to.add_product(3..7, &HostWeights::new(&layer).expect("there are kernels"), &rows(&x, 6), 2..5);
    let whole = Tensor::cat(vec![left, Tensor::cat(vec![random([3, 4], 0.0), right], 0)], 1);
    let product = whole.slice([2..5, 3..7]).transpose().matmul(x.clone().narrow(0, 2, 3));
    let expected = y.clone().slice_assign([3..7, 0..6], y.clone().narrow(0, 3, 4) + product);
    assert_near(to.into_tensor(&y.device()), expected, 4.0, "product");
    let bias = random([4, 1], 1.0);
    assert_near(rows(&bias, 6).into_tensor(&bias.device()), bias.expand([4, 6]), 1.0, "rows of equal numbers");
    assert!(HostRows::new(x.autodiff(), 6).is_none());
    for activation in [Activation::Relu, Activation::Silu, Activation::Gelu, Activation::Tanh, Activation::Elu] {
        let numbers = y.clone().reshape([54]).try_into_vec_as().expect("numbers");
        let ours = Tensor::<1>::from_data(HostRows::activate(numbers, activation).as_slice(), &y.device());
        assert_near(ours, activation.apply(y.clone().reshape([54])), 4.0, "nonlinearity");
    }
}

#[test]
fn operations_shared_by_threads_agree_with_ordinary_ones() {
    // Enough rows that each operation is cut in three, and not in equal parts; the mask begins and ends within a part.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().expect("threads");
    let (rows, inputs, outputs) = (2003, 65, 61);
    pool.install(|| {
        let leaf = |x: Tensor<2>| x.autodiff().require_grad();
        let (x, weight) = (leaf(random([rows, inputs], 1.0)), leaf(random([inputs, outputs], 0.1)));
        let bias = random([outputs], 0.5);
        let mask = random([40, outputs], 1.0).greater_scalar(0.0).float();
        for activation in [None, Some(Activation::Silu)] {
            let layer = || DenseParts::new(inputs).with(0, weight.clone(), Some((10, mask.clone())), bias.clone());
            let (y, expected) = (layer().apply(x.clone(), activation), layer().ordinary(x.clone(), activation));
            assert_near(y.clone(), expected.clone(), 8.0, "value");
            let (ours, theirs) = (y.sin().sum().backward(), expected.sin().sum().backward());
            assert_near(x.grad(&ours).expect("one"), x.grad(&theirs).expect("one"), 20.0, "gradient of x");
            // Sums of two thousand numbers in another order.
            let gradients = (weight.grad(&ours).expect("one"), weight.grad(&theirs).expect("one"));
            assert_near(gradients.0, gradients.1, 200.0, "gradient of the weights");
        }
        map_agrees(&Affine::default(), [rows, 31], 1.0);
        let (weights, x, sum) = (random([70, 300], 1.0), random([70, rows], 1.0), random([300, rows], 1.0));
        let expected = sum.clone() + weights.clone().transpose().matmul(x.clone());
        let weights = HostWeights::new(&DenseParts::new(70).with(0, weights, None, random([300], 1.0)));
        let weights = weights.expect("there are kernels");
        let host = |x: Tensor<2>| HostRows::new(x, rows).expect("there are kernels");
        let mut out = host(sum);
        out.add_product(0..300, &weights, &host(x), 0..70);
        assert_near(out.into_tensor(&Device::flex()), expected, 40.0, "rows");
    });
}

#[test]
#[should_panic(expected = "`params`: expected shape [4, 6], got [4, 5]")]
fn too_few_parameters_panic() {
    Affine::default().forward(random([4, 3], 1.0), random([4, 5], 1.0));
}

#[test]
fn no_rows_have_no_gradient() {
    let weight = random([3, 2], 1.0).autodiff().require_grad();
    let y = super::dense(Tensor::zeros([0, 3], &Device::flex()), weight.clone(), random([2], 1.0), None);
    assert_eq!(y.dims(), [0, 2]);
    let grads = y.sum().backward();
    assert_eq!(weight.grad(&grads).expect("one").abs().max().into_scalar::<f32>(), 0.0);
}
