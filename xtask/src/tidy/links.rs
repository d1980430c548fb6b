//! Rules on Markdown: what it points to exists.

use std::path::Path;

use super::finding::Finding;

/// Places that a command makes and git does not keep.
const MADE: [&str; 3] = ["target", "out", "data"];

/// Checks the links of a Markdown file, and the files and directories its tables name.
///
/// A table may leave out how the path of a file begins, where a heading says it: `paths` are all the files there are.
pub(super) fn check(root: &Path, path: &str, text: &str, paths: &[String]) -> Vec<Finding> {
    let here = root.join(path).parent().map_or_else(|| root.to_owned(), Path::to_owned);
    let mut findings = Vec::new();
    let mut in_fence = false;
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with("```") {
            in_fence = !in_fence;
        }
        if in_fence {
            continue;
        }
        for target in targets(line) {
            if !here.join(&target).exists() {
                findings.push(Finding::new(path, number, "link", format!("`{target}` does not exist")));
            }
        }
        for name in table_paths(line) {
            let listed = || paths.iter().any(|path| path.ends_with(&format!("/{name}")));
            if !here.join(name).exists() && !root.join(name).exists() && !listed() {
                findings.push(Finding::new(
                    path,
                    number,
                    "link",
                    format!("the table names `{name}`, which does not exist"),
                ));
            }
        }
    }
    findings
}

/// The relative paths a line links to: `[text](path)`, `![picture](path)` and `[label]: path`.
fn targets(line: &str) -> Vec<String> {
    let plain = without_code(line);
    let mut targets: Vec<&str> = plain.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    if plain.starts_with('[')
        && let Some((_, target)) = plain.split_once("]: ")
    {
        targets.push(target);
    }
    let relative = targets.into_iter().filter_map(|target| {
        let target = target.split_whitespace().next()?.trim_matches(['<', '>']);
        let file = target.split('#').next().unwrap_or(target);
        (!file.is_empty() && !target.contains("://") && !target.starts_with("mailto:")).then(|| file.to_owned())
    });
    relative.collect()
}

/// The line with what is between backticks blanked: an expression such as `a[i](x)` is no link.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("``")
}

/// What a row of a table writes as code and what reads as a path in this repository.
fn table_paths(line: &str) -> impl Iterator<Item = &str> {
    let row = if line.trim_start().starts_with('|') { line } else { "" };
    row.split('`').skip(1).step_by(2).filter(|code| is_path(code))
}

fn is_path(code: &str) -> bool {
    let file = [".md", ".rs", ".toml"].iter().any(|extension| code.ends_with(extension));
    let plain = code.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-'));
    let first = code.split('/').next().unwrap_or_default();
    // `burn/wgpu` is a feature and `bits/dim` a unit: a path ends in a name with an extension or begins in a directory.
    let rooted = ["crates", "docs", "examples", "xtask", ".", ".."].contains(&first) && code.contains('/');
    plain && (file || rooted) && !MADE.contains(&first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::create_dir_all(dir.path().join("docs/pictures")).expect("created");
        std::fs::write(dir.path().join("docs/there.md"), "").expect("written");
        let paths = ["docs/there.md".to_owned(), "crates/a/src/map/affine.rs".to_owned()];
        check(dir.path(), "docs/a.md", text, &paths).iter().map(Finding::to_string).collect()
    }

    #[test]
    fn a_link_to_nothing_is_found() {
        assert_eq!(found("a\nsee [b](gone.md)"), ["docs/a.md:2: link: `gone.md` does not exist"]);
        assert_eq!(found("![b](pictures/gone.png \"title\")").len(), 1);
        assert_eq!(found("[b]: gone.md").len(), 1);
        assert_eq!(found("[b](there.md) and [c](gone.md#part)").len(), 1);
    }

    #[test]
    fn links_that_exist_and_links_elsewhere_are_fine() {
        let text =
            "[a](there.md#part) [b](../docs/there.md) [c](pictures) [d](https://a.b/c) [e](#part) [f](mailto:a@b.c)";
        assert!(found(text).is_empty(), "{:?}", found(text));
    }

    #[test]
    fn code_is_no_link() {
        assert!(found("`a[i](x)`\n```rust\nlet a = b[i](gone.md);\n```\n").is_empty());
    }

    #[test]
    fn a_table_that_names_a_file_or_a_directory_that_is_gone_is_found() {
        assert_eq!(found("| `docs/gone` | a |").len(), 1);
        assert_eq!(found("| a | `gone.md` |").len(), 1);
        assert!(found("| `docs/there.md` | `there.md` | `docs/pictures/` |").is_empty());
        assert!(found("| `map/affine.rs` | `affine.rs` |").is_empty());
        assert_eq!(found("| `p/affine.rs` | `fine.rs` |").len(), 2);
        assert!(found("| `burn/wgpu` | `bits/dim` | `data/world-cities` | `crates/*` |").is_empty());
        assert!(found("not a table: `docs/gone`").is_empty());
    }
}
