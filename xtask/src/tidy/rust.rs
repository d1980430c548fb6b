//! Rules on every Rust file.

use std::path::Path;

use super::{finding::Finding, source::Source};

/// What an item of logic begins with.
const LOGIC: [&str; 12] =
    ["fn", "impl", "struct", "enum", "trait", "union", "static", "const", "type", "unsafe", "async", "extern"];

/// Macros for what is not finished.
const UNFINISHED: [&str; 3] = ["todo", "unimplemented", "dbg"];

/// Checks one Rust file.
pub(super) fn check(path: &str, source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(module_doc(path, source));
    if matches!(Path::new(path).file_name().and_then(|name| name.to_str()), Some("lib.rs" | "mod.rs")) {
        findings.extend(no_logic(path, source));
    }
    for (number, line) in source.code() {
        for name in UNFINISHED.iter().filter(|name| calls(line, name)) {
            findings.push(Finding::new(path, number, "unfinished", format!("`{name}!` is for work in progress")));
        }
        let attribute = line.trim_start();
        if attribute.starts_with("#[ignore") || (attribute.starts_with("#[cfg_attr") && has_word(attribute, "ignore")) {
            findings.push(Finding::new(path, number, "unfinished", "a test that does not run proves nothing"));
        }
    }
    findings.extend(source.lines().filter(|(_, line)| is_idle_example(line)).map(|(number, _)| {
        Finding::new(path, number, "doc-example", "an example that does not run goes stale; make it run")
    }));
    findings
}

/// Every file begins by saying what it holds; attributes may come before.
fn module_doc(path: &str, source: &Source) -> Option<Finding> {
    let mut lines = source.lines().map(|(_, line)| line.trim());
    let first = lines.find(|line| !line.is_empty() && !line.starts_with("#!["));
    let documented = first.is_some_and(|line| line.strip_prefix("//!").is_some_and(|doc| !doc.trim().is_empty()));
    (!documented).then(|| Finding::new(path, 1, "module-doc", "the file does not begin with a `//!` doc"))
}

/// Crate and module roots hold modules, re-exports and macros: logic has a file of its own.
fn no_logic(path: &str, source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut macro_depth = 0_usize;
    for (number, line) in source.code_outside_tests() {
        let inside = macro_depth > 0;
        if inside || opens_macro(line) {
            macro_depth += line.matches(['{', '(']).count();
            macro_depth = macro_depth.saturating_sub(line.matches(['}', ')']).count());
            continue;
        }
        let item = without_visibility(line.trim_start());
        let word = item.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        if LOGIC.contains(&word) && !item.starts_with("extern crate") {
            let message = format!("`{word}` belongs in a file of its own, this one only names modules");
            findings.push(Finding::new(path, number, "no-logic", message));
        }
    }
    findings
}

/// `macro_rules! name {` and `name! {` alike.
fn opens_macro(line: &str) -> bool {
    let line = line.trim();
    line.split_once('!').is_some_and(|(name, rest)| {
        !name.is_empty()
            && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | ':'))
            && rest.contains(['{', '('])
    })
}

fn without_visibility(line: &str) -> &str {
    let Some(rest) = line.strip_prefix("pub") else { return line };
    let rest = rest.trim_start();
    match rest.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
        Some((_, item)) => item.trim_start(),
        None => rest,
    }
}

/// Whether a macro is called by this name.
fn calls(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        line[at + name.len()..].starts_with('!') && !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

fn has_word(line: &str, word: &str) -> bool {
    line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|other| other == word)
}

/// Whether the line opens a fenced example in a doc comment that rustdoc will not run.
fn is_idle_example(line: &str) -> bool {
    let line = line.trim_start();
    let doc = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"));
    let Some(info) = doc.and_then(|doc| doc.trim_start().strip_prefix("```")) else { return false };
    info.split(|c: char| c == ',' || c.is_whitespace()).any(|word| word.starts_with("ignore") || word == "no_run")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(path: &str, text: &str) -> Vec<String> {
        let findings = check(path, &Source::new(text));
        findings.iter().map(|finding| finding.to_string().split(": ").take(2).collect::<Vec<_>>().join(": ")).collect()
    }

    #[test]
    fn a_file_without_a_doc_is_found() {
        assert_eq!(rules("src/a.rs", "use b;\n"), ["src/a.rs:1: module-doc"]);
        assert_eq!(rules("src/a.rs", "//!\nuse b;\n"), ["src/a.rs:1: module-doc"]);
        assert!(rules("src/a.rs", "#![allow(x)]\n\n//! A.\nuse b;\n").is_empty());
    }

    #[test]
    fn logic_in_a_root_is_found() {
        for item in
            ["fn f() {}", "pub fn f() {}", "pub(crate) struct A;", "impl A {}", "const X: u8 = 1;", "unsafe fn f() {}"]
        {
            assert_eq!(rules("src/lib.rs", &format!("//! A.\n{item}\n")), ["src/lib.rs:2: no-logic"], "{item}");
            assert!(rules("src/a.rs", &format!("//! A.\n{item}\n")).is_empty(), "{item}");
        }
    }

    #[test]
    fn modules_uses_attributes_macros_and_tests_are_no_logic() {
        let text = "//! A.\n//! fn not_code() {}\n#![warn(missing_docs)]\nmod a;\n#[cfg(x)]\npub mod b;\npub use a::{A, B};\n\
            #[macro_export]\nmacro_rules! m {\n    () => {\n        fn f() {}\n    };\n}\nm!(\n    struct A;\n);\n\
            #[cfg(test)]\nmod tests {\n    fn f() {}\n}\n";
        assert!(rules("src/mod.rs", text).is_empty(), "{:?}", rules("src/mod.rs", text));
    }

    #[test]
    fn work_in_progress_is_found_in_code_and_not_in_words() {
        for name in UNFINISHED {
            assert_eq!(rules("a.rs", &format!("//! A.\nfn f() {{ {name}!() }}\n")), ["a.rs:2: unfinished"]);
            assert!(
                rules("a.rs", &format!("//! A {name}!().\n// {name}!()\nfn f() {{ a(\"{name}!\") }}\n")).is_empty()
            );
            assert!(rules("a.rs", &format!("//! A.\nfn f() {{ my_{name}!() }}\n")).is_empty());
        }
    }

    #[test]
    fn tests_that_do_not_run_are_found() {
        for attribute in ["#[ignore]", "#[ignore = \"slow\"]", "#[cfg_attr(debug_assertions, ignore)]"] {
            assert_eq!(rules("a.rs", &format!("//! A.\n#[test]\n{attribute}\nfn f() {{}}\n")), ["a.rs:3: unfinished"]);
        }
    }

    #[test]
    fn examples_that_do_not_run_are_found() {
        let fence = "`".repeat(3);
        for info in ["ignore", "no_run", "rust,ignore", "should_panic, no_run"] {
            let text = format!("//! A.\n/// {fence}{info}\n/// x\n/// {fence}\nfn f() {{}}\n");
            assert_eq!(rules("a.rs", &text), ["a.rs:2: doc-example"], "{info}");
        }
        for info in ["", "text", "compile_fail", "should_panic"] {
            assert!(rules("a.rs", &format!("//! A.\n/// {fence}{info}\nfn f() {{}}\n")).is_empty(), "{info}");
        }
    }
}
