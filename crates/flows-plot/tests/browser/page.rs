//! A page in a real browser, as people open it.

// Named, as tests of another crate include this file.
#[path = "chromium.rs"]
mod chromium;

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
pub(crate) use chromium::Browser;

/// A browser, unless there is none and none is required.
fn browser() -> Option<Browser> {
    let wanted = std::env::var("FLOWS_REQUIRE_CHROMIUM").unwrap_or_default();
    let found = chromium::find().filter(|_| wanted != "0");
    if found.is_none() {
        let required = wanted == "1";
        assert!(!required, "there is no chromium on the PATH; hint: apt-get install chromium");
        eprintln!("not tested: there is no chromium on the PATH; hint: apt-get install chromium");
    }
    found.map(|path| Browser::start(&path))
}

/// Opens a page in every way, and looks at what is the same for all of them.
pub(crate) fn looks_right(name: &str, path: &Path, mut more: impl FnMut(&mut Browser)) {
    let Some(mut browser) = browser() else { return };
    let mut papers = vec![];
    for width in [390, 1280] {
        for scheme in ["light", "dark"] {
            let here = format!("{name} at {width} pixels, {scheme}");
            browser.open(path, width, scheme);
            keep(&format!("{name}-{width}-{scheme}.png"), &browser.screenshot());
            let wide = browser.value(include_str!("too_wide.js"));
            assert_eq!(wide, serde_json::json!([]), "{here}: wider than the window");
            let overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
            assert_eq!(browser.value(overflow), 0, "{here}: it scrolls sideways");
            assert_eq!(browser.value("window.innerWidth"), width, "{here}");
            let faint = browser.value(include_str!("contrast.js"));
            assert_eq!(faint, serde_json::json!([]), "{here}: text that is hard to read");
            papers.push(browser.value("getComputedStyle(document.body).backgroundColor").to_string());
            more(&mut browser);
            assert_eq!(browser.complaints(), Vec::<String>::new(), "{here}: the console is not empty");
            assert_eq!(browser.fetched(), Vec::<String>::new(), "{here}: the page fetches something");
        }
    }
    assert!(papers[0] != papers[1] && papers[0] == papers[2] && papers[1] == papers[3], "light and dark: {papers:?}");
    keep(&format!("{name}.pdf"), &browser.print());
}

/// Keeps a picture in the folder that the environment variable `FLOWS_PLOT_GALLERY` names, to be looked at.
fn keep(name: &str, base64: &str) {
    if let Some(gallery) = std::env::var_os("FLOWS_PLOT_GALLERY") {
        let bytes = STANDARD.decode(base64).expect("base64 from the browser");
        std::fs::write(Path::new(&gallery).join(name), bytes).expect("the gallery is a folder");
    }
}
