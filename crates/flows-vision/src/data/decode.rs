//! One picture to the pixels of one image.

use std::{fs, io::Cursor, path::Path};

use image::{DynamicImage, ImageDecoder, ImageReader, Rgba, imageops::FilterType};

use crate::ImageError;

/// What of the colours of pictures is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Color {
    /// Brightness alone: one channel.
    Gray,
    /// Red, green and blue: three channels.
    #[default]
    Rgb,
}

impl Color {
    /// How many channels there are.
    pub fn channels(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::Rgb => 3,
        }
    }
}

/// The square in the middle of a picture as an image `[channels, size, size]`.
pub(super) fn decode(path: &Path, size: usize, color: Color) -> Result<Vec<u8>, ImageError> {
    let bytes = fs::read(path).map_err(|source| ImageError::Io { action: "read", path: path.to_owned(), source })?;
    let file = || path.display().to_string();
    let picture = picture(&bytes).map_err(|error| ImageError::Decode { file: file(), reason: error.to_string() })?;

    let (width, height) = (picture.width(), picture.height());
    let side = width.min(height);
    // A size beyond 32 bits is larger than any picture.
    let wanted = u32::try_from(size).unwrap_or(u32::MAX);
    if side < wanted {
        return Err(ImageError::TooSmall { file: file(), width, height, size });
    }
    let square = picture.crop_imm((width - side) / 2, (height - side) / 2, side, side);
    let square = opaque(square);
    // The filter takes the mean over what becomes one pixel: fine patterns do not turn into coarse ones.
    let channels = match color {
        Color::Gray => DynamicImage::from(square.into_luma8()),
        Color::Rgb => DynamicImage::from(square.into_rgb8()),
    };
    let pixels = channels.resize_exact(wanted, wanted, FilterType::Triangle).into_bytes();
    let planes = color.channels();
    // From the colours of each pixel to one plane for each colour.
    Ok((0..planes).flat_map(|plane| pixels.iter().skip(plane).step_by(planes).copied()).collect())
}

/// The picture upright, as the camera wrote down that it was held.
fn picture(bytes: &[u8]) -> image::ImageResult<DynamicImage> {
    // By its first bytes: names lie.
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    let mut limits = image::Limits::default();
    let mut decoder = reader.into_decoder()?;
    // Before anything is allocated for it: the size is only what the header claims.
    limits.reserve(decoder.total_bytes())?;
    decoder.set_limits(limits)?;
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// What is transparent, over white: the colour behind it may be anything.
fn opaque(picture: DynamicImage) -> DynamicImage {
    if !picture.has_alpha() {
        return picture;
    }
    let mut picture = picture.into_rgba8();
    for Rgba([red, green, blue, alpha]) in picture.pixels_mut() {
        for color in [red, green, blue] {
            let (color_part, white_part) = (u32::from(*color) * u32::from(*alpha), 255 * (255 - u32::from(*alpha)));
            *color = ((color_part + white_part + 127) / 255) as u8;
        }
        *alpha = 255;
    }
    picture.into()
}
