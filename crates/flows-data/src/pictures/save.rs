//! From the picture to the file.

use std::io;
use std::path::Path;

use flows_core::{FlowError, atomic};
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};

use super::ImageError;
use super::Picture;

impl Picture {
    /// Writes the picture as a PNG file; its name ends in `.png`.
    ///
    /// The file appears whole or not at all; see [`flows_core::atomic`].
    ///
    /// # Errors
    ///
    /// A name with another ending or none, a place that cannot be written to, and a picture too large for PNG.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), ImageError> {
        let path = path.as_ref();
        check_ending(path)?;
        let bytes = self.encode().map_err(|reason| ImageError::Encode { file: path.display().to_string(), reason })?;
        atomic::write(path, bytes).map_err(|error| match error {
            FlowError::Io { action, path, source } => ImageError::Io { action, path, source },
            other => ImageError::Io { action: "write", path: path.to_owned(), source: io::Error::other(other) },
        })
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
