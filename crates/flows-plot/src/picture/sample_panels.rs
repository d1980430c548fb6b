//! Points beside points.

use std::ops::Range;
use std::path::Path;

use crate::PlotError;

use super::canvas::{Canvas, Rect};
use super::check;
use super::color::Rgb;
use super::frame::{Axes, Frame};
use super::labels::{Labels, shared_methods};
use super::left_out::{finite_points, noted};
use super::output::{self, Reason};
use super::range;
use super::text::{Across, Along};

/// Panels of points in the plane on the same axes: data beside samples, or a model in the course of its training.
///
/// # Example
///
/// ```
/// use flows_plot::SamplePanels;
///
/// # let directory = tempfile::tempdir().unwrap();
/// # let path = directory.path().join("picture.png");
/// SamplePanels::new()
///     .panel("data", &[[0.0_f32, 1.0], [1.0, 0.0], [0.5, 0.4]])
///     .panel("samples", &[[0.1_f32, 0.9], [0.8, 0.2]])
///     .save(&path)?;
/// assert!(path.is_file());
/// # Ok::<(), flows_plot::PlotError>(())
/// ```
///
/// # Notes
///
/// The axes leave far outliers out, unless [`ranges`](Self::ranges) are set.
#[derive(Debug, Clone, Default)]
pub struct SamplePanels {
    panels: Vec<(String, Vec<[f64; 2]>)>,
    columns: Option<usize>,
    ranges: Option<(Range<f64>, Range<f64>)>,
    equal_aspect: bool,
    labels: Labels,
}

impl SamplePanels {
    /// A picture without panels yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a panel with its title. A flat list of coordinates is `flat.as_chunks().0`. Points that are not finite
    /// are left out, and counted in the title.
    #[must_use]
    pub fn panel<T: Copy + Into<f64>>(mut self, title: impl Into<String>, points: &[[T; 2]]) -> Self {
        let (points, left_out) = finite_points(check::points_to_f64(points));
        self.panels.push((noted(&title.into(), left_out), points));
        self
    }

    /// Sets how many panels stand side by side; by default up to four.
    #[must_use]
    pub fn columns(mut self, columns: usize) -> Self {
        self.columns = Some(columns);
        self
    }

    /// Sets the ranges of the axes.
    #[must_use]
    pub fn ranges(mut self, x: Range<f64>, y: Range<f64>) -> Self {
        self.ranges = Some((x, y));
        self
    }

    /// Makes a unit as long on one axis as on the other, by showing more of the shorter one.
    #[must_use]
    pub fn equal_aspect(mut self, equal: bool) -> Self {
        self.equal_aspect = equal;
        self
    }

    shared_methods!(axes);
    shared_methods!(all);

    fn draw(&self) -> Result<Canvas, Reason> {
        if self.panels.is_empty() {
            return Err("there are no panels".to_owned());
        }
        for (title, points) in &self.panels {
            check::finite_points(&format!("panel {title:?}"), points)?;
        }
        let (x, y) = match &self.ranges {
            Some((x, y)) => (x.clone(), y.clone()),
            None => (self.robust(0), self.robust(1)),
        };
        check::range("the x range", &x)?;
        check::range("the y range", &y)?;
        let columns = match self.columns {
            Some(0) => return Err("there are zero columns of panels".to_owned()),
            Some(columns) => columns.min(self.panels.len()),
            None => self.panels.len().min(4),
        };
        let rows = self.panels.len().div_ceil(columns);
        // With equal units, panels of the shape of the data have no empty bands.
        let shape = if self.equal_aspect { (y.end - y.start) / (x.end - x.start) } else { 1.0 };
        let (width, height) = (430.0, 350.0 * shape.clamp(0.4, 1.7) + 80.0);
        let heading = if self.labels.title.is_some() { 60.0 } else { 30.0 };
        // Too many panels make a size that is refused.
        let mut canvas =
            self.labels.canvas(((width * columns as f64 + 20.0) as u32, (height * rows as f64 + heading) as u32))?;
        // The size of a panel, not that of the picture, says how large its text should be.
        let bounds = canvas.bounds();
        let panel = (bounds.width() / columns as f64 * bounds.height() / rows as f64).sqrt();
        let unit = (panel / 430.0).clamp(0.6, 4.0);

        let mut outer = bounds.inset(14.0 * unit);
        if let Some(title) = &self.labels.title {
            let style = Axes { unit: 1.15 * unit, ..Axes::default() }.title_style();
            let (title, style) = style.fitted(title, outer.width());
            let at = (outer.middle_x(), outer.top + 3.0 * unit);
            canvas.text(&title, at, style.anchor(Along::Middle, Across::Top));
            outer.top += style.cap_height() + 16.0 * unit;
        }
        let gap = 16.0 * unit;
        let (width, height) = (outer.width() / columns as f64, outer.height() / rows as f64);
        for (index, (title, points)) in self.panels.iter().enumerate() {
            let (column, row) = ((index % columns) as f64, (index / columns) as f64);
            let place = Rect {
                left: outer.left + column * width,
                top: outer.top + row * height,
                right: outer.left + (column + 1.0) * width - gap,
                bottom: outer.top + (row + 1.0) * height - if row + 1.0 < rows as f64 { gap } else { 0.0 },
            };
            let axes = Axes {
                unit,
                title: Some(title),
                x_label: self.labels.x.as_deref(),
                y_label: self.labels.y.as_deref(),
                ..Axes::default()
            };
            let mut frame = axes.fit(place, x.clone(), y.clone());
            if self.equal_aspect {
                frame = frame.widened_to_equal_units();
            }
            axes.draw_grid(&mut canvas, &frame);
            draw_points(&mut canvas, &frame, &[(points, Rgb::of_series(index.min(1)))], unit);
            axes.draw(&mut canvas, &frame);
        }
        Ok(canvas)
    }

