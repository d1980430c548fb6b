//! Where the panels of a corner plot are.

use std::ops::Range;

use super::canvas::Rect;
use super::frame::{Axes, Frame};

pub(crate) struct Places {
    pub(crate) outer: Rect,
    /// The room for the tick labels left of the first column, the same for all rows.
    pub(crate) tick_room: f64,
    grid: Rect,
    count: f64,
    gap: f64,
}

impl Places {
    /// Panels for features with these ranges, in a part of the paper.
    pub(crate) fn new(outer: Rect, ranges: &[Range<f64>], unit: f64) -> Self {
        let axes = Axes { unit, crowded: true, ..Axes::default() };
        let label = axes.label_style().cap_height();
        let count = ranges.len() as f64;
        let about = Rect { left: 0.0, top: 0.0, right: outer.width() / count, bottom: outer.height() / count };
        let width = |range: &Range<f64>| axes.y_tick_width(&Frame { area: about, x: 0.0..1.0, y: range.clone() });
        // The first row has no vertical ticks.
        let tick_room = ranges.iter().skip(1).map(width).fold(0.0, f64::max);
        let left = outer.left + tick_room + label + 20.0 * unit;
        let bottom = outer.bottom - axes.tick_style().cap_height() - label - 26.0 * unit;
        Self { outer, tick_room, grid: Rect { left, bottom, ..outer }, count, gap: 7.0 * unit }
    }

    pub(crate) fn panel(&self, row: usize, column: usize) -> Rect {
        let width = (self.grid.width() + self.gap) / self.count;
        let height = (self.grid.height() + self.gap) / self.count;
        let (left, top) = (self.grid.left + column as f64 * width, self.grid.top + row as f64 * height);
        Rect {
            left: left.round(),
            top: top.round(),
            right: (left + width - self.gap).round(),
            bottom: (top + height - self.gap).round(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_panels_fill_the_paper_without_an_overlap() {
        let outer = Rect { left: 10.0, top: 20.0, right: 710.0, bottom: 820.0 };
        let places = Places::new(outer, &[0.0..1.0, 0.0..1.0, 0.0..1.0], 1.0);
        let [first, second, last] = [places.panel(0, 0), places.panel(1, 1), places.panel(2, 2)];
        assert!(first.right < second.left && first.bottom < second.top);
        assert!(first.left > outer.left + 30.0 && first.top == outer.top, "{first:?}");
        assert!((last.right - outer.right).abs() <= 1.0 && last.bottom < outer.bottom - 30.0, "{last:?}");
    }

    #[test]
    fn long_numbers_get_more_room() {
        let outer = Rect { left: 0.0, top: 0.0, right: 700.0, bottom: 700.0 };
        let room = |range: Range<f64>| Places::new(outer, &[0.0..1.0, range], 1.0).tick_room;
        assert!(room(0.0..100_000.0) > room(0.0..10.0));
    }
}
