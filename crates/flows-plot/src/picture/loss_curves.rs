//! A training run.

use std::path::Path;

use crate::PlotError;

use super::canvas::Canvas;
use super::check;
use super::color::Rgb;
use super::frame::Axes;
use super::labels::{Labels, shared_methods};
use super::left_out::{finite_points, noted};
use super::legend::{self, Entry, Mark};
use super::output::{self, Reason};
use super::range;
use super::ticks;

/// Named series of values an epoch, with a mark on the best of one of them.
///
/// # Example
///
/// ```
/// use flows_plot::LossCurves;
///
/// # let directory = tempfile::tempdir().unwrap();
/// # let path = directory.path().join("picture.png");
/// LossCurves::new()
///     .series("training", [2.0_f32, 1.5, 1.2, 1.0].into_iter().enumerate())
///     // An epoch without a value is left out.
///     .series("validation", [(0, 2.1_f32), (2, 1.3), (3, 1.4)])
///     .best_of("validation")
///     .y_label("loss (nats)")
///     .save(&path)?;
/// assert!(path.is_file());
/// # Ok::<(), flows_plot::PlotError>(())
/// ```
///
/// # Notes
///
/// Lower is better. A few values far above all others, as a run may start with, leave through the top of the picture instead
/// of flattening the rest of it.
#[derive(Debug, Clone, Default)]
pub struct LossCurves {
    series: Vec<Series>,
    best_of: Option<String>,
    labels: Labels,
}

#[derive(Debug, Clone)]
struct Series {
    name: String,
    values: Vec<[f64; 2]>,
    left_out: usize,
}

impl LossCurves {
    /// A picture without series yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a series of epochs and their values, in the order of the epochs. Epochs may be missing: the line passes over
    /// them, and over values that are not finite, which are counted in the legend.
    #[must_use]
    pub fn series<T: Into<f64>>(
        mut self,
        name: impl Into<String>,
        values: impl IntoIterator<Item = (usize, T)>,
    ) -> Self {
        let values = values.into_iter().map(|(epoch, value)| [epoch as f64, value.into()]).collect();
        let (values, left_out) = finite_points(values);
        self.series.push(Series { name: name.into(), values, left_out });
        self
    }

    /// Marks the lowest value of the series with this name.
    #[must_use]
    pub fn best_of(mut self, name: impl Into<String>) -> Self {
        self.best_of = Some(name.into());
        self
    }

    shared_methods!(axes);
    shared_methods!(all);

    fn draw(&self) -> Result<Canvas, Reason> {
        if self.series.is_empty() {
            return Err("there are no series".to_owned());
        }
        for Series { name, values, left_out } in &self.series {
            let what = format!("series {:?}", noted(name, *left_out));
            check::finite(&what, values.iter().map(|value| value[1]))?;
            if let Some(pair) = values.windows(2).find(|pair| pair[0][0] >= pair[1][0]) {
                return Err(format!("{what}: epoch {} comes after epoch {}", pair[1][0], pair[0][0]));
            }
        }
        let best = self.best()?;
        let mut canvas = self.labels.canvas((900, 560))?;
        let unit = canvas.unit();
        let all = || self.series.iter().flat_map(|series| series.values.iter().copied());
        let x = all().map(|value| value[0]..value[0]).reduce(range::union).unwrap_or(0.0..1.0);
        let x = range::padded(if x.start == x.end { x.start - 0.5..x.end + 0.5 } else { x });
        let y = range::without_early_peaks(all().map(|value| value[1]));
        check::range("the values", &y)?;

        let mut axes = Axes {
            unit,
            title: self.labels.title.as_deref(),
            x_label: Some(self.labels.x.as_deref().unwrap_or("epoch")),
            y_label: Some(self.labels.y.as_deref().unwrap_or("loss")),
            ..Axes::default()
        };
        // No ticks between two epochs.
        if ticks::every(&x, 1.0).len() <= 7 {
            axes.x_step = Some(1.0);
        }
        let outer = canvas.bounds().inset(18.0 * unit);
        let frame = axes.fit(outer, x, y);
        axes.draw_grid(&mut canvas, &frame);

        let mut entries = Vec::new();
        for (index, Series { name, values, left_out }) in self.series.iter().enumerate() {
            let color = Rgb::of_series(index);
            frame.line(&mut canvas, values, color, 2.2 * unit);
            // Single values would not show in a line, and in a sparse series the reader wants to see where they are.
            if values.len() <= 40 {
                for &value in values.iter().filter(|&&value| frame.contains(value)) {
                    canvas.dot(frame.place(value), 3.2 * unit, color, 1.0);
                }
            }
            entries.push(Entry { name: noted(name, *left_out), color, mark: Mark::Line });
        }
        if let Some((index, [epoch, value])) = best {
            let color = Rgb::of_series(index);
            legend::ring(&mut canvas, frame.place([epoch, value]), unit, color);
            let name = format!("best: {} at epoch {epoch}", ticks::short(value));
            entries.push(Entry { name, color, mark: Mark::Ring });
        }
        axes.draw(&mut canvas, &frame);
        let points: Vec<_> = all().map(|value| frame.place(value)).collect();
        legend::draw(&mut canvas, frame.area, unit, &entries, &points);
        Ok(canvas)
    }

