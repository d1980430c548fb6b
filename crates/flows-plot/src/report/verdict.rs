//! What to make of the figures, in sentences.

use maud::{Markup, html};

use super::baselines::nearest;
use super::calibration::sorted;
use super::columns::Role;
use super::coverage::Coverage;
use super::figures::Report;
use super::name::{list, name};
use super::{band, number};

/// How a sentence is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Note,
    Look,
}

impl Tone {
    fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Note => "note",
            Self::Look => "look",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Note => "plain",
            Self::Look => "warn",
        }
    }
}

/// The sentences, as a list.
pub(super) fn section(report: &Report) -> Markup {
    let verdicts = [comparison(report), coverage(report), columns(report), samples(report), left_out(report)];
    html! {
        ul.verdicts {
            @for (tone, sentence) in verdicts.into_iter().flatten() {
                li { span.badge.(tone.class()) { (tone.word()) } p { (sentence) } }
            }
        }
    }
}

type Verdict = Option<(Tone, Markup)>;

fn comparison(report: &Report) -> Verdict {
    let (rival, lead) = nearest(&report.baselines, report.unit)?;
    let chosen = report.baselines.iter().find(|baseline| baseline.chosen)?;
    let (chosen, rival) = (name(&chosen.name), name(&rival.name));
    let unit = report.unit.name();
    Some(match lead.is_clear() {
        true if lead.value > 0.0 => (
            Tone::Good,
            html! { "The chosen model, " (chosen) ", is ahead of the next best, " (rival) ", by " (lead.shown()) " " (unit) "." },
        ),
        true => {
            let behind = number::Estimate { value: -lead.value, ..lead };
            (
                Tone::Look,
                html! { "The chosen model, " (chosen) ", is behind " (rival) ", by " (behind.shown()) " " (unit) "." },
            )
        }
        false => (
            Tone::Note,
            html! { "The chosen model, " (chosen) ", and " (rival) " tie: " (lead.signed()) " " (unit) "." },
        ),
    })
}

/// The level nearest to 90 %.
pub(super) fn ninety(coverage: &[Coverage]) -> Option<Coverage> {
    coverage.iter().copied().min_by(|one, other| (one.level - 0.9).abs().total_cmp(&(other.level - 0.9).abs()))
}

fn coverage(report: &Report) -> Verdict {
    let at = ninety(&report.coverage)?;
    let band = band::binomial(report.coverage_rows, at.level);
    let sentence = html! {
        "Regions that should hold " (number::percent(at.level, 0)) " of the held-out rows hold " (number::percent(at.observed, 1))
        "; chance allows " (number::fixed(100.0 * band.start, 1)) " to " (number::percent(band.end, 1)) "."
    };
    let is_chance = |at: &Coverage| {
        let band = band::binomial(report.coverage_rows, at.level);
        (band.start..=band.end).contains(&at.observed)
    };
    let others = report.coverage.iter().filter(|other| !is_chance(other)).count();
    Some(match at.observed {
        _ if is_chance(&at) && others == 0 => (Tone::Good, sentence),
        _ if is_chance(&at) => (
            Tone::Note,
            html! { (sentence) " Of " (number::counted(report.coverage.len() as u64, "level")) ", " (others) @if others == 1 { " lies" } @else { " lie" } " outside the band." },
        ),
        share => {
            let fault = if share < band.start { "too narrow" } else { "too wide" };
            (Tone::Look, html! { (sentence) " The model is " (fault) "." })
        }
    })
}

fn columns(report: &Report) -> Verdict {
    let off: Vec<_> =
        sorted(&report.calibration).into_iter().filter(|column| column.has_values() && !column.fits()).collect();
    let all = report.calibration.iter().filter(|column| column.has_values()).count() as u64;
    if all == 0 {
        return None;
    }
    if off.is_empty() {
        return Some((
            Tone::Good,
            html! { "On its own, every column fits: " (number::counted(all, "column")) " with a flat histogram." },
        ));
    }
    let worst = off.iter().take(3).map(|column| column.column.as_str());
    Some((
        Tone::Look,
        html! {
            (off.len()) " of " (number::counted(all, "column")) " do not fit as well as chance allows"
            @if off.len() > 3 { ", worst of all " } @else { ": " }
            (list(worst)) "."
        },
    ))
}

fn samples(report: &Report) -> Verdict {
    let test = report.two_sample.as_ref()?;
    let shown = test.shown();
    Some(match test.is_chance() {
        true => (
            Tone::Good,
            html! { "A classifier cannot tell samples from rows: it is right in " (shown) ", and 50\u{a0}% is chance. A stronger one might." },
        ),
        false => {
            let tone = if test.accuracy.value < 0.6 { Tone::Note } else { Tone::Look };
            (tone, html! { "A classifier tells " (shown) " of samples and rows apart; 50\u{a0}% is chance." })
        }
    })
}

