//! The page: its sections in order.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::figures::Report;
use super::name::visible;
use super::{
    baselines, calibration, columns, corner, coverage, facts, headline, losses, notices, number, odd_rows, two_sample,
    verdict,
};

/// The style sheet, which is part of the page.
const STYLE: &str = include_str!("style.css");

/// A part of the page.
struct Section {
    /// Its place for links.
    id: &'static str,
    title: &'static str,
    /// How it is to be read.
    about: Markup,
    content: Markup,
}

pub(super) fn page(report: &Report) -> Markup {
    let sections = sections(report);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                // Nothing is fetched: the browser is told that nothing may be.
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:";
                link rel="icon" href="data:,";
                title { (visible(&report.title)) " · flows report" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    (headline::head(report))
                    nav aria-label="Sections" { @for section in &sections { a href={ "#" (section.id) } { (section.title) } } }
                    @for Section { id, title, about, content } in &sections {
                        section #(id) {
                            div.side { h2 { (title) } div.about { (about) } }
                            div.content { (content) }
                        }
                    }
                }
                footer { p { "Made by " (program(report)) ". This page is one file and fetches nothing." } }
            }
        }
    }
}

fn program(report: &Report) -> String {
    if report.program.is_empty() { "flows".to_owned() } else { visible(&report.program) }
}

/// The sections with something in them.
fn sections(report: &Report) -> Vec<Section> {
    let mut sections = vec![];
    let mut add = |shown: bool, id, title, about: &dyn Fn() -> Markup, content: &dyn Fn() -> Markup| {
        if shown {
            sections.push(Section { id, title, about: about(), content: content() });
        }
    };
    let figures = !(report.baselines.is_empty() && report.coverage.is_empty() && report.calibration.is_empty())
        || report.two_sample.is_some();
    add(
        figures,
        "summary",
        "What to make of it",
        &|| html! { p { "All of it is measured on " @if report.rows.test > 0 { (number::count(report.rows.test)) " " } "held-out rows." } },
        &|| verdict::section(report),
    );
    add(
        !report.columns.is_empty() || !report.notices.is_empty(),
        "columns",
        "Columns",
        &|| html! { p { "What each column was taken for and what the model does with it, with the flag that does otherwise." } },
        &|| {
            html! {
                @if !report.columns.is_empty() { (columns::section(&report.columns)) }
                @if !report.notices.is_empty() { h3 { "Decided on the way" } (notices::list(&report.notices)) }
            }
        },
    );
    add(
        !report.baselines.is_empty() || !report.model.name.is_empty(),
        "model",
        "Model",
        &|| {
            html! {
                p { "Models compared by the " (report.unit.figure()) " of held-out rows; " (report.unit.direction()) "." }
            }
        },
        &|| {
            html! {
                (report.model.reason())
                @if !report.baselines.is_empty() { (baselines::section(&report.baselines, report.unit)) }
                (report.model.facts())
            }
        },
    );
    add(
        !report.history.is_empty(),
        "training",
        "Training",
        &|| html! { p { "A validation line that falls while the other rises would be overfitting; the best epoch is kept." } },
        &|| losses::section(report),
    );
    add(
        report.corner.is_some(),
        "samples",
        "Samples",
        &|| html! { p { "Held-out rows beside rows drawn from the model. Where the lines agree, the model has learnt the shape." } },
        &|| html! { @if let Some(corner) = &report.corner { (corner::section(corner)) } },
    );
    add(
        !report.coverage.is_empty(),
        "coverage",
        "Coverage",
        &|| {
            html! {
                p { "The model names regions that should hold a given share of the rows, and the held-out rows are counted. Within the band, "
                    "which holds 19 of 20 outcomes, the difference is chance." }
                p { "Below zero the model is too sure of itself, above it too careful." }
            }
        },
        &|| {
            html! {
                div.split {
                    (coverage::deviations(&report.coverage, report.coverage_rows, "the regions of highest density", "large"))
                    (coverage::table(&report.coverage, report.coverage_rows))
                }
            }
        },
    );
    add(
        !report.calibration.is_empty(),
        "calibration",
        "Column by column",
        &|| {
            html! {
                p { "Left: where each held-out value falls within the model’s own distribution (PIT), 0 lowest and 1 highest. If the model is "
                    "right, the bars are level. High ends say too narrow, a high middle too wide, a slope shifted." }
                p { "Right: how far central intervals are off from what they promise." }
                p { "The band holds 19 of 20 outcomes of chance. The column that fits worst comes first." }
            }
        },
        &|| calibration::columns(&report.calibration),
    );
    add(
        report.two_sample.is_some(),
        "two-sample",
        "Two-sample test",
        &|| html! { p { "A classifier is trained to tell samples from held-out rows. If it does no better than chance, they look alike." } },
        &|| html! { @if let Some(test) = &report.two_sample { (two_sample::section(test)) } },
    );
    add(
        !report.odd_rows.is_empty(),
        "odd-rows",
        "Oddest rows",
        &|| html! { p { "The rows that the model finds least likely, and the column that makes them so. Often typing errors, sometimes discoveries." } },
        &|| odd_rows::section(&report.odd_rows, report.unit),
    );
    add(
        !(report.settings.is_empty()
            && report.hashes.is_empty()
            && report.files.is_empty()
            && report.command.is_none()),
        "details",
        "Details",
        &|| html! { p { "What it takes to get the same result again." } },
        &|| facts::section(report),
    );
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_without_figures_is_a_page_without_sections() {
        let text = page(&Report { title: "empty".into(), ..Report::default() }).into_string();
        assert!(text.starts_with("<!DOCTYPE html>") && !text.contains("<section"), "{text}");
    }

    #[test]
    fn the_style_sheet_fetches_nothing() {
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
    }

    #[test]
    fn a_title_that_is_markup_stays_a_title() {
        let title = "</title><script>alert(1)</script>".to_owned();
        let text = page(&Report { title, ..Report::default() }).into_string();
        assert!(!text.contains("<script") && text.matches("</title>").count() == 1, "{text}");
    }
}
