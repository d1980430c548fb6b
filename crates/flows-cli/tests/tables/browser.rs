//! Pages that `flows report` has written, in a real browser.

#[path = "../../../flows-plot/tests/browser/page.rs"]
mod page;

use page::{Browser, looks_right};

use crate::program::{Csv, Folder};

/// A column's name that is markup.
const HOSTILE: &str = "<img src=x onerror=\"window.hit = 1\">";
const SECTIONS: &str = "[...document.querySelectorAll('section')].map(section => section.id)";

fn folder() -> Folder {
    let header = format!("a,b,\"{}\",day,kind", HOSTILE.replace('"', "\"\""));
    let table = Csv::new(&header, 300, |i, normal| {
        let (a, kind) = (normal.next(), ["p", "q"][i % 2]);
        let day = 1 + (28.0 * normal.uniform()) as usize;
        format!("{a:.3},{:.3},{:.2},2021-03-{day:02},{kind}", 2.0 * a + 0.3 * normal.next(), 5.0 + normal.next())
    });
    Folder::with("t.csv", &table.0)
}

/// What every page has: whole pictures, links that lead somewhere, names that are text, and the figure of the model.
fn is_whole(browser: &mut Browser, log_likelihood: &serde_json::Value) {
    assert_eq!(
        browser.value("[...document.querySelectorAll('nav a')].every(a => document.querySelector(a.hash))"),
        true
    );
    assert_eq!(browser.value("[...document.images].filter(image => !image.naturalWidth).length"), 0);
    assert_eq!(browser.value("document.querySelectorAll('svg:not([aria-label])').length"), 0);
    assert_eq!(browser.value("document.scripts.length + document.querySelectorAll('[onerror]').length"), 0);
    assert_eq!(browser.value("typeof window.hit"), "undefined");
    let names = browser.value("[...document.querySelectorAll('.column-name h3')].map(name => name.textContent)");
    assert_eq!(names, serde_json::json!(["a", "b", HOSTILE, "day", "kind"]));
    let shown = browser.value("document.querySelector('.figures dd').textContent");
    let shown = shown.as_str().expect("text").replace('\u{2212}', "-");
    let decimals = shown.split_once('.').map_or(0, |(_, digits)| digits.len());
    let exact = log_likelihood.as_f64().expect("a number");
    assert_eq!(shown, format!("{exact:.decimals$}"), "the page and `fit --json`");
}

#[test]
fn the_page_of_a_fit_with_its_table_looks_right_everywhere() {
    let folder = folder();
    folder.ok("fit t.csv --model nsf-ar --layers 1 --hidden 16 --quality fast --time 10s -o m.flow --json f.json");
    folder.ok("report m.flow t.csv -o r.html");
    let exact = &folder.json("f.json")["test_log_likelihood"];
    looks_right("fit", &folder.path("r.html"), |browser| {
        is_whole(browser, exact);
        let sections = browser.value(SECTIONS);
        let expected = [
            "summary",
            "columns",
            "model",
            "training",
            "samples",
            "coverage",
            "calibration",
            "two-sample",
            "odd-rows",
            "details",
        ];
        assert_eq!(sections, serde_json::json!(expected));
        assert_eq!(browser.value("document.querySelectorAll('.corner img').length"), 1);
    });
}

#[test]
fn the_page_of_a_conditional_model_without_a_table_looks_right_everywhere() {
    let folder = folder();
    folder.ok("fit t.csv --target b --model gaussian -o m.flow --json f.json");
    folder.ok("report m.flow -o r.html");
    let exact = &folder.json("f.json")["test_log_likelihood"];
    looks_right("target", &folder.path("r.html"), |browser| {
        is_whole(browser, exact);
        // No samples, no oddest rows.
        let sections = browser.value(SECTIONS);
        assert!(["samples", "odd-rows"].iter().all(|gone| !sections.to_string().contains(gone)), "{sections}");
        let told = browser.value("document.querySelector('.lede').textContent").to_string();
        assert!(told.contains("given"), "{told}");
    });
}