fn left_out(report: &Report) -> Verdict {
    let columns = report.columns.iter().filter(|column| matches!(column.role, Role::LeftOut(_)));
    let names: Vec<&str> = columns.map(|column| column.name.as_str()).collect();
    let dropped = report.rows.dropped;
    if names.is_empty() && dropped == 0 {
        return None;
    }
    Some((
        Tone::Note,
        html! {
            "Not in the model: "
            @if !names.is_empty() {
                (number::counted(names.len() as u64, "column"))
                @if names.len() <= 4 { ", " (list(names.iter().copied())) }
            }
            @if !names.is_empty() && dropped > 0 { "; " }
            @if dropped > 0 { (number::counted(dropped, "row")) " of the table" }
            "."
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::super::{Baseline, Calibration, Column, Estimate, RowCounts, TwoSampleTest};
    use super::*;

    fn text(verdict: Verdict) -> (Tone, String) {
        let (tone, markup) = verdict.unwrap();
        (tone, markup.into_string().replace("<bdi class=\"name\">", "").replace("</bdi>", ""))
    }

    fn compared(lead: f64) -> Report {
        let difference = Some(Estimate { value: lead, two_standard_errors: 0.1 });
        let rival = Baseline { name: "Gaussian".into(), difference, ..Baseline::default() };
        let chosen = Baseline { name: "NSF".into(), chosen: true, ..Baseline::default() };
        Report { baselines: vec![rival, chosen], ..Report::default() }
    }

    #[test]
    fn a_lead_a_tie_and_a_defeat_are_called_that() {
        let (tone, sentence) = text(comparison(&compared(1.0)));
        assert_eq!(
            (tone, sentence.as_str()),
            (Tone::Good, "The chosen model, NSF, is ahead of the next best, Gaussian, by 1.00 ± 0.10 nats a row.")
        );
        assert_eq!(
            text(comparison(&compared(0.05))),
            (Tone::Note, "The chosen model, NSF, and Gaussian tie: +0.05 ± 0.10 nats a row.".into())
        );
        assert_eq!(text(comparison(&compared(-1.0))).0, Tone::Look);
    }

    #[test]
    fn coverage_outside_the_band_says_in_which_way() {
        let at = |observed| Report {
            coverage: vec![Coverage { level: 0.5, observed: 0.5 }, Coverage { level: 0.9, observed }],
            coverage_rows: 1000.0,
            ..Report::default()
        };
        assert_eq!(text(coverage(&at(0.9))).0, Tone::Good);
        let mut mixed = at(0.9);
        mixed.coverage[0].observed = 0.3;
        let (tone, sentence) = text(coverage(&mixed));
        assert!(tone == Tone::Note && sentence.ends_with("Of 2 levels, 1 lies outside the band."), "{sentence}");
        assert!(text(coverage(&at(0.8))).1.ends_with("The model is too narrow."));
        assert!(text(coverage(&at(0.99))).1.ends_with("The model is too wide."));
    }

    #[test]
    fn columns_that_do_not_fit_are_named() {
        let column = |name: &str, first| Calibration {
            column: name.into(),
            pit: vec![first, 500.0],
            rows: 1000.0,
            ..Calibration::default()
        };
        let report = Report { calibration: vec![column("a", 500.0), column("b", 900.0)], ..Report::default() };
        assert_eq!(
            text(columns(&report)),
            (Tone::Look, "1 of 2 columns do not fit as well as chance allows: b.".into())
        );
        assert!(columns(&Report::default()).is_none());
    }

    #[test]
    fn what_is_not_in_the_model_is_said() {
        let column = Column { name: "id".into(), role: Role::LeftOut("an index".into()), ..Column::default() };
        let rows = RowCounts { dropped: 20, ..RowCounts::default() };
        let report = Report { columns: vec![column], rows, ..Report::default() };
        assert_eq!(
            text(left_out(&report)),
            (Tone::Note, "Not in the model: 1 column, id; 20 rows of the table.".into())
        );
    }

    #[test]
    fn a_classifier_far_from_chance_is_worth_a_look() {
        let test = |value| {
            let accuracy = Estimate { value, two_standard_errors: 0.01 };
            Report { two_sample: Some(TwoSampleTest { accuracy, ..TwoSampleTest::default() }), ..Report::default() }
        };
        assert_eq!([0.5, 0.55, 0.9].map(|value| text(samples(&test(value))).0), [Tone::Good, Tone::Note, Tone::Look]);
    }
}
