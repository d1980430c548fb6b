//! Images in rows and columns.

use super::Images;
use super::Picture;

/// Images in rows of so many columns, the first image on the upper left.
///
/// There are `gap` white pixels between images; each pixel of an image is a square of `scale` pixels, so that small
/// images can be seen. The last row may be incomplete.
///
/// # Panics
///
/// If there is no image, if the images have other than one or three channels, if `columns` or `scale` is 0.
///
/// # Example
///
/// ```
/// use flows_data::pictures::{Images, grid};
///
/// let images = Images::new(vec![1, 2, 3], [3, 1, 1, 1])?;
/// let picture = grid(&images, 2, 0, 1);
/// assert_eq!(picture.pixels(), [1, 2, 3, 255]);
/// # Ok::<(), flows_data::ImageError>(())
/// ```
#[must_use]
pub fn grid(images: &Images, columns: usize, gap: usize, scale: usize) -> Picture {
    assert!(!images.is_empty(), "`images`: expected at least one, got none");
    assert!(columns > 0, "`columns`: expected at least 1, got 0");
    let columns = columns.min(images.len());
    let places = (0..images.len()).map(|index| (images, index, index / columns, index % columns));
    arrange(images, [images.len().div_ceil(columns), columns], gap, scale, places)
}

/// Rows of images side by side, as interpolations from the first image of a row to its last.
///
/// There are `gap` white pixels between images; each pixel of an image is a square of `scale` pixels. Rows may be of
/// different length.
///
/// # Panics
///
/// If there is no image, if the images of two rows differ in size or channels, if they have other than one or three
/// channels, if `scale` is 0.
///
/// # Example
///
/// ```
/// use flows_data::pictures::{Images, strip};
///
/// let row = |start: u8| Images::new(vec![start, start + 1], [2, 1, 1, 1]);
/// let picture = strip(&[row(10)?, row(20)?], 0, 1);
/// assert_eq!(picture.pixels(), [10, 11, 20, 21]);
/// # Ok::<(), flows_data::ImageError>(())
/// ```
#[must_use]
pub fn strip(rows: &[Images], gap: usize, scale: usize) -> Picture {
    let columns = rows.iter().map(Images::len).max().unwrap_or(0);
    assert!(columns > 0, "`rows`: expected at least one image, got none");
    let first = &rows[0];
    for (number, row) in rows.iter().enumerate() {
        let (expected, got) = (&first.dims()[1..], &row.dims()[1..]);
        assert!(
            expected == got,
            "`rows`: expected [channels, height, width] = {expected:?}, got {got:?} in row {number}"
        );
    }
    let numbered = rows.iter().enumerate();
    let places = numbered.flat_map(|(number, row)| (0..row.len()).map(move |index| (row, index, number, index)));
    arrange(first, [rows.len(), columns], gap, scale, places)
}

/// Draws images, each at its row and column, on a sheet that has room for all.
fn arrange<'a>(
    like: &Images,
    [rows, columns]: [usize; 2],
    gap: usize,
    scale: usize,
    places: impl Iterator<Item = (&'a Images, usize, usize, usize)>,
) -> Picture {
    let channels = like.channels();
    assert!(channels == 1 || channels == 3, "`images`: expected one or three channels, got {channels}");
    assert!(scale > 0, "`scale`: expected at least 1, got 0");
    let (height, width) = (like.height() * scale + gap, like.width() * scale + gap);
    let mut picture = Picture::blank(columns * width - gap, rows * height - gap, channels);
    for (images, index, row, column) in places {
        picture.draw(images, index, (column * width, row * height), scale);
    }
    picture
}

#[cfg(test)]
mod tests {
    use super::*;

    fn images(count: usize) -> Images {
        // 2 x 1 images: the number of the image, and ten more below it.
        let pixels = (0..count as u8).flat_map(|i| [i, i + 10]).collect();
        Images::new(pixels, [count, 1, 2, 1]).expect("complete")
    }

    #[test]
    fn images_lie_in_rows_with_gaps_between_and_paper_at_the_end() {
        let picture = grid(&images(5), 3, 1, 1);
        assert_eq!((picture.width(), picture.height(), picture.channels()), (5, 5, 1));
        #[rustfmt::skip]
        let expected = [
            0, 255, 1, 255, 2,
            10, 255, 11, 255, 12,
            255, 255, 255, 255, 255,
            3, 255, 4, 255, 255,
            13, 255, 14, 255, 255,
        ];
        assert_eq!(picture.pixels(), expected);
    }

    #[test]
    fn a_gap_does_not_grow_with_the_scale() {
        let picture = grid(&images(2), 2, 1, 3);
        assert_eq!((picture.width(), picture.height()), (7, 6));
        assert_eq!(picture.pixels()[..7], [0, 0, 0, 255, 1, 1, 1]);
    }

    #[test]
    fn there_are_no_more_columns_than_images() {
        assert_eq!(grid(&images(2), 100, 0, 1), grid(&images(2), 2, 0, 1));
    }

    #[test]
    fn rows_of_a_strip_may_be_of_different_length() {
        let picture = strip(&[images(1), images(2)], 0, 1);
        assert_eq!(picture.pixels(), [0, 255, 10, 255, 0, 1, 10, 11]);
    }

    #[test]
    #[should_panic(expected = "expected [channels, height, width] = [1, 2, 1], got [1, 1, 2] in row 1")]
    fn rows_of_different_images_panic() {
        let _ = strip(&[images(1), Images::new(vec![0; 2], [1, 1, 1, 2]).expect("complete")], 0, 1);
    }

    #[test]
    #[should_panic(expected = "`images`: expected one or three channels, got 2")]
    fn two_channels_are_no_picture() {
        let _ = grid(&Images::new(vec![0; 2], [1, 2, 1, 1]).expect("complete"), 1, 0, 1);
    }

    #[test]
    #[should_panic(expected = "`images`: expected at least one, got none")]
    fn no_image_is_no_picture() {
        let _ = grid(&images(0), 1, 0, 1);
    }

    #[test]
    #[should_panic(expected = "`rows`: expected at least one image, got none")]
    fn no_row_is_no_picture() {
        let _ = strip(&[], 0, 1);
    }
}
