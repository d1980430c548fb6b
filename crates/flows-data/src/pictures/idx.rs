//! The idx format of MNIST and of the data sets that took it over, plain or compressed.

use std::{fs, io::Read, path::Path};

use flate2::read::MultiGzDecoder;

use super::ImageError;
use super::Images;

/// How a file compressed by gzip begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The largest number of bytes that a vector can hold.
const MAX_ELEMENTS: u64 = isize::MAX as u64;

/// What an idx file should hold.
const IMAGES: &str = "images of unsigned bytes (idx3-ubyte)";
const LABELS: &str = "labels of unsigned bytes (idx1-ubyte)";

/// Reads the images of an idx file: unsigned bytes in three dimensions, as in `train-images-idx3-ubyte`.
///
/// Whether the file is compressed by gzip is seen from its first bytes, whatever its name is. The images have one
/// channel.
///
/// # Errors
///
/// A file that cannot be read or is damaged, that is no idx file or one of other things, that ends too early or goes
/// on after the last image, or that holds no image.
pub fn read_idx_images(path: impl AsRef<Path>) -> Result<Images, ImageError> {
    let ([count, height, width], pixels) = read(path.as_ref(), IMAGES)?;
    Ok(Images::complete(pixels, [count, 1, height, width], None))
}

/// Reads the labels of an idx file: unsigned bytes in one dimension, as in `train-labels-idx1-ubyte`.
///
/// # Errors
///
/// Those of [`read_idx_images`].
pub fn read_idx_labels(path: impl AsRef<Path>) -> Result<Vec<usize>, ImageError> {
    let ([_], labels) = read(path.as_ref(), LABELS)?;
    Ok(labels.into_iter().map(usize::from).collect())
}

/// The sizes and the elements of a file, plain or compressed.
fn read<const D: usize>(path: &Path, expected: &'static str) -> Result<([usize; D], Vec<u8>), ImageError> {
    let bytes = fs::read(path).map_err(|source| ImageError::Io { action: "read", path: path.to_owned(), source })?;
    let file = path.display().to_string();
    if bytes.starts_with(&GZIP) {
        parse(MultiGzDecoder::new(bytes.as_slice()), &file, expected)
    } else {
        parse(bytes.as_slice(), &file, expected)
    }
}

/// Reads a header of four bytes and four for each size, and as many elements as the sizes say.
fn parse<const D: usize>(
    mut from: impl Read,
    file: &str,
    expected: &'static str,
) -> Result<([usize; D], Vec<u8>), ImageError> {
    // Memory is read without errors: only what unpacks can fail.
    let mut read = |limit: u64| {
        let mut bytes = Vec::new();
        // Grows with what is there: the limit is only what the header claims.
        let result = from.by_ref().take(limit).read_to_end(&mut bytes);
        result.map_err(|error| ImageError::Gzip { file: file.to_owned(), reason: error.to_string() })?;
        Ok(bytes)
    };
    let truncated = |expected, found| ImageError::Truncated { file: file.to_owned(), expected, found };

    let magic = read(4)?;
    let zeros = magic.len().min(2);
    if magic[..zeros] != [0, 0][..zeros] {
        return Err(foreign(file, "the first two bytes are not zero"));
    }
    let &[_, _, kind, dimensions] = magic.as_slice() else { return Err(truncated(4, magic.len() as u64)) };
    check_kind(file, kind, dimensions, D, expected)?;

    let header = 4 + 4 * D as u64;
    let sizes = read(header - 4)?;
    if sizes.len() < 4 * D {
        return Err(truncated(header, 4 + sizes.len() as u64));
    }
    let sizes: [u32; D] = std::array::from_fn(|i| {
        let bytes = &sizes[4 * i..];
        u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
    });
    let elements = sizes.iter().try_fold(1_u64, |product, &size| product.checked_mul(size.into()));
    let Some(elements @ 1..=MAX_ELEMENTS) = elements else {
        return Err(ImageError::Sizes { file: file.to_owned(), sizes: sizes.to_vec() });
    };

    let data = read(elements)?;
    if (data.len() as u64) < elements {
        return Err(truncated(header + elements, header + data.len() as u64));
    }
    // This is also what makes gzip compare its checksum.
    if !read(1)?.is_empty() {
        return Err(ImageError::TooLong { file: file.to_owned(), expected: header + elements });
    }
    // Each size fits: their product is the length of a vector.
    Ok((sizes.map(|size| size as usize), data))
}

