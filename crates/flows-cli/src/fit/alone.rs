//! One fit at a time keeps its state beside a model.

use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

/// That no other fit keeps its state at a place, for as long as it lives: two of them would overwrite each other's.
#[derive(Debug)]
pub(crate) struct Alone {
    /// The system gives the lock back with the file, whatever ends the program.
    _locked: Option<File>,
}

impl Alone {
    /// `None` where another fit is at work there.
    ///
    /// The lock lies in the folder for temporary files, so that it is no file beside the model; where it cannot be made, nobody
    /// is locked out.
    pub(crate) fn at(state: &Path) -> Option<Self> {
        let folder = state.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let place = folder.canonicalize().ok().and_then(|folder| Some(folder.join(state.file_name()?)));
        let mut hasher = DefaultHasher::new();
        place.as_deref().unwrap_or(state).hash(&mut hasher);
        let path = std::env::temp_dir().join(format!("flows-{:016x}.lock", hasher.finish()));
        let file = File::options().create(true).truncate(false).write(true).open(path).ok();
        match file.as_ref().map(File::try_lock) {
            Some(Err(std::fs::TryLockError::WouldBlock)) => None,
            Some(Ok(())) => Some(Self { _locked: file }),
            _ => Some(Self { _locked: None }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_is_alone_at_a_place_and_the_next_one_after_it() {
        let dir = tempfile::tempdir().expect("a directory");
        let (here, there) = (dir.path().join("a.part"), dir.path().join("b.part"));
        let first = Alone::at(&here).expect("nobody is there");
        assert!(Alone::at(&here).is_none() && Alone::at(&there).is_some());
        drop(first);
        assert!(Alone::at(&here).is_some());
    }
}
