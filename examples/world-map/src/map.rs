//! The picture.

use std::path::Path;

use burn::tensor::{Device, Tensor, TensorData};
use flows_core::{Density, log_probs};
use flows_data::Table;
use flows_plot::{ColorMap, ColorScale, DensityMap, Grid, PlotError};

/// Draws the density over the whole globe, half a degree a cell.
pub(crate) fn draw(flow: &impl Density<2>, cities: &Table, path: &Path, device: &Device) -> Result<(), PlotError> {
    let grid = Grid::new([720, 300], -180.0..180.0, -65.0..85.0);
    let centres: Vec<f32> = grid.centres().iter().flat_map(|[lng, lat]| [*lat as f32, *lng as f32]).collect();
    let shape = [centres.len() / 2, 2];
    let centres = Tensor::<2>::from_data(TensorData::new(centres, shape), device);
    let points: Vec<[f64; 2]> = cities.column(1).zip(cities.column(0)).map(|(lng, lat)| [lng, lat]).collect();
    DensityMap::from_log_density(&grid, &log_probs(flow, &centres, &()))
        .points(&points)
        .point_radius(0.8)
        .color_map(ColorMap::Magma)
        .scale(ColorScale::Log { nats: 9.0 })
        .equal_aspect(true)
        .tick_steps(60.0, 30.0)
        .x_label("longitude")
        .y_label("latitude")
        .title("Where the world's cities are, as a neural spline flow sees it")
        .size(1800, 860)
        .save(path)
}
