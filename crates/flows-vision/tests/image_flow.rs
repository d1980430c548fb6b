//! The densities of whole numbers.

#[path = "shared/small.rs"]
mod small;

use burn::tensor::Tensor;
use flows_core::testing::{check_density, check_files, randomize};
use flows_core::*;
use flows_vision::*;

use small::*;

type Plain<P> = ImageFlow<Option<Exp>, P>;

/// No flow at all before the base density.
fn plain<P>(event: [usize; 3], bits: usize, preprocess: Preprocess, base: P) -> Plain<P> {
    ImageFlow::new(event, bits, preprocess, Flow::new(None, base))
}

#[test]
fn a_uniform_density_needs_all_bits_of_every_pixel() {
    let _alone = alone();
    let images = pixels([50, 1, 2, 4], 1);
    for bits in [8, 5, 1] {
        let base = UniformBox::<4>::new([1, 2, 4], &[0.0; 8], &[1.0; 8]);
        let density = plain([1, 2, 4], bits, Preprocess::None, base);
        for draws in [1, 3] {
            let found = density.evaluate(&images, &(), &Evaluation::new().with_draws(draws));
            assert_eq!(found.each, vec![bits as f64; 50]);
            assert_eq!((found.mean, found.standard_error), (bits as f64, 0.0));
        }
    }
}

#[test]
fn bits_are_divided_by_the_dimensions_that_are_asked_for() {
    let _alone = alone();
    let density = plain([1, 2, 4], 8, Preprocess::Centre, StandardNormal::<4>::new([1, 2, 4]));
    let (images, evaluation) = (pixels([5, 1, 2, 4], 1), Evaluation::new().with_seed(3));
    let all = density.evaluate(&images, &(), &evaluation);
    let half = density.evaluate(&images, &(), &evaluation.with_dims(Some(4)));
    for (all, half) in all.each.iter().zip(&half.each) {
        assert_eq!(2.0 * all, *half);
    }
    assert_eq!(2.0 * all.mean, half.mean);
}

#[test]
fn bits_are_those_of_a_computation_by_hand_with_the_same_noise() {
    let _alone = alone();
    let images = Tensor::<4>::from_data([[[[0.0, 255.0]]], [[[17.0, 130.0]]], [[[200.0, 3.0]]]], &device());
    let (seed, draws, alpha) = (11, 3, 0.05f64);
    for bits in [8, 5] {
        let density = plain([1, 1, 2], bits, Preprocess::Logit { alpha }, StandardNormal::<4>::new([1, 1, 2]));
        let evaluation = Evaluation::new().with_seed(seed).with_draws(draws).with_batch_size(2);
        let found = density.evaluate(&images, &(), &evaluation).each;

        let levels = 2f64.powi(bits as i32);
        let log_density = |pixel: f64, noise: f64| {
            let v = ((pixel * levels / 256.0).floor() + noise) / levels;
            let p = alpha + (1.0 - 2.0 * alpha) * v;
            let y = (p / (1.0 - p)).ln();
            let normal = -0.5 * (y * y + (2.0 * std::f64::consts::PI).ln());
            normal + (1.0 - 2.0 * alpha).ln() - p.ln() - (1.0 - p).ln()
        };
        let pixels = host(images.clone());
        // The noise of an image follows from the seed, the draw and its number, whatever its batch.
        let mut sums = [0.0; 3];
        for draw in 0..draws as u64 {
            let noise = noise::scope(seed, draw, &[0, 1, 2], || noise::uniform([3, 1, 1, 2], &device()));
            let noise = host::<4>(noise);
            for (image, sum) in sums.iter_mut().enumerate() {
                let each = |i: usize| log_density(pixels[2 * image + i], noise[2 * image + i]);
                *sum += (each(0) + each(1)).exp() / draws as f64;
            }
        }
        let expected: Vec<f64> =
            sums.iter().map(|sum| bits as f64 - sum.ln() / (2.0 * std::f64::consts::LN_2)).collect();
        for (found, expected) in found.iter().zip(&expected) {
            // A log-density of size ten in single precision.
            assert!((found - expected).abs() < 1e-5, "{found} and {expected} with {bits} bits");
        }
    }
}

