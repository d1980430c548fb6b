//! `flows images evaluate`: bits per dimension.

use std::path::PathBuf;

use burn::tensor::Device;
use flows_vision::Evaluation;

use super::given::{Bits, Given, bits};
use super::problems::check_range;
use crate::output;
use crate::problem::Problem;

/// Bits per dimension of pictures that a flow was not fitted to; lower is better.
#[derive(Debug, clap::Args)]
pub(crate) struct Evaluate {
    #[command(flatten)]
    given: Given,
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

/// Draws of noise at most: more are slips of the hand.
const MOST_DRAWS: usize = 100_000;

impl Evaluate {
    /// Evaluates, and tells.
    pub(super) fn run(&self, device: &Device) -> Result<(), Problem> {
        check_range("draws", self.draws, 1, MOST_DRAWS)?;
        output::prepare(&[self.json.as_deref()], &[Some(self.given.flow())])?;
        let (_, flow, data) = self.given.load(device)?;
        let found = bits(&flow, &data, Evaluation::new().with_draws(self.draws).with_seed(self.seed), device);
        let figures = Bits::new(&flow, &data, &found);
        figures.say()?;
        match &self.json {
            Some(path) => output::json(path, &figures),
            None => Ok(()),
        }
    }
}
