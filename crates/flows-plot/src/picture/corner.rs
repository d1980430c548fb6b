//! Every feature, and every pair of features.

use std::ops::Range;
use std::path::Path;

use crate::PlotError;

use super::canvas::{Canvas, Rect};
use super::check;
use super::color::Rgb;
use super::contour;
use super::corner_places::Places;
use super::frame::{Axes, Frame};
use super::histogram::{self, Histogram, Histogram2d};
use super::labels::{Labels, shared_methods};
use super::left_out::{finite_rows, noted};
use super::legend::{self, Entry, FILL, Mark};
use super::output::{self, Reason};
use super::range;
use super::sample_panels;
use super::text::{Across, Along};

/// How a [`CornerPlot`] draws pairs of features.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum CornerStyle {
    /// The first set as shades, and of every set the lines that hold 50 % and 90 % of its points.
    #[default]
    Contours,
    /// Points, up to 4000 of each set, evenly chosen.
    Scatter,
}

/// Data against samples, all features at once: a histogram of each feature on the diagonal, each pair of features below it.
///
/// # Example
///
/// ```
/// use flows_plot::CornerPlot;
///
/// # let directory = tempfile::tempdir().unwrap();
/// # let path = directory.path().join("picture.png");
/// // Row-major, as a tensor of shape [rows, 2] gives them.
/// let data: Vec<f32> = (0..200).map(|index| (index as f32).sin()).collect();
/// let samples: Vec<f32> = (0..200).map(|index| (index as f32).cos()).collect();
/// CornerPlot::new(["width", "height"]).set("data", &data).set("samples", &samples).save(&path)?;
/// assert!(path.is_file());
/// # Ok::<(), flows_plot::PlotError>(())
/// ```
///
/// # Notes
///
/// The axes leave far outliers out. Up to about 12 features can be read; each panel gets smaller with their number unless
/// the picture is made larger.
#[derive(Debug, Clone)]
pub struct CornerPlot {
    features: Vec<String>,
    sets: Vec<Set>,
    style: CornerStyle,
    bins: Option<usize>,
    labels: Labels,
}

#[derive(Debug, Clone)]
struct Set {
    name: String,
    /// Row-major.
    values: Vec<f64>,
}

impl CornerPlot {
    /// A picture of features with these names.
    pub fn new<S: Into<String>>(features: impl IntoIterator<Item = S>) -> Self {
        Self {
            features: features.into_iter().map(Into::into).collect(),
            sets: Vec::new(),
            style: CornerStyle::default(),
            bins: None,
            labels: Labels::default(),
        }
    }

    /// Adds a set of rows, one value a feature, one row after the other. The first set is the one to compare with.
    /// Rows that are not finite are left out, and counted in the legend.
    #[must_use]
    pub fn set<T: Copy + Into<f64>>(mut self, name: impl Into<String>, rows: &[T]) -> Self {
        let (values, left_out) = finite_rows(check::to_f64(rows), self.features.len());
        self.sets.push(Set { name: noted(&name.into(), left_out), values });
        self
    }

    /// Sets how pairs of features are drawn, [`CornerStyle::Contours`] by default.
    #[must_use]
    pub fn style(mut self, style: CornerStyle) -> Self {
        self.style = style;
        self
    }

    /// Sets the number of bins of the histograms. By default it follows from the first set.
    #[must_use]
    pub fn bins(mut self, bins: usize) -> Self {
        self.bins = Some(bins);
        self
    }

    shared_methods!(all);

    /// The picture as the bytes of a PNG file.
    pub(crate) fn png(&self) -> Result<Vec<u8>, Reason> {
        output::bytes(self.draw())
    }

