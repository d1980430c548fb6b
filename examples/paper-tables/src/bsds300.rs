//! BSDS300: patches of photographs.

use std::{fs, path::Path};

use flows_data::{Split, Table};
use hdf5_pure::{DType, File};

use crate::{PaperTableError, rows::Rows};

/// Where the three parts are, preprocessed already.
pub(crate) const FILE: &str = "BSDS300/BSDS300.hdf5";

/// How many times smaller its numbers a file can hold at most: deflate saves no more than that.
const MOST_SAVED: u64 = 1100;

/// Reads the three parts as they are.
pub(crate) fn load(dir: &Path) -> Result<Split, PaperTableError> {
    let path = dir.join(FILE);
    let name = path.display().to_string();
    // Asked first, because what the reader says of a file that is not there does not say so.
    let got = fs::metadata(&path).map_err(|error| PaperTableError::unreadable(&path, error))?.len();
    let file = File::open(&path).map_err(|error| problem(&name, "/", error.to_string()))?;
    let expected = file.superblock().eof_address;
    if got < expected {
        return Err(problem(&name, "/", format!("truncated, {got} bytes of {expected}")));
    }
    let train = part(&file, &name, got, "train")?;
    let other = |dataset| {
        let table = part(&file, &name, got, dataset)?;
        let (expected, columns) = (train.columns(), table.columns());
        let message = || format!("{columns} columns, and `train` has {expected}");
        if columns == expected { Ok(table) } else { Err(problem(&name, dataset, message())) }
    };
    Ok(Split { validation: other("validation")?, test: other("test")?, train })
}

fn part(file: &File, name: &str, bytes: u64, dataset: &str) -> Result<Table, PaperTableError> {
    let failed = |error: hdf5_pure::Error| problem(name, dataset, error.to_string());
    let data = file.dataset(dataset).map_err(failed)?;
    let (dtype, shape) = (data.dtype().map_err(failed)?, data.shape().map_err(failed)?);
    if !matches!(dtype, DType::F32 | DType::F64) {
        return Err(problem(name, dataset, format!("elements of type {dtype:?}, float32 or float64 expected")));
    }
    let &[rows, columns] = shape.as_slice() else {
        return Err(problem(name, dataset, format!("an array of shape {shape:?}, rows and columns expected")));
    };
    if rows == 0 || columns == 0 {
        return Err(problem(name, dataset, "there is nothing in it".to_owned()));
    }
    // Before anything is allocated for them: shape and chunks are only what the file claims.
    let chunk = data.chunk_shape().map_err(failed)?.unwrap_or_default();
    let can_be = |shape: &[u64]| {
        let size = shape.iter().try_fold(8_u64, |size, &count| size.checked_mul(count));
        size.is_some_and(|size| size <= bytes.saturating_mul(MOST_SAVED))
    };
    if !can_be(&shape) || !can_be(&chunk) {
        let message = format!("shape {shape:?} and chunks {chunk:?} are beyond what {bytes} bytes can hold");
        return Err(problem(name, dataset, message));
    }
    let values = data.read_f64().map_err(failed)?;
    let names = (1..=columns).map(|number| format!("column_{number}")).collect();
    Rows { names, values }.into_table(name)
}

fn problem(file: &str, dataset: &str, problem: String) -> PaperTableError {
    PaperTableError::Hdf5 { file: file.to_owned(), dataset: dataset.to_owned(), problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(content: &[u8]) -> String {
        let dir = tempfile::tempdir().expect("a directory");
        fs::create_dir(dir.path().join("BSDS300")).expect("created");
        fs::write(dir.path().join(FILE), content).expect("written");
        load(dir.path()).expect_err("the file is wrong").to_string()
    }

    fn fixture(name: &str) -> Vec<u8> {
        let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
        fs::read(path).expect("a committed file")
    }

    #[test]
    fn a_file_that_is_no_hdf5_is_an_error_that_names_it() {
        for content in [&b""[..], b"train,validation,test\n"] {
            let message = error_of(content);
            assert!(message.contains("BSDS300.hdf5: cannot read the HDF5 data set `/`"), "{message}");
        }
    }

    #[test]
    fn a_file_cut_short_anywhere_is_an_error() {
        let whole = fixture("data/BSDS300/BSDS300.hdf5");
        for share in 0..10 {
            let message = error_of(&whole[..whole.len() * share / 10]);
            assert!(message.contains("BSDS300.hdf5: cannot read the HDF5 data set `"), "{message}");
        }
    }

    #[test]
    fn data_sets_of_another_kind_are_an_error_that_names_them() {
        let message = error_of(&fixture("wrong_type.hdf5"));
        assert!(message.ends_with("`train`: elements of type I32, float32 or float64 expected"), "{message}");
        let message = error_of(&fixture("wrong_shape.hdf5"));
        assert!(message.ends_with("`validation`: 3 columns, and `train` has 2"), "{message}");
        let message = error_of(&fixture("no_test.hdf5"));
        assert!(message.contains("`test`: ") && message.contains("not found"), "{message}");
    }

    // Whatever a byte is changed to, the answer is a table or an error and never a panic.
    #[test]
    fn a_file_with_a_wrong_byte_does_no_harm() {
        let dir = tempfile::tempdir().expect("a directory");
        fs::create_dir(dir.path().join("BSDS300")).expect("created");
        let whole = fixture("data/BSDS300/BSDS300.hdf5");
        for at in (0..whole.len()).step_by(29) {
            let mut wrong = whole.clone();
            wrong[at] ^= 0x80;
            fs::write(dir.path().join(FILE), wrong).expect("written");
            let _ = load(dir.path());
        }
    }
}
