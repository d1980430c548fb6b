//! Files that lie.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use burn::tensor::Device;
use serde_json::Value;

use crate::file::{self, Header};
use crate::{FlowConfig, FlowError, load, save};

/// Sizes that no flow has; the product of two of them overflows.
const IMPOSSIBLE: [u64; 3] = [1_000_000_000, 1_000_000_000_000, u64::MAX];
/// What few numbers of a configuration can be.
const ODD: [f64; 6] = [-1.0, 0.5, -7.5, 1e300, -1e300, 1e-300];
/// By how much a process may grow while it refuses a file.
const BYTES: u64 = 1 << 30;

/// Checks the files of a configuration: two saves are equal byte for byte, and a file whose configuration holds another
/// number, an impossible one, is an error wherever the number is one of `sizes`, and elsewhere an error or a flow; never a
/// panic, and never the end of the process for want of memory.
///
/// `sizes` are keys of the configuration's JSON, at any depth. A flow that was loaded all the same is given to
/// [`check_files_with`]'s `uses`, which should evaluate it: what a configuration is believed in must not panic later.
///
/// # Panics
/// If it is otherwise.
///
/// # Example
/// ```
/// use burn::tensor::Device;
/// use flows_core::RealNvpConfig;
///
/// let config = RealNvpConfig::new(2).with_layers(2).with_hidden(vec![8]);
/// flows_core::testing::check_files(&config, &["features", "layers", "hidden"], &Device::default());
/// ```
pub fn check_files<F: FlowConfig>(config: &F, sizes: &[&str], device: &Device) {
    check_files_with(config, sizes, device, |_, _| {});
}

/// Checks the files of a configuration as [`check_files`] does, and that a flow whose file lies can be used if it can be
/// loaded.
///
/// # Panics
/// If it is otherwise.
pub fn check_files_with<F: FlowConfig>(config: &F, sizes: &[&str], device: &Device, uses: impl Fn(&F, &F::Flow)) {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let (path, again) = (folder.path().join("a.flow"), folder.path().join("b.flow"));
    let flow = config.init(device);
    save(&path, config, &flow).expect("the flow can be saved");
    let (read, loaded) = load::<F>(&path, device).expect("and loaded");
    save(&again, &read, &loaded).expect("and saved again");
    let bytes = |path: &Path| std::fs::read(path).expect("what was saved can be read");
    assert!(bytes(&path) == bytes(&again), "a flow that was loaded is saved as other bytes");

    let (header, sections) = file::read(&path, F::NAME).expect("it was loaded before");
    for (pointer, key) in numbers(&header.config) {
        let is_size = sizes.contains(&key.as_str());
        let odd = ODD.into_iter().map(|number| (Value::from(number), true));
        let whole = IMPOSSIBLE.into_iter().map(|number| (Value::from(number), false)).chain([(Value::from(0), true)]);
        for (number, possible) in whole.chain(odd) {
            let mut lie = header.config.clone();
            *lie.pointer_mut(&pointer).expect("a path in it") = number.clone();
            let before = peak();
            let header = Header { kind: F::NAME.to_owned(), config: lie, sections: vec![] };
            file::write(&path, header, sections.clone()).expect("written");
            match load::<F>(&path, device) {
                Ok((config, flow)) => {
                    assert!(!is_size || possible, "`{pointer}`: {number} was loaded");
                    let used = catch_unwind(AssertUnwindSafe(|| uses(&config, &flow)));
                    assert!(used.is_ok(), "`{pointer}`: {number} was loaded, and the flow cannot be used");
                }
                Err(FlowError::File { .. }) => {}
                Err(other) => panic!("`{pointer}`: {number}: an unexpected error: {other}"),
            }
            if let (Some(before), Some(after)) = (before, peak()) {
                assert!(after - before < BYTES, "`{pointer}`: {number} took {} bytes", after - before);
            }
        }
    }
}

/// The paths of all numbers in a JSON value, each with the key it stands under.
fn numbers(value: &Value) -> Vec<(String, String)> {
    fn walk(value: &Value, pointer: &str, key: &str, found: &mut Vec<(String, String)>) {
        match value {
            Value::Number(_) => found.push((pointer.to_owned(), key.to_owned())),
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(i, item)| walk(item, &format!("{pointer}/{i}"), key, found))
            }
            Value::Object(fields) => {
                fields.iter().for_each(|(name, field)| walk(field, &format!("{pointer}/{name}"), name, found))
            }
            _ => {}
        }
    }
    let mut found = vec![];
    walk(value, "", "", &mut found);
    found
}

/// The most address space that the process has had, in bytes, where the system tells.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmPeak:"))?.trim().strip_suffix(" kB")?;
    Some(kilobytes.trim().parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_at_any_depth() {
        let value = serde_json::json!({"a": 1, "b": {"c": [2, 3]}, "d": 0.5, "e": "-1", "f": null});
        let found = numbers(&value);
        let paths: Vec<_> = found.iter().map(|(pointer, key)| (pointer.as_str(), key.as_str())).collect();
        assert_eq!(paths, [("/a", "a"), ("/b/c/0", "c"), ("/b/c/1", "c"), ("/d", "d")]);
    }
}
