//! The report in a real browser: on a phone and on a desk, in light and in dark.
#![cfg(unix)]

#[path = "../../examples/diamonds/figures.rs"]
mod diamonds;
mod hostile;
mod page;

use flows_plot::report::Report;
use page::Browser;

/// Opens a report in every way, and looks at what is the same for all of them.
fn looks_right(name: &str, report: &Report, more: impl FnMut(&mut Browser)) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("report.html");
    report.save(&path).expect("the report is written");
    page::looks_right(name, &path, more);
}

#[test]
fn a_report_of_diamonds_looks_right_everywhere() {
    looks_right("diamonds", &diamonds::report(), |browser| {
        assert_eq!(browser.value("document.querySelectorAll('section').length"), 10);
        assert_eq!(
            browser.value("[...document.querySelectorAll('nav a')].every(a => document.querySelector(a.hash))"),
            true
        );
        // A picture is broken as long as it has no size.
        assert_eq!(browser.value("document.querySelector('.corner img').naturalWidth > 1000"), true);
        assert_eq!(browser.value("document.querySelectorAll('svg:not([aria-label])').length"), 0);
    });
}

#[test]
fn hostile_names_are_text_and_nothing_else() {
    looks_right("hostile", &hostile::report(), |browser| {
        assert_eq!(
            browser.value("document.scripts.length + document.querySelectorAll('img[src=x], b, iframe').length"),
            0
        );
        assert_eq!(browser.value("document.querySelectorAll('[onerror], [onload], [onclick]').length"), 0);
        assert_eq!(browser.value("typeof window.hit"), "undefined");
        let names = browser.value("[...document.querySelectorAll('.column-name h3')].map(name => name.textContent)");
        let names: Vec<&str> = names.as_array().expect("names").iter().filter_map(|name| name.as_str()).collect();
        assert_eq!(names, hostile::SHOWN);
    });
}

#[test]
fn a_report_of_hardly_anything_looks_right_too() {
    looks_right("empty", &Report { title: "nothing".into(), ..Report::default() }, |browser| {
        assert_eq!(browser.value("document.querySelectorAll('section').length"), 0);
    });
}