    fn draw(&self) -> Result<Canvas, Reason> {
        self.check()?;
        let count = self.features.len();
        let ranges: Vec<Range<f64>> = (0..count).map(|feature| self.range(feature)).collect();
        for (name, range) in self.features.iter().zip(&ranges) {
            check::range(&format!("feature {name:?}"), range)?;
        }
        let side = (110 + 200 * count as u32).clamp(600, 1700);
        let mut canvas = self.labels.canvas((side, side))?;
        let bounds = canvas.bounds();
        let panel = bounds.width().min(bounds.height()) / count as f64;
        let unit = (panel / 170.0).clamp(0.6, 4.0).min(canvas.unit());
        // Between the text of the panels and the usual text of a picture of this size.
        let heading = (unit * canvas.unit()).sqrt();
        let mut outer = bounds.inset(14.0 * heading);
        outer.top += self.draw_title(&mut canvas, outer, heading);

        let places = Places::new(outer, &ranges, unit);
        let room = places.panel(count - 1, count - 1);
        if room.width() < 16.0 || room.height() < 16.0 {
            return Err(format!("the picture is too small for {count} features"));
        }
        let diagonal: Vec<_> = (0..count).map(|feature| self.bars(feature, &ranges[feature])).collect();
        for row in 0..count {
            for column in 0..=row {
                let axes = Axes {
                    unit,
                    x_label: (row + 1 == count).then(|| self.features[column].as_str()),
                    y_label: (column == 0 && row > 0).then(|| self.features[row].as_str()),
                    bare_x: row + 1 < count,
                    bare_y: column > 0 || row == 0,
                    crowded: true,
                    label_gap: places.tick_room,
                    ..Axes::default()
                };
                let area = places.panel(row, column);
                let x = ranges[column].clone();
                if row == column {
                    let peak = diagonal[row].iter().map(Histogram::peak).fold(0.0, f64::max);
                    let y = 0.0..if peak > 0.0 { 1.1 * peak } else { 1.0 };
                    let frame = Frame { area, x, y };
                    self.draw_bars(&mut canvas, &frame, &diagonal[row], unit);
                    Axes { bare_y: true, ..axes }.draw(&mut canvas, &frame);
                } else {
                    let frame = Frame { area, x, y: ranges[row].clone() };
                    self.draw_pair(&mut canvas, &frame, [column, row], unit);
                    axes.draw(&mut canvas, &frame);
                }
            }
        }
        self.draw_legend(&mut canvas, &places, heading);
        Ok(canvas)
    }

    fn check(&self) -> Result<(), Reason> {
        let count = self.features.len();
        if !(2..=32).contains(&count) {
            return Err(format!("a corner plot needs from 2 to 32 features, there are {count}"));
        }
        if self.bins.is_some_and(|bins| !(1..=1000).contains(&bins)) {
            return Err("the number of bins must be from 1 to 1000".to_owned());
        }
        if self.sets.is_empty() {
            return Err("there are no sets".to_owned());
        }
        for Set { name, values } in &self.sets {
            let what = format!("set {name:?}");
            check::finite(&what, values.iter().copied())?;
            if !values.len().is_multiple_of(count) {
                return Err(format!("{what}: {} values do not make rows of {count} features", values.len()));
            }
        }
        Ok(())
    }

    fn values(&self, set: &Set, feature: usize) -> Vec<f64> {
        set.values.iter().skip(feature).step_by(self.features.len()).copied().collect()
    }

    fn range(&self, feature: usize) -> Range<f64> {
        let ranges = self.sets.iter().map(|set| range::robust(self.values(set, feature)));
        ranges.reduce(range::union).unwrap_or(0.0..1.0)
    }

    fn draw_title(&self, canvas: &mut Canvas, outer: Rect, unit: f64) -> f64 {
        let Some(title) = &self.labels.title else { return 0.0 };
        let style = Axes { unit: 1.1 * unit, ..Axes::default() }.title_style();
        let (title, style) = style.fitted(title, outer.width());
        canvas.text(&title, (outer.middle_x(), outer.top), style.anchor(Along::Middle, Across::Top));
        style.cap_height() + 14.0 * unit
    }

    fn bars(&self, feature: usize, range: &Range<f64>) -> Vec<Histogram> {
        let bins = self.bins.unwrap_or_else(|| histogram::bins(&self.values(&self.sets[0], feature), range).min(60));
        self.sets.iter().map(|set| Histogram::new(&self.values(set, feature), range.clone(), bins)).collect()
    }

    fn draw_bars(&self, canvas: &mut Canvas, frame: &Frame, sets: &[Histogram], unit: f64) {
        for (index, histogram) in sets.iter().enumerate() {
            let color = Rgb::of_series(index);
            if index == 0 {
                for (left, right, density) in histogram.bars() {
                    let ((left, top), (right, bottom)) = (frame.place([left, density]), frame.place([right, 0.0]));
                    canvas.fill(Rect { left, top, right, bottom }, color, FILL);
                }
            }
            frame.line(canvas, &histogram.outline(), color, if index == 0 { 1.1 } else { 1.8 } * unit);
        }
    }

