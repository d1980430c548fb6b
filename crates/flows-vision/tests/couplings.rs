//! What stays under a coupling, and what data and contexts reach.

#[path = "shared/small.rs"]
mod small;

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Int, Tensor};
use flows_core::testing::randomize;
use flows_core::*;
use flows_vision::*;
use rand::RngExt;

use small::*;

// Couplings.

fn maps() -> [MapConfig; 4] {
    let spline = RationalQuadraticConfig::new().with_bins(4).with_lower(-3.0).with_upper(3.0);
    let affine = MapConfig::Affine { bound: LogScaleBound::default() };
    [MapConfig::Additive, affine, MapConfig::Rescaled, MapConfig::Spline { spline }]
}

fn coupling(channels: usize, swapped: bool, map: &MapConfig) -> Coupling<ImageNetwork, ImageMap> {
    let split = FeatureSplit::halves(channels, swapped, &device());
    let (kept, moved) = (split.kept().len(), split.moved().len());
    let map = map.init(moved, &device());
    let network = NETWORK.init(kept, moved * map.params_per_element(), &device());
    randomize(Coupling::new(split, network, map), 0.3, 3)
}

/// Checks that pixels stay where the mask is one, to the bit, and that all others move.
fn assert_kept(bijection: &impl Bijection<4>, x: &Tensor<4>, mask: Tensor<4>, name: &str) {
    let numbers = |x: Tensor<4>| x.try_into_vec_as::<f32>().unwrap();
    let mask = numbers(mask.expand(x.dims()));
    for y in [bijection.forward(x.clone(), &()).0, bijection.inverse(x.clone(), &()).0] {
        for ((x, y), kept) in numbers(x.clone()).iter().zip(numbers(y)).zip(&mask) {
            assert_eq!(x.to_bits() == y.to_bits(), *kept == 1.0, "{name}: {x} became {y} where the mask is {kept}");
        }
    }
}

#[test]
fn a_checkerboard_coupling_keeps_the_pixels_of_one_colour_bit_for_bit_and_moves_the_others() {
    let _alone = alone();
    for (map, swapped) in maps().iter().flat_map(|map| [(map, false), (map, true)]) {
        for (channels, height, width) in [(1, 4, 6), (3, 2, 4)] {
            let layer = Checkerboard::new(coupling(4 * channels, swapped, map));
            let mask = checkerboard_mask(height, width, swapped, &device()).unsqueeze();
            assert_kept(&layer, &uniform([3, channels, height, width], 1), mask, &format!("{map:?}, {swapped}"));
        }
    }
}

#[test]
fn a_channel_coupling_keeps_one_half_of_the_channels_bit_for_bit_and_moves_the_other() {
    let _alone = alone();
    for (map, swapped) in maps().iter().flat_map(|map| [(map, false), (map, true)]) {
        for channels in [2, 3, 4] {
            let mask = channel_mask(channels, swapped, &device()).reshape([1, channels, 1, 1]);
            let x = uniform([3, channels, 4, 3], 1);
            assert_kept(&coupling(channels, swapped, map), &x, mask, &format!("{map:?}, {swapped}"));
        }
    }
}

// The start from data.

/// The flags of all ActNorm layers, by the names that they have in a record.
fn flags(module: &impl Module) -> Vec<bool> {
    struct Flags(Vec<String>, Vec<bool>);
    impl ModuleVisitor for Flags {
        fn enter_module(&mut self, name: &str, _: &str) {
            self.0.push(name.to_owned());
        }

        fn exit_module(&mut self, _: &str, _: &str) {
            self.0.pop();
        }

        fn visit_int<const D: usize>(&mut self, param: &Param<Tensor<D, Int>>) {
            if self.0.join(".").ends_with("act_norm.initialized.flag") {
                self.1.push(param.val().into_scalar::<i64>() != 0);
            }
        }
    }
    let mut flags = Flags(vec![], vec![]);
    module.visit(&mut flags);
    flags.1
}

