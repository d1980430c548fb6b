//! Calibration: how the held-out values lie within the model's own distributions.

use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use super::band;
use super::chart::{Chart, Plane, round_ticks, ticks_at};
use super::coverage::{self, Coverage};
use super::name::{name, visible};
use super::number;

/// The held-out values of one column within the model's own distribution of it.
///
/// The probability integral transform of a value is the share of the model's distribution below it. If the model is right,
/// these are uniform between 0 and 1.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Calibration {
    /// The column.
    pub column: String,
    /// A histogram of the transforms, from 0 to 1 in bins of one width: how many rows fall into each.
    pub pit: Vec<f64>,
    /// The share of held-out values inside the model's central intervals.
    pub coverage: Vec<Coverage>,
    /// The number of rows behind these figures; the effective number if rows are weighted.
    pub rows: f64,
}

impl Calibration {
    /// How far the histogram is from flat: the mean of the squared deviations of the bars in units of what chance does, about 1
    /// if the model is right. The larger, the worse the column fits.
    ///
    /// # Example
    ///
    /// ```
    /// use flows_plot::report::Calibration;
    ///
    /// let flat = Calibration { pit: vec![100.0; 10], rows: 1000.0, ..Calibration::default() };
    /// assert_eq!(flat.misfit(), 0.0);
    /// ```
    #[must_use]
    pub fn misfit(&self) -> f64 {
        let (bins, total) = (self.pit.len() as f64, self.pit.iter().sum::<f64>());
        if !self.has_values() {
            return 0.0;
        }
        // As shares of the effective number of rows.
        let expected = self.rows / bins;
        self.pit.iter().map(|count| (count / total * self.rows - expected).powi(2) / expected).sum::<f64>()
            / (bins - 1.0)
    }

    /// Whether there is anything to judge.
    pub(super) fn has_values(&self) -> bool {
        let total: f64 = self.pit.iter().sum();
        self.pit.len() > 1 && total.is_finite() && total > 0.0 && self.rows.is_finite() && self.rows > 0.0
    }

    /// Whether chance alone does no more in 998 columns of 1000, in any of three ways.
    pub(super) fn fits(&self) -> bool {
        // The quantile of χ², after Wilson and Hilferty.
        let spread = 2.0 / (9.0 * (self.pit.len() as f64 - 1.0).max(1.0));
        let level = self.misfit() <= (1.0 - spread + 3.29 * spread.sqrt()).powi(3);
        let (shift, width) = self.moments();
        level && shift.abs().max(width.abs()) <= FAR
    }

    /// How far the mean and the width of the transforms are from those of uniform values, in standard errors. They find
    /// what many bars do together and none does on its own.
    fn moments(&self) -> (f64, f64) {
        if !self.has_values() {
            return (0.0, 0.0);
        }
        let (bins, total) = (self.pit.len() as f64, self.pit.iter().sum::<f64>());
        let middle = |index: usize| (index as f64 + 0.5) / bins - 0.5;
        let moment = |power: i32| {
            self.pit.iter().enumerate().map(|(index, count)| count / total * middle(index).powi(power)).sum::<f64>()
        };
        // A bin has a width too.
        let width = moment(2) + 1.0 / (12.0 * bins * bins) - 1.0 / 12.0;
        (moment(1) * (12.0 * self.rows).sqrt(), width * (180.0 * self.rows).sqrt())
    }

    /// What is wrong with the column, if anything is.
    pub(super) fn shape(&self) -> &'static str {
        if !self.has_values() {
            return "there are no values to judge by";
        }
        if self.fits() {
            return "level, as far as chance allows";
        }
        match self.moments() {
            (shift, width) if shift.abs().max(width.abs()) <= FAR => "uneven",
            (shift, width) if shift.abs() >= width.abs() && shift > 0.0 => {
                "the values lie higher than the model expects"
            }
            (shift, width) if shift.abs() >= width.abs() => "the values lie lower than the model expects",
            (_, width) if width > 0.0 => "the model is too narrow",
            _ => "the model is too wide",
        }
    }
}

/// The standard errors that chance leaves to one of 1000.
const FAR: f64 = 3.29;

/// The columns that are shown at once; the others wait behind a click.
const SHOWN: usize = 12;

/// All columns, the worst first: those that do not fit, by their misfit, and then those that do.
pub(super) fn sorted(calibration: &[Calibration]) -> Vec<&Calibration> {
    let mut sorted: Vec<&Calibration> = calibration.iter().collect();
    sorted.sort_by(|one, other| one.fits().cmp(&other.fits()).then(other.misfit().total_cmp(&one.misfit())));
    sorted
}

