//! The head of the page: what was learnt of what, and the four figures that tell how well.

use maud::{Markup, html};

use super::baselines::nearest;
use super::columns::Role;
use super::figures::Report;
use super::name::{list, name, visible};
use super::number;
use super::verdict::ninety;

pub(super) fn head(report: &Report) -> Markup {
    html! {
        header.head {
            p.over {
                @if report.program.is_empty() { "flows" } @else { (visible(&report.program)) }
                " · report"
                @if let Some(created) = &report.created { " · " (visible(created)) }
            }
            h1 { (name(&report.title)) }
            p.lede { (lede(report)) }
            dl.figures { (figures(report)) }
        }
    }
}

fn lede(report: &Report) -> Markup {
    let modelled = report.columns.iter().filter(|column| column.role == Role::Modelled).count() as u64;
    html! {
        (report.model.heading()) " of "
        @if report.targets.is_empty() {
            "the joint density of " (number::counted(modelled, "column"))
        } @else {
            (list(report.targets.iter().map(String::as_str)))
        }
        @if !report.given.is_empty() { " given " (list(report.given.iter().map(String::as_str))) }
        @if report.rows.train > 0 { ", learnt from " (number::counted(report.rows.train, "row")) }
        @if report.rows.folds > 0 {
            ", each of which was measured by a model of the other " (number::count(report.rows.folds - 1)) " folds"
        } @else if report.rows.test > 0 {
            " and measured on " (number::count(report.rows.test)) " others that it has not seen"
        }
        "."
    }
}

fn figures(report: &Report) -> Markup {
    html! {
        @if let Some(mean) = report.log_likelihood {
            div {
                dt { "held-out " (report.unit.figure()) }
                dd { (number::fixed(mean.value, mean.decimals())) }
                p { (mean.margin()) (report.unit.name()) ", " (report.unit.direction()) }
            }
        }
        @if let Some((rival, lead)) = nearest(&report.baselines, report.unit) {
            div {
                dt { "lead over the next best" }
                dd { (number::signed(lead.value, lead.decimals())) }
                p { (lead.margin()) (report.unit.name()) ", against " (name(&rival.name)) }
            }
        }
        @if let Some(at) = ninety(&report.coverage) {
            div {
                dt { (number::percent(at.level, 0)) " regions hold" }
                dd { (number::percent(at.observed, 1)) }
                p { "of the held-out rows" }
            }
        }
        @if let Some(test) = &report.two_sample {
            div {
                dt { "samples told from rows" }
                dd { (number::percent(test.accuracy.value, 1)) }
                p { "of the time; 50\u{a0}% is chance, lower is better" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Column, RowCounts};
    use super::*;

    fn text(markup: Markup) -> String {
        markup.into_string().replace("<bdi class=\"name\">", "").replace("</bdi>", "")
    }

    #[test]
    fn a_joint_density_and_a_conditional_one_are_called_that() {
        let mut report = Report {
            columns: vec![Column::default(), Column::default()],
            rows: RowCounts { train: 900, test: 100, ..RowCounts::default() },
            ..Report::default()
        };
        report.model.name = "neural spline flow".into();
        assert_eq!(
            text(lede(&report)),
            "Neural spline flow of the joint density of 2 columns, learnt from 900 rows and measured on 100 others that it has not seen."
        );
        report.rows.folds = 5;
        assert!(
            text(lede(&report))
                .ends_with("learnt from 900 rows, each of which was measured by a model of the other 4 folds.")
        );
        report.targets = vec!["mpg".into()];
        report.given = vec!["weight".into(), "power".into()];
        assert!(text(lede(&report)).starts_with("Neural spline flow of mpg given weight and power, learnt"));
    }
}
