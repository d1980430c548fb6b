//! `flows images sample`: new pictures.

use std::path::PathBuf;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use flows_core::load;
use flows_data::pictures::{Images, grid};
use serde_json::json;

use super::flow::AnyFlow;
use super::picture::{GAP, check_count, check_picture, save_picture};
use super::problems::{check_range, check_temperature};
use super::saved::Saved;
use crate::output;
use crate::problem::Problem;

/// Pictures that a flow draws, in a grid; of a flow by class, a column a class where there are as many columns.
#[derive(Debug, clap::Args)]
pub(crate) struct Sample {
    /// The flow, of `flows images fit`
    flow: PathBuf,
    /// The number of pictures
    #[arg(short = 'n', long, default_value_t = 100)]
    count: usize,
    /// Columns of the grid
    #[arg(long, default_value_t = 10)]
    columns: usize,
    /// How much narrower than in training
    #[arg(long, default_value_t = 0.7)]
    temperature: f64,
    /// Pixels of the grid for each of a picture
    #[arg(long, default_value_t = 2)]
    scale: usize,
    /// Seeds the samples
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The grid, a PNG
    #[arg(long, short, value_name = "FILE.png", default_value = "samples.png")]
    output: PathBuf,
    /// Writes the figures as JSON; `-` is standard output
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Samples that are made at once: memory does not grow with their number.
const AT_ONCE: usize = 100;

impl Sample {
    /// Draws, and writes.
    pub(super) fn run(&self, device: &Device) -> Result<(), Problem> {
        let Self { count, columns, scale, .. } = *self;
        for (name, value) in [("count", count), ("columns", columns), ("scale", scale)] {
            check_range(name, value, 1, usize::MAX)?;
        }
        check_temperature(self.temperature)?;
        check_picture(&self.output)?;
        output::prepare(&[Some(&self.output), self.json.as_deref()], &[Some(&self.flow)])?;
        let (saved, flow) = load::<Saved>(&self.flow, device)?;
        check_count("count", count, flow.event(), scale)?;
        device.seed(self.seed);
        let labels = sample_labels(saved.model.classes(), count, columns);
        let (images, broken) = samples(&flow.valid(), self.temperature, &labels, device)?;
        save_picture(&grid(&images, columns, GAP, scale), broken, &self.output)?;
        match &self.json {
            Some(path) => output::json(path, &json!({ "images": count, "not_finite": broken, "seed": self.seed })),
            None => Ok(()),
        }
    }
}

/// Samples of these classes, and how many of them are not finite.
pub(super) fn samples(
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

/// The labels of samples: a column a class where there are as many columns, else one after the other.
pub(super) fn sample_labels(classes: Option<usize>, count: usize, columns: usize) -> Vec<i64> {
    let classes = classes.unwrap_or(1).max(1);
    let label = |i: usize| (if classes <= columns { i % columns % classes } else { i % classes }) as i64;
    (0..count).map(label).collect()
}
