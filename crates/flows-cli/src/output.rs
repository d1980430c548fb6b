//! Where results go.

use std::path::{Path, PathBuf};

use flows_core::atomic;
use flows_data::{Frame, FrameColumn};
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

/// Before any work: whether results can be written there, and replace nothing that is read and no other result. Standard
/// output is kept for them if it is named.
pub(crate) fn prepare(outputs: &[Option<&Path>], inputs: &[Option<&Path>]) -> Result<(), Problem> {
    let mut taken: Vec<PathBuf> = inputs.iter().copied().flatten().filter_map(place).collect();
    let read = taken.len();
    for path in outputs.iter().copied().flatten() {
        if is_standard(path) {
            terminal::keep_standard_output_for_data();
            continue;
        }
        if let Some(place) = place(path) {
            if let Some(at) = taken.iter().position(|other| *other == place) {
                let what = if at < read { "is read, and would be replaced" } else { "is named for two results" };
                return Err(Problem::usage(format!("{}: the file {what}", path.display())).hint("name another file"));
            }
            taken.push(place);
        }
        atomic::check_writable(path)?;
    }
    Ok(())
}

/// Tells which columns of a table give way to others of the same name.
pub(crate) fn tell_replaced(frame: &Frame, columns: &[FrameColumn]) {
    for column in columns.iter().filter(|column| frame.names().contains(&column.name.as_str())) {
        terminal::note(format_args!("the table's column `{}` is replaced", column.name));
    }
}

/// One path for all names of a file, which need not be there yet.
fn place(path: &Path) -> Option<PathBuf> {
    if is_standard(path) {
        return None;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    path.canonicalize()
        .or_else(|_| Ok::<_, std::io::Error>(folder.canonicalize()?.join(path.file_name().unwrap_or_default())))
        .ok()
}
