//! Several files of one folder.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::file::{AtomicFile, unwritable};
use super::{left_over, place};
use crate::FlowError;

/// Files of one folder that are replaced together.
///
/// They are written into a temporary folder inside it, by whatever writes to a path, and [`commit`](Self::commit)
/// renames them one after the other. Until then, and when the value is dropped instead, the folder is as it was. Every
/// place is checked before the first rename, so that only a crash in the instant of the renames, or a disk that fails
/// then, leaves new files beside old ones; each of them is whole.
///
/// # Example
/// ```
/// use flows_core::atomic::{self, StagedFolder};
///
/// # let folder = std::env::temp_dir().join("flows-core-doc-staged");
/// let staged = StagedFolder::new(&folder)?;
/// atomic::write(staged.path("config.json"), "{}")?;
/// atomic::write(staged.path("figures.json"), "[]")?;
/// assert!(!folder.join("config.json").exists());
/// staged.commit()?;
/// assert!(folder.join("config.json").exists() && folder.join("figures.json").exists());
/// # std::fs::remove_dir_all(folder).unwrap();
/// # Ok::<(), flows_core::FlowError>(())
/// ```
#[derive(Debug)]
pub struct StagedFolder {
    folder: PathBuf,
    staged: TempDir,
    /// Held, so that the temporary folder is not taken for a left-over one.
    _lock: File,
}

impl StagedFolder {
    /// Starts replacing files of `folder`, which is created if it is missing.
    ///
    /// # Errors
    /// If the folder cannot be created or written to.
    pub fn new(folder: impl AsRef<Path>) -> Result<Self, FlowError> {
        let folder = folder.as_ref();
        let start = || {
            fs::create_dir_all(folder)?;
            left_over::remove(folder);
            left_over::create_folder(folder)
        };
        let (staged, lock) = start().map_err(|source| unwritable(folder, source))?;
        Ok(Self { folder: folder.to_path_buf(), staged, _lock: lock })
    }

    /// Where the next content of the folder's file `name` is to be written.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.staged.path().join(name)
    }

    /// Puts all files that were written to [`path`](Self::path) in their places.
    ///
    /// # Errors
    /// If a place holds something that is no file or cannot be written to; before the first rename.
    pub fn commit(self) -> Result<(), FlowError> {
        let mut moves = vec![];
        for name in self.names().map_err(|source| unwritable(&self.folder, source))? {
            let (from, to) = (self.staged.path().join(&name), self.folder.join(&name));
            let check = || {
                let target = place::behind_links(&to)?;
                if let Some(old) = place::replaceable(&target)? {
                    fs::set_permissions(&from, old.permissions())?;
                }
                place::folder(&target)?;
                Ok(target)
            };
            let target = check().map_err(|source| unwritable(&to, source))?;
            moves.push((from, target));
        }
        moves.iter().try_for_each(|(from, target)| {
            match fs::rename(from, target) {
                // Behind a link, on another disk.
                Err(error) if error.kind() == io::ErrorKind::CrossesDevices => copy(from, target),
                renamed => renamed.map_err(|source| unwritable(target, source)),
            }
        })?;
        if let Some((_, target)) = moves.first() {
            place::sync_folder(target);
        }
        Ok(())
    }

    fn names(&self) -> io::Result<Vec<std::ffi::OsString>> {
        let entries = fs::read_dir(self.staged.path())?;
        let mut names = entries.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?;
        names.retain(|name| name != left_over::LOCK);
        names.sort();
        Ok(names)
    }
}

fn copy(from: &Path, target: &Path) -> Result<(), FlowError> {
    let mut file = AtomicFile::create(target)?;
    let copied = File::open(from).and_then(|mut from| io::copy(&mut from, &mut file));
    copied.map_err(|source| unwritable(target, source))?;
    file.commit()
}

#[cfg(test)]
mod tests {
    use super::super::write;
    use super::*;

    #[test]
    fn files_are_replaced_together_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        write(at("a"), "old").unwrap();
        let staged = StagedFolder::new(folder.path()).unwrap();
        write(staged.path("a"), "new").unwrap();
        write(staged.path("b"), "new").unwrap();
        drop(staged);
        assert_eq!((fs::read(at("a")).unwrap(), at("b").exists()), (b"old".to_vec(), false));

        // A folder stands where the last of the files should go: the first ones stay as they were.
        fs::create_dir(at("c")).unwrap();
        let staged = StagedFolder::new(folder.path()).unwrap();
        ["a", "b", "c"].iter().for_each(|name| write(staged.path(name), "new").unwrap());
        let message = staged.commit().expect_err("a folder is no file").to_string();
        assert!(message.contains(&at("c").display().to_string()), "{message}");
        assert_eq!((fs::read(at("a")).unwrap(), at("b").exists()), (b"old".to_vec(), false));

        let staged = StagedFolder::new(folder.path()).unwrap();
        ["a", "b"].iter().for_each(|name| write(staged.path(name), "new").unwrap());
        staged.commit().unwrap();
        assert_eq!((fs::read(at("a")).unwrap(), fs::read(at("b")).unwrap()), (b"new".to_vec(), b"new".to_vec()));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }
}
