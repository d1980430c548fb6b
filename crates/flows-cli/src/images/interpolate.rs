//! `flows images interpolate`: what lies between pictures.

use std::path::PathBuf;

use burn::tensor::{Device, Tensor};
use flows_data::pictures::{Images, strip};
use serde_json::json;

use super::given::{Given, labels};
use super::picture::{GAP, check_count, check_picture, save_picture};
use super::problems::{check_range, setting};
use super::source::Data;
use crate::output;
use crate::problem::Problem;

/// Pictures on the way from one test picture to the next.
#[derive(Debug, clap::Args)]
pub(crate) struct Interpolate {
    #[command(flatten)]
    given: Given,
    /// Rows, each from one picture to the next
    #[arg(long, default_value_t = 8)]
    rows: usize,
    /// Steps of each, both ends included
    #[arg(long, default_value_t = 10)]
    steps: usize,
    /// Pixels of the grid for each of a picture
    #[arg(long, default_value_t = 2)]
    scale: usize,
    /// The grid, a PNG
    #[arg(long, short, value_name = "FILE.png", default_value = "interpolations.png")]
    output: PathBuf,
    /// Writes the figures as JSON; `-` is standard output
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl Interpolate {
    /// Draws, and writes.
    pub(super) fn run(&self, device: &Device) -> Result<(), Problem> {
        let Self { rows, steps, scale, .. } = *self;
        for (name, value, least) in [("rows", rows, 1), ("steps", steps, 2), ("scale", scale, 1)] {
            check_range(name, value, least, usize::MAX)?;
        }
        check_picture(&self.output)?;
        output::prepare(&[Some(&self.output), self.json.as_deref()], &[Some(self.given.flow())])?;
        let (_, flow, Data { images, .. }) = self.given.load(device)?;
        check_count("rows", rows.saturating_mul(steps), flow.event(), scale)?;
        if images.len() <= rows {
            return Err(setting("rows", format!("fewer than the {} test images", images.len()), rows));
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
        save_picture(&strip(&strips, GAP, scale), broken, &self.output)?;
        match &self.json {
            Some(path) => output::json(path, &json!({ "images": rows * steps, "not_finite": broken })),
            None => Ok(()),
        }
    }
}
