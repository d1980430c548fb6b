//! A rectangle of the plane on a rectangle of the paper, with axes.

use std::ops::Range;

use super::canvas::{Canvas, Rect};
use super::color::Rgb;
use super::text::{Across, Along, TextStyle};
use super::ticks::{self, Tick};

/// What stands around a frame.
#[derive(Debug, Clone, Default)]
pub(crate) struct Axes<'a> {
    /// The size of text and strokes, 1 for a panel of a usual size.
    pub(crate) unit: f64,
    pub(crate) title: Option<&'a str>,
    pub(crate) x_label: Option<&'a str>,
    pub(crate) y_label: Option<&'a str>,
    /// Ticks at the multiples of this, instead of round numbers that fit.
    pub(crate) x_step: Option<f64>,
    pub(crate) y_step: Option<f64>,
    /// No ticks below the frame.
    pub(crate) bare_x: bool,
    /// No ticks beside the frame.
    pub(crate) bare_y: bool,
    /// No ticks near the corners, where those of the next frame are.
    pub(crate) crowded: bool,
    /// The room for vertical tick labels, where that of several frames is to be the same.
    pub(crate) label_gap: f64,
}

/// A part of the plane and its place on the paper.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) area: Rect,
    pub(crate) x: Range<f64>,
    pub(crate) y: Range<f64>,
}

impl Frame {
    /// The place of a point on the paper.
    pub(crate) fn place(&self, [x, y]: [f64; 2]) -> (f64, f64) {
        let part = |value: f64, range: &Range<f64>| (value - range.start) / (range.end - range.start);
        (
            self.area.left + part(x, &self.x) * self.area.width(),
            self.area.bottom - part(y, &self.y) * self.area.height(),
        )
    }

    pub(crate) fn contains(&self, [x, y]: [f64; 2]) -> bool {
        (self.x.start..=self.x.end).contains(&x) && (self.y.start..=self.y.end).contains(&y)
    }

    /// The largest frame within this one, in its middle, whose axes have units of the same length.
    pub(crate) fn with_equal_units(mut self) -> Self {
        let (width, height) = (self.x.end - self.x.start, self.y.end - self.y.start);
        let scale = (self.area.width() / width).min(self.area.height() / height);
        let spare_x = ((self.area.width() - scale * width) / 2.0).floor();
        let spare_y = ((self.area.height() - scale * height) / 2.0).floor();
        self.area.left += spare_x;
        self.area.right -= spare_x;
        self.area.top += spare_y;
        self.area.bottom -= spare_y;
        self
    }

    /// This frame with more of one axis, so that units have the same length on both.
    pub(crate) fn widened_to_equal_units(mut self) -> Self {
        let (width, height) = (self.x.end - self.x.start, self.y.end - self.y.start);
        let scale = (self.area.width() / width).min(self.area.height() / height);
        let spare_x = (self.area.width() / scale - width) / 2.0;
        let spare_y = (self.area.height() / scale - height) / 2.0;
        self.x = self.x.start - spare_x..self.x.end + spare_x;
        self.y = self.y.start - spare_y..self.y.end + spare_y;
        self
    }

    /// A line through points of the plane, cut at the frame.
    pub(crate) fn line(&self, canvas: &mut Canvas, points: &[[f64; 2]], color: Rgb, stroke: f64) {
        let mut piece: Vec<(f64, f64)> = Vec::with_capacity(points.len());
        for pair in points.windows(2) {
            let Some([from, to]) = self.cut(pair[0], pair[1]) else { continue };
            let (from, to) = (self.place(from), self.place(to));
            if piece.last() != Some(&from) {
                canvas.line(&piece, color, stroke);
                piece.clear();
                piece.push(from);
            }
            piece.push(to);
        }
        canvas.line(&piece, color, stroke);
    }

    /// The part of a segment within the frame (Liang and Barsky).
    fn cut(&self, from: [f64; 2], to: [f64; 2]) -> Option<[[f64; 2]; 2]> {
        let (mut start, mut end) = (0.0_f64, 1.0_f64);
        for (axis, range) in [&self.x, &self.y].into_iter().enumerate() {
            let step = to[axis] - from[axis];
            for (bound, inward) in [(range.start, 1.0), (range.end, -1.0)] {
                let (distance, speed) = (inward * (bound - from[axis]), inward * step);
                if speed == 0.0 {
                    if distance > 0.0 {
                        return None;
                    }
                } else if speed > 0.0 {
                    start = start.max(distance / speed);
                } else {
                    end = end.min(distance / speed);
                }
            }
        }
        let at = |part: f64| {
            // The ends themselves, exactly: the pieces of a line are joined where they are equal.
            match part {
                0.0 => from,
                1.0 => to,
                _ => [from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1])],
            }
        };
        (start <= end).then(|| [at(start), at(end)])
    }
}

