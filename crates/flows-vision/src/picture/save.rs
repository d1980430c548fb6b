//! From the picture to the file.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};

use super::Picture;
use crate::ImageError;

impl Picture {
    /// Writes the picture as a PNG file; its name ends in `.png`.
    ///
    /// The file appears whole or not at all: it is written under another name beside the place and then renamed.
    ///
    /// # Errors
    ///
    /// A name with another ending or none, a place that cannot be written to, and a picture too large for PNG.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), ImageError> {
        let path = path.as_ref();
        check_ending(path)?;
        let bytes = self.encode().map_err(|reason| ImageError::Encode { file: path.display().to_string(), reason })?;
        replace(path, &bytes).map_err(|source| ImageError::Io { action: "write", path: path.to_owned(), source })
    }

    fn encode(&self) -> Result<Vec<u8>, String> {
        let side = |pixels: usize| u32::try_from(pixels).map_err(|_| format!("{pixels} pixels on one side"));
        let color = if self.channels() == 1 { ExtendedColorType::L8 } else { ExtendedColorType::Rgb8 };
        let (width, height) = (side(self.width())?, side(self.height())?);
        let mut bytes = Vec::new();
        let written = PngEncoder::new(&mut bytes).write_image(self.pixels(), width, height, color);
        written.map_err(|error| error.to_string())?;
        Ok(bytes)
    }
}

/// Whether a picture can be written under a name, for programs that draw long after they were told where to.
///
/// # Errors
///
/// A name that does not end in `.png`.
pub fn check_ending(path: impl AsRef<Path>) -> Result<(), ImageError> {
    let path = path.as_ref();
    match path.extension() {
        Some(ending) if ending.eq_ignore_ascii_case("png") => Ok(()),
        _ => Err(ImageError::Ending { path: path.to_owned() }),
    }
}

/// Puts the bytes into the file at once: whoever opens it sees the old picture or the new one.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (beside, mut file) = create_beside(path)?;
    let written = file.write_all(bytes);
    // Some systems do not rename an open file.
    drop(file);
    written.and_then(|()| fs::rename(&beside, path)).inspect_err(|_| {
        // The first error is the one to tell of.
        let _ = fs::remove_file(&beside);
    })
}

fn create_beside(path: &Path) -> io::Result<(PathBuf, File)> {
    // Threads that write the same picture must not share the temporary file.
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"))?;
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!(".{}.{}-{number}.part", name.to_string_lossy(), std::process::id());
    let beside = path.with_file_name(name);
    let file = OpenOptions::new().write(true).create_new(true).open(&beside)?;
    Ok((beside, file))
}
