//! Whether a picture's file goes on to its end.

use image::ImageFormat;

use super::jpeg;

/// Whether a file goes on to the end that its format marks.
///
/// Decoders are lenient: of a file whose copy broke off they make a picture that is gray from there on. BMP has no
/// mark, but says how many bytes the picture has, and its decoder wants them all.
pub(super) fn is_complete(bytes: &[u8], format: ImageFormat) -> bool {
    match format {
        ImageFormat::Jpeg => jpeg::end(bytes).is_some(),
        ImageFormat::Png => png(bytes).is_some(),
        ImageFormat::WebP => webp(bytes).is_some(),
        ImageFormat::Gif => gif(bytes).is_some(),
        _ => true,
    }
}

/// Chunks (length, name, data, checksum) up to the one whose name is IEND.
fn png(bytes: &[u8]) -> Option<()> {
    let mut at: usize = 8;
    loop {
        let length = u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?);
        let end = usize::try_from(length).ok()?.checked_add(at)?.checked_add(12)?;
        let chunk = bytes.get(at..end)?;
        if &chunk[4..8] == b"IEND" {
            return Some(());
        }
        at = end;
    }
}

/// The length of all that follows stands after the first four bytes.
fn webp(bytes: &[u8]) -> Option<()> {
    let length = u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?);
    let end = usize::try_from(length).ok()?.checked_add(8)?;
    (bytes.len() >= end).then_some(())
}

/// Images and extensions up to the trailer.
fn gif(bytes: &[u8]) -> Option<()> {
    let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let mut at = 13 + table(*bytes.get(10)?);
    loop {
        at += match bytes.get(at)? {
            0x3b => return Some(()),
            // An image: its place, size and flags, its colours, the size of its codes.
            0x2c => 11 + table(*bytes.get(at + 9)?),
            0x21 => 2,
            _ => return None,
        };
        // The blocks of its data, each after its length; one of no bytes is the last.
        loop {
            let length = usize::from(*bytes.get(at)?);
            at += 1 + length;
            if length == 0 {
                break;
            }
        }
    }
}