    /// The series with the mark, and the place of its lowest value.
    fn best(&self) -> Result<Option<(usize, [f64; 2])>, Reason> {
        let Some(wanted) = &self.best_of else { return Ok(None) };
        let index = self.series.iter().position(|series| series.name == *wanted);
        let index = index.ok_or_else(|| format!("the best of {wanted:?} is asked for, and no series has that name"))?;
        let values = self.series[index].values.iter().copied();
        Ok(values.min_by(|one, other| one[1].total_cmp(&other[1])).map(|value| (index, value)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Random, picture, reason};
    use super::*;

    fn run(name: &str, start: f64, end: f64) -> Vec<(usize, f64)> {
        let mut random = Random::new(name.len() as u64);
        let value = |epoch: usize| end + (start - end) * (-(epoch as f64) / 12.0).exp();
        (0..120).map(|epoch| (epoch, value(epoch) + 0.02 * random.normal())).collect()
    }

    #[test]
    fn every_series_is_drawn_in_its_colour() {
        let curves = LossCurves::new().series("one", [(0, 1.0), (9, 3.0)]).series("two", [(0, 3.0), (9, 1.0)]);
        let shown = picture("", |path| curves.save(path));
        assert_eq!(shown.size, (900, 560));
        for series in 0..2 {
            let [left, top, right, bottom] = shown.bounds(Rgb::of_series(series), 10);
            assert!(right - left > 600 && bottom - top > 300, "{left} {top} {right} {bottom}");
        }
    }

    #[test]
    fn the_best_value_is_the_lowest_one() {
        let curves = LossCurves::new().series("a", [(0, 0.0)]).series("b", [(0, 3.0), (4, 1.0), (7, 2.0)]).best_of("b");
        assert_eq!(curves.best(), Ok(Some((1, [4.0, 1.0]))));
        assert_eq!(LossCurves::new().series("a", [(0, 0.0)]).best(), Ok(None));
    }

    #[test]
    fn a_single_value_can_be_seen() {
        let shown = picture("", |path| LossCurves::new().series("one", [(3, 1.0)]).save(path));
        assert!(shown.count(Rgb::of_series(0), 10) > 20);
    }

    #[test]
    fn a_value_that_is_not_finite_is_passed_over_and_counted() {
        let curves = LossCurves::new().series("a", [(0, 1.0), (1, f64::INFINITY), (2, 0.5)]).best_of("a");
        assert_eq!((curves.series[0].values.len(), curves.series[0].left_out), (2, 1));
        picture("", |path| curves.save(path));
    }

    #[test]
    fn bad_input_is_refused_with_the_reason() {
        let one = LossCurves::new().series("a", [(0, 1.0)]);
        let cases = [
            (LossCurves::new(), "no series"),
            (one.clone().series::<f64>("b", []), "series \"b\": there are no values"),
            (one.clone().series("b", [(1, f64::NAN)]), "series \"b (1 not finite)\": there are no values"),
            (one.clone().series("b", [(2, 1.0), (1, 1.0)]), "epoch 1 comes after epoch 2"),
            (one.best_of("c"), "no series has that name"),
        ];
        for (curves, expected) in cases {
            let message = reason(|path| curves.save(path));
            assert!(message.contains(expected), "{message} lacks {expected}");
        }
    }

    #[test]
    fn the_gallery_shows_a_run() {
        let validation = run("validation", 3.2, 1.3).into_iter().step_by(5);
        let curves = LossCurves::new()
            .series("training", run("training", 3.0, 1.1))
            .series("validation", validation)
            .best_of("validation")
            .title("Two moons")
            .y_label("negative log-likelihood (nats)");
        picture("loss", |path| curves.save(path));
        let mut spoiled = run("training", 3.0, -1.1);
        spoiled[0].1 = 4e4;
        let curves = LossCurves::new().series("training", spoiled).best_of("training");
        picture("loss-peak", |path| curves.save(path));
        let curves = LossCurves::new().series("short", [(0, 2e-5), (1, 1.2e-5), (2, 1e-5)]).best_of("short");
        picture("loss-short", |path| curves.size(600, 400).save(path));
    }
}
