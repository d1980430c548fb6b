//! A page of `flows report` in a real browser.

use std::path::Path;

use crate::chromium::{self, Browser};
use crate::program::{Csv, Folder};

/// A browser, unless there is none and none is required.
fn browser() -> Option<Browser> {
    let wanted = std::env::var("FLOWS_REQUIRE_CHROMIUM").unwrap_or_default();
    let found = chromium::find().filter(|_| wanted != "0");
    if found.is_none() {
        assert!(wanted != "1", "there is no chromium on the PATH; hint: apt-get install chromium");
        eprintln!("not tested: there is no chromium on the PATH; hint: apt-get install chromium");
    }
    found.map(|path| Browser::start(&path))
}

fn looks_right(browser: &mut Browser, page: &Path) {
    for (width, scheme) in [(390, "light"), (1280, "dark")] {
        browser.open(page, width, scheme);
        let overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(browser.value(overflow), 0, "at {width} pixels it scrolls sideways");
        assert_eq!(browser.complaints(), Vec::<String>::new(), "the console is not empty");
        assert_eq!(browser.fetched(), Vec::<String>::new(), "the page fetches something");
        assert_eq!(browser.value("document.querySelectorAll('svg:not([aria-label])').length"), 0);
    }
}

#[test]
fn a_report_of_a_fit_opens_without_a_complaint() {
    let Some(mut browser) = browser() else { return };
    let table = Csv::new("height,width <cm>,hour,n", 400, |_, normal| {
        let z = normal.next();
        let (width, hour) = (z + 0.3 * normal.next(), (22.0 + 2.0 * normal.next()).rem_euclid(24.0));
        format!("{:.2},{width:.2},{hour:.2},{}", 170.0 + 8.0 * z, (3.0 * normal.uniform()) as u32)
    });
    let folder = Folder::with("t.csv", &table.0);
    folder.ok("fit t.csv --as hour=circle:24 --model nsf --quality fast --time 5s -o joint.flow");
    folder.ok("fit t.csv --target height --model gaussian -o given.flow");
    for model in ["joint", "given"] {
        folder.ok(&format!("report {model}.flow t.csv -o {model}.html"));
        looks_right(&mut browser, &folder.path(&format!("{model}.html")));
        let names = browser.value("[...document.querySelectorAll('.column-name h3')].map(name => name.textContent)");
        let names: Vec<&str> = names.as_array().expect("names").iter().filter_map(|name| name.as_str()).collect();
        assert!(names.contains(&"width <cm>") && names.contains(&"height"), "{names:?}");
        // A single target has no pairs of columns.
        let corner = browser.value("document.querySelector('.corner img')?.naturalWidth > 300");
        assert_eq!(corner, model == "joint", "{model}");
    }
}
