//! A density over the plane.

use std::path::Path;

use crate::PlotError;

use super::canvas::{Canvas, Rect};
use super::check;
use super::color::{ColorMap, Rgb};
use super::color_bar::ColorBar;
use super::color_scale::{ColorScale, Shades, Values};
use super::frame::{Axes, Frame};
use super::grid::Grid;
use super::labels::{Labels, shared_methods};
use super::left_out::{finite_points, noted};
use super::output::{self, Reason};

/// A picture of a density over the plane, with the data over it.
///
/// # Example
///
/// ```
/// use flows_plot::{ColorMap, ColorScale, DensityMap, Grid};
///
/// # let directory = tempfile::tempdir().unwrap();
/// # let path = directory.path().join("picture.png");
/// let grid = Grid::new([120, 80], -3.0..3.0, -2.0..2.0);
/// let log_density: Vec<f64> = grid.centres().iter().map(|[x, y]| -0.5 * (x * x + 4.0 * y * y)).collect();
/// DensityMap::from_log_density(&grid, &log_density)
///     .points(&[[0.5_f32, 0.1], [-1.0, 0.3]])
///     .color_map(ColorMap::Magma)
///     .scale(ColorScale::Log { nats: 7.0 })
///     .equal_aspect(true)
///     .title("A Gaussian and two samples")
///     .save(&path)?;
/// assert!(path.is_file());
/// # Ok::<(), flows_plot::PlotError>(())
/// ```
///
/// # Notes
///
/// Between the centres of the cells the colour is interpolated. Points outside the grid are left out.
#[derive(Debug, Clone)]
pub struct DensityMap {
    grid: Grid,
    values: Values,
    points: Vec<[f64; 2]>,
    left_out: usize,
    point_radius: Option<f64>,
    color_map: ColorMap,
    scale: ColorScale,
    color_bar: bool,
    equal_aspect: bool,
    tick_steps: Option<(f64, f64)>,
    labels: Labels,
}

impl DensityMap {
    /// A picture of log-densities (in nats), one a cell, in the order of [`Grid::centres`].
    ///
    /// Negative infinity is allowed: the density is zero there.
    pub fn from_log_density<T: Copy + Into<f64>>(grid: &Grid, log_densities: &[T]) -> Self {
        Self::new(grid, Values::LogDensity(check::to_f64(log_densities)))
    }

    /// A picture of densities, one a cell, in the order of [`Grid::centres`].
    pub fn from_density<T: Copy + Into<f64>>(grid: &Grid, densities: &[T]) -> Self {
        Self::new(grid, Values::Density(check::to_f64(densities)))
    }

    fn new(grid: &Grid, values: Values) -> Self {
        Self {
            grid: grid.clone(),
            values,
            points: Vec::new(),
            left_out: 0,
            point_radius: None,
            color_map: ColorMap::default(),
            scale: ColorScale::default(),
            color_bar: true,
            equal_aspect: false,
            tick_steps: None,
            labels: Labels::default(),
        }
    }

    /// Draws points over the density, as small translucent dots. A flat list of coordinates is `flat.as_chunks().0`.
    /// Points that are not finite are left out, and counted in the title.
    #[must_use]
    pub fn points<T: Copy + Into<f64>>(mut self, points: &[[T; 2]]) -> Self {
        (self.points, self.left_out) = finite_points(check::points_to_f64(points));
        self
    }

    /// Sets the radius of the points in pixels. By default it depends on how many there are.
    #[must_use]
    pub fn point_radius(mut self, pixels: f64) -> Self {
        self.point_radius = Some(pixels);
        self
    }

    /// Sets the colour map, [`ColorMap::Viridis`] by default.
    #[must_use]
    pub fn color_map(mut self, color_map: ColorMap) -> Self {
        self.color_map = color_map;
        self
    }

    /// Sets how densities become colours, [`ColorScale::Linear`] by default.
    #[must_use]
    pub fn scale(mut self, scale: ColorScale) -> Self {
        self.scale = scale;
        self
    }

    /// Shows or hides the bar that explains the colours; it is shown by default.
    #[must_use]
    pub fn color_bar(mut self, shown: bool) -> Self {
        self.color_bar = shown;
        self
    }

