//! Whether files are what they must be.

use std::{fs, path::Path};

use sha2::{Digest, Sha256};

use super::catalogue::{DataFile, DataSet};
use crate::process::Outcome;

/// Checks every file of a data set; the error names the first that is wrong.
pub(super) fn verify(set: &DataSet, dir: &Path) -> Outcome {
    set.files.iter().try_for_each(|file| verify_file(file, dir))
}

fn verify_file(file: &DataFile, dir: &Path) -> Outcome {
    let path = dir.join(file.name);
    let content = fs::read(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    // The size first: it tells a file that is cut short from one that is another.
    if content.len() as u64 != file.bytes {
        return Err(format!("{}: {} bytes, {} expected", path.display(), content.len(), file.bytes));
    }
    let sum = sha256(&content);
    if sum == file.sha256 {
        Ok(())
    } else {
        Err(format!("{}: SHA-256 is {sum}, {} expected", path.display(), file.sha256))
    }
}

/// The checksum in hexadecimal digits.
pub(super) fn sha256(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SET: DataSet = DataSet {
        name: "abc",
        about: "",
        licence: "",
        // FIPS 180-2, appendix B.1: the checksum of "abc".
        files: &[DataFile {
            name: "a.txt",
            bytes: 3,
            sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        }],
        sources: &[],
    };

    fn verified(content: &str) -> Outcome {
        let dir = tempfile::tempdir().expect("a directory");
        fs::write(dir.path().join("a.txt"), content).expect("written");
        verify(&SET, dir.path())
    }

    #[test]
    fn the_right_content_passes() {
        assert_eq!(verified("abc"), Ok(()));
    }

    #[test]
    fn other_content_of_the_same_size_is_found() {
        let message = verified("abd").expect_err("another letter");
        assert!(message.contains("a.txt: SHA-256 is ") && message.contains("ba7816bf"), "{message}");
    }

    #[test]
    fn a_file_cut_short_is_found_by_its_size() {
        assert!(verified("ab").expect_err("cut short").ends_with("a.txt: 2 bytes, 3 expected"));
    }

    #[test]
    fn a_missing_file_is_named() {
        let dir = tempfile::tempdir().expect("a directory");
        assert!(verify(&SET, dir.path()).expect_err("not there").contains("a.txt: "));
    }
}
