//! Which pictures are in a folder.

use std::{
    fs,
    path::{Path, PathBuf},
};

use unicode_normalization::UnicodeNormalization;

use super::ImageError;
use super::{PassedOver, decode::ENDINGS};

/// The pictures of a folder, and the class of each if it has classes: listed, not read yet.
///
/// [`image_folder`](super::image_folder) lists and reads at once.
///
/// # Example
///
/// ```
/// use flows_data::pictures::{FolderOptions, Images, PictureFolder, grid};
///
/// let dir = tempfile::tempdir().unwrap();
/// for class in ["cat", "dog"] {
///     std::fs::create_dir(dir.path().join(class)).unwrap();
///     let image = Images::new(vec![9], [1, 1, 1, 1])?;
///     grid(&image, 1, 0, 1).save(dir.path().join(class).join("1.png"))?;
/// }
/// let folder = PictureFolder::list(dir.path())?;
/// assert_eq!((folder.len(), folder.class_names().len()), (2, 2));
/// assert!(folder.passed_over().is_empty());
/// assert_eq!(folder.read(&FolderOptions::new(1))?.labels(), Some(&[0, 1][..]));
/// # Ok::<(), flows_data::ImageError>(())
/// ```
#[derive(Debug, Clone)]
pub struct PictureFolder {
    pub(super) files: Vec<PathBuf>,
    pub(super) labels: Vec<usize>,
    pub(super) class_names: Vec<String>,
    passed_over: PassedOver,
}

impl PictureFolder {
    /// Lists the pictures of a folder and of its sub-folders, which are classes; see
    /// [`image_folder`](super::image_folder) for what counts as a picture.
    ///
    /// # Errors
    ///
    /// A folder that cannot be listed; no picture in the folder or in one of its classes; pictures both in the folder
    /// and in its sub-folders; two sub-folders whose names are one when written as text.
    pub fn list(dir: impl AsRef<Path>) -> Result<Self, ImageError> {
        let dir = dir.as_ref();
        let mut folder =
            Self { files: vec![], labels: vec![], class_names: vec![], passed_over: PassedOver::default() };
        let (files, folders) = folder.pictures(dir)?;
        for class in folders {
            let (inside, deeper) = folder.pictures(&class)?;
            match (files.first(), inside.is_empty()) {
                (None, true) => return Err(empty(class, true, &deeper)),
                (Some(first), false) => return Err(ImageError::NoClass { path: first.clone() }),
                // Something else that somebody keeps beside pictures.
                (Some(_), true) => {
                    folder.passed_over.folder(dir, &class);
                    continue;
                }
                (None, false) => {}
            }
            deeper.iter().for_each(|deeper| folder.passed_over.folder(dir, deeper));
            folder.labels.extend(inside.iter().map(|_| folder.class_names.len()));
            folder.files.extend(inside);
            folder.class_names.push(class_name(&class));
            if folder.class_names[..folder.class_names.len() - 1].contains(&class_name(&class)) {
                return Err(ImageError::SameName { path: class });
            }
        }
        folder.files.extend(files);
        if folder.files.is_empty() {
            return Err(empty(dir.to_owned(), false, &[]));
        }
        Ok(folder)
    }

    /// The number of pictures.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is no picture; a folder without pictures is an error, so that this is never true.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The names of the classes in the order of the labels; none where pictures have no class.
    ///
    /// Accents are one character each, whichever system wrote the name (Unicode's normal form C).
    pub fn class_names(&self) -> &[String] {
        &self.class_names
    }

    /// What of the folder is not read.
    pub fn passed_over(&self) -> &PassedOver {
        &self.passed_over
    }

    /// The pictures directly in a folder, and the folders in it; other files are noted.
    fn pictures(&mut self, dir: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>), ImageError> {
        let (folders, files): (Vec<_>, Vec<_>) = entries(dir)?.into_iter().partition(|path| path.is_dir());
        let (pictures, others): (Vec<_>, Vec<_>) = files.into_iter().partition(|path| is_picture(path));
        others.iter().for_each(|path| self.passed_over.file(path));
        Ok((pictures, folders))
    }
}

/// What is in a folder, neither hidden nor left by a system, in the order of the names.
fn entries(dir: &Path) -> Result<Vec<PathBuf>, ImageError> {
    let listed = fs::read_dir(dir).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
    let entries = listed.map_err(|source| ImageError::Io { action: "list", path: dir.to_owned(), source })?;
    let shown = entries.iter().filter(|entry| !is_clutter(&entry.file_name().to_string_lossy()));
    let mut paths: Vec<PathBuf> = shown.map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

/// What systems leave beside pictures, and what is hidden.
fn is_clutter(name: &str) -> bool {
    const LEFT: [&str; 8] = [
        "__MACOSX",
        "@eaDir",
        "#recycle",
        "$RECYCLE.BIN",
        "System Volume Information",
        "lost+found",
        "Thumbs.db",
        "desktop.ini",
    ];
    name.starts_with('.') || LEFT.iter().any(|left| left.eq_ignore_ascii_case(name))
}

/// A file with the ending of a picture. One that is not there, at the end of a broken link, is an error when it is read.
fn is_picture(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    ENDINGS.contains(&&*ending) && fs::metadata(path).map_or(true, |file| file.is_file())
}

fn class_name(folder: &Path) -> String {
    folder.file_name().unwrap_or_default().to_string_lossy().nfc().collect()
}

/// Why there is no picture in a folder, and what to do.
fn empty(dir: PathBuf, class: bool, deeper: &[PathBuf]) -> ImageError {
    let hint = match (class, deeper.first()) {
        (true, Some(deeper)) => format!(
            "sub-folders are classes, and folders in them are not looked into; to read {}, give the folder above it",
            deeper.display()
        ),
        (true, None) => "sub-folders are classes; put pictures into it, or delete it".to_owned(),
        (false, _) => "give the folder that the pictures are in, or the one above a sub-folder a class".to_owned(),
    };
    ImageError::EmptyFolder { dir, endings: ENDINGS.map(|ending| format!(".{ending}")).join(", "), hint }
}