/// Starts the layers from images whose pixels have means of their own, and checks what becomes of these images.
fn check_start<B: Bijection<4>>(
    density: ImageFlow<B>,
    layers: usize,
    latents: impl Fn(&B, Tensor<4>) -> Vec<Tensor<4>>,
) {
    let mut rng = generator(2, 0);
    let images =
        tensor([64, 1, 8, 8], |at| f64::from(rng.random_range(0..60u8)) + (at / 8 % 8 * 15 + at % 8 * 5) as f64);
    let density = Reversible::new(density);
    assert_eq!(flags(&density), vec![false; layers]);
    let density = Density::init_from_data(density, images.clone(), &());
    assert_eq!(flags(&density), vec![true; layers]);
    // It started on pixels with noise of deviation 0.29, where these have 17; a channel has 64 · 4 of them or more.
    let z = density.density.encode(images, &());
    for (scale, latent) in latents(&density.density.flow.bijection, z).into_iter().enumerate() {
        let mean = latent.clone().mean_dims(&[0, 2, 3]);
        let variance = (latent - mean.clone()).square().mean_dims(&[0, 2, 3]);
        for (mean, variance) in host(mean).into_iter().zip(host(variance)) {
            let found = format!("mean {mean}, variance {variance} in scale {scale}");
            assert!(mean.abs() < 5e-3 && (variance - 1.0).abs() < 5e-3, "{found}");
        }
    }
}

#[test]
fn the_start_from_data_reaches_every_act_norm_and_normalises_the_latents_of_every_scale() {
    let _alone = alone();
    // Two checkerboard couplings and two over channels, then three checkerboard couplings.
    check_start(ImageFlowConfig::new(real_nvp(1, 8, 8)).init(&device()), 7, |scales, z| scales.latents(z));
    // A rotation of normalised channels that go together has other variances.
    let config = glow(1, 8, 8).with_one_by_one(OneByOne::None);
    check_start(ImageFlowConfig::new(config).init(&device()), 4, |scales, z| scales.latents(z));
}

// Contexts.

/// The gradients of the parameters whose names hold `part`, of the log-densities of images.
fn gradients_of<const D: usize, C>(
    density: &impl Density<4, C>,
    x: Tensor<4>,
    context: &C,
    part: &str,
) -> Vec<Tensor<D>> {
    struct Find<'a, const D: usize>(GradientsParams, Vec<String>, &'a str, Vec<Tensor<D>>);
    impl<const E: usize> ModuleVisitor for Find<'_, E> {
        fn enter_module(&mut self, name: &str, _: &str) {
            self.1.push(name.to_owned());
        }

        fn exit_module(&mut self, _: &str, _: &str) {
            self.1.pop();
        }

        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if D == E && self.1.join(".").contains(self.2) {
                self.3.push(self.0.remove::<E>(param.id).unwrap_or_else(|| panic!("no gradient for {:?}", self.1)));
            }
        }
    }
    let (_, gradients) = density.gradients(x, context, 1.0);
    let mut find = Find::<D>(gradients, vec![], part, vec![]);
    density.visit(&mut find);
    find.3
}

fn check_by_class(flow: impl Density<4, Tensor<1, Int>>, tables: usize) {
    let (flow, x) = (randomize(flow, 0.1, 4), uniform([4, 1, 4, 4], 5));
    let of = |class: &[i64]| host(flow.log_prob(x.clone(), &classes(class)));
    let (zero, two, mixed) = (of(&[0; 4]), of(&[2; 4]), of(&[0, 2, 2, 0]));
    for image in 0..4 {
        assert!((zero[image] - two[image]).abs() > 1e-2, "{} and {}", zero[image], two[image]);
    }
    // Of each image its own class: in single precision a batch may be summed in another order.
    for (got, expected) in mixed.iter().zip([zero[0], two[1], two[2], zero[3]]) {
        assert!((got - expected).abs() < 1e-3, "{got} and {expected}");
    }
    let gradients = gradients_of::<2, _>(&flow.train(), x, &classes(&[0, 2, 2, 0]), "table");
    assert_eq!(gradients.len(), tables);
    for gradient in gradients {
        let rows = host(gradient.abs().max_dim(1));
        assert!(rows[0] > 1e-4 && rows[2] > 1e-4, "{rows:?}");
        assert_eq!(rows[1], 0.0, "no image is of class 1");
    }
}

#[test]
fn the_class_changes_the_density_and_gradients_reach_the_classes_in_every_table() {
    let _alone = alone();
    // Two scales of two steps, the prior between them, and the top.
    check_by_class(glow(1, 4, 4).by_class(3).init(&device()), 6);
    check_by_class(real_nvp(1, 4, 4).by_class(3).init(&device()), 7);
    let spline = SplineGlowConfig::new(1, 4, 4).with_scales(2).with_steps(2).with_network(NETWORK);
    check_by_class(spline.by_class(3).init(&device()), 6);
}