#[test]
fn with_more_draws_of_noise_of_either_kind_bits_come_down_to_those_of_the_exact_probability() {
    let _alone = alone();
    // Four pixels of four levels under normal densities that vary much within a level.
    let (means, deviations) = ([0.1, -0.3, 0.0, 0.2], [0.15, 0.25, 0.2, 0.3f64]);
    let mut base = DiagonalNormalConfig::new(vec![1, 2, 2]).init::<4>(&device());
    base.loc = replace(base.loc, tensor([1, 1, 2, 2], |i| means[i]));
    base.log_scale = replace(base.log_scale, tensor([1, 1, 2, 2], |i| deviations[i].ln()));
    let uniform = plain([1, 2, 2], 2, Preprocess::Centre, base);
    let config = ImageFlowConfig::new(glow(1, 2, 2).with_scales(1));
    let config = config.with_dequantization(Dequantization::Variational { steps: 2, hidden: 4 });
    let dequantizer = config.init(&device()).dequantizer.expect("a variational one");
    let variational = uniform.clone().with_dequantizer(randomize(dequantizer, 0.1, 2));

    let images = [[128.0, 0.0, 128.0, 192.0], [192.0, 64.0, 64.0, 128.0], [64.0, 0.0, 128.0, 64.0]];
    // The probability of a level is an integral, by the midpoint rule: steps of two thousandths of a deviation at most.
    let probability = |pixel: f64, i: usize| {
        let (steps, width) = (1000, 0.25);
        let at = |k: usize| (pixel / 256.0 + width * (k as f64 + 0.5) / steps as f64 - 0.5 - means[i]) / deviations[i];
        let sum: f64 = (0..steps).map(|k| (-0.5 * at(k).powi(2)).exp()).sum();
        sum * width / steps as f64 / (deviations[i] * (2.0 * std::f64::consts::PI).sqrt())
    };
    let exact = images.map(|image| -(0..4).map(|i| probability(image[i], i).log2()).sum::<f64>() / 4.0);
    let many = tensor([300, 1, 2, 2], |at| images.as_flattened()[at % 12]);
    for density in [uniform, variational] {
        let bits = |draws: usize| density.evaluate(&many, &(), &Evaluation::new().with_draws(draws));
        let (one, few, enough) = (bits(1), bits(4), bits(200));
        let found = format!("{}, {}, {}", one.mean, few.mean, enough.mean);
        assert!(one.mean > few.mean && few.mean > enough.mean, "{found}");
        for (image, exact) in exact.into_iter().enumerate() {
            // The mean of the probabilities themselves, over a hundred rows of two hundred draws.
            let sum: f64 = enough.each.iter().skip(image).step_by(3).map(|bits| (-4.0 * bits).exp2()).sum();
            let found = -(sum / 100.0).log2() / 4.0;
            // Probabilities of twenty thousand draws are off by a percent, 0.004 bits, where the noise is uniform. That
            // from a sigmoid is rarely at the ends of a level, where few draws then have large weights.
            let above = if density.dequantizer.is_some() { 0.1 } else { 0.01 };
            assert!(found > exact - 0.01 && found < exact + above, "{found} and {exact}");
        }
    }
}

#[test]
fn the_noise_of_a_dequantizer_is_within_a_level_and_has_the_density_that_is_said() {
    let _alone = alone();
    let config = ImageFlowConfig::new(glow(1, 4, 4));
    let density = config.with_dequantization(Dequantization::Variational { steps: 3, hidden: 4 }).init(&device());
    let dequantizer = randomize(density.dequantizer.expect("a variational one"), 0.2, 3);
    let images = uniform([50, 1, 4, 4], 4) * 0.25;
    let (noise, log_q) = dequantizer.noise(&images);
    assert!(host(noise.clone()).iter().all(|u| (0.0..=1.0).contains(u)));
    let again = Density::log_prob(&dequantizer.flow, noise.clone(), &images);
    // Log-densities of up to six in single precision, through a logit and back.
    assert!((again - log_q.clone()).abs().max().into_scalar::<f64>() < 1e-4);
    let others = Density::log_prob(&dequantizer.flow, noise, &images.flip([0]));
    assert!((others - log_q).abs().mean().into_scalar::<f64>() > 0.1, "it sees the image");
}

#[test]
fn with_more_draws_of_noise_the_bound_of_a_flow_is_tighter() {
    let _alone = alone();
    let config = ImageFlowConfig::new(glow(1, 4, 4)).with_bits(2).with_preprocess(Preprocess::Logit { alpha: 0.05 });
    let images = pixels([200, 1, 4, 4], 2);
    for dequantization in [Dequantization::Uniform, Dequantization::Variational { steps: 2, hidden: 4 }] {
        let density = randomize(config.clone().with_dequantization(dequantization).init(&device()), 0.1, 3);
        let bits = |draws, seed| density.evaluate(&images, &(), &Evaluation::new().with_draws(draws).with_seed(seed));
        let (one, four, sixteen) = (bits(1, 1), bits(4, 2), bits(16, 3));
        for (fewer, more) in [(&one, &four), (&four, &sixteen)] {
            let differences: Vec<f64> = fewer.each.iter().zip(&more.each).map(|(fewer, more)| fewer - more).collect();
            let mean = differences.iter().sum::<f64>() / 200.0;
            let error = (differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / (199.0 * 200.0)).sqrt();
            assert!(mean > 2.0 * error, "{mean} bits with an error of {error}");
        }
    }
}