pub(super) fn columns(calibration: &[Calibration]) -> Markup {
    let sorted = sorted(calibration);
    let (shown, rest) = sorted.split_at(sorted.len().min(SHOWN));
    html! {
        div.cards { @for column in shown { (card(column)) } }
        @if !rest.is_empty() {
            details {
                summary { (number::counted(rest.len() as u64, "column")) " more, which fit better" }
                div.cards { @for column in rest { (card(column)) } }
            }
        }
    }
}

fn card(column: &Calibration) -> Markup {
    html! {
        article.card {
            header {
                h3 { (name(&column.column)) }
                @if !column.has_values() { span.badge { "no values" } }
                @else if column.fits() { span.badge.good { "fits" } }
                @else { span.badge.warn { "look" } }
            }
            p.muted { (column.shape()) }
            div.pair {
                (histogram(column))
                @if !column.coverage.is_empty() {
                    (coverage::deviations(&column.coverage, column.rows, &visible(&column.column), "small"))
                }
            }
        }
    }
}

fn histogram(column: &Calibration) -> Markup {
    let (bins, total) = (column.pit.len(), column.pit.iter().sum::<f64>());
    if !column.has_values() {
        return html! {};
    }
    let share = 1.0 / bins as f64;
    let band = band::binomial(column.rows, share);
    let (low, high) = (band.start / share, band.end / share);
    let bars: Vec<f64> = column.pit.iter().map(|count| count / total / share).collect();
    let peak = bars.iter().copied().fold(high, f64::max);
    let outside = bars.iter().filter(|bar| !(low..=high).contains(*bar)).count();
    let plane = Plane { x: 0.0..1.0, y: 0.0..(1.15 * peak).max(1.5) };
    let gap = 0.06 * share;
    let marks = html! {
        @for (index, &bar) in bars.iter().enumerate() {
            @let left = index as f64 * share;
            (plane.bar(left + gap..left + share - gap, 0.0..bar, if (low..=high).contains(&bar) { "bar" } else { "bar out" }))
        }
        (plane.bar(0.0..1.0, low..high, "band"))
        (plane.line([(0.0, 1.0), (1.0, 1.0)], "promise"))
    };
    let y_ticks = if plane.y.end > 4.0 { round_ticks(&plane.y, 3) } else { ticks_at(&[(0.0, "0"), (1.0, "1")]) };
    let chart = Chart {
        y_ticks,
        plane,
        x_ticks: ticks_at(&[(0.0, "0"), (0.5, "0.5"), (1.0, "1")]),
        x_label: "PIT",
        y_label: "density".to_owned(),
        summary: format!(
            "PIT histogram of {}: {outside} of {bins} bars lie outside the band of chance; {}",
            visible(&column.column),
            column.shape()
        ),
        size: "small",
    };
    chart.around(&marks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(pit: Vec<f64>) -> Calibration {
        let rows = pit.iter().sum();
        Calibration { column: "x".into(), pit, coverage: vec![], rows }
    }

    #[test]
    fn the_misfit_is_a_reduced_chi_square() {
        // (10² + 10²) / 100 / (2 - 1)
        assert!((column(vec![110.0, 90.0]).misfit() - 2.0).abs() < 1e-12);
        assert_eq!(column(vec![]).misfit(), 0.0);
        assert_eq!(column(vec![0.0, 0.0]).misfit(), 0.0);
        assert_eq!(column(vec![f64::NAN, 1.0]).shape(), "there are no values to judge by");
    }

    #[test]
    fn the_shape_is_named() {
        assert_eq!(column(vec![100.0; 4]).shape(), "level, as far as chance allows");
        assert_eq!(column(vec![400.0, 100.0, 100.0, 400.0]).shape(), "the model is too narrow");
        assert_eq!(column(vec![100.0, 400.0, 400.0, 100.0]).shape(), "the model is too wide");
        assert_eq!(column(vec![100.0, 200.0, 300.0, 400.0]).shape(), "the values lie higher than the model expects");
        assert_eq!(column(vec![400.0, 300.0, 200.0, 100.0]).shape(), "the values lie lower than the model expects");
    }

    #[test]
    fn the_worst_column_stands_first_and_the_thirteenth_behind_a_click() {
        let all: Vec<_> = (0..14).map(|index| column(vec![1000.0 + 10.0 * f64::from(index), 1000.0])).collect();
        assert_eq!(sorted(&all)[0].pit[0], 1130.0);
        let text = columns(&all).into_string();
        assert!(text.contains("2 columns more, which fit better"), "{text}");
    }

    #[test]
    fn the_summary_counts_the_bars_outside_the_band() {
        let text = histogram(&column(vec![300.0, 100.0, 200.0, 200.0])).into_string();
        assert!(text.contains("2 of 4 bars lie outside the band of chance"), "{text}");
        assert_eq!(text.matches("bar out").count(), 2);
    }
}
