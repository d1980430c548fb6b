//! A picture in memory.

use super::Images;

/// What is between images and where there is none: white, since images are often dark at their edges.
const PAPER: u8 = 255;

/// A picture in memory, gray or in colour; made by [`grid`](super::grid) and [`strip`](super::strip).
///
/// # Example
///
/// ```
/// use flows_data::pictures::{Images, grid};
///
/// let images = Images::new(vec![10, 20], [2, 1, 1, 1])?;
/// assert_eq!(grid(&images, 2, 1, 1).pixels(), [10, 255, 20]);
/// # Ok::<(), flows_data::ImageError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    height: usize,
    channels: usize,
    pixels: Vec<u8>,
}

impl Picture {
    /// An empty sheet of one or three channels.
    pub(super) fn blank(width: usize, height: usize, channels: usize) -> Self {
        Self { width, height, channels, pixels: vec![PAPER; width * height * channels] }
    }

    /// Width in pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// 1 if the picture is gray, 3 if it is in colour.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// The channels of each pixel together, row after row: `[height, width, channels]`.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Draws an image with its upper left corner at `(left, top)`, `scale` pixels wide and high for each of its own.
    pub(super) fn draw(&mut self, images: &Images, index: usize, (left, top): (usize, usize), scale: usize) {
        let (height, width) = (images.height(), images.width());
        for (channel, plane) in images.image(index).chunks_exact(height * width).enumerate() {
            for y in 0..height * scale {
                let row = &plane[y / scale * width..][..width];
                let start = ((top + y) * self.width + left) * self.channels + channel;
                let to = self.pixels[start..].iter_mut().step_by(self.channels);
                for (x, pixel) in to.take(width * scale).enumerate() {
                    *pixel = row[x / scale];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_drawn_enlarged_and_nothing_beside_it() {
        let images = Images::new(vec![1, 2, 3, 4], [1, 1, 2, 2]).expect("complete");
        let mut picture = Picture::blank(6, 5, 1);
        picture.draw(&images, 0, (1, 0), 2);
        #[rustfmt::skip]
        let expected = [
            255, 1, 1, 2, 2, 255,
            255, 1, 1, 2, 2, 255,
            255, 3, 3, 4, 4, 255,
            255, 3, 3, 4, 4, 255,
            255, 255, 255, 255, 255, 255,
        ];
        assert_eq!(picture.pixels(), expected);
    }

    #[test]
    fn planes_of_colours_become_the_colours_of_pixels() {
        let images = Images::new(vec![1, 2, 10, 20, 100, 200], [1, 3, 1, 2]).expect("complete");
        let mut picture = Picture::blank(2, 2, 3);
        picture.draw(&images, 0, (0, 1), 1);
        assert_eq!(picture.pixels(), [255, 255, 255, 255, 255, 255, 1, 10, 100, 2, 20, 200]);
    }
}
