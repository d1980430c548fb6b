//! Rules on a file as such: its name, its size, its lines.

use std::path::Path;

use super::finding::Finding;

/// A repository of more than this is slow to clone; data and pictures are fetched or made instead.
const MAX_BYTES: usize = 2 * 1024 * 1024;
const MAX_LINES: usize = 600;
const WARN_LINES: usize = 400;

/// Names that say nothing about what is in the file, and so collect everything.
const EMPTY_NAMES: [&str; 5] = ["base.rs", "utils.rs", "helpers.rs", "common.rs", "misc.rs"];

/// Files people write, in which tabs and spaces at the end of a line are noise. Others may need them.
const WRITTEN: [&str; 6] = ["rs", "toml", "md", "sh", "yml", "yaml"];

/// The size of any file.
pub(super) fn size(path: &str, bytes: usize) -> Option<Finding> {
    let message = format!("{bytes} bytes, the limit is {MAX_BYTES}");
    (bytes > MAX_BYTES).then(|| Finding::new(path, 1, "size", message))
}

/// The name and the lines of a file of text.
pub(super) fn text(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let file = Path::new(path);
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    if EMPTY_NAMES.contains(&&*name) {
        findings.push(Finding::new(path, 1, "file-name", "name the file after the one concept it holds"));
    }
    let lines = text.lines().count();
    if name.ends_with(".rs") && lines > WARN_LINES {
        let finding = Finding::new(path, lines, "length", format!("{lines} lines, split it; the limit is {MAX_LINES}"));
        findings.push(if lines > MAX_LINES { finding } else { finding.into_warning() });
    }
    if !text.is_empty() && !text.ends_with('\n') {
        findings.push(Finding::new(path, lines, "newline", "the last line has no newline"));
    }
    if file.extension().is_none_or(|extension| WRITTEN.iter().any(|written| extension == *written)) {
        for (number, line) in (1..).zip(text.split('\n')) {
            if line.contains('\t') {
                findings.push(Finding::new(path, number, "whitespace", "a tab"));
            }
            if line.ends_with([' ', '\t', '\r']) {
                findings.push(Finding::new(path, number, "whitespace", "white space at the end of the line"));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(path: &str, content: &str) -> Vec<String> {
        text(path, content).iter().map(Finding::to_string).collect()
    }

    #[test]
    fn a_file_beyond_the_limit_is_found() {
        assert_eq!(size("a.png", MAX_BYTES), None);
        assert!(size("a.png", MAX_BYTES + 1).is_some_and(|finding| finding.to_string().starts_with("a.png:1: size:")));
    }

    #[test]
    fn names_that_say_nothing_are_found() {
        assert_eq!(shown("src/utils.rs", "\n").len(), 1);
        assert_eq!(shown("src/base.rs/spline.rs", "\n").len(), 0);
    }

    #[test]
    fn a_long_file_is_a_warning_and_a_longer_one_an_error() {
        assert!(text("a.rs", &"\n".repeat(400)).is_empty());
        assert!(text("a.rs", &"\n".repeat(401))[0].is_warning());
        assert!(text("a.rs", &"\n".repeat(600))[0].is_warning());
        assert!(!text("a.rs", &"\n".repeat(601))[0].is_warning());
        assert!(text("a.md", &"\n".repeat(601)).is_empty());
    }

    #[test]
    fn a_missing_last_newline_is_found() {
        assert_eq!(shown("a.json", "{\n}"), ["a.json:2: newline: the last line has no newline"]);
        assert!(shown("a.json", "").is_empty());
    }

    #[test]
    fn tabs_and_spaces_at_the_end_are_found_where_people_write() {
        assert_eq!(
            shown("a.rs", "a\n\tb\nc \n"),
            ["a.rs:2: whitespace: a tab", "a.rs:3: whitespace: white space at the end of the line",]
        );
        assert_eq!(shown("LICENSE", "a \n").len(), 1);
        assert_eq!(shown("a.toml", "a\r\n").len(), 1);
        assert!(shown("table.tsv", "a\tb\n").is_empty());
    }
}
