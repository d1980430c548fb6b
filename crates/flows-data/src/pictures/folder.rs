//! Pictures in a folder, with sub-folders as classes.

use std::path::Path;

use rayon::prelude::*;

use super::ImageError;
use super::{Color, Images, PictureFolder, decode::decode};

/// How pictures of any size become images of one.
///
/// # Example
///
/// ```
/// use flows_data::pictures::{Color, FolderOptions};
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

/// Reads the pictures of a folder, in the order of the names: files whose names end in `.png`, `.jpg`, `.jpeg`, `.bmp`,
/// `.webp` or `.gif`, in small or capital letters.
///
/// Pictures in sub-folders have the sub-folder as their class; labels go after the order of the sub-folders' names.
/// Pictures directly in the folder have no class and no label. Links are followed. Hidden files and folders are passed
/// over, and so is what systems leave beside pictures (`__MACOSX`, `Thumbs.db`, `@eaDir`); files of other kinds are too,
/// and folders further down are not looked into: [`PictureFolder::passed_over`] tells of them.
///
/// The format is that of the file's first bytes, whatever its name. Of each picture the square in the middle is taken
/// and made smaller. Pictures are turned upright where the camera noted how it was held, what is transparent is laid
/// over white, and 16 bits a channel become 8. Of several pictures in one file (GIF) the first is taken.
/// [`Color`] says how colours become gray.
///
/// # Errors
///
/// A folder or a file that cannot be read; a picture that is damaged, whose file ends too early, or that is smaller than
/// the images; no picture in the folder or in one of its classes; pictures both in the folder and in its sub-folders.
///
/// # Example
///
/// ```
/// use flows_data::pictures::{FolderOptions, Images, grid, image_folder};
///
/// let dir = tempfile::tempdir().unwrap();
/// let red = Images::new([[200; 6], [30; 6], [30; 6]].concat(), [1, 3, 2, 3])?;
/// grid(&red, 1, 0, 1).save(dir.path().join("red.png"))?;
///
/// let images = image_folder(dir.path(), &FolderOptions::new(1))?;
/// assert_eq!((images.dims(), images.image(0)), ([1, 3, 1, 1], &[200, 30, 30][..]));
/// # Ok::<(), flows_data::ImageError>(())
/// ```
pub fn image_folder(dir: impl AsRef<Path>, options: &FolderOptions) -> Result<Images, ImageError> {
    PictureFolder::list(dir)?.read(options)
}

impl PictureFolder {
    /// Reads the pictures as images of one size; see [`image_folder`].
    ///
    /// # Errors
    ///
    /// A file that cannot be read; a picture that is damaged, whose file ends too early, or that is smaller than the
    /// images.
    pub fn read(&self, options: &FolderOptions) -> Result<Images, ImageError> {
        let FolderOptions { size, color } = *options;
        let decoded: Vec<_> = self.files.par_iter().map(|path| decode(path, size, color)).collect();
        // Reserved for what has been decoded, not for what a size says that no picture has.
        let mut pixels = Vec::new();
        // In the order of the files: of several errors it is always the same one that is told.
        for image in decoded {
            pixels.extend(image?);
        }
        let images = Images::complete(pixels, [self.files.len(), color.channels(), size, size], None)
            .with_names(self.files.iter().map(|path| path.display().to_string()));
        if self.class_names.is_empty() {
            return Ok(images);
        }
        images.with_class_names(self.class_names.clone())?.with_labels(self.labels.clone())
    }
}