    /// Makes a unit as long on one axis as on the other, instead of filling the picture.
    #[must_use]
    pub fn equal_aspect(mut self, equal: bool) -> Self {
        self.equal_aspect = equal;
        self
    }

    /// Puts ticks at the multiples of these, where round numbers are not the natural ones: 60 and 30 for degrees.
    #[must_use]
    pub fn tick_steps(mut self, x: f64, y: f64) -> Self {
        self.tick_steps = Some((x, y));
        self
    }

    shared_methods!(axes);
    shared_methods!(all);

    fn draw(&self) -> Result<Canvas, Reason> {
        if self.left_out > 0 {
            let title = Some(noted(self.labels.title.as_deref().unwrap_or_default(), self.left_out));
            let labels = Labels { title, ..self.labels.clone() };
            return Self { left_out: 0, labels, ..self.clone() }.draw();
        }
        self.grid.check(self.values.len())?;
        let shades = self.values.shades(self.scale)?;
        if let Some(radius) = self.point_radius {
            check::positive("the radius of the points", radius)?;
        }
        if let Some((x, y)) = self.tick_steps {
            check::positive("the tick step of x", x)?;
            check::positive("the tick step of y", y)?;
            let count = |range: &std::ops::Range<f64>, step: f64| (range.end - range.start) / step;
            if count(&self.grid.x, x).max(count(&self.grid.y, y)) > 100.0 {
                return Err(format!("tick steps of {x} and {y} make more than 100 ticks"));
            }
        }
        let mut canvas = self.labels.canvas(self.natural_size(&shades))?;
        let unit = canvas.unit();
        let (mut frame, axes, bar) = self.lay_out(canvas.bounds(), &shades);
        if self.equal_aspect {
            frame = frame.with_equal_units();
        }
        let table = self.color_map.table();
        self.draw_cells(&mut canvas, &frame, &shades, &table);
        self.draw_points(&mut canvas, &frame, unit);
        axes.draw(&mut canvas, &frame);
        if self.color_bar {
            bar.draw(&mut canvas, &frame, &table);
        }
        Ok(canvas)
    }

    /// The size in which the map has no empty bands beside or above it.
    fn natural_size(&self, shades: &Shades) -> (u32, u32) {
        let mut size = Rect { left: 0.0, top: 0.0, right: 840.0, bottom: 640.0 };
        if self.equal_aspect {
            // The text gets smaller with the picture, and with it what stands around the frame: hence a second round.
            for _ in 0..2 {
                let (frame, ..) = self.lay_out(size, shades);
                let filled = frame.area;
                let used = frame.with_equal_units().area;
                size.right = (size.right - filled.width() + used.width()).max(360.0);
                size.bottom = (size.bottom - filled.height() + used.height()).max(280.0);
            }
        }
        (size.right.round() as u32, size.bottom.round() as u32)
    }

    /// The frame that fills the picture, what stands around it, and the bar beside it.
    fn lay_out(&self, bounds: Rect, shades: &Shades) -> (Frame, Axes<'_>, ColorBar) {
        let unit = bounds.unit();
        let axes = Axes {
            unit,
            title: self.labels.title.as_deref(),
            x_label: self.labels.x.as_deref(),
            y_label: self.labels.y.as_deref(),
            x_step: self.tick_steps.map(|(x, _)| x),
            y_step: self.tick_steps.map(|(_, y)| y),
            ..Axes::default()
        };
        let mut outer = bounds.inset(16.0 * unit);
        let bar = ColorBar::new(unit, shades);
        // Without a bar, the last tick label of the axis reaches over its end.
        outer.right -= if self.color_bar { bar.width(outer.height()) } else { 10.0 * unit };
        (axes.fit(outer, self.grid.x.clone(), self.grid.y.clone()), axes, bar)
    }

