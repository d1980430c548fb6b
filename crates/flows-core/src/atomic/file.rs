//! One file.

use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::{left_over, place};
use crate::FlowError;

/// A file that takes its place when it is complete.
///
/// What is written goes into a temporary file beside the place; [`commit`](Self::commit) renames it. Dropping the value
/// before that removes the temporary file and leaves the place alone.
///
/// # Example
/// ```
/// use std::io::Write;
/// use flows_core::atomic::AtomicFile;
///
/// # let folder = std::env::temp_dir().join("flows-core-doc-atomic");
/// # std::fs::create_dir_all(&folder).unwrap();
/// let path = folder.join("rows.csv");
/// let mut file = AtomicFile::create(&path)?;
/// for row in 0..3 {
///     writeln!(file, "{row}").unwrap();
/// }
/// assert!(!path.exists());
/// file.commit()?;
/// assert_eq!(std::fs::read_to_string(&path).unwrap(), "0\n1\n2\n");
/// # std::fs::remove_dir_all(folder).unwrap();
/// # Ok::<(), flows_core::FlowError>(())
/// ```
#[derive(Debug)]
pub struct AtomicFile {
    file: BufWriter<NamedTempFile>,
    /// As the caller gave it, for messages.
    path: PathBuf,
    /// Where it ends up: behind all links.
    target: PathBuf,
}

impl AtomicFile {
    /// Starts a file whose place is `path`.
    ///
    /// # Errors
    /// If `path` is a folder, a device or another thing that is no file, is read-only, or lies in a folder that does not
    /// exist or cannot be written to.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, FlowError> {
        let path = path.as_ref();
        let start = || {
            let target = place::behind_links(path)?;
            let old = place::replaceable(&target)?;
            let folder = place::folder(&target)?;
            left_over::remove(folder);
            let file = left_over::create(folder)?;
            if let Some(old) = old {
                file.as_file().set_permissions(old.permissions())?;
            }
            Ok(Self { file: BufWriter::new(file), path: path.to_path_buf(), target })
        };
        start().map_err(|source| unwritable(path, source))
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// If what was written cannot be flushed to the disk, or the rename fails; the place is then as it was.
    pub fn commit(self) -> Result<(), FlowError> {
        let Self { file, path, target } = self;
        let finish = || {
            let file = file.into_inner().map_err(|error| left_over::without_name(error.into_error()))?;
            file.as_file().sync_all()?;
            place::replaceable(&target)?;
            file.persist(&target).map_err(|error| error.error)?;
            place::sync_folder(&target);
            Ok(())
        };
        finish().map_err(|source| unwritable(&path, source))
    }

    /// The place where the file appears.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes).map_err(left_over::without_name)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush().map_err(left_over::without_name)
    }
}

impl Seek for AtomicFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// Writes a file at once: whoever opens `path` sees the old content or the new one.
///
/// # Errors
/// As [`AtomicFile::create`] and [`AtomicFile::commit`].
///
/// # Example
/// ```
/// let path = std::env::temp_dir().join("flows-core-doc.txt");
/// flows_core::atomic::write(&path, "all of it")?;
/// assert_eq!(std::fs::read(&path).unwrap(), b"all of it");
/// # std::fs::remove_file(path).unwrap();
/// # Ok::<(), flows_core::FlowError>(())
/// ```
pub fn write(path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> Result<(), FlowError> {
    write_with(path, |file| file.write_all(content.as_ref()))
}

/// Writes a file piece by piece, with the promises of [`write`](fn@write) and without holding it in memory.
///
/// # Errors
/// As [`write`](fn@write), and whatever error `content` returns; the place is then as it was.
pub fn write_with(
    path: impl AsRef<Path>,
    content: impl FnOnce(&mut AtomicFile) -> io::Result<()>,
) -> Result<(), FlowError> {
    let path = path.as_ref();
    let mut file = AtomicFile::create(path)?;
    content(&mut file).map_err(|source| unwritable(path, source))?;
    file.commit()
}

/// Checks that a file can be written to `path`, before the work whose result it is to hold; changes nothing there.
///
/// # Errors
/// As [`AtomicFile::create`].
pub fn check_writable(path: impl AsRef<Path>) -> Result<(), FlowError> {
    AtomicFile::create(path).map(drop)
}

pub(super) fn unwritable(path: &Path, source: io::Error) -> FlowError {
    FlowError::Io { action: "write", path: path.to_path_buf(), source }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn message(result: Result<(), FlowError>) -> String {
        result.expect_err("an error").to_string()
    }

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, "a long old content").unwrap();
        write(&path, "new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["a.txt"]);
    }

    #[test]
    fn a_name_without_a_folder_lies_in_the_current_one() {
        // `Path::parent` of such a name is empty, which is no folder.
        assert_eq!(place::folder(Path::new("a.txt")).unwrap(), Path::new("."));
    }

    #[test]
    fn an_error_while_writing_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, "old").unwrap();
        let failed = write_with(&path, |file| {
            file.write_all(&vec![7; 1 << 20])?;
            Err(io::Error::other("no more rows"))
        });
        let message = message(failed);
        assert!(message.contains("a.txt") && message.contains("no more rows"), "{message}");
        assert_eq!((fs::read(&path).unwrap(), names(folder.path())), (b"old".to_vec(), vec!["a.txt".to_owned()]));
    }

    #[test]
    fn eight_threads_write_one_path_and_a_reader_sees_whole_files_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write(&path, vec![0; 100_000]).unwrap();
        std::thread::scope(|scope| {
            let writers: Vec<_> = (1..=8u8)
                .map(|byte| {
                    let path = &path;
                    scope.spawn(move || (0..25).try_for_each(|_| write(path, vec![byte; 100_000])))
                })
                .collect();
            while writers.iter().any(|writer| !writer.is_finished()) {
                let content = fs::read(&path).unwrap();
                assert!(content.len() == 100_000 && content.iter().all(|byte| *byte == content[0]), "half a file");
            }
            writers.into_iter().for_each(|writer| writer.join().unwrap().expect("every write succeeds"));
        });
        assert_eq!(names(folder.path()), ["a.txt"]);
    }

    #[test]
    fn a_path_that_can_be_written_is_left_as_it_is_by_the_check() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        check_writable(&path).unwrap();
        assert_eq!(names(folder.path()), Vec::<String>::new());
        let message = message(check_writable(folder.path().join("none").join("a.txt")));
        assert!(message.contains("none") && message.contains("does not exist"), "{message}");
    }
}
