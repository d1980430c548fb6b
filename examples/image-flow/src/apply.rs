//! What a trained flow does: evaluate, sample, interpolate.

use std::path::PathBuf;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use flows_core::load;
use flows_data::pictures::Images;
use flows_data::pictures::{grid, strip};
use flows_vision::Evaluation;
use serde::Serialize;

use crate::model::{AnyFlow, Labels};
use crate::output::{GAP, check_count, check_picture, save_picture, say};
use crate::problem::Problem;
use crate::saved::Saved;
use crate::source::{Data, Source};

/// A flow, and images that it may not have been trained on.
#[derive(Debug, clap::Args)]
struct Given {
    /// The file that `train` saved
    flow: PathBuf,
    #[command(flatten)]
    source: Source,
    /// All pictures of a folder; otherwise those that the flow was not trained on
    #[arg(long)]
    all: bool,
    /// Images that have only some of the classes that the flow was trained on
    #[arg(long)]
    some_classes: bool,
}

/// What to evaluate.
#[derive(Debug, clap::Args)]
pub(crate) struct Evaluate {
    #[command(flatten)]
    given: Given,
    /// Draws of noise for each image
    #[arg(long, default_value_t = 1)]
    draws: usize,
    /// Seeds the noise
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

/// What to draw.
#[derive(Debug, clap::Args)]
pub(crate) struct Sample {
    /// The file that `train` saved
    flow: PathBuf,
    /// The number of images
    #[arg(long, default_value_t = 100)]
    count: usize,
    /// Columns of the grid
    #[arg(long, default_value_t = 10)]
    columns: usize,
    /// How much narrower than in training
    #[arg(long, default_value_t = 0.7)]
    temperature: f64,
    /// Pixels of the picture for each of an image
    #[arg(long, default_value_t = 2)]
    scale: usize,
    /// Seeds the samples
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The picture, a PNG
    #[arg(long, default_value = "samples.png")]
    out: PathBuf,
}

/// Between what to interpolate.
#[derive(Debug, clap::Args)]
pub(crate) struct Interpolate {
    #[command(flatten)]
    given: Given,
    /// Rows, each from one test image to the next
    #[arg(long, default_value_t = 8)]
    rows: usize,
    /// Steps of each, both ends included
    #[arg(long, default_value_t = 10)]
    steps: usize,
    /// Pixels of the picture for each of an image
    #[arg(long, default_value_t = 2)]
    scale: usize,
    /// The picture, a PNG
    #[arg(long, default_value = "interpolations.png")]
    out: PathBuf,
}

/// Bits per dimension of test images.
#[derive(Debug, Serialize)]
pub(crate) struct Bits {
    bits_per_dim: f64,
    /// Nothing for a single image.
    standard_error: Option<f64>,
    /// The number of dimensions that were divided by.
    dims: usize,
    /// Where images have a border: per dimension with those of the border.
    with_border: Option<f64>,
    #[serde(skip)]
    dims_with_border: usize,
    images: usize,
}

/// Draws of noise at most: more are slips of the hand.
const MOST_DRAWS: usize = 100_000;
/// Samples that are made at once: memory does not grow with their number.
const AT_ONCE: usize = 100;

impl Given {
    fn load(&self, device: &Device) -> Result<(AnyFlow, Data), Problem> {
        self.source.check()?;
        let (saved, flow) = load::<Saved>(&self.flow, device)?;
        let data = self.source.test(flow.event(), &saved.seen, self.all)?;
        let images = saved.labelled(data.images, self.some_classes, &self.flow, &self.source.dir())?;
        Ok((flow, Data { images, ..data }))
    }
}

/// Bits per dimension of the test images.
pub(crate) fn evaluate(arguments: &Evaluate, device: &Device) -> Result<(), Problem> {
    check_range("draws", arguments.draws, 1, MOST_DRAWS)?;
    let (flow, data) = arguments.given.load(device)?;
    let evaluation = Evaluation::new().with_draws(arguments.draws).with_seed(arguments.seed);
    Bits::of(&flow, &data, evaluation, device).say()
}

impl Bits {
    /// Evaluates images.
    pub(crate) fn of(flow: &AnyFlow, data: &Data, evaluation: Evaluation, device: &Device) -> Self {
        let dims: usize = flow.event().iter().product();
        let (images, labels) = (data.images.tensor(device), labels(&data.images, device));
        let bits = flow.evaluate(&images, &labels, &evaluation.with_dims(Some(data.dims)));
        Self {
            bits_per_dim: bits.mean,
            standard_error: Some(bits.standard_error).filter(|error| error.is_finite()),
            dims: data.dims,
            with_border: (dims != data.dims).then(|| bits.mean * data.dims as f64 / dims as f64),
            dims_with_border: dims,
            images: bits.each.len(),
        }
    }

