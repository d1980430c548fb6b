//! The training run.

use std::ops::Range;

use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use super::chart::{Chart, Plane, round_ticks};
use super::figures::{Report, Unit};
use super::number;
use crate::picture::range;

/// An epoch of the training.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Epoch {
    /// Its number.
    pub epoch: usize,
    /// The mean of the training rows, in the report's unit and with its sign: a log-likelihood, not a loss.
    pub training: f64,
    /// The mean of the validation rows, if there are any.
    pub validation: Option<f64>,
}

/// The chart of the run, if it has values that can be drawn.
pub(super) fn section(report: &Report) -> Markup {
    let (unit, history) = (report.unit, &report.history);
    let training: Vec<(f64, f64)> = history.iter().map(|epoch| (epoch.epoch as f64, epoch.training)).collect();
    let validation: Vec<(f64, f64)> =
        history.iter().filter_map(|epoch| Some((epoch.epoch as f64, epoch.validation?))).collect();
    let finite: Vec<f64> = training.iter().chain(&validation).map(|point| point.1).filter(|y| y.is_finite()).collect();
    let (Some(first), Some(last)) = (history.first(), history.last()) else { return html! {} };
    if finite.is_empty() {
        return html! { p.caption { "No epoch has a finite value." } };
    }
    let y = without_start(unit, &training, &validation).unwrap_or_else(|| range::padded(whole(&finite)));
    let hidden = finite.iter().filter(|value| !y.contains(value)).count();
    let (start, end) = (first.epoch as f64, last.epoch as f64);
    let x = if end > start { start..end } else { start - 0.5..start + 0.5 };
    let mut x_ticks = round_ticks(&x, 6);
    x_ticks.retain(|tick| tick.value.fract() == 0.0);
    let best = report.best_epoch.and_then(|best| history.iter().find(|epoch| epoch.epoch == best));
    let best = best.map(|epoch| (epoch.epoch as f64, epoch.validation.unwrap_or(epoch.training)));
    let plane = Plane { x, y };
    let marks = html! {
        (plane.line(training.iter().copied(), "data"))
        (plane.line(validation.iter().copied(), "model"))
        @if history.len() == 1 { @for &(x, y) in training.iter() { (plane.dot(x, y, "data")) } }
        @if let Some((x, y)) = best { (plane.line([(x, plane.y.start), (x, y)], "pointer")) (plane.dot(x, y, "model")) }
    };
    let chart = Chart {
        y_ticks: round_ticks(&plane.y, 5),
        plane,
        x_ticks,
        x_label: "epoch",
        y_label: format!("{} ({})", unit.name(), unit.direction()),
        summary: format!(
            "{} of training and validation rows over {}",
            unit.figure(),
            number::counted(history.len() as u64, "epoch")
        ),
        size: "large",
    };
    html! {
        div.legend {
            span { i.swatch.data {} "training" }
            @if !validation.is_empty() { span { i.swatch.model {} "validation" } }
            @if let Some((x, y)) = best { span { i.swatch.round.model {} "kept: epoch " (x) ", " (number::fixed(y, 3)) } }
        }
        (chart.around(&marks))
        @if hidden > 0 { p.caption { "Outside the chart: " (number::counted(hidden as u64, "value")) " of epochs that were far worse." } }
    }
}

/// The range of the values.
fn whole(values: &[f64]) -> Range<f64> {
    values.iter().map(|&value| value..value).reduce(range::union).unwrap_or(0.0..1.0)
}

/// The range after the first steep part, if the run is long and the part would flatten the rest.
fn without_start(unit: Unit, training: &[(f64, f64)], validation: &[(f64, f64)]) -> Option<Range<f64>> {
    let late = |values: &[(f64, f64)]| -> Vec<f64> {
        values.iter().skip(training.len() / 8).map(|point| point.1).filter(|y| y.is_finite()).collect()
    };
    let all =
        |values: &[(f64, f64)]| -> Vec<f64> { values.iter().map(|point| point.1).filter(|y| y.is_finite()).collect() };
    let (late, all) = ([late(training), late(validation)].concat(), [all(training), all(validation)].concat());
    if training.len() < 10 || late.is_empty() {
        return None;
    }
    let (shown, all) = (whole(&late), whole(&all));
    if all.end - all.start < 2.0 * (shown.end - shown.start) {
        return None;
    }
    // Nothing good is cut off.
    let shown = if unit.sign() > 0.0 { shown.start..all.end } else { all.start..shown.end };
    Some(range::padded(shown))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(values: &[f64]) -> Report {
        let epoch = |(epoch, &training): (usize, &f64)| Epoch { epoch, training, validation: Some(training - 0.1) };
        Report { history: values.iter().enumerate().map(epoch).collect(), best_epoch: Some(1), ..Report::default() }
    }

    #[test]
    fn a_run_has_two_lines_and_the_epoch_that_was_kept() {
        let text = section(&report(&[-1.0, 0.5, 0.4])).into_string();
        assert!(text.contains("kept: epoch 1, 0.400") && text.contains("higher is better"), "{text}");
        assert_eq!(text.matches("line data").count(), 1);
    }

    #[test]
    fn a_bad_start_is_cut_off_and_said_to_be() {
        let mut values = vec![1.0; 40];
        values[0] = -1e6;
        values[20] = 1.2;
        let text = section(&report(&values)).into_string();
        assert!(text.contains("Outside the chart: 2 values"), "{text}");
    }

    #[test]
    fn a_run_of_one_epoch_and_one_without_a_number_are_no_trouble() {
        assert!(section(&report(&[1.0])).into_string().contains("dot data"));
        assert!(section(&report(&[f64::NAN])).into_string().contains("No epoch has a finite value"));
        assert_eq!(section(&Report::default()).into_string(), "");
    }
}