fn evaluate(pixel: f64) {
    let _alone = alone();
    let density = plain([1, 1, 2], 8, Preprocess::Centre, StandardNormal::<4>::new([1, 1, 2]));
    density.evaluate(&tensor([3, 1, 1, 2], |at| if at == 5 { pixel } else { 7.0 }), &(), &Evaluation::new());
}

#[test]
#[should_panic(expected = "expected whole numbers from 0 to 255, got 256")]
fn a_pixel_above_the_range_is_named() {
    evaluate(256.0);
}

#[test]
#[should_panic(expected = "expected whole numbers from 0 to 255, got -1")]
fn a_pixel_below_the_range_is_named() {
    evaluate(-1.0);
}

#[test]
#[should_panic(expected = "expected whole numbers from 0 to 255, got 0.5")]
fn a_pixel_between_whole_numbers_is_named() {
    evaluate(0.5);
}

#[test]
#[should_panic(expected = "expected whole numbers from 0 to 255, got NaN")]
fn a_pixel_that_is_no_number_is_named() {
    evaluate(f64::NAN);
}

#[test]
fn images_come_back_from_their_latents_pixel_for_pixel() {
    let _alone = alone();
    let images = pixels([6, 2, 8, 8], 4);
    for preprocess in [Preprocess::None, Preprocess::Centre, Preprocess::Logit { alpha: 0.05 }] {
        for bits in [8, 5] {
            let config = ImageFlowConfig::new(glow(2, 8, 8)).with_bits(bits).with_preprocess(preprocess);
            let density = randomize(config.init(&device()), 0.1, 5);
            let z = density.encode(images.clone(), &());
            let step = 2f64.powi(8 - bits as i32);
            let expected = (images.clone() * (1.0 / step)).floor() * step;
            assert_eq!(density.decode(z, &()).to_data(), expected.to_data(), "{preprocess:?}, {bits} bits");
        }
    }
}

#[test]
fn an_interpolation_begins_and_ends_with_the_images() {
    let _alone = alone();
    let (from, to) = (pixels([1, 1, 4, 4], 4), pixels([1, 1, 4, 4], 5));
    let density = randomize(ImageFlowConfig::new(glow(1, 4, 4)).init(&device()), 0.1, 5);
    let by_class = randomize(ImageFlowConfig::new(glow(1, 4, 4).by_class(2)).init(&device()), 0.1, 5);
    for path in [Interpolation::Linear, Interpolation::Spherical] {
        let plain = density.interpolate([from.clone(), to.clone()], 5, path, [&(), &(), &()]);
        let ends = [&classes(&[0]), &classes(&[1]), &classes(&[0, 0, 0, 1, 1])];
        let classes = by_class.interpolate([from.clone(), to.clone()], 5, path, ends);
        for way in [plain, classes] {
            assert_eq!(way.dims(), [5, 1, 4, 4]);
            assert_eq!(way.clone().narrow(0, 0, 1).to_data(), from.to_data(), "{path:?}");
            assert_eq!(way.clone().narrow(0, 4, 1).to_data(), to.to_data(), "{path:?}");
            for i in 1..4 {
                let between = way.clone().narrow(0, i, 1).to_data();
                assert!(between != from.to_data() && between != to.to_data(), "{path:?}, image {i}");
            }
        }
    }
}

#[test]
fn at_temperature_zero_all_images_are_the_same_and_at_one_they_are_ordinary_samples() {
    let _alone = alone();
    let density = randomize(ImageFlowConfig::new(glow(1, 4, 4)).init(&device()), 0.1, 5);
    let images = density.sample_at(5, 0.0, &(), &device());
    let first = images.clone().narrow(0, 0, 1);
    assert_eq!(images.to_data(), first.clone().repeat_dim(0, 5).to_data());
    assert_eq!(first.to_data(), density.decode(Tensor::zeros([1, 1, 4, 4], &device()), &()).to_data());
    device().seed(6);
    let ordinary = Density::sample(&density, 5, &(), &device());
    device().seed(6);
    assert_eq!(density.sample_at(5, 1.0, &(), &device()).to_data(), ordinary.to_data());
    assert_ne!(ordinary.to_data(), images.to_data());
}

