//! Rules on the library crates: they report through values, not through the terminal or a panic without a reason.

use super::{finding::Finding, source::Source};

const PRINTS: [&str; 4] = ["println", "eprintln", "print", "eprint"];

/// A file that is there to show progress says so, and why.
const MARKER: &str = "// tidy: prints";

/// Checks one file of a library crate's `src`; other files may print.
pub(super) fn check(path: &str, source: &Source) -> Vec<Finding> {
    if !is_library(path) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let marker = source.lines().find_map(|(number, line)| Some((number, line.trim().strip_prefix(MARKER)?)));
    if let Some((number, reason)) = marker
        && !reason.contains(char::is_alphabetic)
    {
        findings.push(Finding::new(path, number, "library-output", "the marker gives no reason"));
    }
    for (number, line) in source.code_outside_tests() {
        if marker.is_none() && PRINTS.iter().any(|name| is_macro_call(line, name)) {
            let message = format!("a library does not print; a file that is for progress says `{MARKER}` and why");
            findings.push(Finding::new(path, number, "library-output", message));
        }
        if line.contains(".unwrap()") {
            findings.push(Finding::new(path, number, "unwrap", "say why it cannot fail: `expect(\"reason\")`"));
        }
    }
    findings
}

/// Whether the path is in the `src` of a crate under `crates`.
fn is_library(path: &str) -> bool {
    let mut parts = path.split('/');
    parts.next() == Some("crates") && parts.nth(1) == Some("src")
}

fn is_macro_call(line: &str, name: &str) -> bool {
    line.match_indices(&format!("{name}!"))
        .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        check(path, &Source::new(text))
            .iter()
            .map(|f| f.to_string().split(": ").take(2).collect::<Vec<_>>().join(": "))
            .collect()
    }

    #[test]
    fn printing_from_a_library_is_found() {
        for name in PRINTS {
            let text = format!("fn f() {{ {name}!(\"a\"); }}\n");
            assert_eq!(found("crates/a/src/b.rs", &text), ["crates/a/src/b.rs:1: library-output"], "{name}");
        }
    }

    #[test]
    fn a_file_with_a_marker_and_a_reason_may_print() {
        let text = |marker: &str| format!("{marker}\nfn f() {{ println!(); }}\n");
        assert!(found("crates/a/src/b.rs", &text("// tidy: prints: progress is asked for")).is_empty());
        assert_eq!(found("crates/a/src/b.rs", &text("// tidy: prints")), ["crates/a/src/b.rs:1: library-output"]);
    }

    #[test]
    fn unwrap_is_found_and_expect_is_not() {
        let text = "fn f() {\n    a.unwrap();\n    a.expect(\"it is there\");\n    a.unwrap_or(1);\n}\n";
        assert_eq!(found("crates/a/src/b.rs", text), ["crates/a/src/b.rs:2: unwrap"]);
    }

    #[test]
    fn tests_docs_and_other_crates_may_do_both() {
        let inside =
            "/// a.unwrap(); println!();\n#[cfg(test)]\nmod tests {\n    fn f() { a.unwrap(); println!(); }\n}\n";
        assert!(found("crates/a/src/b.rs", inside).is_empty());
        let outside = "fn f() { a.unwrap(); println!(); }\n";
        for path in ["crates/a/tests/b.rs", "examples/a/src/main.rs", "xtask/src/main.rs"] {
            assert!(found(path, outside).is_empty(), "{path}");
        }
    }
}
