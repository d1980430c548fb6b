//! Stub.
use crate::problem::Problem;
use burn::tensor::Device;
use std::path::Path;
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Images {
    /// x
    Fit,
}
impl Images {
    pub(crate) fn run(&self, _: &Device) -> Result<(), Problem> {
        Ok(())
    }
}
pub(crate) fn show(_: &Path, _: &Device) -> Result<Option<String>, Problem> {
    Ok(None)
}
