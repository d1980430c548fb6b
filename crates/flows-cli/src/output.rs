//! Where results go.

use std::path::Path;

use flows_core::atomic;
use serde::Serialize;

use crate::problem::Problem;
use crate::terminal;

/// Writes a value as JSON: into a file, or to standard output for `-`.
pub(crate) fn json(path: &Path, value: &impl Serialize) -> Result<(), Problem> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Problem::new(format!("no JSON: {error}")))?;
    if is_standard(path) {
        return terminal::print(text);
    }
    Ok(atomic::write(path, text + "\n")?)
}

/// Whether a path stands for standard input or output.
pub(crate) fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Before any work: whether results can be written there. Standard output is kept for them if it is named.
pub(crate) fn prepare(paths: &[Option<&Path>]) -> Result<(), Problem> {
    for path in paths.iter().copied().flatten() {
        if is_standard(path) {
            terminal::keep_standard_output_for_data();
        } else {
            atomic::check_writable(path)?;
        }
    }
    Ok(())
}
