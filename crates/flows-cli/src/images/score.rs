//! `flows images score`: pictures one by one.

use std::path::PathBuf;

use burn::tensor::Device;
use flows_data::{Frame, FrameColumn};
use flows_vision::Evaluation;

use super::given::{Bits, Given, bits};
use super::problems::check_range;
use crate::output;
use crate::problem::Problem;
use crate::score::numbers;

/// For each picture its bits per dimension, its log-density, and the share of held-out pictures that are no more likely.
#[derive(Debug, clap::Args)]
pub(crate) struct Score {
    #[command(flatten)]
    given: Given,
    /// Where to write the scores: CSV, JSON lines and more, by the extension; `-` is standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// Only so many pictures, the oddest first
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    top: Option<u64>,
    /// Draws of noise for each picture
    #[arg(long, default_value_t = 1)]
    draws: usize,
    /// Seeds the noise
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Writes the figures as JSON; `-` is standard output
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl Score {
    /// Scores, and writes.
    pub(super) fn run(&self, device: &Device) -> Result<(), Problem> {
        check_range("draws", self.draws, 1, 100_000)?;
        output::prepare(&[Some(&self.output), self.json.as_deref()], &[Some(self.given.flow())])?;
        let (saved, flow, data) = self.given.load(device)?;
        let found = bits(&flow, &data, Evaluation::new().with_draws(self.draws).with_seed(self.seed), device);
        let mut order: Vec<usize> = (0..found.each.len()).collect();
        if let Some(top) = self.top {
            order.sort_by(|a, b| found.each[*b].total_cmp(&found.each[*a]).then(a.cmp(b)));
            order.truncate(usize::try_from(top).unwrap_or(usize::MAX));
        }
        let of = |value: &dyn Fn(usize) -> f64| order.iter().map(|picture| value(*picture)).collect::<Vec<f64>>();
        let name = |picture: &usize| data.images.names().get(*picture).cloned().unwrap_or_else(|| picture.to_string());
        // A bit is log 2 nats.
        let nats = |picture: usize| -found.each[picture] * data.dims as f64 * std::f64::consts::LN_2;
        let columns = vec![
            FrameColumn::words("picture", order.iter().map(name)),
            numbers("bits_per_dim", &of(&|picture| found.each[picture]), 6),
            numbers("log_density", &of(&nats), 8),
            numbers("p_value", &of(&|picture| saved.ranks.p_value(-found.each[picture])), 6),
        ];
        Frame::new(columns)?.write(&self.output)?;
        match &self.json {
            Some(path) => output::json(path, &Bits::new(&flow, &data, &found)),
            None => Ok(()),
        }
    }
}