fn check_given(flow: impl Density<4, Tensor<2>>, embeddings: usize) {
    let (flow, x, context) = (randomize(flow, 0.1, 4), uniform([4, 1, 4, 4], 5), uniform([4, 2], 6));
    let (one, other) = (flow.log_prob(x.clone(), &context), flow.log_prob(x.clone(), &(context.clone() + 0.5)));
    let differences = host((one - other).abs());
    assert!(differences.iter().all(|difference| *difference > 1e-3), "{differences:?}");

    let flow = flow.train();
    let gradients = gradients_of::<2, _>(&flow, x.clone(), &context, "embedding");
    assert_eq!(gradients.len(), embeddings);
    for gradient in gradients {
        assert!(gradient.abs().max().into_scalar::<f64>() > 1e-4);
    }
    let context = context.autodiff().require_grad();
    let gradients = flow.log_prob(x.autodiff(), &context).sum().backward();
    let rows = host(context.grad(&gradients).expect("a gradient of the context").abs().max_dim(1));
    assert!(rows.iter().all(|row| *row > 1e-4), "{rows:?}");
}

#[test]
fn a_vector_changes_the_density_and_gradients_reach_it_and_its_embeddings() {
    let _alone = alone();
    check_given(glow(1, 4, 4).given(2).init(&device()), 0);
    check_given(glow(1, 4, 4).given(2).with_embedding(vec![3]).init(&device()), 6);
    check_given(real_nvp(1, 4, 4).given(2).with_embedding(vec![3]).init(&device()), 7);
}

// Sizes.

#[test]
#[should_panic(expected = "expected multiples of 8 for 3 scales, got 12 x 16 pixels")]
fn glow_rejects_a_size_that_its_scales_do_not_divide() {
    GlowConfig::new(3, 12, 16).init(&device());
}

#[test]
#[should_panic(expected = "expected multiples of 4 for 2 scales, got 8 x 6 pixels")]
fn real_nvp_rejects_a_size_that_its_scales_do_not_divide() {
    RealNvpImageConfig::new(3, 8, 6).init(&device());
}

// Training without stored activations.

#[test]
fn with_noise_from_a_flow_reversible_gradients_are_the_ordinary_ones() {
    struct Compare(GradientsParams, GradientsParams, usize);
    impl ModuleVisitor for Compare {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let Some(expected) = self.0.remove::<D>(param.id) else { return };
            let got = self.1.remove::<D>(param.id).expect("a gradient");
            let (size, error) = (expected.clone().abs().max(), (got - expected).abs().max());
            let (size, error) = (size.into_scalar::<f64>(), error.into_scalar::<f64>());
            // The inputs of the layers are recomputed in single precision, one inverse after the other. A CPU is off
            // by a millionth; other devices may multiply matrices with fewer digits.
            assert!(error <= 1e-3 * size, "a gradient of size {size} differs by {error}");
            self.2 += 1;
        }
    }
    let _alone = alone();
    let config = ImageFlowConfig::new(glow(1, 4, 4)).with_preprocess(Preprocess::Logit { alpha: 0.05 });
    let config = config.with_dequantization(Dequantization::Variational { steps: 2, hidden: 4 });
    let density = randomize(config.init(&device()), 0.2, 7).train();
    let images = pixels([8, 1, 4, 4], 8);
    // The same noise in both.
    device().seed(9);
    let (log_prob, expected) = density.gradients(images.clone(), &(), -1.0 / 8.0);
    device().seed(9);
    let (again, got) = Reversible::new(density.clone()).gradients(images, &(), -1.0 / 8.0);
    let off = (log_prob - again).abs().max().into_scalar::<f64>();
    assert!(off < 1e-3, "log-densities differ by {off}");
    let mut compare = Compare(expected, got, 0);
    density.dequantizer.as_ref().expect("a variational one").visit(&mut compare);
    assert_eq!(compare.2, 14, "two networks of seven parameters");
    density.flow.visit(&mut compare);
    assert!(compare.2 > 14 + 50, "{} parameters were compared", compare.2);
}
