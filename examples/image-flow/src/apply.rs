//! What a trained flow does: evaluate, sample, interpolate.

use std::path::PathBuf;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use flows_core::load;
use flows_vision::Evaluation;
use flows_vision::data::Images;
use flows_vision::picture::{grid, strip};
use serde::Serialize;

use crate::model::{AnyFlow, Labels, ModelConfig};
use crate::problem::Problem;
use crate::source::{Data, Source};

/// What to evaluate.
#[derive(Debug, clap::Args)]
pub(crate) struct Evaluate {
    /// The file that `train` saved
    flow: PathBuf,
    #[command(flatten)]
    source: Source,
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
    /// The picture
    #[arg(long, default_value = "samples.png")]
    out: PathBuf,
}

/// Between what to interpolate.
#[derive(Debug, clap::Args)]
pub(crate) struct Interpolate {
    /// The file that `train` saved
    flow: PathBuf,
    #[command(flatten)]
    source: Source,
    /// Rows, each from one test image to the next
    #[arg(long, default_value_t = 8)]
    rows: usize,
    /// Steps of each, both ends included
    #[arg(long, default_value_t = 10)]
    steps: usize,
    /// Pixels of the picture for each of an image
    #[arg(long, default_value_t = 2)]
    scale: usize,
    /// The picture
    #[arg(long, default_value = "interpolations.png")]
    out: PathBuf,
}

/// Bits per dimension of test images.
#[derive(Debug, Serialize)]
pub(crate) struct Bits {
    bits_per_dim: f64,
    standard_error: f64,
    /// The number of dimensions that were divided by.
    dims: usize,
    /// Where images have a border: per dimension with those of the border.
    with_border: Option<f64>,
    images: usize,
}

/// Bits per dimension of the test images.
pub(crate) fn evaluate(arguments: &Evaluate, device: &Device) -> Result<(), Problem> {
    let (_, flow) = load::<ModelConfig>(&arguments.flow, device)?;
    let data = arguments.source.test()?;
    check_size(&flow, &data.images)?;
    report_with(&flow, &data, Evaluation::new().with_draws(arguments.draws).with_seed(arguments.seed), device);
    Ok(())
}

/// Evaluates and prints.
pub(crate) fn report(flow: &AnyFlow, data: &Data, seed: u64, device: &Device) -> Bits {
    report_with(flow, data, Evaluation::new().with_seed(seed), device)
}

fn report_with(flow: &AnyFlow, data: &Data, evaluation: Evaluation, device: &Device) -> Bits {
    let dims: usize = flow.event().iter().product();
    let (images, labels) = (data.images.tensor(device), labels(&data.images, device));
    let bits = flow.evaluate(&images, &labels, &evaluation.with_dims(Some(data.dims)));
    let with_border = (dims != data.dims).then(|| bits.mean * data.dims as f64 / dims as f64);
    println!(
        "test: {:.4} ± {:.4} bits per dimension of {} (two standard errors, {} images)",
        bits.mean,
        2.0 * bits.standard_error,
        data.dims,
        bits.each.len()
    );
    if let Some(bits) = with_border {
        println!("      {bits:.4} bits per dimension of {dims}, those of the border too");
    }
    Bits {
        bits_per_dim: bits.mean,
        standard_error: bits.standard_error,
        dims: data.dims,
        with_border,
        images: bits.each.len(),
    }
}

/// Draws images.
pub(crate) fn sample(arguments: &Sample, device: &Device) -> Result<(), Problem> {
    let (config, flow) = load::<ModelConfig>(&arguments.flow, device)?;
    let columns = arguments.columns.max(1);
    device.seed(arguments.seed);
    let labels = sample_labels(config.classes(), arguments.count, columns, device);
    let images = Images::from_tensor(flow.valid().sample_at(arguments.temperature, &labels, device))?;
    grid(&images, columns, 2, arguments.scale.max(1)).save(&arguments.out)?;
    Ok(())
}

/// Draws what lies between test images.
pub(crate) fn interpolate(arguments: &Interpolate, device: &Device) -> Result<(), Problem> {
    let (_, flow) = load::<ModelConfig>(&arguments.flow, device)?;
    let images = arguments.source.test()?.images;
    check_size(&flow, &images)?;
    let needed = arguments.rows + 1;
    if images.len() < needed || arguments.steps < 2 {
        let (expected, got) = (format!("{needed} test images and 2 steps at least"), format!("{}", images.len()));
        return Err(Problem::Setting { setting: "rows", expected, got });
    }
    let mut strips = Vec::new();
    for row in 0..arguments.rows {
        let [from, to] = [row, row + 1].map(|i| images.select(&[i]));
        let ends = [&from, &to].map(|image| labels(image, device));
        // Halfway the class changes too.
        let way = (0..arguments.steps).map(|step| ends[usize::from(2 * step >= arguments.steps)].clone());
        let way = Tensor::cat(way.collect(), 0);
        let between =
            flow.interpolate([from.tensor(device), to.tensor(device)], arguments.steps, [&ends[0], &ends[1], &way]);
        strips.push(Images::from_tensor(between)?);
    }
    strip(&strips, 2, arguments.scale.max(1)).save(&arguments.out)?;
    Ok(())
}

fn check_size(flow: &AnyFlow, images: &Images) -> Result<(), Problem> {
    let [_, channels, height, width] = images.dims();
    let shown = |[channels, height, width]: [usize; 3]| format!("{channels} x {height} x {width}");
    if flow.event() != [channels, height, width] {
        return Err(Problem::Size { expected: shown(flow.event()), found: shown([channels, height, width]) });
    }
    Ok(())
}

/// The labels of images, zero where they have none.
pub(crate) fn labels(images: &Images, device: &Device) -> Labels {
    images.labels_tensor(device).unwrap_or_else(|| Tensor::zeros([images.len()], device))
}

/// Labels of samples: a column a class where there are as many columns, else one after the other.
pub(crate) fn sample_labels(classes: Option<usize>, count: usize, columns: usize, device: &Device) -> Labels {
    let classes = classes.unwrap_or(1).max(1);
    let label = |i: usize| (if classes <= columns { i % columns % classes } else { i % classes }) as i64;
    let labels: Vec<i64> = (0..count).map(label).collect();
    Tensor::from_data(labels.as_slice(), device)
}
