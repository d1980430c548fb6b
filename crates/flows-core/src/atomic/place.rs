//! Where a file may be put.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// As many links as Linux follows.
const MOST_LINKS: usize = 40;

/// The path that `path` stands for: that of a link's target, which need not exist.
pub(super) fn behind_links(path: &Path) -> io::Result<PathBuf> {
    if path.file_name().is_none() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "the path names no file"));
    }
    // What the system can follow to something that is no file ends here: `/dev/stdout` is a link to a pipe without a path.
    replaceable(path)?;
    let mut target = path.to_path_buf();
    for _ in 0..MOST_LINKS {
        match fs::read_link(&target) {
            Ok(to) => target = target.parent().unwrap_or(Path::new("")).join(to),
            Err(_) => return Ok(target),
        }
    }
    Err(io::Error::new(ErrorKind::InvalidInput, "too many symbolic links, one behind the other"))
}

/// What is at a path now, if it is a file that may be replaced, or nothing.
pub(super) fn replaceable(path: &Path) -> io::Result<Option<Metadata>> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        // The folder is checked on its own.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(error),
    };
    let refuse = |kind, reason: &str| Err(io::Error::new(kind, reason));
    if metadata.is_dir() {
        refuse(ErrorKind::IsADirectory, "it is a folder (hint: name a file in it)")
    } else if !metadata.is_file() {
        refuse(ErrorKind::InvalidInput, "it is a device, a pipe or a socket (hint: name a file)")
    } else if metadata.permissions().readonly() {
        refuse(ErrorKind::PermissionDenied, "it is read-only")
    } else {
        Ok(Some(metadata))
    }
}

/// The folder that a file lies in.
pub(super) fn folder(path: &Path) -> io::Result<&Path> {
    let folder = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    match fs::metadata(folder) {
        Ok(metadata) if metadata.is_dir() => Ok(folder),
        Ok(_) => Err(io::Error::new(ErrorKind::NotADirectory, format!("{} is no folder", folder.display()))),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let message = format!("the folder {} does not exist (hint: create it first)", folder.display());
            Err(io::Error::new(ErrorKind::NotFound, message))
        }
        Err(error) => Err(error),
    }
}

/// Makes a rename last through a power cut, where the system can.
pub(super) fn sync_folder(path: &Path) {
    // The file is in its place already: a system that cannot flush a folder is no reason to report a failure.
    if cfg!(unix)
        && let Ok(folder) = folder(path).and_then(File::open)
    {
        let _ = folder.sync_all();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::super::write;
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn refused(path: impl AsRef<Path>) -> String {
        write(path, "new").expect_err("refused").to_string()
    }

    #[test]
    fn the_target_of_a_link_is_replaced_and_the_link_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (store, link) = (folder.path().join("store"), folder.path().join("latest.flow"));
        fs::create_dir(&store).unwrap();
        fs::write(store.join("1.flow"), "old").unwrap();
        // A link to a link, and both relative to where they lie.
        symlink("1.flow", store.join("newest")).unwrap();
        symlink("store/newest", &link).unwrap();
        write(&link, "new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(fs::symlink_metadata(store.join("newest")).unwrap().is_symlink());
        assert_eq!(fs::read(store.join("1.flow")).unwrap(), b"new");
    }

    #[test]
    fn a_link_to_nothing_yet_is_followed_and_a_ring_of_links_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let (link, ring) = (folder.path().join("link"), folder.path().join("ring"));
        symlink("later.txt", &link).unwrap();
        write(&link, "new").unwrap();
        assert_eq!(fs::read(folder.path().join("later.txt")).unwrap(), b"new");
        symlink("ring", &ring).unwrap();
        assert!(refused(&ring).contains("ring"));
    }

    #[test]
    fn devices_pipes_and_folders_are_refused_and_stay() {
        use std::os::unix::fs::FileTypeExt;
        use std::os::unix::net::UnixListener;

        assert!(refused("/dev/null").contains("device"));
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
        let folder = tempfile::tempdir().unwrap();
        let (socket, inner) = (folder.path().join("socket"), folder.path().join("inner"));
        let _listener = UnixListener::bind(&socket).unwrap();
        assert!(refused(&socket).contains("socket"));
        assert!(fs::metadata(&socket).unwrap().file_type().is_socket());
        fs::create_dir(&inner).unwrap();
        assert!(refused(&inner).contains("folder"));
        symlink("/dev/null", folder.path().join("null")).unwrap();
        assert!(refused(folder.path().join("null")).contains("device"));
    }

    #[test]
    fn a_replaced_file_keeps_its_permissions_and_a_new_one_has_those_of_any_other_new_file() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new, plain) = (folder.path().join("old"), folder.path().join("new"), folder.path().join("plain"));
        fs::write(&old, "old").unwrap();
        fs::set_permissions(&old, fs::Permissions::from_mode(0o640)).unwrap();
        write(&old, "new").unwrap();
        assert_eq!(mode(&old), 0o640);
        fs::write(&plain, "").unwrap();
        write(&new, "new").unwrap();
        assert_eq!(mode(&new), mode(&plain));
    }

    #[test]
    fn a_read_only_file_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kept.flow");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        assert!(refused(&path).contains("read-only"));
        assert_eq!(fs::read(&path).unwrap(), b"old");
    }
}
