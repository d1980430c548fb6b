//! `cargo xtask tidy`: the rules of style that a program can check.

mod files;
mod finding;
mod links;
mod manifest;
mod outputs;
mod rust;
mod source;

use std::{fs, path::Path, process::Command};

use crate::process::{Outcome, program, root};
use finding::Finding;
use source::Source;

/// Checks every file that git tracks or would track, and prints what it finds.
pub(crate) fn run() -> Outcome {
    let root = root();
    let paths = listed(&mut program("git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))?;
    let findings = findings(&root, &paths);
    for finding in &findings {
        println!("{finding}");
    }
    let errors = findings.iter().filter(|finding| !finding.is_warning()).count();
    println!("tidy: {} files, {errors} findings, {} warnings", paths.len(), findings.len() - errors);
    if errors == 0 { Ok(()) } else { Err(format!("{errors} findings")) }
}

/// The paths git lists, in order, each once.
fn listed(git: &mut Command) -> Outcome<Vec<String>> {
    let output = git.output().map_err(|error| format!("git did not start: {error}"))?;
    if !output.status.success() {
        return Err(format!("git cannot list the files: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let mut paths: Vec<String> = text.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect();
    paths.sort();
    paths.dedup();
    Ok(paths)
}

/// Every rule on every file.
fn findings(root: &Path, paths: &[String]) -> Vec<Finding> {
    let mut all = Vec::new();
    let mut sources = Vec::new();
    for path in paths {
        // A file that git still lists may have been deleted.
        let Ok(bytes) = fs::read(root.join(path)) else { continue };
        all.extend(files::size(path, bytes.len()));
        let Ok(text) = String::from_utf8(bytes) else { continue };
        all.extend(files::text(path, &text));
        if path.ends_with(".rs") {
            sources.push((path, Source::new(&text)));
        } else if path.ends_with(".md") {
            all.extend(links::check(root, path, &text, paths));
        } else if path.ends_with("Cargo.toml") {
            all.extend(manifest::check(root, path, &text));
        }
    }
    let tests: Vec<String> = sources.iter().flat_map(|(path, source)| test_files(path, source)).collect();
    for (path, source) in &sources {
        all.extend(rust::check(path, source));
        if !tests.iter().any(|test| path.starts_with(test)) {
            all.extend(outputs::check(path, source));
        }
    }
    all
}

/// How the paths of the files begin that a file says are tests: `a/b.` and `a/b/` for the module `b`.
fn test_files(path: &str, source: &Source) -> Vec<String> {
    let (dir, file) = path.rsplit_once('/').unwrap_or(("", path));
    let dir = match file {
        "lib.rs" | "main.rs" | "mod.rs" => dir.to_owned(),
        _ => path.trim_end_matches(".rs").to_owned(),
    };
    source.test_modules().flat_map(|name| [format!("{dir}/{name}."), format!("{dir}/{name}/")]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_reaches_the_files_it_is_for() {
        let dir = tempfile::tempdir().expect("a directory");
        let files = [
            ("crates/a/Cargo.toml", "[package]\nname = \"a\"\n[dependencies]\nburn = { features = [\"wgpu\"] }\n"),
            ("crates/a/src/lib.rs", "fn logic() {}\n"),
            ("crates/a/src/map.rs", "//! A map.\nfn f() { println!(); }\n"),
            ("crates/a/src/pick/mod.rs", "//! Picks.\n#[cfg(test)]\nmod cases;\n"),
            ("crates/a/src/pick/cases.rs", "//! Cases.\nfn f() { a.unwrap(); }\n"),
            ("README.md", "[gone](docs/gone.md)\n"),
            ("notes.txt", "no newline"),
        ];
        for (path, text) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().expect("it has a parent")).expect("created");
            fs::write(path, text).expect("written");
        }
        let mut paths: Vec<String> = files.iter().map(|(path, _)| (*path).to_owned()).collect();
        paths.push("deleted.rs".to_owned());
        let lines: Vec<String> = findings(dir.path(), &paths).iter().map(Finding::to_string).collect();
        let expected = [
            "crates/a/Cargo.toml:4: backend-feature",
            "README.md:1: link",
            "notes.txt:1: newline",
            "crates/a/src/lib.rs:1: module-doc",
            "crates/a/src/lib.rs:1: no-logic",
            "crates/a/src/map.rs:2: library-output",
        ];
        assert_eq!(lines.len(), expected.len(), "{lines:#?}");
        for (line, start) in lines.iter().zip(expected) {
            assert!(line.starts_with(start), "{line}");
        }
    }

    #[test]
    fn outside_a_repository_git_says_so() {
        let dir = tempfile::tempdir().expect("a directory");
        let mut git = Command::new("git");
        git.args(["ls-files", "-z"]).current_dir(dir.path()).env("GIT_CEILING_DIRECTORIES", dir.path());
        assert!(listed(&mut git).expect_err("no repository").starts_with("git cannot list the files"));
    }
}
