//! Which colour is what.

use super::canvas::{Canvas, Rect};
use super::color::Rgb;
use super::text::{Across, Along, TextStyle};

/// How a series looks in the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Line,
    Dot,
    Ring,
    Fill,
}

/// A line of a legend.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) color: Rgb,
    pub(crate) mark: Mark,
}

/// The fill of a histogram, and of its entry in the legend.
pub(crate) const FILL: f64 = 0.35;

/// Draws the legend in that corner of an area where the fewest of the points are.
pub(crate) fn draw(canvas: &mut Canvas, area: Rect, unit: f64, entries: &[Entry], points: &[(f64, f64)]) {
    if entries.is_empty() {
        return;
    }
    let (width, height) = size(entries, unit, area.width());
    let gap = 9.0 * unit;
    let corners = [
        (area.right - gap - width, area.top + gap),
        (area.left + gap, area.top + gap),
        (area.right - gap - width, area.bottom - gap - height),
        (area.left + gap, area.bottom - gap - height),
    ];
    let hidden = |&(left, top): &(f64, f64)| {
        let inside = |&&(x, y): &&(f64, f64)| {
            (left - gap..=left + width + gap).contains(&x) && (top - gap..=top + height + gap).contains(&y)
        };
        points.iter().filter(inside).count()
    };
    // The first of equals: upper right, where a reader looks first.
    let Some(&(left, top)) = corners.iter().min_by_key(|corner| hidden(corner)) else { return };
    let (left, top) = (left.round(), top.round());
    let paper = Rect { left, top, right: (left + width).round(), bottom: (top + height).round() };
    canvas.fill(paper, Rgb::PAPER, 0.88);
    canvas.outline(paper, Rgb::GRID, unit);
    draw_at(canvas, (left, top), unit, entries, area.width());
}

/// Draws the legend without a frame, with its upper left corner at a place.
pub(crate) fn draw_at(canvas: &mut Canvas, (left, top): (f64, f64), unit: f64, entries: &[Entry], room: f64) {
    let style = style(unit);
    for (index, Entry { name, color, mark }) in entries.iter().enumerate() {
        let y = top + PAD * unit + (index as f64 + 0.5) * LINE * unit;
        let (from, to) = (left + PAD * unit, left + (PAD + SWATCH) * unit);
        let middle = ((from + to) / 2.0, y);
        match mark {
            Mark::Line => canvas.line(&[(from, y), (to, y)], *color, 2.2 * unit),
            Mark::Dot => canvas.dot(middle, 4.0 * unit, *color, 0.9),
            Mark::Ring => ring(canvas, middle, unit, *color),
            Mark::Fill => {
                let swatch = Rect { left: from, top: y - 5.0 * unit, right: to, bottom: y + 5.0 * unit };
                canvas.fill(swatch, *color, FILL);
                canvas.outline(swatch, *color, 1.2 * unit);
            }
        }
        let (name, style) = style.fitted(name, room - (2.0 * PAD + SWATCH + 9.0) * unit);
        canvas.text(&name, (to + 9.0 * unit, y), style.anchor(Along::Start, Across::Middle));
    }
}

/// The mark of a single point.
pub(crate) fn ring(canvas: &mut Canvas, at: (f64, f64), unit: f64, color: Rgb) {
    canvas.dot(at, 6.5 * unit, Rgb::PAPER, 1.0);
    canvas.dot(at, 5.2 * unit, color, 1.0);
    canvas.dot(at, 2.4 * unit, Rgb::PAPER, 1.0);
}

const PAD: f64 = 7.0;
const SWATCH: f64 = 22.0;
const LINE: f64 = 20.0;

/// The width, at most `room`, and the height of a legend.
pub(crate) fn size(entries: &[Entry], unit: f64, room: f64) -> (f64, f64) {
    let widest = entries.iter().map(|entry| style(unit).width(&entry.name)).fold(0.0, f64::max);
    let width = (widest + (2.0 * PAD + SWATCH + 9.0) * unit).min(room);
    (width, (2.0 * PAD + LINE * entries.len() as f64) * unit)
}

fn style(unit: f64) -> TextStyle {
    TextStyle::new(12.5 * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: Rgb = Rgb(255, 0, 0);

    #[test]
    fn the_legend_goes_to_the_empty_corner() {
        let crowd = |x: f64, y: f64| vec![(x, y); 3];
        let all = [crowd(250.0, 30.0), crowd(30.0, 30.0), crowd(250.0, 170.0), crowd(30.0, 170.0)];
        for empty in 0..4 {
            let mut canvas = Canvas::new((300, 200));
            let points: Vec<_> = all
                .iter()
                .enumerate()
                .filter(|(index, _)| *index != empty)
                .flat_map(|(_, crowd)| crowd.clone())
                .collect();
            let entries = [Entry { name: "a".to_owned(), color: RED, mark: Mark::Fill }];
            let bounds = canvas.bounds();
            draw(&mut canvas, bounds, 1.0, &entries, &points);
            let (_, _, bytes) = canvas.finish();
            let inked = (0..300 * 200).filter(|index| bytes[3 * index..3 * index + 3] != [255, 255, 255]);
            let right = [true, false, true, false][empty];
            let lower = [false, false, true, true][empty];
            let count =
                inked.inspect(|index| assert_eq!((index % 300 > 150, index / 300 > 100), (right, lower))).count();
            assert!(count > 100, "{count}");
        }
    }

    #[test]
    fn a_long_name_stays_in_the_room_there_is() {
        let entries = [Entry { name: "a very long name of a series".repeat(3), color: RED, mark: Mark::Line }];
        assert_eq!(size(&entries, 1.0, 200.0).0, 200.0);
    }
}
