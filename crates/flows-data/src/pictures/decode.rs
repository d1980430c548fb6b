//! One picture to the pixels of one image.

use std::{
    fs,
    io::{Cursor, ErrorKind},
    path::Path,
};

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Rgba, imageops::FilterType};

use super::ImageError;
use super::{Color, color::to_gray, complete::is_complete, jpeg};

/// The endings of the files that are read, in small letters.
pub(super) const ENDINGS: [&str; 6] = ["png", "jpg", "jpeg", "bmp", "webp", "gif"];

/// What is said of a file that ends too early.
const CUT: &str =
    "truncated, the file ends before the picture does; hint: copy it once more, or take it out of the folder";

/// The square in the middle of a picture as an image `[channels, size, size]`.
pub(super) fn decode(path: &Path, size: usize, color: Color) -> Result<Vec<u8>, ImageError> {
    let bytes = fs::read(path).map_err(|source| ImageError::Io { action: "read", path: path.to_owned(), source })?;
    let file = || path.display().to_string();
    let picture = picture(&bytes).map_err(|reason| ImageError::Decode { file: file(), reason })?;

    let (width, height) = (picture.width(), picture.height());
    let side = width.min(height);
    // A size beyond 32 bits is larger than any picture.
    let wanted = u32::try_from(size).unwrap_or(u32::MAX);
    if side < wanted {
        return Err(ImageError::TooSmall { file: file(), width, height, size });
    }
    let square = picture.crop_imm((width - side) / 2, (height - side) / 2, side, side);
    let square = opaque(square).into_rgb8();
    let channels = match color {
        Color::Gray => DynamicImage::from(to_gray(&square)),
        Color::Rgb => DynamicImage::from(square),
    };
    // The filter takes the mean over what becomes one pixel: fine patterns do not turn into coarse ones.
    let pixels = channels.resize_exact(wanted, wanted, FilterType::Triangle).into_bytes();
    let planes = color.channels();
    // From the colours of each pixel to one plane for each colour.
    Ok((0..planes).flat_map(|plane| pixels.iter().skip(plane).step_by(planes).copied()).collect())
}

/// The picture upright, as the camera wrote down that it was held; else the reason that there is none.
fn picture(bytes: &[u8]) -> Result<DynamicImage, String> {
    // By its first bytes: names lie.
    let format = image::guess_format(bytes).map_err(|error| error.to_string())?;
    if !is_complete(bytes, format) {
        return Err(CUT.to_owned());
    }
    let (mut picture, orientation) = match (format, jpeg::end(bytes)) {
        (ImageFormat::Jpeg, Some(end)) => jpeg::decode(bytes, end)?,
        _ => other(bytes, format).map_err(|error| match error {
            image::ImageError::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => CUT.to_owned(),
            error => error.to_string(),
        })?,
    };
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// A picture of any format but JPEG.
fn other(bytes: &[u8], format: ImageFormat) -> image::ImageResult<(DynamicImage, image::metadata::Orientation)> {
    let mut limits = image::Limits::default();
    let mut decoder = ImageReader::with_format(Cursor::new(bytes), format).into_decoder()?;
    // Before anything is allocated for it: the size is only what the header claims.
    limits.reserve(decoder.total_bytes())?;
    decoder.set_limits(limits)?;
    let orientation = decoder.orientation()?;
    Ok((DynamicImage::from_decoder(decoder)?, orientation))
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