    /// Prints them.
    pub(crate) fn say(&self) -> Result<(), Problem> {
        let Self { bits_per_dim: mean, dims, images, .. } = self;
        match self.standard_error {
            Some(error) => say(format_args!(
                "test: {mean:.4} ± {:.4} bits per dimension of {dims} (two standard errors, {images} images)",
                2.0 * error,
            ))?,
            None => say(format_args!("test: {mean:.4} bits per dimension of {dims} ({images} images)"))?,
        }
        match self.with_border {
            Some(bits) => say(format_args!(
                "      {bits:.4} bits per dimension of {}, those of the border too",
                self.dims_with_border
            )),
            None => Ok(()),
        }
    }
}

/// Draws images.
pub(crate) fn sample(arguments: &Sample, device: &Device) -> Result<(), Problem> {
    let Sample { count, columns, scale, .. } = *arguments;
    for (name, value) in [("count", count), ("columns", columns), ("scale", scale)] {
        check_range(name, value, 1, usize::MAX)?;
    }
    check_temperature(arguments.temperature)?;
    check_picture(&arguments.out)?;
    let (saved, flow) = load::<Saved>(&arguments.flow, device)?;
    check_count("count", count, flow.event(), scale)?;
    device.seed(arguments.seed);
    let labels = sample_labels(saved.model.classes(), count, columns);
    let (images, broken) = samples(&flow.valid(), arguments.temperature, &labels, device)?;
    save_picture(&grid(&images, columns, GAP, scale), broken, &arguments.out)
}

/// Samples of these classes, and how many of them are not finite.
pub(crate) fn samples(
    flow: &AnyFlow,
    temperature: f64,
    labels: &[i64],
    device: &Device,
) -> Result<(Images, usize), Problem> {
    let (mut pixels, mut broken) = (Vec::new(), 0);
    for labels in labels.chunks(AT_ONCE) {
        let drawn = flow.sample_at(temperature, &Tensor::from_data(labels, device), device);
        let (images, not_finite) = Images::from_samples(drawn)?;
        pixels.extend_from_slice(images.pixels());
        broken += not_finite;
    }
    let [channels, height, width] = flow.event();
    Ok((Images::new(pixels, [labels.len(), channels, height, width])?, broken))
}

/// Draws what lies between test images.
pub(crate) fn interpolate(arguments: &Interpolate, device: &Device) -> Result<(), Problem> {
    let Interpolate { rows, steps, scale, .. } = *arguments;
    for (name, value, least) in [("rows", rows, 1), ("steps", steps, 2), ("scale", scale, 1)] {
        check_range(name, value, least, usize::MAX)?;
    }
    check_picture(&arguments.out)?;
    let (flow, Data { images, .. }) = arguments.given.load(device)?;
    check_count("rows", rows.saturating_mul(steps), flow.event(), scale)?;
    if images.len() <= rows {
        let expected = format!("fewer than the {} test images", images.len());
        return Err(Problem::setting("rows", expected, rows));
    }
    let (mut strips, mut broken) = (Vec::new(), 0);
    for row in 0..rows {
        let [from, to] = [row, row + 1].map(|i| images.select(&[i]));
        let ends = [&from, &to].map(|image| labels(image, device));
        // Halfway the class changes too.
        let way = (0..steps).map(|step| ends[usize::from(2 * step >= steps)].clone());
        let way = Tensor::cat(way.collect(), 0);
        let between = flow.interpolate([from.tensor(device), to.tensor(device)], steps, [&ends[0], &ends[1], &way]);
        let (images, not_finite) = Images::from_samples(between)?;
        strips.push(images);
        broken += not_finite;
    }
    save_picture(&strip(&strips, GAP, scale), broken, &arguments.out)
}

/// Checks a number.
pub(crate) fn check_range(name: &'static str, value: usize, least: usize, most: usize) -> Result<(), Problem> {
    match (least..=most).contains(&value) {
        true => Ok(()),
        false if most == usize::MAX => Err(Problem::setting(name, format!("at least {least}"), value)),
        false => Err(Problem::setting(name, format!("{least} to {most}"), value)),
    }
}

/// Checks how much narrower than in training samples are drawn.
pub(crate) fn check_temperature(temperature: f64) -> Result<(), Problem> {
    match temperature >= 0.0 && temperature.is_finite() {
        true => Ok(()),
        false => Err(Problem::setting("temperature", "zero or a positive number", temperature)),
    }
}

/// The labels of images, zero where they have none: the flow does not look at them then.
pub(crate) fn labels(images: &Images, device: &Device) -> Labels {
    images.labels_tensor(device).unwrap_or_else(|| Tensor::zeros([images.len()], device))
}

/// The labels of samples: a column a class where there are as many columns, else one after the other.
pub(crate) fn sample_labels(classes: Option<usize>, count: usize, columns: usize) -> Vec<i64> {
    let classes = classes.unwrap_or(1).max(1);
    let label = |i: usize| (if classes <= columns { i % columns % classes } else { i % classes }) as i64;
    (0..count).map(label).collect()
}