    fn robust(&self, axis: usize) -> Range<f64> {
        let ranges = self.panels.iter().map(|(_, points)| range::robust(points.iter().map(|point| point[axis])));
        ranges.reduce(range::union).unwrap_or(0.0..1.0)
    }
}

/// Dots that get smaller and fainter the more of them there are. Of several sets none hides the others: they are drawn in
/// turns.
pub(crate) fn draw_points(canvas: &mut Canvas, frame: &Frame, sets: &[(&[[f64; 2]], Rgb)], unit: f64) {
    const TURNS: usize = 20;
    for turn in 0..TURNS {
        for &(points, color) in sets {
            let count = points.len() as f64;
            let radius = unit * (4.4 - 0.75 * count.max(1.0).log10()).clamp(1.0, 2.8);
            let alpha = (26.0 / count.sqrt()).clamp(0.12, 0.85);
            for &point in points.iter().skip(turn).step_by(TURNS).filter(|&&point| frame.contains(point)) {
                canvas.dot(frame.place(point), radius, color, alpha);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{picture, reason, two_moons};
    use super::*;

    #[test]
    fn each_panel_has_its_points_on_its_own_side() {
        let data = [[0.0_f64, 0.0], [1.0, 1.0], [0.5, 0.5]];
        let panels = SamplePanels::new().panel("data", &data).panel("samples", &data);
        let shown = picture("", |path| panels.save(path));
        assert_eq!(shown.size, (880, 460));
        for (series, side) in [(0, 0..440), (1, 440..880)] {
            let [left, _, right, _] = shown.bounds(Rgb::of_series(series), 40);
            assert!(side.contains(&left) && side.contains(&right), "series {series}: {left} {right}");
        }
    }

    #[test]
    fn an_outlier_is_left_out_of_the_axes() {
        let mut points = two_moons(500, 0.05, 1);
        points.push([1e6, 1e6]);
        let shown = picture("", |path| SamplePanels::new().panel("data", &points).save(path));
        let [left, top, right, bottom] = shown.bounds(Rgb::of_series(0), 60);
        assert!(right - left > 150 && bottom - top > 150, "{left} {top} {right} {bottom}");
    }

    #[test]
    fn bad_input_is_refused_with_the_reason() {
        let one = SamplePanels::new().panel("data", &[[0.0, 1.0]]);
        let cases = [
            (SamplePanels::new(), "no panels"),
            (one.clone().panel::<f64>("samples", &[]), "panel \"samples\": there are no points"),
            (one.clone().panel("samples", &[[f32::NAN, 0.0]]), "panel \"samples (1 not finite)\": there are no points"),
            (one.clone().ranges(0.0..0.0, 0.0..1.0), "x range"),
            (one.clone().columns(0), "zero columns"),
            ((0..50).fold(one.columns(usize::MAX), |all, _| all.panel("more", &[[0.0, 1.0]])), "each side"),
        ];
        for (panels, expected) in cases {
            let message = reason(|path| panels.save(path));
            assert!(message.contains(expected), "{message} lacks {expected}");
        }
    }

    #[test]
    fn the_gallery_shows_data_beside_samples() {
        let panels = SamplePanels::new()
            .panel("data", &two_moons(2000, 0.08, 1))
            .panel("samples", &two_moons(2000, 0.12, 2))
            .equal_aspect(true)
            .x_label("x")
            .y_label("y");
        picture("panels-two", |path| panels.save(path));
        let mut panels = SamplePanels::new().title("Samples in the course of the training").columns(3);
        for (epoch, noise) in [(0, 0.8), (1, 0.5), (2, 0.3), (5, 0.15), (10, 0.1)] {
            panels = panels.panel(format!("epoch {epoch}"), &two_moons(1000, noise, epoch));
        }
        picture("panels-five", |path| panels.save(path));
    }
}
