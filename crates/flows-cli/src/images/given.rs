//! A flow, and pictures for it.

use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor};
use burn_flows::tables::TableFlow;
use flows_core::load;
use flows_data::pictures::Images;
use flows_vision::{BitsPerDim, Evaluation};
use serde::Serialize;

use super::flow::{AnyFlow, Labels};
use super::saved::Saved;
use super::source::{Data, Source};
use crate::problem::Problem;
use crate::terminal;

/// A flow, and pictures that it may not have been fitted to.
#[derive(Debug, clap::Args)]
pub(super) struct Given {
    /// The flow, of `flows images fit`
    flow: PathBuf,
    #[command(flatten)]
    source: Source,
    /// All pictures of a folder; otherwise those that the flow was not fitted to
    #[arg(long)]
    all: bool,
    /// Pictures that have only some of the classes that the flow was fitted to
    #[arg(long)]
    some_classes: bool,
}

impl Given {
    /// The flow's file.
    pub(super) fn flow(&self) -> &Path {
        &self.flow
    }

    /// Loads the flow and reads the pictures.
    pub(super) fn load(&self, device: &Device) -> Result<(Saved, AnyFlow, Data), Problem> {
        self.source.check()?;
        let (saved, flow) = load::<Saved>(&self.flow, device).map_err(|error| {
            let problem = Problem::from(error);
            match TableFlow::load(&self.flow, device) {
                Ok(_) => problem.hint("it is a model of a table: `flows score` and `flows show` take it"),
                Err(_) => problem,
            }
        })?;
        let data = self.source.test(flow.event(), &saved.seen, self.all)?;
        let images = saved.labelled(data.images, self.some_classes, &self.flow, self.source.dir())?;
        Ok((saved, flow, Data { images, ..data }))
    }
}

/// The bits per dimension of pictures.
pub(super) fn bits(flow: &AnyFlow, data: &Data, evaluation: Evaluation, device: &Device) -> BitsPerDim {
    let (images, labels) = (data.images.tensor(device), labels(&data.images, device));
    flow.evaluate(&images, &labels, &evaluation.with_dims(Some(data.dims)))
}

/// The labels of images, zero where they have none: the flow does not look at them then.
pub(super) fn labels(images: &Images, device: &Device) -> Labels {
    images.labels_tensor(device).unwrap_or_else(|| Tensor::zeros([images.len()], device))
}

/// The mean bits per dimension of test pictures.
#[derive(Debug, Serialize)]
pub(super) struct Bits {
    bits_per_dim: f64,
    /// Nothing for a single image.
    two_standard_errors: Option<f64>,
    /// The number of dimensions that were divided by.
    dims: usize,
    /// Where images have a border: per dimension with those of the border.
    with_border: Option<f64>,
    #[serde(skip)]
    dims_with_border: usize,
    images: usize,
}

impl Bits {
    /// The figures of an evaluation.
    pub(super) fn new(flow: &AnyFlow, data: &Data, bits: &BitsPerDim) -> Self {
        let dims: usize = flow.event().iter().product();
        Self {
            bits_per_dim: bits.mean,
            two_standard_errors: Some(2.0 * bits.standard_error).filter(|error| error.is_finite()),
            dims: data.dims,
            with_border: (dims != data.dims).then(|| bits.mean * data.dims as f64 / dims as f64),
            dims_with_border: dims,
            images: bits.each.len(),
        }
    }

    /// Tells them.
    pub(super) fn say(&self) -> Result<(), Problem> {
        let Self { bits_per_dim: mean, dims, images, .. } = self;
        match self.two_standard_errors {
            Some(error) => terminal::say(format_args!(
                "test: {mean:.4} ± {error:.4} bits per dimension of {dims}, lower is better (two standard errors, {images} images)"
            ))?,
            None => terminal::say(format_args!(
                "test: {mean:.4} bits per dimension of {dims}, lower is better ({images} images)"
            ))?,
        }
        match self.with_border {
            Some(bits) => terminal::say(format_args!(
                "      {bits:.4} per dimension of {}, the border too",
                self.dims_with_border
            )),
            None => Ok(()),
        }
    }
}
