//! Whether files are what they must be.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use md5::Md5;
use sha2::{Digest, Sha256};

use super::catalogue::{Contents, DataFile, DataSet};
use crate::process::Outcome;

/// The file that says what was unpacked, in the form that `sha256sum --check` reads.
const RECORD: &str = "SHA256SUMS";

/// Checks every file of a data set; the error names the first that is wrong.
pub(super) fn verify(set: &DataSet, dir: &Path) -> Outcome {
    match set.contents {
        Contents::Known(files) => files.iter().try_for_each(|file| verify_file(file, dir)),
        Contents::Recorded { files, .. } => {
            let path = dir.join(RECORD);
            let record =
                fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            files.iter().try_for_each(|name| {
                let recorded = record.lines().find_map(|line| line.strip_suffix(name)?.strip_suffix("  "));
                let sum = recorded.ok_or_else(|| format!("{}: there is no {name} in it", path.display()))?;
                expect(&dir.join(name), "SHA-256", &checksum::<Sha256>(&dir.join(name))?, sum)
            })
        }
    }
}

/// Writes down what the files are that came out of a verified archive, where nothing else says it.
pub(super) fn record(set: &DataSet, dir: &Path) -> Outcome {
    let Contents::Recorded { files, .. } = set.contents else { return Ok(()) };
    let line = |name: &&str| Ok(format!("{}  {name}\n", checksum::<Sha256>(&dir.join(name))?));
    let lines = files.iter().map(line).collect::<Outcome<String>>()?;
    let path = dir.join(RECORD);
    fs::write(&path, lines).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// Checks an archive as a whole.
pub(super) fn verify_archive(path: &Path, md5: &str) -> Outcome {
    expect(path, "MD5", &checksum::<Md5>(path)?, md5)
}

fn verify_file(file: &DataFile, dir: &Path) -> Outcome {
    let path = dir.join(file.name);
    let metadata = fs::metadata(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    // The size first: it tells a file that is cut short from one that is another.
    if metadata.len() != file.bytes {
        return Err(format!("{}: {} bytes, {} expected", path.display(), metadata.len(), file.bytes));
    }
    expect(&path, "SHA-256", &checksum::<Sha256>(&path)?, file.sha256)
}

fn expect(path: &Path, kind: &str, sum: &str, expected: &str) -> Outcome {
    if sum == expected { Ok(()) } else { Err(format!("{}: {kind} is {sum}, {expected} expected", path.display())) }
}

/// The checksum of a file in hexadecimal digits.
fn checksum<D: Digest + io::Write>(path: &Path) -> Outcome<String> {
    let mut digest = D::new();
    // Piece by piece: a file may be larger than the memory.
    let read = File::open(path).and_then(|mut file| io::copy(&mut file, &mut digest));
    read.map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SET: DataSet = DataSet {
        name: "abc",
        aliases: &[],
        about: "",
        licence: "",
        // FIPS 180-2, appendix B.1: the checksum of "abc".
        contents: Contents::Known(&[DataFile {
            name: "a.txt",
            bytes: 3,
            sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        }]),
        sources: &[],
    };

    const RECORDED: DataSet = DataSet {
        name: "abc",
        aliases: &[],
        about: "",
        licence: "",
        contents: Contents::Recorded { files: &["a.txt", "in/a.txt"], megabytes: 1 },
        sources: &[],
    };

    fn verified(content: &str) -> Outcome {
        let dir = tempfile::tempdir().expect("a directory");
        fs::write(dir.path().join("a.txt"), content).expect("written");
        verify(&SET, dir.path())
    }

    fn recorded() -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a directory");
        fs::create_dir(dir.path().join("in")).expect("created");
        fs::write(dir.path().join("a.txt"), "abc").expect("written");
        fs::write(dir.path().join("in/a.txt"), "abcd").expect("written");
        record(&RECORDED, dir.path()).expect("recorded");
        dir
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

    #[test]
    fn what_was_recorded_passes_and_what_changed_since_is_found() {
        let dir = recorded();
        assert_eq!(verify(&RECORDED, dir.path()), Ok(()));
        fs::write(dir.path().join("in/a.txt"), "abce").expect("written");
        let message = verify(&RECORDED, dir.path()).expect_err("another letter");
        assert!(message.contains("in/a.txt: SHA-256 is "), "{message}");
    }

    #[test]
    fn files_that_nothing_was_recorded_of_are_an_error() {
        let dir = recorded();
        let path = dir.path().join(RECORD);
        let record = fs::read_to_string(&path).expect("there");
        fs::write(&path, record.lines().next().expect("two lines")).expect("written");
        assert!(verify(&RECORDED, dir.path()).expect_err("a line less").ends_with("there is no in/a.txt in it"));
        fs::remove_file(&path).expect("removed");
        assert!(verify(&RECORDED, dir.path()).expect_err("no record").contains("SHA256SUMS: "));
    }

    #[test]
    fn an_archive_is_checked_as_a_whole() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("a.tar.gz");
        fs::write(&path, "abc").expect("written");
        // RFC 1321, appendix A.5: the checksum of "abc".
        assert_eq!(verify_archive(&path, "900150983cd24fb0d6963f7d28e17f72"), Ok(()));
        let message = verify_archive(&path, "0").expect_err("another checksum");
        assert!(message.ends_with("a.tar.gz: MD5 is 900150983cd24fb0d6963f7d28e17f72, 0 expected"), "{message}");
    }
}
