//! One feature: the data, and what models say of it.

use std::ops::Range;
use std::path::Path;

use crate::PlotError;

use super::canvas::{Canvas, Rect};
use super::check;
use super::color::Rgb;
use super::frame::Axes;
use super::histogram::{self, Histogram};
use super::labels::{Labels, shared_methods};
use super::left_out::{finite_rows, noted};
use super::legend::{self, Entry, FILL, Mark};
use super::output::{self, Reason};
use super::range;

/// A histogram of one feature, of area one, under named density curves.
///
/// # Example
///
/// ```
/// use flows_plot::Marginals;
///
/// # let directory = tempfile::tempdir().unwrap();
/// # let path = directory.path().join("picture.png");
/// let xs: Vec<f32> = (0..100).map(|index| index as f32 / 50.0 - 1.0).collect();
/// let densities: Vec<f32> = xs.iter().map(|x| 0.75 * (1.0 - x * x)).collect();
/// Marginals::new(&[-0.6_f32, -0.1, 0.0, 0.2, 0.7]).curve("flow", &xs, &densities).x_label("height").save(&path)?;
/// assert!(path.is_file());
/// # Ok::<(), flows_plot::PlotError>(())
/// ```
///
/// # Notes
///
/// The axis leaves far outliers out, unless a [`range`](Self::range) is set. They count all the same: the bars have the
/// height of the density.
#[derive(Debug, Clone)]
pub struct Marginals {
    data: Vec<f64>,
    data_name: String,
    left_out: usize,
    curves: Vec<Curve>,
    bins: Option<usize>,
    range: Option<Range<f64>>,
    labels: Labels,
}

#[derive(Debug, Clone)]
struct Curve {
    name: String,
    xs: Vec<f64>,
    densities: Vec<f64>,
}

impl Curve {
    fn points(&self) -> Vec<[f64; 2]> {
        self.xs.iter().zip(&self.densities).map(|(&x, &density)| [x, density]).collect()
    }
}

impl Marginals {
    /// A histogram of the data. Values that are not finite are left out, and counted in the legend.
    pub fn new<T: Copy + Into<f64>>(data: &[T]) -> Self {
        let (data, left_out) = finite_rows(check::to_f64(data), 1);
        Self {
            data,
            data_name: "data".to_owned(),
            left_out,
            curves: Vec::new(),
            bins: None,
            range: None,
            labels: Labels::default(),
        }
    }

    /// Names the histogram in the legend, `data` by default.
    #[must_use]
    pub fn data_name(mut self, name: impl Into<String>) -> Self {
        self.data_name = name.into();
        self
    }

    /// Adds a curve through the densities at the places `xs`, which must grow.
    #[must_use]
    pub fn curve<T: Copy + Into<f64>>(mut self, name: impl Into<String>, xs: &[T], densities: &[T]) -> Self {
        let (xs, densities) = (check::to_f64(xs), check::to_f64(densities));
        self.curves.push(Curve { name: name.into(), xs, densities });
        self
    }

    /// Sets the number of bins. By default it follows from how many data there are and how wide they spread.
    #[must_use]
    pub fn bins(mut self, bins: usize) -> Self {
        self.bins = Some(bins);
        self
    }

    /// Sets the range of the axis.
    #[must_use]
    pub fn range(mut self, range: Range<f64>) -> Self {
        self.range = Some(range);
        self
    }

    shared_methods!(axes);
    shared_methods!(all);

    fn draw(&self) -> Result<Canvas, Reason> {
        self.check()?;
        let x = self.range.clone().unwrap_or_else(|| range::robust(self.data.iter().copied()));
        check::range("the range of the data", &x)?;
        let bins = self.bins.unwrap_or_else(|| histogram::bins(&self.data, &x));
        let bars = Histogram::new(&self.data, x.clone(), bins);
        let curves: Vec<_> = self.curves.iter().map(Curve::points).collect();
        let shown = curves.iter().flatten().filter(|point| x.contains(&point[0])).map(|point| point[1]);
        // A curve may have a needle far above the bars: it leaves through the top.
        let needle = if bars.peak() > 0.0 { 3.0 * bars.peak() } else { f64::INFINITY };
        let peak = shown.fold(bars.peak(), f64::max).min(needle);
        let y = 0.0..if peak > 0.0 { 1.08 * peak } else { 1.0 };
        check::range("the range of the densities", &y)?;

        let mut canvas = self.labels.canvas((840, 540))?;
        let unit = canvas.unit();
        let axes = Axes {
            unit,
            title: self.labels.title.as_deref(),
            x_label: self.labels.x.as_deref(),
            y_label: Some(self.labels.y.as_deref().unwrap_or("density")),
            ..Axes::default()
        };
        let frame = axes.fit(canvas.bounds().inset(18.0 * unit), x, y);
        axes.draw_grid(&mut canvas, &frame);

        let color = Rgb::of_series(0);
        for (left, right, density) in bars.bars() {
            let ((left, top), (right, bottom)) = (frame.place([left, density]), frame.place([right, 0.0]));
            canvas.fill(Rect { left, top, right, bottom }, color, FILL);
        }
        frame.line(&mut canvas, &bars.outline(), color, 1.2 * unit);
        let mut entries = vec![Entry { name: noted(&self.data_name, self.left_out), color, mark: Mark::Fill }];
        for (index, (curve, points)) in self.curves.iter().zip(&curves).enumerate() {
            let color = Rgb::of_series(index + 1);
            frame.line(&mut canvas, points, color, 2.4 * unit);
            entries.push(Entry { name: curve.name.clone(), color, mark: Mark::Line });
        }
        axes.draw(&mut canvas, &frame);
        let outline = bars.outline();
        let points: Vec<_> = outline.iter().chain(curves.iter().flatten()).map(|&point| frame.place(point)).collect();
        legend::draw(&mut canvas, frame.area, unit, &entries, &points);
        Ok(canvas)
    }