/// The laws of densities in single precision: of infinities and 1e38 among them.
fn lawful<C: Context>(density: impl Density<4, C>, context: &C) {
    let _alone = alone();
    // Weights as after training; rounding of log-densities of some tens of nats.
    check_density(&randomize(density, 0.05, 1).valid(), 9, context, &device(), 1e-2);
}

#[test]
fn every_model_knows_absurd_images_and_no_images() {
    let (labels, vectors) = (classes(&[0, 1, 2, 0, 1, 2, 0, 1, 2]), uniform([9, 2], 2));
    let residual = |norm| NetworkConfig::Residual { hidden: 8, blocks: 1, norm, dropout: 0.0 };
    for network in [NETWORK, residual(NetworkNorm::Batch), residual(NetworkNorm::Weight), gated()] {
        lawful(glow(1, 4, 4).with_network(network).init(&device()), &());
        lawful(real_nvp(1, 4, 4).with_network(network).init(&device()), &());
    }
    lawful(glow(1, 4, 4).by_class(3).init(&device()), &labels);
    lawful(glow(1, 4, 4).given(2).init(&device()), &vectors);
    lawful(glow(1, 4, 4).with_one_by_one(OneByOne::Dense).with_map(MapConfig::Rescaled).init(&device()), &());
    lawful(real_nvp(1, 4, 4).with_normalization(Normalization::BatchNorm).by_class(3).init(&device()), &labels);
    lawful(real_nvp(1, 4, 4).given(2).with_embedding(vec![3]).init(&device()), &vectors);
    let spline = || SplineGlowConfig::new(1, 4, 4).with_scales(2).with_steps(1).with_network(NETWORK);
    lawful(spline().init(&device()), &());
    lawful(spline().by_class(3).init(&device()), &labels);
    lawful(spline().given(2).init(&device()), &vectors);
}

fn gated() -> NetworkConfig {
    NetworkConfig::Gated { hidden: 4, blocks: 1 }
}

#[test]
fn no_images_have_latents_samples_and_probabilities() {
    let _alone = alone();
    let none = Tensor::<4>::empty([0, 1, 4, 4], &device());
    for dequantization in [Dequantization::Uniform, Dequantization::Variational { steps: 1, hidden: 4 }] {
        let config = ImageFlowConfig::new(glow(1, 4, 4)).with_dequantization(dequantization);
        let density = randomize(config.init(&device()), 0.1, 5);
        assert_eq!(Density::log_prob(&density, none.clone(), &()).dims(), [0]);
        assert_eq!(Density::sample(&density, 0, &(), &device()).dims(), none.dims());
        assert_eq!(density.encode(none.clone(), &()).dims(), none.dims());
        assert_eq!(density.decode(none.clone(), &()).dims(), none.dims());
        let (x, log_prob) = Density::sample_with_log_prob(&density, 0, &(), &device());
        assert_eq!((x.dims(), log_prob.dims()), (none.dims(), [0]));
        let by_class = randomize(ImageFlowConfig::new(glow(1, 4, 4).by_class(2)).init(&device()), 0.1, 5);
        assert_eq!(by_class.encode(none.clone(), &Tensor::empty([0], &device())).dims(), none.dims());
    }
}

#[test]
fn files_that_ask_for_impossible_sizes_are_errors_for_every_model() {
    let _alone = alone();
    let device = burn::tensor::Device::default();
    let sizes = ["channels", "scales", "steps", "couplings", "hidden", "blocks", "bins", "classes"];
    let networks = [
        NetworkConfig::Glow { hidden: 4 },
        NetworkConfig::Gated { hidden: 4, blocks: 1 },
        NetworkConfig::Residual { hidden: 4, blocks: 1, norm: NetworkNorm::Batch, dropout: 0.0 },
    ];
    for network in networks {
        let glow = GlowConfig::new(1, 4, 4).with_scales(2).with_steps(1).with_network(network);
        check_files(&ImageFlowConfig::new(glow.with_one_by_one(OneByOne::Dense).by_class(3)), &sizes, &device);
        let real_nvp = RealNvpImageConfig::new(1, 4, 4).with_couplings(1).with_network(network);
        check_files(&ImageFlowConfig::new(real_nvp), &sizes, &device);
    }
    let network = NetworkConfig::Residual { hidden: 4, blocks: 1, norm: NetworkNorm::Weight, dropout: 0.0 };
    let spline = SplineGlowConfig::new(1, 4, 4).with_scales(2).with_steps(1).with_network(network);
    let dequantization = Dequantization::Variational { steps: 1, hidden: 4 };
    check_files(&ImageFlowConfig::new(spline).with_dequantization(dequantization), &sizes, &device);
}
