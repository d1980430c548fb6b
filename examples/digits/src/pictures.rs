//! What is drawn of the trained flow.

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor};
use flows_core::WithClass;
use flows_core::atomic::StagedFolder;
use flows_data::ImageError;
use flows_data::pictures::{Images, grid, strip};
use flows_vision::{Evaluation, GlowLayers, ImageFlow, ImageNetwork, Interpolation};

use crate::Arguments;

type Digits = ImageFlow<GlowLayers<WithClass<ImageNetwork>>>;

/// Rows of each picture.
const ROWS: usize = 8;
/// Steps of an interpolation, both ends included.
const STEPS: usize = 10;

fn classes(values: impl Iterator<Item = usize>, device: &Device) -> Tensor<1, Int> {
    let values: Vec<i64> = values.map(|value| value as i64).collect();
    Tensor::from_data(values.as_slice(), device)
}

/// Draws data, samples and interpolations; how many test images score best as what they are.
pub(crate) fn draw(
    flow: &Digits,
    test: &Images,
    folder: &StagedFolder,
    arguments: &Arguments,
    device: &Device,
) -> Result<usize, ImageError> {
    let flow = flow.valid();
    device.seed(arguments.seed);
    // A column a digit.
    let labels = test.labels().unwrap_or_default();
    let of_digit = |digit: usize| (0..test.len()).filter(move |i| labels[*i] == digit);
    let shown: Vec<usize> = (0..ROWS).flat_map(|row| (0..10).filter_map(move |d| of_digit(d).nth(row))).collect();
    grid(&test.select(&shown), 10, 4, 5).save(folder.path("data.png"))?;
    let digits = classes((0..ROWS * 10).map(|i| i % 10), device);
    let samples = flow.sample_at(ROWS * 10, arguments.temperature, &digits, device);
    let (images, mut broken) = Images::from_samples(samples)?;
    grid(&images, 10, 4, 5).save(folder.path("samples.png"))?;

    // From one test image of a digit to another of the same.
    let mut strips = Vec::new();
    for digit in 0..10 {
        let ends: Vec<usize> = of_digit(digit).take(2).collect();
        let [from, to] = [0, 1].map(|end| test.select(&ends[end..=end]).tensor(device));
        let (one, way) = (classes([digit].into_iter(), device), classes(std::iter::repeat_n(digit, STEPS), device));
        let images = flow.interpolate([from, to], STEPS, Interpolation::Spherical, [&one, &one, &way]);
        let (images, not_finite) = Images::from_samples(images)?;
        strips.push(images);
        broken += not_finite;
    }
    strip(&strips, 4, 5).save(folder.path("interpolations.png"))?;

    if broken > 0 {
        eprintln!("warning: {broken} images are not finite numbers; they are black");
    }

    // Bayes' rule with equal priors: the class under which an image is likeliest.
    let x = test.tensor(device);
    let evaluation = Evaluation::new().with_draws(4).with_seed(arguments.seed);
    let bits = |digit| flow.evaluate(&x, &classes(std::iter::repeat_n(digit, test.len()), device), &evaluation).each;
    let by_class: Vec<Vec<f64>> = (0..10).map(bits).collect();
    let best = |i: usize| (0..10).min_by(|&a, &b| by_class[a][i].total_cmp(&by_class[b][i]));
    Ok((0..test.len()).filter(|&i| best(i) == Some(labels[i])).count())
}