    fn check(&self) -> Result<(), Reason> {
        check::finite(&noted("the data", self.left_out), self.data.iter().copied())?;
        if self.bins.is_some_and(|bins| !(1..=10_000).contains(&bins)) {
            return Err("the number of bins must be from 1 to 10000".to_owned());
        }
        for Curve { name, xs, densities } in &self.curves {
            let what = format!("curve {name:?}");
            if xs.len() != densities.len() {
                return Err(format!("{what}: {} places and {} densities", xs.len(), densities.len()));
            }
            check::finite(&format!("{what}, places"), xs.iter().copied())?;
            check::finite(&format!("{what}, densities"), densities.iter().copied())?;
            if let Some(index) = xs.windows(2).position(|pair| pair[0] >= pair[1]) {
                return Err(format!("{what}: place {} is not above the one before it", index + 1));
            }
            if let Some(index) = densities.iter().position(|&density| density < 0.0) {
                return Err(format!("{what}: density {index} is {}", densities[index]));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Random, picture, reason};
    use super::*;

    fn mixture(count: usize) -> Vec<f64> {
        let mut random = Random::new(7);
        (0..count).map(|index| if index % 3 == 0 { 2.5 + 0.4 * random.normal() } else { random.normal() }).collect()
    }

    fn density(x: f64) -> f64 {
        let bell =
            |x: f64, scale: f64| (-0.5 * (x / scale).powi(2)).exp() / (scale * (2.0 * std::f64::consts::PI).sqrt());
        bell(x, 1.0) * 2.0 / 3.0 + bell(x - 2.5, 0.4) / 3.0
    }

    #[test]
    fn bars_and_curves_are_drawn() {
        let xs = [-1.0, 0.0, 1.0];
        let marginals = Marginals::new(&[0.0, 0.1, 0.2, 0.9]).curve("flow", &xs, &[0.1, 0.5, 0.2]).bins(4);
        let shown = picture("", |path| marginals.save(path));
        assert_eq!(shown.size, (840, 540));
        assert!(shown.count(Rgb::of_series(0).over(Rgb::PAPER, FILL), 4) > 20_000);
        assert!(shown.count(Rgb::of_series(1), 10) > 500);
    }

    #[test]
    fn a_needle_does_not_flatten_the_bars() {
        let marginals = Marginals::new(&mixture(1000)).curve("flow", &[0.0, 0.01, 0.02], &[0.0, 1e9, 0.0]);
        let shown = picture("", |path| marginals.save(path));
        let [_, top, _, bottom] = shown.bounds(Rgb::of_series(0).over(Rgb::PAPER, FILL), 4);
        assert!(bottom - top > 80, "{top} {bottom}");
    }

    #[test]
    fn bad_input_is_refused_with_the_reason() {
        let one = Marginals::new(&[0.0, 1.0]);
        let cases = [
            (Marginals::new::<f32>(&[]), "the data: there are no values"),
            (Marginals::new(&[f32::INFINITY]), "the data (1 not finite): there are no values"),
            (one.clone().curve("flow", &[0.0, 1.0], &[1.0]), "2 places and 1 densities"),
            (one.clone().curve("flow", &[0.0], &[f64::NAN]), "curve \"flow\", densities: value 0 is NaN"),
            (one.clone().curve("flow", &[1.0, 0.0], &[1.0, 1.0]), "place 1 is not above"),
            (one.clone().curve("flow", &[0.0], &[-1.0]), "density 0 is -1"),
            (one.clone().bins(0), "number of bins"),
            (one.range(1.0..0.0), "range of the data"),
        ];
        for (marginals, expected) in cases {
            let message = reason(|path| marginals.save(path));
            assert!(message.contains(expected), "{message} lacks {expected}");
        }
    }

    #[test]
    fn the_gallery_shows_a_mixture() {
        let xs: Vec<f64> = (0..400).map(|index| -5.0 + f64::from(index) / 40.0).collect();
        let flow: Vec<f64> = xs.iter().map(|&x| density(x)).collect();
        let rough: Vec<f64> = xs.iter().map(|&x| 0.5 * density(x) + 0.5 * density(x - 0.4)).collect();
        let marginals = Marginals::new(&mixture(5000))
            .curve("spline flow", &xs, &flow)
            .curve("affine flow", &xs, &rough)
            .title("A mixture of two Gaussians")
            .x_label("x");
        picture("marginals", |path| marginals.save(path));
    }
}
