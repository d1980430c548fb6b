//! Temporary files: those of this program, and those that killed programs have left behind.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

use tempfile::{Builder, NamedTempFile, TempDir};

const PREFIX: &str = ".flows-";
const SUFFIX: &str = ".part";
/// The file in a temporary folder that its program holds locked.
pub(super) const LOCK: &str = ".lock";
/// What cannot be locked is left over when nothing has changed in it for so long.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);

/// A new temporary file in a folder, locked for as long as it is open.
pub(super) fn create(folder: &Path) -> io::Result<NamedTempFile> {
    loop {
        // Opened here, for the permissions of any other new file; the builder's own is readable by its owner alone.
        let open = |path: &Path| OpenOptions::new().read(true).write(true).create_new(true).open(path);
        let file = named().make_in(folder, open).map_err(without_name)?;
        // A file system without locks is no reason not to write.
        let _ = file.as_file().lock();
        // Between its creation and the lock, another program may have taken it for a left-over one.
        if file.path().exists() {
            return Ok(file);
        }
    }
}

/// A new temporary folder in a folder, and the file whose lock protects it.
pub(super) fn create_folder(folder: &Path) -> io::Result<(TempDir, File)> {
    loop {
        let inner = named().tempdir_in(folder).map_err(without_name)?;
        let lock = File::create(inner.path().join(LOCK))?;
        let _ = lock.lock();
        if inner.path().exists() {
            return Ok((inner, lock));
        }
    }
}

fn named() -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX).rand_bytes(12);
    builder
}

/// An error without the name of a temporary file, which tells nobody anything.
pub(super) fn without_name(error: io::Error) -> io::Error {
    let inner = error.get_ref().and_then(|inner| inner.source()).and_then(|inner| inner.downcast_ref::<io::Error>());
    match inner.and_then(io::Error::raw_os_error) {
        Some(code) => io::Error::from_raw_os_error(code),
        None if error.raw_os_error().is_some() => error,
        None => io::Error::from(error.kind()),
    }
}

/// Removes what killed programs have left in a folder. What cannot be removed stays: it does not hinder anybody.
pub(super) fn remove(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let ours = name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
        let Ok(kind) = entry.file_type() else { continue };
        if !ours {
            continue;
        }
        let path = entry.path();
        if kind.is_dir() {
            remove_folder(&path);
        } else if kind.is_file() {
            remove_file(&path);
        }
    }
}

// In both, the lock is held until what it protects is gone, so that the one who created it sees that it is.

fn remove_file(path: &Path) {
    let Ok(file) = File::open(path) else { return };
    if is_left_over(&file, path) {
        let _ = fs::remove_file(path);
    }
}

fn remove_folder(path: &Path) {
    let lock = File::open(path.join(LOCK));
    // Without a lock, its program was killed within its first instant, or is in it.
    if lock.as_ref().map_or_else(|_| is_old(path), |lock| is_left_over(lock, path)) {
        let _ = fs::remove_dir_all(path);
    }
}

fn is_left_over(file: &File, path: &Path) -> bool {
    match file.try_lock() {
        Ok(()) => true,
        Err(TryLockError::WouldBlock) => false,
        Err(TryLockError::Error(_)) => is_old(path),
    }
}

fn is_old(path: &Path) -> bool {
    let age = fs::metadata(path).and_then(|metadata| metadata.modified()).map(|time| time.elapsed());
    matches!(age, Ok(Ok(age)) if age > STALE)
}

#[cfg(test)]
mod tests {
    use super::super::{AtomicFile, StagedFolder, write};
    use super::*;

    fn count(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn the_temporary_file_of_a_killed_program_goes_at_the_next_write() {
        let folder = tempfile::tempdir().unwrap();
        // A killed program holds no lock.
        fs::write(folder.path().join(".flows-0123456789ab.part"), "half").unwrap();
        fs::create_dir(folder.path().join(".flows-ba9876543210.part")).unwrap();
        fs::write(folder.path().join(".flows-ba9876543210.part").join(LOCK), "").unwrap();
        fs::write(folder.path().join(".other.part"), "not ours").unwrap();
        write(folder.path().join("a.txt"), "whole").unwrap();
        assert_eq!(count(folder.path()), 2, "a.txt and .other.part");
    }

    #[test]
    fn the_temporary_files_of_a_running_program_stay() {
        let folder = tempfile::tempdir().unwrap();
        let running = AtomicFile::create(folder.path().join("slow.txt")).unwrap();
        let staged = StagedFolder::new(folder.path()).unwrap();
        write(folder.path().join("a.txt"), "whole").unwrap();
        assert_eq!(count(folder.path()), 3);
        running.commit().expect("its file is still there");
        staged.commit().expect("its folder is still there");
        assert_eq!(count(folder.path()), 2);
    }

    #[test]
    fn the_reason_of_a_failure_does_not_name_a_temporary_file() {
        let folder = tempfile::tempdir().unwrap();
        let error = create(&folder.path().join("none")).expect_err("no folder");
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(!error.to_string().contains(PREFIX), "{error}");
    }
}