impl Axes<'_> {
    /// The frame that fits into a part of the paper with its title, ticks and labels around it.
    pub(crate) fn fit(&self, outer: Rect, x: Range<f64>, y: Range<f64>) -> Frame {
        let (tick, label, title) = (self.tick_style(), self.label_style(), self.title_style());
        let mut area = outer;
        if self.title.is_some() {
            area.top += title.cap_height() + 14.0 * self.unit;
        }
        if !self.bare_x {
            area.bottom -= tick.cap_height() + 11.0 * self.unit;
        }
        if self.x_label.is_some() {
            area.bottom -= label.cap_height() + 11.0 * self.unit;
        }
        if !self.bare_y {
            area.left += self.y_tick_width(&Frame { area, x: x.clone(), y: y.clone() }) + 9.0 * self.unit;
        }
        if self.y_label.is_some() {
            area.left += label.cap_height() + 12.0 * self.unit;
        }
        // Whole pixels, so that the frame's lines are sharp.
        let area = Rect {
            left: area.left.round(),
            top: area.top.round(),
            right: area.right.round().max(area.left.round() + 1.0),
            bottom: area.bottom.round().max(area.top.round() + 1.0),
        };
        Frame { area, x, y }
    }

    /// Lines across the frame at the ticks, for below the data.
    pub(crate) fn draw_grid(&self, canvas: &mut Canvas, frame: &Frame) {
        let Rect { left, top, right, bottom } = frame.area;
        for Tick { value, .. } in self.x_ticks(frame) {
            let (x, _) = frame.place([value, frame.y.start]);
            canvas.rule((x, top), (x, bottom), Rgb::GRID, self.unit);
        }
        for Tick { value, .. } in self.y_ticks(frame) {
            let (_, y) = frame.place([frame.x.start, value]);
            canvas.rule((left, y), (right, y), Rgb::GRID, self.unit);
        }
    }

    /// The frame, its ticks and its labels, for above the data.
    pub(crate) fn draw(&self, canvas: &mut Canvas, frame: &Frame) {
        let Rect { left, top, right, bottom } = frame.area;
        let stroke = 0.9 * self.unit;
        canvas.outline(frame.area, Rgb::INK, stroke);
        let tick = self.tick_style();
        let length = 4.0 * self.unit;
        let mut below = bottom;
        if !self.bare_x {
            let style = tick.anchor(Along::Middle, Across::Top);
            for Tick { value, label } in self.x_ticks(frame) {
                let (x, _) = frame.place([value, frame.y.start]);
                canvas.rule((x, bottom), (x, bottom + length), Rgb::INK, stroke);
                canvas.text(&label, (x, bottom + length + 4.0 * self.unit), style);
            }
            below += tick.cap_height() + 11.0 * self.unit;
        }
        let mut beside = left;
        if !self.bare_y {
            beside -= 9.0 * self.unit + self.label_gap.max(self.y_tick_width(frame));
            let style = tick.anchor(Along::End, Across::Middle);
            for Tick { value, label } in self.y_ticks(frame) {
                let (_, y) = frame.place([frame.x.start, value]);
                canvas.rule((left - length, y), (left, y), Rgb::INK, stroke);
                canvas.text(&label, (left - length - 3.0 * self.unit, y), style);
            }
        }
        if let Some(label) = self.x_label {
            let (label, style) = self.label_style().fitted(label, frame.area.width());
            canvas.text(
                &label,
                (frame.area.middle_x(), below + 4.0 * self.unit),
                style.anchor(Along::Middle, Across::Top),
            );
        }
        if let Some(label) = self.y_label {
            let (label, style) = self.label_style().fitted(label, frame.area.height());
            let at = (beside - 6.0 * self.unit, frame.area.middle_y());
            canvas.text(&label, at, style.upright().anchor(Along::Middle, Across::Base));
        }
        if let Some(title) = self.title {
            // It may reach over the ticks on both sides.
            let (title, style) = self.title_style().fitted(title, right - left + 60.0 * self.unit);
            canvas.text(
                &title,
                (frame.area.middle_x(), top - 9.0 * self.unit),
                style.anchor(Along::Middle, Across::Base),
            );
        }
    }

    /// The frame with its vertical ticks and label on the right.
    pub(crate) fn draw_right(&self, canvas: &mut Canvas, frame: &Frame) {
        let (stroke, length) = (0.9 * self.unit, 4.0 * self.unit);
        let right = frame.area.right;
        canvas.outline(frame.area, Rgb::INK, stroke);
        let style = self.tick_style();
        let mut beside = right;
        for Tick { value, label } in self.y_ticks(frame) {
            let (_, y) = frame.place([frame.x.end, value]);
            canvas.rule((right, y), (right + length, y), Rgb::INK, stroke);
            canvas.text(&label, (right + length + 3.0 * self.unit, y), style.anchor(Along::Start, Across::Middle));
            beside = beside.max(right + 9.0 * self.unit + style.width(&label));
        }
        if let Some(label) = self.y_label {
            let (label, style) = self.label_style().fitted(label, frame.area.height());
            let at = (beside + 6.0 * self.unit, frame.area.middle_y());
            canvas.text(&label, at, style.upright().anchor(Along::Middle, Across::Top));
        }
    }

    /// The width of the widest label of the vertical axis.
    pub(crate) fn y_tick_width(&self, frame: &Frame) -> f64 {
        let style = self.tick_style();
        self.y_ticks(frame).iter().map(|tick| style.width(&tick.label)).fold(0.0, f64::max)
    }

    fn x_ticks(&self, frame: &Frame) -> Vec<Tick> {
        let (style, range) = (self.tick_style(), self.ticked(&frame.x));
        if let Some(step) = self.x_step {
            return ticks::every(&range, step);
        }
        let pixels = frame.area.width() / (frame.x.end - frame.x.start);
        let most = frame.area.width() / (if self.crowded { 30.0 } else { 52.0 } * self.unit);
        ticks::round(&range, most as usize, |ticks, step| {
            let widest = ticks.iter().map(|tick| style.width(&tick.label)).fold(0.0, f64::max);
            widest + 0.9 * style.size <= step * pixels
        })
    }

    fn y_ticks(&self, frame: &Frame) -> Vec<Tick> {
        let (style, range) = (self.tick_style(), self.ticked(&frame.y));
        if let Some(step) = self.y_step {
            return ticks::every(&range, step);
        }
        let pixels = frame.area.height() / (frame.y.end - frame.y.start);
        let most = frame.area.height() / (if self.crowded { 30.0 } else { 42.0 } * self.unit);
        ticks::round(&range, most as usize, |_, step| 1.6 * style.size <= step * pixels)
    }

    /// The part of an axis that may have ticks.
    fn ticked(&self, range: &Range<f64>) -> Range<f64> {
        let margin = if self.crowded { 0.08 * (range.end - range.start) } else { 0.0 };
        range.start + margin..range.end - margin
    }

    pub(crate) fn tick_style(&self) -> TextStyle {
        TextStyle::new(12.0 * self.unit)
    }

    pub(crate) fn label_style(&self) -> TextStyle {
        TextStyle::new(13.5 * self.unit)
    }

    pub(crate) fn title_style(&self) -> TextStyle {
        TextStyle::new(15.5 * self.unit).bold()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Frame {
        let area = Rect { left: 10.0, top: 20.0, right: 110.0, bottom: 70.0 };
        Frame { area, x: 0.0..10.0, y: -1.0..1.0 }
    }

    #[test]
    fn the_plane_has_its_low_corner_at_the_lower_left() {
        assert_eq!(frame().place([0.0, -1.0]), (10.0, 70.0));
        assert_eq!(frame().place([10.0, 1.0]), (110.0, 20.0));
        assert!(frame().contains([10.0, 1.0]) && !frame().contains([10.1, 0.0]));
    }

    #[test]
    fn equal_units_cost_room_or_show_more() {
        let smaller = frame().with_equal_units();
        assert_eq!(smaller.area, Rect { left: 10.0, top: 35.0, right: 110.0, bottom: 55.0 });
        let wider = frame().widened_to_equal_units();
        assert_eq!((wider.area, wider.x, wider.y), (frame().area, 0.0..10.0, -2.5..2.5));
    }

    #[test]
    fn a_segment_is_cut_at_the_frame() {
        assert_eq!(frame().cut([-5.0, 0.0], [15.0, 0.0]), Some([[0.0, 0.0], [10.0, 0.0]]));
        assert_eq!(frame().cut([5.0, 0.0], [5.0, 3.0]), Some([[5.0, 0.0], [5.0, 1.0]]));
        assert_eq!(frame().cut([1.0, 0.5], [2.0, -0.5]), Some([[1.0, 0.5], [2.0, -0.5]]));
        assert_eq!(frame().cut([-5.0, 0.0], [-1.0, 0.0]), None);
        assert_eq!(frame().cut([-5.0, 0.0], [0.0, 9.0]), None);
    }

    #[test]
    fn the_frame_leaves_room_for_what_stands_around_it() {
        let outer = Rect { left: 0.0, top: 0.0, right: 400.0, bottom: 300.0 };
        let bare = Axes { unit: 1.0, bare_x: true, bare_y: true, ..Axes::default() };
        assert_eq!(bare.fit(outer, 0.0..1.0, 0.0..1.0).area, outer);
        let full = Axes { unit: 1.0, title: Some("t"), x_label: Some("x"), y_label: Some("y"), ..Axes::default() };
        let area = full.fit(outer, 0.0..1.0, 0.0..1.0).area;
        assert!(area.left > 30.0 && area.top > 15.0 && area.bottom < 270.0, "{area:?}");
        // Longer labels take more room.
        assert!(full.fit(outer, 0.0..1.0, 0.0..1e5).area.left > area.left);
    }
}