    fn draw_pair(&self, canvas: &mut Canvas, frame: &Frame, [x, y]: [usize; 2], unit: f64) {
        let count = self.features.len();
        let sets: Vec<Vec<[f64; 2]>> = (self.sets.iter())
            .map(|set| set.values.chunks_exact(count).map(|row| [row[x], row[y]]).collect())
            .collect();
        match self.style {
            CornerStyle::Scatter => {
                let few = |points: &Vec<[f64; 2]>| -> Vec<[f64; 2]> {
                    points.iter().copied().step_by(points.len().div_ceil(4000)).collect()
                };
                let sets: Vec<_> = sets.iter().map(few).collect();
                let colors = (0..).map(Rgb::of_series);
                let sets: Vec<_> = sets.iter().map(Vec::as_slice).zip(colors).collect();
                sample_panels::draw_points(canvas, frame, &sets, 0.75 * unit);
            }
            CornerStyle::Contours => {
                for (index, points) in sets.into_iter().enumerate() {
                    // As fine as the number of points allows, so that the lines follow the shape and not the noise.
                    let bins = self.bins.unwrap_or((points.len() as f64).powf(0.42).clamp(12.0, 60.0) as usize);
                    let histogram = Histogram2d::new(points, &frame.x, &frame.y, bins).smoothed().smoothed();
                    if index == 0 {
                        draw_shades(canvas, frame, &histogram, Rgb::of_series(index));
                    }
                    let stroke = if index == 0 { 1.1 } else { 1.7 } * unit;
                    draw_contours(canvas, frame, &histogram, Rgb::of_series(index), stroke);
                }
            }
        }
    }

    fn draw_legend(&self, canvas: &mut Canvas, places: &Places, unit: f64) {
        let mark = |index| match (index, self.style) {
            (0, CornerStyle::Contours) => Mark::Fill,
            (_, CornerStyle::Contours) => Mark::Line,
            (_, CornerStyle::Scatter) => Mark::Dot,
        };
        let entry = |(index, set): (usize, &Set)| Entry {
            name: set.name.clone(),
            color: Rgb::of_series(index),
            mark: mark(index),
        };
        let entries: Vec<_> = self.sets.iter().enumerate().map(entry).collect();
        // The panels above the diagonal are free: most of them in the upper right corner.
        let room = places.outer.right - places.panel(0, 0).right;
        let (width, _) = legend::size(&entries, unit, room);
        legend::draw_at(canvas, (places.outer.right - width, places.outer.top), unit, &entries, room);
    }
}

/// The parts of the points that the contours hold.
const MASSES: [f64; 2] = [0.5, 0.9];

fn draw_shades(canvas: &mut Canvas, frame: &Frame, histogram: &Histogram2d, color: Rgb) {
    let peak = histogram.parts.iter().copied().fold(0.0, f64::max);
    let last = (histogram.bins - 1) as f64;
    // The two bins around a place, and the weight of the second.
    let neighbours = |part: f64| {
        let place = (part * histogram.bins as f64 - 0.5).clamp(0.0, last);
        (place as usize, (place as usize + 1).min(histogram.bins - 1), place.fract())
    };
    canvas.raster(frame.area, |height, widths, colors| {
        let (lower, upper, up) = neighbours(1.0 - height);
        for (pixel, &part) in colors.iter_mut().zip(widths) {
            let (left, right, along) = neighbours(part);
            let at = |row: usize, column: usize| histogram.parts[row * histogram.bins + column];
            let mix = |from: f64, to: f64, weight: f64| from + weight * (to - from);
            let value =
                mix(mix(at(lower, left), at(lower, right), along), mix(at(upper, left), at(upper, right), along), up);
            // The root lifts the tails, which are of interest here, over the paper.
            let alpha = if peak > 0.0 { 0.65 * (value / peak).sqrt() } else { 0.0 };
            *pixel = color.over(Rgb::PAPER, alpha);
        }
    });
}

