//! Black margins.

use super::Images;

impl Images {
    /// The same images in the middle of a larger black one, as 28 x 28 digits are padded to 32 x 32.
    ///
    /// Where the margin is odd, the pixel that is left over goes below and to the right.
    ///
    /// # Panics
    ///
    /// If `height` or `width` is less than that of the images.
    ///
    /// # Example
    ///
    /// ```
    /// use flows_data::pictures::Images;
    ///
    /// let padded = Images::new(vec![7], [1, 1, 1, 1])?.padded(2, 3);
    /// assert_eq!(padded.pixels(), [0, 7, 0, 0, 0, 0]);
    /// # Ok::<(), flows_data::ImageError>(())
    /// ```
    #[must_use]
    pub fn padded(&self, height: usize, width: usize) -> Self {
        let [count, channels, old_height, old_width] = self.dims();
        assert!(
            height >= old_height && width >= old_width,
            "`height`, `width`: expected at least {old_height} x {old_width}, got {height} x {width}"
        );
        let (top, left) = ((height - old_height) / 2, (width - old_width) / 2);
        let mut pixels = vec![0; count * channels * height * width];
        let planes = self.pixels().chunks_exact(old_height * old_width).zip(pixels.chunks_exact_mut(height * width));
        for (from, to) in planes {
            let rows = from.chunks_exact(old_width).zip(to.chunks_exact_mut(width).skip(top));
            for (row, padded) in rows {
                padded[left..left + old_width].copy_from_slice(row);
            }
        }
        self.replaced(pixels, [count, channels, height, width], self.labels().map(<[usize]>::to_vec))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_of_every_image_is_in_the_middle() {
        let images = Images::new((1..=8).collect(), [2, 2, 1, 2]).expect("complete").with_labels(vec![5, 6]).unwrap();
        let padded = images.padded(3, 4);
        assert_eq!(padded.dims(), [2, 2, 3, 4]);
        assert_eq!(padded.labels(), Some(&[5, 6][..]));
        for (i, plane) in padded.pixels().chunks_exact(12).enumerate() {
            let i = i as u8 * 2;
            assert_eq!(plane, [0, 0, 0, 0, 0, i + 1, i + 2, 0, 0, 0, 0, 0]);
        }
    }

    #[test]
    fn a_margin_of_odd_size_is_larger_below_and_to_the_right() {
        let padded = Images::new(vec![9], [1, 1, 1, 1]).expect("complete").padded(2, 4);
        assert_eq!(padded.pixels(), [0, 9, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn the_same_size_changes_nothing() {
        let images = Images::new((0..12).collect(), [2, 1, 2, 3]).expect("complete");
        assert_eq!(images.padded(2, 3), images);
    }

    #[test]
    #[should_panic(expected = "expected at least 2 x 3, got 4 x 2")]
    fn a_smaller_size_panics() {
        let _ = Images::new(vec![0; 6], [1, 1, 2, 3]).expect("complete").padded(4, 2);
    }
}