    fn draw_cells(&self, canvas: &mut Canvas, frame: &Frame, shades: &Shades, table: &[Rgb]) {
        let [columns, rows] = self.grid.cells;
        // The two cells around a place, and the weight of the second.
        let neighbours = |part: f64, count: usize| {
            let place = (part * count as f64 - 0.5).clamp(0.0, (count - 1) as f64);
            let first = place as usize;
            (first, (first + 1).min(count - 1), (place - first as f64) as f32)
        };
        let mut across: Vec<(usize, usize, f32)> = Vec::new();
        let mut line = vec![0.0_f32; columns];
        let steps = (table.len() - 1) as f32;
        canvas.raster(frame.area, |height, widths, colors| {
            if across.is_empty() {
                across.extend(widths.iter().map(|&part| neighbours(part, columns)));
            }
            let (lower, upper, weight) = neighbours(1.0 - height, rows);
            let lower = &shades.values[lower * columns..][..columns];
            let upper = &shades.values[upper * columns..][..columns];
            for ((value, lower), upper) in line.iter_mut().zip(lower).zip(upper) {
                *value = lower + weight * (upper - lower);
            }
            for (color, &(left, right, weight)) in colors.iter_mut().zip(&across) {
                let value = line[left] + weight * (line[right] - line[left]);
                *color = table[(value * steps + 0.5) as usize];
            }
        });
    }

