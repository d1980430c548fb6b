//! Pictures and reports of normalizing flows, from plain figures.
//!
//! Nothing here knows a tensor or a table: every picture is a builder that takes slices of `f32` or `f64`, and a
//! [`Report`](report::Report) is a struct of numbers and names. Nothing of the system is used, no font either: the same input
//! gives the same file everywhere.
//!
//! | type | shows |
//! |---|---|
//! | [`DensityMap`] | a density over the plane, with the data on top |
//! | [`SamplePanels`] | data beside samples, on the same axes |
//! | [`Marginals`] | a histogram of one feature under one or more curves |
//! | [`CornerPlot`] | every feature and every pair of features, data against samples |
//! | [`LossCurves`] | a training run, with its best epoch |
//! | [`Report`](report::Report) | what a flow has learnt of a table and how far to trust it, as one HTML page |
//!
//! Rows and points that are not finite are left out, and the picture says how many: `samples (3 not finite)`. `save`
//! refuses input that cannot be drawn (nothing at all, a density of NaN, lengths that do not match) with
//! [`PlotError::Draw`]. The file appears whole or not at all; see [`flows_core::atomic`].
//!
//! # Example
//!
//! ```
//! use flows_plot::{DensityMap, Grid};
//!
//! let grid = Grid::new([200, 200], -3.0..3.0, -3.0..3.0);
//! // With a flow: `flow.log_prob(..)` of the same points.
//! let log_density: Vec<f64> = grid.centres().iter().map(|[x, y]| -0.5 * (x * x + y * y)).collect();
//!
//! # let directory = tempfile::tempdir().unwrap();
//! # let path = directory.path().join("picture.png");
//! DensityMap::from_log_density(&grid, &log_density).title("A Gaussian").save(&path)?;
//! assert!(path.is_file());
//! # Ok::<(), flows_plot::PlotError>(())
//! ```

mod error;
mod picture;
pub mod report;

pub use error::PlotError;
pub use picture::{
    ColorMap, ColorScale, CornerPlot, CornerStyle, DensityMap, Grid, LossCurves, Marginals, SamplePanels,
};
