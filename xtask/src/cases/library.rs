//! The cases that no command can run, and the tests that hold them.

use comfy_table::{ContentArrangement, Table, presets};

/// A case, and the test that holds it.
pub(super) const TESTS: [(&str, &str, &str); 4] = [
    (
        "two threads, or two processes, save to one path",
        "flows-core files",
        "threads_that_save_to_one_path_all_succeed_and_every_load_finds_a_whole_flow",
    ),
    (
        "a header that asks for impossible sizes",
        "flows-core files",
        "files_that_ask_for_impossible_sizes_are_errors_for_every_model",
    ),
    ("the same run twice", "flows-core training", "two_equal_runs_save_the_same_bytes"),
    ("a flow onto a device", "flows-core lib", "devices_pipes_and_folders_are_refused_and_stay"),
];

/// The table of them.
pub(super) fn table() -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    if table.width().is_none() {
        table.set_width(140);
    }
    table.set_header(["case", "program", "test"]);
    for (case, program, test) in TESTS {
        table.add_row([case, program, test]);
    }
    table
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;
    use crate::process::root;

    fn sources(folder: &Path, text: &mut String) {
        for entry in fs::read_dir(folder).expect("a folder of the workspace").flatten() {
            let path = entry.path();
            if path.is_dir() {
                sources(&path, text);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                text.push_str(&fs::read_to_string(path).expect("a source"));
            }
        }
    }

    #[test]
    fn every_test_that_holds_a_case_is_there() {
        let mut text = String::new();
        ["crates", "examples"].iter().for_each(|folder| sources(&root().join(folder), &mut text));
        for (case, _, test) in TESTS {
            assert!(text.contains(&format!("fn {test}(")), "{case}: `{test}` is gone");
        }
    }
}
