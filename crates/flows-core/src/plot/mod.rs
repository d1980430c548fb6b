//! PNG pictures of densities, samples and training runs.
//!
//! Every picture is a builder: make it from plain slices of `f32` or `f64`, name what should be named, and
//! [`save`](DensityMap::save) it. Nothing here knows about tensors, and nothing of the system is used, no font either: the
//! same input gives the same file everywhere.
//!
//! | picture | shows |
//! |---|---|
//! | [`DensityMap`] | a density over the plane, with the data on top |
//! | [`SamplePanels`] | data beside samples, on the same axes |
//! | [`Marginals`] | a histogram of one feature under one or more curves |
//! | [`CornerPlot`] | every feature and every pair of features, data against samples |
//! | [`LossCurves`] | a training run, with its best epoch |
//!
//! Rows and points that are not finite are left out, and the picture says how many: `samples (3 not finite)`. `save`
//! refuses input that cannot be drawn (nothing at all, a density of NaN, lengths that do not match) with
//! [`FlowError::Plot`](crate::FlowError::Plot). The file appears whole or not at all; see [`atomic`](crate::atomic).
//!
//! # Example
//!
//! ```
//! use flows_core::plot::{DensityMap, Grid};
//!
//! let grid = Grid::new([200, 200], -3.0..3.0, -3.0..3.0);
//! // With a flow: `flow.log_prob(..)` of the same points.
//! let log_density: Vec<f64> = grid.centres().iter().map(|[x, y]| -0.5 * (x * x + y * y)).collect();
//!
//! # let directory = tempfile::tempdir().unwrap();
//! # let path = directory.path().join("picture.png");
//! DensityMap::from_log_density(&grid, &log_density).title("A Gaussian").save(&path)?;
//! assert!(path.is_file());
//! # Ok::<(), flows_core::FlowError>(())
//! ```

mod canvas;
mod check;
mod color;
mod color_bar;
mod color_scale;
mod contour;
mod corner;
mod corner_places;
mod density_map;
mod frame;
mod grid;
mod histogram;
mod labels;
mod left_out;
mod legend;
mod loss_curves;
mod marginals;
mod output;
mod range;
mod sample_panels;
mod text;
mod ticks;

#[cfg(test)]
mod testing;

pub use color::ColorMap;
pub use color_scale::ColorScale;
pub use corner::{CornerPlot, CornerStyle};
pub use density_map::DensityMap;
pub use grid::Grid;
pub use loss_curves::LossCurves;
pub use marginals::Marginals;
pub use sample_panels::SamplePanels;
