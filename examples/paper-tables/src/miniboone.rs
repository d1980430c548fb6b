//! MINIBOONE: signals in a detector of neutrinos.

use std::path::Path;

use flows_data::Split;

use crate::{
    PaperTableError,
    error::read_npy,
    moments::{Divisor, Moments},
    rows::{Rows, parts},
};

/// Where the table is, outliers and repeating columns already taken out of it.
pub(crate) const FILE: &str = "miniboone/data.npy";

/// Reads and standardises.
pub(crate) fn load(dir: &Path) -> Result<Split, PaperTableError> {
    let path = dir.join(FILE);
    let table = read_npy(&path)?;
    let file = path.display().to_string();
    let parts = parts(&file, table.rows())?;
    let mut rows = Rows { names: table.names().to_vec(), values: table.values().to_vec() };
    let learnt = parts[0] + parts[1];
    rows.require_standardisable(&file, learnt)?;
    Moments::of_first(&rows, learnt, Divisor::Count).standardise(&mut rows);
    rows.round_to_single();
    rows.into_split(&file, parts)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_that_is_no_array_is_an_error_that_names_it() {
        let dir = tempfile::tempdir().expect("a directory");
        fs::create_dir(dir.path().join("miniboone")).expect("created");
        fs::write(dir.path().join(FILE), "signal background\n").expect("written");
        let message = load(dir.path()).expect_err("text").to_string();
        assert!(message.contains("miniboone/data.npy: not an npy file"), "{message}");
    }
}
