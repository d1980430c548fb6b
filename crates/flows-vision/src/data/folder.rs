//! Pictures in a folder, with sub-folders as classes.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rayon::prelude::*;

use super::{Color, Images, decode::decode};
use crate::ImageError;

/// How pictures of any size become images of one.
///
/// # Example
///
/// ```
/// use flows_vision::data::{Color, FolderOptions};
///
/// let options = FolderOptions::new(64).with_color(Color::Gray);
/// assert_eq!(options.size, 64);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FolderOptions {
    /// Height and width of the images in pixels.
    pub size: usize,
    /// What of the colours is kept; all by default.
    pub color: Color,
}

impl FolderOptions {
    /// Images of `size` x `size` pixels in colour.
    ///
    /// # Panics
    ///
    /// If `size` is 0.
    #[must_use]
    pub fn new(size: usize) -> Self {
        assert!(size > 0, "`size`: expected at least 1, got 0");
        Self { size, color: Color::Rgb }
    }

    /// The same with other channels.
    #[must_use]
    pub fn with_color(self, color: Color) -> Self {
        Self { color, ..self }
    }
}

/// Reads the pictures of a folder: every `.png`, `.jpg` and `.jpeg` file, in the order of the names.
///
/// Pictures in sub-folders have the sub-folder as their class; labels go after the order of the sub-folders' names.
/// Pictures directly in the folder have no class and no label. Hidden files and folders, and files of other kinds, are
/// passed over; folders further down are not looked into.
///
/// Of each picture the square in the middle is taken and made smaller. Pictures are turned upright where the camera
/// noted how it was held, and what is transparent is laid over white.
///
/// # Errors
///
/// A folder or a file that cannot be read; a picture that cannot be decoded, or that is smaller than the images; no
/// picture in the folder or in one of its classes; pictures both in the folder and in its sub-folders.
///
/// # Example
///
/// ```
/// use flows_vision::{
///     data::{FolderOptions, Images, image_folder},
///     picture::grid,
/// };
///
/// let dir = tempfile::tempdir().unwrap();
/// let red = Images::new([[200; 6], [30; 6], [30; 6]].concat(), [1, 3, 2, 3])?;
/// grid(&red, 1, 0, 1).save(dir.path().join("red.png"))?;
///
/// let images = image_folder(dir.path(), &FolderOptions::new(1))?;
/// assert_eq!((images.dims(), images.image(0)), ([1, 3, 1, 1], &[200, 30, 30][..]));
/// # Ok::<(), flows_vision::ImageError>(())
/// ```
pub fn image_folder(dir: impl AsRef<Path>, options: &FolderOptions) -> Result<Images, ImageError> {
    let FolderOptions { size, color } = *options;
    let listing = list(dir.as_ref())?;
    let decoded: Vec<_> = listing.files.par_iter().map(|path| decode(path, size, color)).collect();
    let mut pixels = Vec::with_capacity(decoded.len() * color.channels() * size * size);
    // In the order of the files: of several errors it is always the same one that is told.
    for image in decoded {
        pixels.extend(image?);
    }
    let images = Images::complete(pixels, [listing.files.len(), color.channels(), size, size], None);
    if listing.classes.is_empty() {
        return Ok(images);
    }
    images.with_labels(listing.labels)?.with_class_names(listing.classes)
}

/// The pictures of a folder, and the class of each if it has classes.
#[derive(Debug, Default)]
struct Listing {
    files: Vec<PathBuf>,
    labels: Vec<usize>,
    classes: Vec<String>,
}

fn list(dir: &Path) -> Result<Listing, ImageError> {
    let entries = entries(dir)?;
    let files: Vec<PathBuf> = entries.iter().filter(|path| is_picture(path)).cloned().collect();
    let mut listing = Listing::default();
    for class in entries.into_iter().filter(|path| path.is_dir()) {
        let inside: Vec<PathBuf> = self::entries(&class)?.into_iter().filter(|path| is_picture(path)).collect();
        match (files.first(), inside.is_empty()) {
            (None, true) => return Err(ImageError::EmptyFolder { dir: class }),
            (Some(first), false) => return Err(ImageError::NoClass { path: first.clone() }),
            // Something else that somebody keeps beside pictures.
            (Some(_), true) => continue,
            (None, false) => {}
        }
        listing.labels.extend(inside.iter().map(|_| listing.classes.len()));
        listing.files.extend(inside);
        listing.classes.push(class.file_name().unwrap_or_default().to_string_lossy().into_owned());
    }
    listing.files.extend(files);
    if listing.files.is_empty() {
        return Err(ImageError::EmptyFolder { dir: dir.to_owned() });
    }
    Ok(listing)
}

/// What is in a folder and not hidden, in the order of the names.
fn entries(dir: &Path) -> Result<Vec<PathBuf>, ImageError> {
    let listed = fs::read_dir(dir).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
    let entries = listed.map_err(|source| ImageError::Io { action: "list", path: dir.to_owned(), source })?;
    let shown = entries.iter().filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'));
    let mut paths: Vec<PathBuf> = shown.map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

fn is_picture(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    matches!(&*extension, "png" | "jpg" | "jpeg") && !path.is_dir()
}
