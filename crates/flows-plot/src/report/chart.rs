//! A chart: SVG that stretches to any width, and labels beside it that do not.
//!
//! The drawing has a fixed box of 1000 by 1000 and is stretched to its place; strokes keep their width, and dots stay
//! round, since a dot is a line of no length with a round cap. Labels are text of the page, so that they are as sharp and as
//! large on a phone as on a desk.

use std::fmt::Write;
use std::ops::Range;

use maud::{Markup, html};

use crate::picture::ticks::{self, Tick};

const BOX: f64 = 1000.0;

/// Where numbers are within the box.
#[derive(Debug, Clone)]
pub(super) struct Plane {
    pub(super) x: Range<f64>,
    pub(super) y: Range<f64>,
}

impl Plane {
    /// Far beyond the box is as good as infinitely far, and can be written.
    fn place(range: &Range<f64>, value: f64) -> f64 {
        ((value - range.start) / (range.end - range.start)).clamp(-9.0, 10.0)
    }

    fn across(&self, x: f64) -> f64 {
        BOX * Self::place(&self.x, x)
    }

    fn down(&self, y: f64) -> f64 {
        BOX * (1.0 - Self::place(&self.y, y))
    }

    fn path(&self, points: impl IntoIterator<Item = (f64, f64)>) -> String {
        let mut path = String::new();
        let mut pen = 'M';
        for (x, y) in points {
            if x.is_finite() && y.is_finite() {
                let _ = write!(path, "{pen}{:.1} {:.1}", self.across(x), self.down(y));
                pen = 'L';
            } else {
                pen = 'M';
            }
        }
        path
    }

    /// A line through the points; points that are not finite interrupt it.
    pub(super) fn line(&self, points: impl IntoIterator<Item = (f64, f64)>, class: &str) -> Markup {
        html! { path.line.(class) d=(self.path(points)) {} }
    }

    /// The area between two lines, given as points of `x`, the lower and the upper `y`.
    pub(super) fn area(&self, points: &[(f64, f64, f64)], class: &str) -> Markup {
        let upper = points.iter().map(|&(x, _, high)| (x, high));
        let lower = points.iter().rev().map(|&(x, low, _)| (x, low));
        html! { path.(class) d={ (self.path(upper.chain(lower))) "Z" } {} }
    }

    /// A rectangle.
    pub(super) fn bar(&self, x: Range<f64>, y: Range<f64>, class: &str) -> Markup {
        let (left, right) = (self.across(x.start), self.across(x.end));
        let (top, bottom) = (self.down(y.end), self.down(y.start));
        html! {
            rect.(class) x=(format!("{left:.1}")) y=(format!("{top:.1}")) width=(format!("{:.1}", (right - left).max(0.0)))
                height=(format!("{:.1}", (bottom - top).max(0.0))) {}
        }
    }

    /// A round dot.
    pub(super) fn dot(&self, x: f64, y: f64, class: &str) -> Markup {
        if !(x.is_finite() && y.is_finite()) {
            return html! {};
        }
        html! { path.dot.(class) d=(format!("M{:.1} {:.1}h0", self.across(x), self.down(y))) {} }
    }
}

/// A chart with axes.
pub(super) struct Chart {
    pub(super) plane: Plane,
    pub(super) x_ticks: Vec<Tick>,
    pub(super) y_ticks: Vec<Tick>,
    pub(super) x_label: &'static str,
    pub(super) y_label: String,
    /// What the chart shows, in words.
    pub(super) summary: String,
    /// Its height: a class of the style sheet.
    pub(super) size: &'static str,
}

impl Chart {
    /// The chart around these marks.
    pub(super) fn around(&self, marks: &Markup) -> Markup {
        let share = |range: &Range<f64>, value: f64| format!("{:.2}%", 100.0 * Plane::place(range, value));
        let widest = self.y_ticks.iter().map(|tick| tick.label.as_str()).max_by_key(|label| label.chars().count());
        html! {
            div.chart.(self.size) {
                div.chart-y-label { (self.y_label) }
                div.chart-y aria-hidden="true" {
                    span.ghost { (widest.unwrap_or_default()) }
                    @for tick in &self.y_ticks {
                        span style={ "bottom:" (share(&self.plane.y, tick.value)) } { (tick.label) }
                    }
                }
                (drawing("chart-box", &self.summary, html! {
                    @for tick in &self.y_ticks {
                        (self.plane.line([(self.plane.x.start, tick.value), (self.plane.x.end, tick.value)], "grid"))
                    }
                    (marks)
                }))
                div.chart-x aria-hidden="true" {
                    @for tick in &self.x_ticks {
                        span style={ "left:" (share(&self.plane.x, tick.value)) } { (tick.label) }
                    }
                }
                div.chart-x-label { (self.x_label) }
            }
        }
    }
}

/// A drawing of its own, with a summary for those who cannot see it.
pub(super) fn drawing(class: &str, summary: &str, marks: Markup) -> Markup {
    html! {
        svg.(class) viewBox="0 0 1000 1000" preserveAspectRatio="none" role="img" aria-label=(summary) { (marks) }
    }
}

/// Ticks at round numbers, at most so many.
pub(super) fn round_ticks(range: &Range<f64>, most: usize) -> Vec<Tick> {
    ticks::round(range, most, |_, _| true)
}

/// Ticks at these values, with labels.
pub(super) fn ticks_at(places: &[(f64, &str)]) -> Vec<Tick> {
    places.iter().map(|&(value, label)| Tick { value, label: label.to_owned() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plane() -> Plane {
        Plane { x: 0.0..10.0, y: -1.0..1.0 }
    }

    #[test]
    fn the_origin_of_a_plane_is_at_the_lower_left() {
        assert_eq!(plane().path([(0.0, -1.0), (10.0, 1.0), (5.0, 0.0)]), "M0.0 1000.0L1000.0 0.0L500.0 500.0");
    }

    #[test]
    fn what_is_not_finite_interrupts_a_line_and_has_no_dot() {
        assert_eq!(plane().path([(0.0, 0.0), (f64::NAN, 0.0), (10.0, 0.0)]), "M0.0 500.0M1000.0 500.0");
        assert_eq!(plane().dot(1.0, f64::INFINITY, "a").into_string(), "");
        assert!(plane().path([(0.0, 1e300)]).starts_with("M0.0 -9"), "far beyond the box, and written in few digits");
    }

    #[test]
    fn a_summary_is_escaped() {
        let text = drawing("a", "\"><script>", html! {}).into_string();
        assert!(!text.contains("<script>"), "{text}");
    }
}
