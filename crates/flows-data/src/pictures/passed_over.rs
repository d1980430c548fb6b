//! What of a folder was not read.

use std::{collections::BTreeMap, fmt, path::Path};

/// What of a folder is not read: files of other kinds, and folders further down.
///
/// Hidden files and folders are not counted, nor what systems leave beside pictures, such as `Thumbs.db` and `__MACOSX`.
/// Displayed, it is one line.
///
/// # Example
///
/// ```
/// use flows_data::pictures::{Images, PictureFolder, grid};
///
/// let dir = tempfile::tempdir().unwrap();
/// grid(&Images::new(vec![0], [1, 1, 1, 1])?, 1, 0, 1).save(dir.path().join("a.png"))?;
/// for name in ["a.heic", "b.HEIC", "notes.txt"] {
///     std::fs::write(dir.path().join(name), "").unwrap();
/// }
/// let passed_over = PictureFolder::list(dir.path())?.passed_over().to_string();
/// assert_eq!(passed_over, "3 files that are no pictures (2 .heic, 1 .txt)");
/// # Ok::<(), flows_data::ImageError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PassedOver {
    endings: BTreeMap<String, usize>,
    folders: Vec<String>,
}

impl PassedOver {
    /// Whether everything is read.
    pub fn is_empty(&self) -> bool {
        self.endings.is_empty() && self.folders.is_empty()
    }

    /// The number of files that are not read.
    pub fn files(&self) -> usize {
        self.endings.values().sum()
    }

    /// The number of folders that are not looked into.
    pub fn folders(&self) -> usize {
        self.folders.len()
    }

    pub(super) fn file(&mut self, path: &Path) {
        let ending = path.extension().map(|ending| format!(".{}", ending.to_string_lossy().to_lowercase()));
        *self.endings.entry(ending.unwrap_or_else(|| "without an ending".to_owned())).or_default() += 1;
    }

    /// A folder, by its name within the one that is read.
    pub(super) fn folder(&mut self, root: &Path, path: &Path) {
        self.folders.push(path.strip_prefix(root).unwrap_or(path).display().to_string());
    }
}

/// Endings and folders that are told of; more are counted.
const SHOWN: usize = 8;

impl fmt::Display for PassedOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if self.files() > 0 {
            // The commonest first, then by name.
            let mut endings: Vec<_> = self.endings.iter().map(|(ending, count)| (count, ending)).collect();
            endings.sort_by(|(a, _), (b, _)| b.cmp(a));
            let all = endings.iter().map(|(count, ending)| format!("{count} {ending}")).collect();
            let are = if self.files() == 1 { "file that is no picture" } else { "files that are no pictures" };
            parts.push(format!("{} {are} ({})", self.files(), shown(all)));
        }
        if self.folders() > 0 {
            let folders = if self.folders() == 1 { "folder" } else { "folders" };
            parts.push(format!("{} {folders} ({})", self.folders(), shown(self.folders.clone())));
        }
        f.write_str(&parts.join(" and "))
    }
}

/// The first few, separated by commas.
fn shown(mut all: Vec<String>) -> String {
    let more = all.len().saturating_sub(SHOWN);
    all.truncate(SHOWN);
    if more > 0 {
        all.push(format!("{more} more"));
    }
    all.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commonest_endings_come_first_and_the_rest_is_counted() {
        let mut passed_over = PassedOver::default();
        assert!(passed_over.is_empty());
        for name in ["a.txt", "b.svg", "c.SVG", "README"] {
            passed_over.file(Path::new(name));
        }
        assert_eq!(passed_over.to_string(), "4 files that are no pictures (2 .svg, 1 .txt, 1 without an ending)");
        for number in 0..10 {
            passed_over.folder(Path::new("root"), &Path::new("root").join(number.to_string()));
        }
        let folders = "and 10 folders (0, 1, 2, 3, 4, 5, 6, 7, 2 more)";
        assert!(passed_over.to_string().ends_with(folders), "{passed_over}");
        assert_eq!((passed_over.files(), passed_over.folders()), (4, 10));
    }
}
