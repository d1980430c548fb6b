//! Rules on the `Cargo.toml` of a crate.

use std::path::Path;

use toml::{Table, Value};

use super::finding::Finding;

/// Features of burn that bring in something to compute on. The application chooses one; a library must not.
const BACKENDS: [&str; 15] = [
    "candle", "cpu", "cubecl", "cuda", "flex", "metal", "ndarray", "remote", "rocm", "router", "tch", "vulkan",
    "webgpu", "wgpu", "x86-v4",
];

/// Checks one manifest.
pub(super) fn check(root: &Path, path: &str, text: &str) -> Vec<Finding> {
    let manifest: Table = match text.parse() {
        Ok(manifest) => manifest,
        Err(error) => return vec![Finding::new(path, 1, "manifest", error.to_string())],
    };
    let mut findings = Vec::new();
    if manifest.contains_key("package") {
        let dir = Path::new(path).parent().unwrap_or(Path::new(""));
        if !["src/lib.rs", "src/main.rs"].iter().any(|source| root.join(dir).join(source).exists()) {
            findings.push(Finding::new(path, 1, "crate-root", "there is neither src/lib.rs nor src/main.rs"));
        }
    }
    if path.starts_with("crates/") {
        for feature in named_backends(&manifest) {
            let line = 1 + text.lines().position(|line| line.contains(&format!("{feature}\""))).unwrap_or(0);
            let message = format!("`{feature}` is a backend: the application names it, or a dev-dependency");
            findings.push(Finding::new(path, line, "backend-feature", message));
        }
    }
    findings
}

/// Backends among the features of dependencies that are not only for development, and in the crate's own features.
fn named_backends(manifest: &Table) -> Vec<String> {
    let mut sections: Vec<&Table> = tables(manifest, &["dependencies", "build-dependencies"]).collect();
    if let Some(targets) = manifest.get("target").and_then(Value::as_table) {
        let targets = targets.values().filter_map(Value::as_table);
        sections.extend(targets.flat_map(|target| tables(target, &["dependencies", "build-dependencies"])));
    }
    let dependencies = sections.into_iter().flat_map(Table::values);
    let mut features: Vec<&str> = dependencies.flat_map(|dependency| strings(dependency.get("features"))).collect();
    let own = tables(manifest, &["features"]).flat_map(|own| own.iter());
    // A feature of the crate's own named after a backend is as bad as one that turns it on.
    features.extend(own.flat_map(|(name, parts)| std::iter::once(name.as_str()).chain(strings(Some(parts)))));
    let is_backend = |feature: &&str| BACKENDS.contains(&feature.rsplit('/').next().unwrap_or(feature));
    features.into_iter().filter(is_backend).map(str::to_owned).collect()
}

fn tables<'a>(table: &'a Table, names: &[&str]) -> impl Iterator<Item = &'a Table> {
    names.iter().filter_map(|name| table.get(*name)?.as_table()).collect::<Vec<_>>().into_iter()
}

fn strings(value: Option<&Value>) -> Vec<&str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let dir = tempfile::tempdir().expect("a directory");
        check(dir.path(), path, text)
            .iter()
            .map(|f| f.to_string().split(": ").take(2).collect::<Vec<_>>().join(": "))
            .collect()
    }

    #[test]
    fn a_backend_among_the_features_of_a_library_is_found() {
        for text in [
            "[dependencies]\nburn = { workspace = true, features = [\"std\", \"wgpu\"] }\n",
            "[target.'cfg(unix)'.dependencies]\nburn = { features = [\"flex\"] }\n",
            "[features]\ngpu = [\"burn/cuda\"]\n",
        ] {
            assert_eq!(found("crates/a/Cargo.toml", text), ["crates/a/Cargo.toml:2: backend-feature"], "{text}");
        }
    }

    #[test]
    fn a_backend_for_development_or_in_an_example_is_fine() {
        let text = "[dev-dependencies]\nburn = { features = [\"flex\"] }\n";
        assert!(found("crates/a/Cargo.toml", text).is_empty());
        assert!(found("examples/a/Cargo.toml", "[features]\nflex = [\"burn/flex\"]\n").is_empty());
    }

    #[test]
    fn a_manifest_that_cannot_be_read_is_found() {
        assert_eq!(found("Cargo.toml", "[package\n"), ["Cargo.toml:1: manifest"]);
    }

    #[test]
    fn a_crate_without_a_root_is_found() {
        assert_eq!(found("crates/a/Cargo.toml", "[package]\nname = \"a\"\n"), ["crates/a/Cargo.toml:1: crate-root"]);
    }
}
