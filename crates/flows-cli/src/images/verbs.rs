//! What can be done with pictures.

use burn::tensor::Device;

use super::{evaluate::Evaluate, fit::Fit, interpolate::Interpolate, sample::Sample, score::Score};
use crate::problem::Problem;

/// Densities of pictures: RealNVP and Glow on MNIST, Fashion-MNIST, CIFAR-10 or a folder.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Images {
    /// Fits an image flow to a folder of pictures; goes on where the same command was killed
    Fit(Box<Fit>),
    /// Scores pictures one by one: their bits per dimension, log-density and p-value
    Score(Score),
    /// Draws pictures
    Sample(Sample),
    /// Draws what lies between pictures
    Interpolate(Interpolate),
    /// Bits per dimension of pictures that the flow was not fitted to
    Evaluate(Evaluate),
}

impl Images {
    /// Does what was asked for.
    pub(crate) fn run(&self, device: &Device) -> Result<(), Problem> {
        match self {
            Self::Fit(fit) => fit.run(device),
            Self::Score(score) => score.run(device),
            Self::Sample(sample) => sample.run(device),
            Self::Interpolate(interpolate) => interpolate.run(device),
            Self::Evaluate(evaluate) => evaluate.run(device),
        }
    }
}
