//! PNG pictures of densities, samples and training runs.

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
pub(crate) mod range;
mod sample_panels;
mod text;
pub(crate) mod ticks;

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