fn draw_contours(canvas: &mut Canvas, frame: &Frame, histogram: &Histogram2d, color: Rgb, stroke: f64) {
    let bins = histogram.bins as f64;
    let in_range = |cell: f64, range: &Range<f64>| range.start + (cell + 0.5) / bins * (range.end - range.start);
    for mass in MASSES {
        // A level of zero holds all points there are: it has no line.
        let level = histogram.level(mass);
        if level > 0.0 {
            for segment in contour::segments(&histogram.parts, histogram.bins, level) {
                let ends = segment.map(|[x, y]| [in_range(x, &frame.x), in_range(y, &frame.y)]);
                frame.line(canvas, &ends, color, stroke);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Random, picture, reason, two_moons};
    use super::*;

    /// Rows of features, each of which leans on the one before it.
    fn rows(count: usize, features: usize, lean: f64, seed: u64) -> Vec<f64> {
        let mut random = Random::new(seed);
        let mut row = || {
            let mut last = random.normal();
            let mut feature = |index: usize| {
                last = lean * last + (1.0 - lean * lean).sqrt() * random.normal();
                if index % 3 == 2 { last * last * 100.0 } else { last }
            };
            (0..features).map(&mut feature).collect::<Vec<_>>()
        };
        (0..count).flat_map(|_| row()).collect()
    }

    #[test]
    fn both_sets_are_in_the_lower_triangle_and_nothing_is_in_the_upper_one() {
        for style in [CornerStyle::Contours, CornerStyle::Scatter] {
            let plot = CornerPlot::new(["a", "b", "c"]).style(style).set("data", &rows(500, 3, 0.8, 1));
            let plot = plot.set("samples", &rows(500, 3, 0.2, 2)).size(700, 700);
            let shown = picture("", |path| plot.save(path));
            assert_eq!(shown.size, (700, 700));
            for series in 0..2 {
                assert!(shown.count(Rgb::of_series(series), 30) > 300, "{style:?} {series}");
            }
            let upper = (480..690).flat_map(|x| (80..220).map(move |y| (x, y)));
            assert!(upper.clone().all(|(x, y)| shown.pixel(x, y) == Rgb::PAPER), "{style:?}");
        }
    }

    #[test]
    fn an_outlier_does_not_empty_the_panels() {
        let mut data = rows(500, 2, 0.5, 1);
        data.extend([1e9, -1e9]);
        let plot = CornerPlot::new(["a", "b"]).style(CornerStyle::Scatter).set("data", &data);
        assert!(picture("", |path| plot.save(path)).count(Rgb::of_series(0), 60) > 3000);
    }

    #[test]
    fn a_row_that_is_not_finite_is_left_out_and_counted() {
        let data = rows(500, 2, 0.5, 1);
        let samples: Vec<f64> = data.iter().copied().chain([f64::NAN, 0.0, 1.0, f64::INFINITY]).collect();
        let with = CornerPlot::new(["a", "b"]).set("data", &data).set("samples", &samples);
        assert_eq!((with.sets[1].name.as_str(), &with.sets[1].values), ("samples (2 not finite)", &data));
        picture("", |path| with.save(path));
    }

    #[test]
    fn a_feature_without_a_spread_can_be_drawn() {
        let data: Vec<f32> = (0..100).flat_map(|index| [index as f32, 5.0]).collect();
        for style in [CornerStyle::Contours, CornerStyle::Scatter] {
            picture("", |path| CornerPlot::new(["a", "b"]).style(style).set("data", &data).save(path));
        }
    }

    #[test]
    fn bad_input_is_refused_with_the_reason() {
        let two = CornerPlot::new(["a", "b"]);
        let cases = [
            (CornerPlot::new(["a"]).set("data", &[1.0]), "there are 1"),
            (two.clone(), "no sets"),
            (two.clone().set::<f32>("data", &[]), "set \"data\": there are no values"),
            (two.clone().set("data", &[1.0, 2.0, 3.0]), "3 values do not make rows of 2"),
            (two.clone().set("data", &[1.0, f64::NAN]), "set \"data (1 not finite)\": there are no values"),
            (two.set("data", &[1.0, 2.0]).bins(0), "number of bins"),
            (CornerPlot::new([""; 32]).set("data", &[1.0; 64]).size(160, 160), "too small for 32 features"),
        ];
        for (plot, expected) in cases {
            let message = reason(|path| plot.save(path));
            assert!(message.contains(expected), "{message} lacks {expected}");
        }
    }

    #[test]
    fn the_gallery_shows_two_four_and_twelve_features() {
        let moons = |noise, seed| two_moons(3000, noise, seed).into_flattened();
        let two = CornerPlot::new(["x", "y"]).set("data", &moons(0.08, 1)).set("samples", &moons(0.12, 2));
        picture("corner-2", |path| two.clone().title("Two moons").save(path));
        picture("corner-2-scatter", |path| two.style(CornerStyle::Scatter).save(path));
        let four = CornerPlot::new(["temperature (K)", "pressure", "energy", "a feature with a long name"])
            .set("data", &rows(5000, 4, 0.8, 1))
            .set("samples", &rows(5000, 4, 0.7, 2))
            .title("Four features");
        picture("corner-4", |path| four.save(path));
        picture("corner-4-scatter", |path| four.clone().style(CornerStyle::Scatter).save(path));
        let names = (0..12).map(|index| format!("feature {index}"));
        let twelve =
            CornerPlot::new(names).set("data", &rows(2000, 12, 0.8, 1)).set("samples", &rows(2000, 12, 0.7, 2));
        picture("corner-12", |path| twelve.save(path));
    }
}
