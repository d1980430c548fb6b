//! JPEG, decoded strictly.

use image::{DynamicImage, GrayImage, Limits, RgbImage, metadata::Orientation};
use zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};
use zune_jpeg::JpegDecoder;

/// The largest side that the format can express.
const LARGEST: usize = 65_535;
/// Bits that are no code in any table: the standard keeps the code of ones free.
const NO_CODE: [u8; 2] = [0xff, 0];
/// More of them than a decoder reads ahead.
const NO_CODES: usize = 64;
const END: [u8; 2] = [0xff, 0xd9];

/// Where the mark of the first picture's end is, if there is one.
///
/// Segments say how long they are, so that the end of a thumbnail in one of them is not taken for the picture's.
pub(super) fn end(bytes: &[u8]) -> Option<usize> {
    let mut at = 2;
    loop {
        let mark = at + bytes.get(at..)?.iter().position(|byte| *byte == 0xff)?;
        // Any number of filling bytes may stand before a mark.
        at = mark + bytes[mark..].iter().position(|byte| *byte != 0xff)? + 1;
        match bytes[at - 1] {
            // A byte of data, a restart, or the start: nothing belongs to them.
            0x00 | 0x01 | 0xd0..=0xd8 => {}
            0xd9 => return Some(mark),
            _ => at += usize::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?)),
        }
    }
}

/// The picture and how it is to be turned, or the reason that it cannot be decoded.
///
/// `image` has the same decoder in its lenient mode alone, which fills what is missing with gray.
pub(super) fn decode(bytes: &[u8], end: usize) -> Result<(DynamicImage, Orientation), String> {
    // The decoder reads zeros when it meets the end too early. Here it meets what is no code, and fails.
    let mut strict = bytes[..end].to_vec();
    strict.extend(NO_CODE.repeat(NO_CODES));
    strict.extend(END);

    let options = DecoderOptions::default().set_strict_mode(true).set_max_width(LARGEST).set_max_height(LARGEST);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(&strict), options);
    decoder.decode_headers().map_err(|error| error.to_string())?;
    let (width, height) = decoder.dimensions().ok_or("its header announces no size")?;
    let gray = decoder.input_colorspace() == Some(ColorSpace::Luma);
    let (space, channels) = if gray { (ColorSpace::Luma, 1) } else { (ColorSpace::RGB, 3) };
    // Before anything is allocated for it: the size is only what the header claims.
    let reserved = Limits::default().reserve((width * height * channels) as u64);
    reserved.map_err(|error| error.to_string())?;

    decoder.set_options(options.jpeg_set_out_colorspace(space));
    let pixels = decoder.decode().map_err(|error| error.to_string())?;
    let exif = decoder.exif().and_then(|exif| Orientation::from_exif_chunk(exif));
    let (width, height) = (width as u32, height as u32);
    let picture = match gray {
        true => GrayImage::from_raw(width, height, pixels).map(DynamicImage::from),
        false => RgbImage::from_raw(width, height, pixels).map(DynamicImage::from),
    };
    let picture = picture.ok_or("its pixels do not fill the size that its header announces")?;
    Ok((picture, exif.unwrap_or(Orientation::NoTransforms)))
}
