//! The models that were compared on the held-out rows.

use std::ops::Range;

use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use super::chart::{Plane, drawing};
use super::figures::Unit;
use super::name::name;
use super::number::{self, Estimate};
use crate::picture::range;

/// A model that was compared with the others on the same held-out rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Baseline {
    /// Its name.
    pub name: String,
    /// Its mean log-likelihood of the held-out rows.
    pub log_likelihood: Estimate,
    /// The chosen model's log-likelihood minus this one's, with the error of the paired differences; none for the chosen one.
    pub difference: Option<Estimate>,
    /// Whether this is the model that was kept.
    pub chosen: bool,
}

impl Baseline {
    /// How much better the chosen model is, above zero if it is better at all, whatever the unit.
    pub(super) fn lead(&self, unit: Unit) -> Option<Estimate> {
        self.difference
            .map(|Estimate { value, two_standard_errors }| Estimate { value: unit.sign() * value, two_standard_errors })
    }
}

/// The rival that comes nearest to the chosen model, or is furthest ahead of it, and the chosen model's lead.
pub(super) fn nearest(baselines: &[Baseline], unit: Unit) -> Option<(&Baseline, Estimate)> {
    let rivals = baselines.iter().filter(|rival| !rival.chosen);
    let leads = rivals.filter_map(|rival| rival.lead(unit).map(|lead| (rival, lead)));
    leads.filter(|(_, lead)| !lead.value.is_nan()).min_by(|(_, one), (_, other)| one.value.total_cmp(&other.value))
}

pub(super) fn section(baselines: &[Baseline], unit: Unit) -> Markup {
    let mut sorted: Vec<&Baseline> = baselines.iter().collect();
    let worth = |baseline: &Baseline| unit.sign() * baseline.log_likelihood.value;
    sorted.sort_by(|one, other| worth(other).total_cmp(&worth(one)));
    let range = range_of(baselines);
    html! {
        table.baselines {
            thead {
                tr {
                    th scope="col" { "model" }
                    th.track-head scope="col" {
                        @if range.is_some() { span aria-hidden="true" { (unit.direction()) @if unit.sign() > 0.0 { " →" } @else { " ←" } } }
                    }
                    th.number scope="col" { (unit.name()) }
                    th.number scope="col" { "chosen model’s lead" }
                }
            }
            tbody {
                @for baseline in sorted {
                    tr.chosen[baseline.chosen] {
                        th scope="row" { (name(&baseline.name)) @if baseline.chosen { " " span.badge.good { "chosen" } } }
                        td.track { @if let Some(range) = &range { (track(baseline, range)) } }
                        td.number { (parts(&baseline.log_likelihood.shown())) }
                        td.number { @if let Some(lead) = baseline.lead(unit) { (parts(&lead.signed())) } @else { span.muted { "–" } } }
                    }
                }
            }
        }
        p.caption {
            "± is two standard errors. The lead is measured row by row on the same held-out rows, so its error is smaller than "
            "those of the two figures. A lead within its error is a tie. A model was chosen before a simpler one where the rows to "
            "choose by were more likely by one standard error or more."
        }
    }
}

/// An estimate that may be broken before its error, and nowhere else.
fn parts(estimate: &str) -> Markup {
    html! {
        @match estimate.split_once(" ± ") {
            Some((value, error)) => { (value) " " span.error { "± " (error) } }
            None => (estimate)
        }
    }
}

/// The range of all values that can be drawn.
fn range_of(baselines: &[Baseline]) -> Option<Range<f64>> {
    let ends =
        baselines.iter().map(|baseline| baseline.log_likelihood).filter(|mean| mean.value.is_finite()).map(|mean| {
            let error = if mean.two_standard_errors.is_finite() { mean.two_standard_errors } else { 0.0 };
            mean.value - error..mean.value + error
        });
    ends.reduce(range::union).map(range::padded)
}

fn track(baseline: &Baseline, range: &Range<f64>) -> Markup {
    let Estimate { value, two_standard_errors: error } = baseline.log_likelihood;
    let plane = Plane { x: range.clone(), y: 0.0..1.0 };
    let class = if baseline.chosen { "model" } else { "rival" };
    let summary = format!("{} on the axis of all models", number::fixed(value, baseline.log_likelihood.decimals()));
    drawing(
        "track-line",
        &summary,
        html! {
            (plane.line([(range.start, 0.5), (range.end, 0.5)], "rail"))
            (plane.line([(value - error, 0.5), (value + error, 0.5)], &format!("whisker {class}")))
            (plane.dot(value, 0.5, class))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn baseline(name: &str, value: f64, difference: Option<f64>) -> Baseline {
        let estimate = |value| Estimate { value, two_standard_errors: 0.1 };
        let difference = difference.map(estimate);
        Baseline { name: name.into(), log_likelihood: estimate(value), difference, chosen: difference.is_none() }
    }

    #[test]
    fn the_best_model_stands_first_and_the_nearest_rival_is_found() {
        let all =
            [baseline("Gaussian", -3.0, Some(4.0)), baseline("NSF", 1.0, None), baseline("mixture", 0.0, Some(1.0))];
        let text = section(&all, Unit::NatsPerRow).into_string();
        let at = |name: &str| text.find(&format!(">{name}<")).unwrap();
        assert!(at("NSF") < at("mixture") && at("mixture") < at("Gaussian"));
        assert!(text.contains("+4.00 <span class=\"error\">± 0.10<") && text.contains("higher is better"), "{text}");
        assert_eq!(nearest(&all, Unit::NatsPerRow).unwrap().0.name, "mixture");
    }

    #[test]
    fn fewer_bits_are_better() {
        let all = [baseline("one", 3.0, None), baseline("other", 3.5, Some(-0.5))];
        let text = section(&all, Unit::BitsPerDimension).into_string();
        assert!(text.contains("+0.50 <span class=\"error\">± 0.10<") && text.contains("lower is better"), "{text}");
        assert!(text.find(">one<") < text.find(">other<"));
    }

    #[test]
    fn a_model_that_gives_a_row_no_density_at_all_is_listed_without_a_place_on_the_axis() {
        let mut all = [baseline("one", 3.0, None), baseline("other", f64::NEG_INFINITY, Some(f64::INFINITY))];
        all[1].log_likelihood.two_standard_errors = f64::NAN;
        let text = section(&all, Unit::NatsPerRow).into_string();
        assert!(text.contains("−∞") && !text.contains("inf"), "{text}");
        assert_eq!(text.matches("path class=\"dot").count(), 1, "{text}");
    }
}