/// Checks the type of the elements and the number of dimensions.
fn check_kind(
    file: &str,
    kind: u8,
    dimensions: u8,
    expected_dimensions: usize,
    expected: &'static str,
) -> Result<(), ImageError> {
    let elements = match kind {
        0x08 => "unsigned bytes",
        0x09 => "signed bytes",
        0x0b => "16-bit integers",
        0x0c => "32-bit integers",
        0x0d => "32-bit floats",
        0x0e => "64-bit floats",
        _ => return Err(foreign(file, &format!("no type of elements has the code {kind:#04x}"))),
    };
    if kind != 0x08 || usize::from(dimensions) != expected_dimensions {
        let found = format!("{dimensions}-dimensional {elements}");
        return Err(ImageError::Kind { file: file.to_owned(), expected, found });
    }
    Ok(())
}

fn foreign(file: &str, reason: &str) -> ImageError {
    ImageError::Foreign { file: file.to_owned(), expected: "an idx file", reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An idx file, written by hand after the description of the format on the page of MNIST.
    fn idx(kind: u8, sizes: &[u32], data: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 0, kind, sizes.len() as u8];
        bytes.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
        bytes.extend_from_slice(data);
        bytes
    }

    fn images(bytes: &[u8]) -> Result<([usize; 3], Vec<u8>), ImageError> {
        parse(bytes, "t", IMAGES)
    }

    fn message(bytes: &[u8]) -> String {
        images(bytes).expect_err("the file is wrong").to_string()
    }

    #[test]
    fn sizes_and_elements_are_read() {
        let read = images(&idx(8, &[2, 2, 3], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])).expect("a good file");
        assert_eq!(read, ([2, 2, 3], (1..=12).collect()));
    }

    #[test]
    fn a_file_cut_anywhere_is_truncated() {
        let good = idx(8, &[2, 2, 3], &[0; 12]);
        for length in 0..good.len() {
            let expected = match length {
                0..4 => 4,
                4..16 => 16,
                _ => 28,
            };
            let error = images(&good[..length]).expect_err("cut short");
            assert!(
                matches!(error, ImageError::Truncated { expected: e, found, .. } if (e, found) == (expected, length as u64)),
                "{length}: {error}"
            );
        }
    }

    #[test]
    fn a_file_that_goes_on_is_too_long() {
        assert_eq!(message(&idx(8, &[1, 1, 1], &[0; 2])), "t: 17 bytes expected, and it goes on after them");
    }

    #[test]
    fn a_file_that_is_not_idx_is_an_error() {
        let foreign = "t: not an idx file, the first two bytes are not zero";
        for bytes in [&b"\x89PNG\r\n\x1a\n"[..], b"a", b"\0a", b"1,2,3"] {
            assert_eq!(message(bytes), foreign);
        }
        assert_eq!(message(b"\0\0\x07\x03"), "t: not an idx file, no type of elements has the code 0x07");
    }

    #[test]
    fn other_elements_and_other_dimensions_are_an_error() {
        let expected = "t: images of unsigned bytes (idx3-ubyte) expected, it holds";
        assert_eq!(message(&idx(0x0d, &[1, 1, 1], &[0; 4])), format!("{expected} 3-dimensional 32-bit floats"));
        assert_eq!(message(&idx(8, &[5], &[0; 5])), format!("{expected} 1-dimensional unsigned bytes"));
        assert!(parse::<1>(idx(8, &[1, 1, 1], &[0]).as_slice(), "t", LABELS).is_err());
    }

    #[test]
    fn a_hostile_header_is_an_error_and_not_an_allocation() {
        let huge = 1 << 31;
        assert!(message(&idx(8, &[huge, huge, huge], &[0; 8])).contains("[2147483648, 2147483648, 2147483648]"));
        let error = images(&idx(8, &[huge, huge, 1], &[0; 8])).expect_err("there are 8 bytes");
        assert!(matches!(error, ImageError::Truncated { found: 24, .. }), "{error}");
        for sizes in [[0, 28, 28], [1, 0, 28], [1, 28, 0]] {
            assert!(matches!(images(&idx(8, &sizes, &[])), Err(ImageError::Sizes { .. })), "{sizes:?}");
        }
    }
}
