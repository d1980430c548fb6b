//! Rules on the `Cargo.toml` of a crate.

use std::path::Path;

use toml::{Table, Value};

use super::finding::Finding;

/// Features of burn that bring in something to compute on. The application chooses one; a library must not.
const BACKENDS: [&str; 15] = [
    "candle", "cpu", "cubecl", "cuda", "flex", "metal", "ndarray", "remote", "rocm", "router", "tch", "vulkan",
    "webgpu", "wgpu", "x86-v4",
];

/// The crate with kernels for a backend. It may have a feature of that name, which turns on burn's, and is off by default.
const KERNELS: &str = "crates/flows-core/Cargo.toml";

/// The command, and the facade, which chooses a backend for programs that name none: the features of both are backends.
const PROGRAMS: [&str; 2] = ["crates/burn-flows/Cargo.toml", "crates/flows-cli/Cargo.toml"];

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
    if path.starts_with("crates/") && !PROGRAMS.contains(&path) {
        for feature in named_backends(&manifest, path == KERNELS) {
            let line = 1 + text.lines().position(|line| line.contains(&format!("{feature}\""))).unwrap_or(0);
            let message = format!("`{feature}` is a backend: the application names it, or a dev-dependency");
            findings.push(Finding::new(path, line, "backend-feature", message));
        }
    }
    findings
}

/// Backends among the features of dependencies that are not only for development, and in the crate's own features.
fn named_backends(manifest: &Table, has_kernels: bool) -> Vec<String> {
    let mut sections: Vec<&Table> = tables(manifest, &["dependencies", "build-dependencies"]).collect();
    if let Some(targets) = manifest.get("target").and_then(Value::as_table) {
        let targets = targets.values().filter_map(Value::as_table);
        sections.extend(targets.flat_map(|target| tables(target, &["dependencies", "build-dependencies"])));
    }
    let dependencies = sections.into_iter().flat_map(Table::values);
    let mut features: Vec<&str> = dependencies.flat_map(|dependency| strings(dependency.get("features"))).collect();
    // A feature of the crate's own named after a backend is as bad as one that turns it on.
    let own: Vec<(&str, Vec<&str>)> =
        tables(manifest, &["features"]).flatten().map(|(name, parts)| (name.as_str(), strings(Some(parts)))).collect();
    let brings_in = |name: &str, part: &str| part.strip_prefix("burn/") == Some(name);
    let kernels: Vec<&str> = own
        .iter()
        .filter(|(name, parts)| has_kernels && parts.iter().any(|part| brings_in(name, part)))
        .map(|(name, _)| *name)
        .collect();
    for (name, parts) in &own {
        if kernels.contains(name) {
            // Those for one backend may build on those for another.
            features.extend(parts.iter().filter(|part| !brings_in(name, part) && !kernels.contains(part)));
        } else {
            features.push(name);
            features.extend(parts);
        }
    }
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
    fn kernels_for_a_backend_are_a_feature_of_its_name_that_is_off_by_default() {
        let kernels = "[features]\nflex = [\"burn/flex\", \"dep:gemm\"]\n";
        assert!(found("crates/flows-core/Cargo.toml", kernels).is_empty());
        let more = "[features]\nwgpu = [\"burn/wgpu\"]\nvulkan = [\"burn/vulkan\", \"wgpu\"]\n";
        assert!(found("crates/flows-core/Cargo.toml", more).is_empty());
        assert_eq!(found("crates/flows-vision/Cargo.toml", kernels).len(), 2);
        for text in [
            "[features]\nfast = [\"burn/flex\"]\n",
            "[features]\nflex = [\"burn/flex\", \"burn/wgpu\"]\n",
            "[features]\ndefault = [\"flex\"]\nflex = [\"burn/flex\"]\n",
        ] {
            assert_eq!(
                found("crates/flows-core/Cargo.toml", text),
                ["crates/flows-core/Cargo.toml:2: backend-feature"]
            );
        }
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
