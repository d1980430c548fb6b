//! Files out of archives.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

use flate2::read::GzDecoder;

use super::catalogue::Member;
use crate::process::Outcome;

/// Takes the members out of a zip (`.zip`, `.whl`) or a compressed tar (`.tgz`) archive.
pub(super) fn extract(archive: &Path, members: &[Member], ready: &Path) -> Outcome {
    let failed = |error: &dyn std::fmt::Display| format!("cannot unpack {}: {error}", archive.display());
    let file = File::open(archive).map_err(|error| failed(&error))?;
    let zipped = archive.extension().is_some_and(|extension| extension == "zip" || extension == "whl");
    if zipped {
        let mut zip = zip::ZipArchive::new(file).map_err(|error| failed(&error))?;
        for member in members {
            let content = zip.by_name(member.path).map_err(|error| failed(&format!("{}: {error}", member.path)))?;
            place(member, content, ready)?;
        }
        return Ok(());
    }
    let mut missing: Vec<&Member> = members.iter().collect();
    let mut tar = tar::Archive::new(GzDecoder::new(file));
    for entry in tar.entries().map_err(|error| failed(&error))? {
        let entry = entry.map_err(|error| failed(&error))?;
        let path = entry.path().map_err(|error| failed(&error))?.into_owned();
        // Some who make archives put the directory they were in before every path.
        let path = path.strip_prefix(".").unwrap_or(&path);
        if let Some(at) = missing.iter().position(|member| Path::new(member.path) == path) {
            place(missing.remove(at), entry, ready)?;
        }
    }
    match missing.first() {
        None => Ok(()),
        Some(member) => Err(failed(&format!("there is no {}", member.path))),
    }
}

/// Writes one file under its own name, uncompressed.
pub(super) fn place(member: &Member, mut content: impl Read, ready: &Path) -> Outcome {
    let write = || -> io::Result<()> {
        let to = ready.join(member.file);
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut file = File::create(to)?;
        if member.path.ends_with(".gz") {
            io::copy(&mut GzDecoder::new(content), &mut file)?;
        } else {
            io::copy(&mut content, &mut file)?;
        }
        Ok(())
    };
    write().map_err(|error| format!("cannot unpack {}: {error}", member.path))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    const MEMBERS: [Member; 2] =
        [Member { file: "a.txt", path: "package/a.txt" }, Member { file: "b.txt", path: "package/b.txt.gz" }];

    fn gzipped(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).expect("compressed");
        encoder.finish().expect("compressed")
    }

    fn tar_of(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        for (path, content) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            tar.append_data(&mut header, path, content.as_slice()).expect("appended");
        }
        gzipped(&tar.into_inner().expect("finished"))
    }

    fn zip_of(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        for (path, content) in files {
            zip.start_file(*path, zip::write::SimpleFileOptions::default()).expect("started");
            zip.write_all(content).expect("written");
        }
        zip.finish().expect("finished").into_inner()
    }

    fn extracted(name: &str, archive: &[u8]) -> Outcome<[String; 2]> {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join(name);
        fs::write(&path, archive).expect("written");
        extract(&path, &MEMBERS, dir.path())?;
        Ok(["a.txt", "b.txt"].map(|file| fs::read_to_string(dir.path().join(file)).expect("it was unpacked")))
    }

    #[test]
    fn members_come_out_of_both_kinds_of_archive_uncompressed() {
        let files = [("package/a.txt", b"one".to_vec()), ("package/b.txt.gz", gzipped(b"two")), ("other", vec![])];
        let expected = Ok(["one".to_owned(), "two".to_owned()]);
        assert_eq!(extracted("x.tgz", &tar_of(&files)), expected);
        assert_eq!(extracted("x.whl", &zip_of(&files)), expected);
    }

    #[test]
    fn a_member_goes_into_its_directory_however_the_archive_writes_its_path() {
        let members = [Member { file: "power/data.npy", path: "data/power/data.npy" }];
        for path in ["data/power/data.npy", "./data/power/data.npy"] {
            let dir = tempfile::tempdir().expect("a directory");
            let archive = dir.path().join("x.tar.gz");
            fs::write(&archive, tar_of(&[("data/power/other", vec![]), (path, b"one".to_vec())])).expect("written");
            extract(&archive, &members, dir.path()).expect("unpacked");
            assert_eq!(fs::read_to_string(dir.path().join("power/data.npy")).expect("there"), "one");
        }
    }

    #[test]
    fn a_member_that_is_missing_is_named() {
        let files = [("package/a.txt", b"one".to_vec())];
        for (name, archive) in [("x.tgz", tar_of(&files)), ("x.zip", zip_of(&files))] {
            let message = extracted(name, &archive).expect_err("one is missing");
            assert!(message.contains("package/b.txt.gz"), "{message}");
        }
    }

    #[test]
    fn what_is_no_archive_is_an_error() {
        for name in ["x.tgz", "x.zip"] {
            assert!(extracted(name, b"not an archive").expect_err("no archive").starts_with("cannot unpack "));
        }
    }
}