    fn draw_points(&self, canvas: &mut Canvas, frame: &Frame, unit: f64) {
        let count = self.points.len() as f64;
        let radius = self.point_radius.unwrap_or(unit * (4.2 - 0.75 * count.max(1.0).log10()).clamp(0.8, 2.4));
        let alpha = (28.0 / count.sqrt()).clamp(0.2, 0.85);
        for &point in self.points.iter().filter(|&&point| frame.contains(point)) {
            canvas.dot(frame.place(point), radius, self.color_map.overlay(), alpha);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{gaussians, picture, reason, two_moons};
    use super::*;

    fn moons_density(grid: &Grid) -> Vec<f64> {
        // A kernel density estimate.
        let data = two_moons(400, 0.0, 1);
        let log_density = |[x, y]: &[f64; 2]| {
            let kernels = data.iter().map(|[u, v]| (-((x - u).powi(2) + (y - v).powi(2)) / 0.03).exp());
            (kernels.sum::<f64>() / (400.0 * 0.03 * std::f64::consts::PI)).ln()
        };
        grid.centres().iter().map(log_density).collect()
    }

    #[test]
    fn the_peak_has_the_brightest_colour_and_the_edge_the_darkest() {
        let grid = Grid::new([101, 101], -4.0..4.0, -4.0..4.0);
        let values: Vec<f64> = grid.centres().iter().map(|[x, y]| -(x * x + y * y)).collect();
        for map in [ColorMap::Viridis, ColorMap::Inferno] {
            let map_picture = DensityMap::from_log_density(&grid, &values).color_map(map).size(400, 300);
            let shown = picture("", |path| map_picture.save(path));
            assert_eq!(shown.size, (400, 300));
            assert!(shown.count(map.color(1.0), 12) > 20, "the peak of {map:?}");
            assert!(shown.count(map.color(0.0), 2) > 10_000, "the edge of {map:?}");
        }
    }

    #[test]
    fn the_first_row_is_the_lowest() {
        let grid = Grid::new([1, 2], 0.0..1.0, 0.0..1.0);
        let map = DensityMap::from_density(&grid, &[0.0_f32, 1.0]).color_bar(false).size(400, 400);
        let shown = picture("", |path| map.save(path));
        assert_eq!(shown.pixel(200, 50), ColorMap::Viridis.color(1.0));
        assert_eq!(shown.pixel(200, 340), ColorMap::Viridis.color(0.0));
    }

    #[test]
    fn points_are_drawn_where_they_are_and_not_outside() {
        let grid = Grid::new([2, 2], 0.0..1.0, 0.0..1.0);
        let map = DensityMap::from_density(&grid, &[1.0; 4]).size(400, 400);
        let with = map.clone().points(&[[0.5, 0.5], [7.0, 0.5]]).point_radius(6.0);
        let count = |map: &DensityMap| picture("", |path| map.save(path)).count(ColorMap::Viridis.overlay(), 70);
        assert_eq!(count(&map), 0);
        let dot = std::f64::consts::PI * 36.0;
        assert!((count(&with) as f64 - dot).abs() < 0.2 * dot, "{}", count(&with));
    }

    #[test]
    fn equal_aspect_makes_a_square_of_a_square() {
        let grid = Grid::new([1, 1], 0.0..1.0, 0.0..1.0);
        let map = DensityMap::from_density(&grid, &[1.0]).color_bar(false).equal_aspect(true).size(600, 300);
        let shown = picture("", |path| map.save(path));
        let filled = shown.bounds(ColorMap::Viridis.color(1.0), 3);
        assert!(((filled[2] - filled[0]) - (filled[3] - filled[1])).abs() <= 2, "{filled:?}");
    }

    #[test]
    fn bad_input_is_refused_with_the_reason() {
        let grid = Grid::new([2, 1], 0.0..1.0, 0.0..1.0);
        let good = DensityMap::from_density(&grid, &[1.0, 2.0]);
        let cases = [
            (DensityMap::from_density(&grid, &[1.0, f64::NAN]), "value 1 is NaN"),
            (DensityMap::from_density(&grid, &[-1.0, 1.0]), "value 0 is -1"),
            (DensityMap::from_density(&grid, &[0.0, 0.0]), "zero everywhere"),
            (DensityMap::from_log_density(&grid, &[f32::NEG_INFINITY; 2]), "zero everywhere"),
            (DensityMap::from_log_density(&grid, &[f32::INFINITY; 2]), "value 0 is inf"),
            (DensityMap::from_log_density(&grid, &[1000.0; 2]), "a log scale can show them"),
            (DensityMap::from_density::<f64>(&grid, &[]), "there are 0"),
            (good.clone().points(&[[f64::NAN, 0.0]]).size(10, 10), "10 x 10"),
            (good.clone().scale(ColorScale::Log { nats: 0.0 }), "depth of the log scale"),
            (good.clone().tick_steps(0.0, 1.0), "tick step of x"),
            (good.clone().tick_steps(0.5, 1e-9), "more than 100 ticks"),
            (good.clone().point_radius(f64::NAN), "radius"),
            (good.size(10, 10), "10 x 10"),
        ];
        for (map, expected) in cases {
            let message = reason(|path| map.save(path));
            assert!(message.contains(expected), "{message} lacks {expected}");
        }
    }

    #[test]
    fn the_gallery_shows_moons_and_a_world() {
        let grid = Grid::new([200, 150], -1.6..2.6, -1.1..1.6);
        let data = two_moons(1500, 0.1, 3);
        let map =
            DensityMap::from_log_density(&grid, &moons_density(&grid)).equal_aspect(true).x_label("x").y_label("y");
        for color_map in [ColorMap::Viridis, ColorMap::Magma, ColorMap::Inferno, ColorMap::Plasma, ColorMap::Cividis] {
            let map = map.clone().color_map(color_map).points(&data).title(format!("Two moons, {color_map:?}"));
            let name = format!("density-{color_map:?}");
            let size = picture(&name, |path| map.save(path)).size;
            assert!(size.0 > 800 && size.1 < 600, "{size:?}: there are no bands above and below");
        }

        let world = Grid::new([1440, 720], -180.0..180.0, -90.0..90.0);
        let modes =
            [(-100.0, 40.0, 12.0), (10.0, 50.0, 7.0), (80.0, 22.0, 9.0), (115.0, 32.0, 8.0), (-60.0, -15.0, 10.0)];
        let density = |[x, y]: &[f64; 2]| {
            modes
                .iter()
                .map(|(u, v, s)| (-((x - u).powi(2) + (y - v).powi(2)) / (2.0 * s * s)).exp() / (s * s))
                .sum::<f64>()
        };
        let values: Vec<f32> = world.centres().iter().map(|point| density(point) as f32).collect();
        let points = gaussians(20_000, &modes.map(|(u, v, s)| ([u, v], s)), 5);
        let map = DensityMap::from_density(&world, &values)
            .points(&points)
            .color_map(ColorMap::Magma)
            .scale(ColorScale::Log { nats: 12.0 })
            .equal_aspect(true)
            .tick_steps(60.0, 30.0)
            .x_label("longitude (°)")
            .y_label("latitude (°)")
            .title("A world of five Gaussians")
            .size(1440, 760);
        assert_eq!(picture("density-world", |path| map.save(path)).size, (1440, 760));
    }
}
