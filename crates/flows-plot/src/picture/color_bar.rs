//! What the colours of a map stand for.

use super::canvas::{Canvas, Rect};
use super::color::Rgb;
use super::color_scale::Shades;
use super::frame::{Axes, Frame};

/// A bar with all colours of a map and their values, right of the map.
pub(crate) struct ColorBar {
    axes: Axes<'static>,
    ends: std::ops::Range<f64>,
}

/// The width of the bar, and its distance from the map.
const BAR: f64 = 16.0;
const GAP: f64 = 14.0;

impl ColorBar {
    pub(crate) fn new(unit: f64, shades: &Shades) -> Self {
        let axes = Axes { unit, y_label: Some(shades.label), bare_x: true, ..Axes::default() };
        Self { axes, ends: shades.ends.clone() }
    }

    /// The room it takes beside a map.
    pub(crate) fn width(&self, height: f64) -> f64 {
        let unit = self.axes.unit;
        // Its labels stand on the right and need the same room there as on the left.
        let outer = Rect { left: 0.0, top: 0.0, right: 500.0 * unit, bottom: height };
        self.axes.fit(outer, 0.0..1.0, self.ends.clone()).area.left + (BAR + GAP) * unit
    }

    pub(crate) fn draw(&self, canvas: &mut Canvas, map: &Frame, table: &[Rgb]) {
        let unit = self.axes.unit;
        let left = (map.area.right + GAP * unit).round();
        let area = Rect { left, right: left + (BAR * unit).round(), ..map.area };
        canvas.raster(area, |height, _, colors| {
            colors.fill(table[((1.0 - height) * (table.len() - 1) as f64).round() as usize]);
        });
        self.axes.draw_right(canvas, &Frame { area, x: 0.0..1.0, y: self.ends.clone() });
    }
}

#[cfg(test)]
mod tests {
    use super::super::color::ColorMap;
    use super::super::color_scale::{ColorScale, Values};
    use super::*;

    #[test]
    fn the_bar_has_the_highest_colour_on_top_and_stays_within_its_width() {
        let shades = Values::Density(vec![0.0, 1.0]).shades(ColorScale::Linear).unwrap();
        let bar = ColorBar::new(1.0, &shades);
        let map = Frame { area: Rect { left: 0.0, top: 10.0, right: 50.0, bottom: 190.0 }, x: 0.0..1.0, y: 0.0..1.0 };
        let mut canvas = Canvas::new((300, 200));
        bar.draw(&mut canvas, &map, &ColorMap::Viridis.table());
        let (_, _, bytes) = canvas.finish();
        let pixel = |x: usize, y: usize| {
            Rgb(bytes[3 * (300 * y + x)], bytes[3 * (300 * y + x) + 1], bytes[3 * (300 * y + x) + 2])
        };
        let near = |Rgb(red, green, blue): Rgb, value| {
            let Rgb(r, g, b) = ColorMap::Viridis.color(value);
            red.abs_diff(r) < 8 && green.abs_diff(g) < 8 && blue.abs_diff(b) < 8
        };
        assert!(near(pixel(72, 12), 0.99));
        assert!(near(pixel(72, 187), 0.01));
        let last = (0..300).rev().find(|&x| (0..200).any(|y| pixel(x, y) != Rgb::PAPER)).unwrap();
        assert!(last > 90 && (last as f64) < 50.0 + bar.width(180.0), "{last}");
    }
}
