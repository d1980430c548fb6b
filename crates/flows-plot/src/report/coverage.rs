//! Coverage: the share of held-out rows inside what the model says should hold them.

use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use super::band;
use super::chart::{Chart, Plane, ticks_at};
use super::number;
use crate::picture::ticks::{self, Tick};

/// What a region of the model promises to hold, and what it holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Coverage {
    /// The promised share, between 0 and 1.
    pub level: f64,
    /// The share of held-out rows inside.
    pub observed: f64,
}

/// Observed minus promised coverage over the promised one, in percentage points, with the band of chance.
pub(super) fn deviations(coverage: &[Coverage], rows: f64, of: &str, size: &'static str) -> Markup {
    let mut levels: Vec<Coverage> = coverage.iter().copied().filter(|at| at.level > 0.0 && at.level < 1.0).collect();
    levels.sort_by(|one, other| one.level.total_cmp(&other.level));
    let off: Vec<(f64, f64)> = levels.iter().map(|at| (at.level, 100.0 * (at.observed - at.level))).collect();
    let band: Vec<(f64, f64, f64)> = (0..=50)
        .map(|step| f64::from(step) / 50.0)
        .map(|level| (level, band::binomial(rows, level)))
        .map(|(level, band)| (level, 100.0 * (band.start - level), 100.0 * (band.end - level)))
        .collect();
    let largest =
        |values: &mut dyn Iterator<Item = f64>| values.map(f64::abs).filter(|v| v.is_finite()).fold(0.0, f64::max);
    let reach = largest(&mut off.iter().map(|at| at.1)).max(largest(&mut band.iter().flat_map(|at| [at.1, at.2])));
    let reach = (1.2 * reach).max(0.5);
    let plane = Plane { x: 0.0..1.0, y: -reach..reach };
    // The largest of 1, 2 and 5 times a power of ten that lies within, with its label.
    let power = 10_f64.powf((0.85 * reach).log10().floor());
    let step =
        [5.0, 2.0, 1.0].into_iter().map(|factor| factor * power).find(|step| *step <= 0.85 * reach).unwrap_or(power);
    let ends = std::iter::once((0.0, 0.0)).chain(off.iter().copied()).chain(std::iter::once((1.0, 0.0)));
    let marks = html! {
        (plane.area(&band, "band"))
        (plane.line([(0.0, 0.0), (1.0, 0.0)], "promise"))
        (plane.line(ends, "model"))
        @if size == "large" { @for &(level, off) in &off { (plane.dot(level, off, "model")) } }
    };
    let worst =
        off.iter().copied().filter(|at| at.1.is_finite()).max_by(|one, other| one.1.abs().total_cmp(&other.1.abs()));
    let worst = worst.map_or(String::new(), |(level, off)| {
        format!(": at most {} percentage points off, at {}", number::fixed(off.abs(), 1), number::percent(level, 0))
    });
    let signed =
        |tick: Tick| Tick { label: if tick.value > 0.0 { format!("+{}", tick.label) } else { tick.label }, ..tick };
    let chart = Chart {
        y_ticks: ticks::every(&(-step..step), step).into_iter().map(signed).collect(),
        plane,
        x_ticks: ticks_at(&[(0.0, "0"), (0.5, "50"), (1.0, "100\u{a0}%")]),
        x_label: if size == "large" { "promised coverage" } else { "central interval" },
        y_label: if size == "large" {
            "observed minus promised (percentage points)".to_owned()
        } else {
            "off by (% points)".to_owned()
        },
        summary: format!("Coverage of {of}{worst}"),
        size,
    };
    chart.around(&marks)
}

/// The levels as a table, with the band of chance.
pub(super) fn table(coverage: &[Coverage], rows: f64) -> Markup {
    html! {
        table.levels {
            thead { tr { th.number scope="col" { "promised" } th.number scope="col" { "observed" } th.number scope="col" { "by chance" } } }
            tbody {
                @for at in coverage {
                    @let band = band::binomial(rows, at.level);
                    tr {
                        th.number scope="row" { (number::percent(at.level, 0)) }
                        td.number { (number::percent(at.observed, 1)) }
                        td.number.muted { (number::fixed(100.0 * band.start, 1)) " – " (number::percent(band.end, 1)) }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_deviation_is_told_in_words() {
        let coverage = [Coverage { level: 0.5, observed: 0.51 }, Coverage { level: 0.9, observed: 0.87 }];
        let text = deviations(&coverage, 1000.0, "x", "small").into_string();
        assert!(text.contains("Coverage of x: at most 3.0 percentage points off, at 90\u{a0}%"), "{text}");
    }
}
