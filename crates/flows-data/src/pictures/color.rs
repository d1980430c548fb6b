//! What of the colours of pictures is kept.

use image::RgbImage;

/// What of the colours of pictures is kept.
///
/// ```text
/// gray = 0.299 red + 0.587 green + 0.114 blue
/// ```
///
/// These are the weights of ITU-R Rec. 601, rounded to the nearest whole number, as Pillow, OpenCV and torchvision have
/// them: pure red, green and blue become 76, 150 and 29. Pictures of 16 bits a channel become 8 bits first, and what is
/// transparent is laid over white, so that the same picture has the same gray in every format.
///
/// # Reference
///
/// ITU-R, "Recommendation BT.601-7", 2011, <https://www.itu.int/rec/R-REC-BT.601>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Color {
    /// Brightness alone: one channel.
    Gray,
    /// Red, green and blue: three channels.
    #[default]
    Rgb,
}

impl Color {
    /// The number of channels.
    pub fn channels(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::Rgb => 3,
        }
    }
}

/// The weights of red, green and blue as shares of 65,536; together they are one, so that gray stays as it is.
const WEIGHTS: [u32; 3] = [19_595, 38_470, 7_471];

/// The gray of a colour.
fn gray(color: [u8; 3]) -> u8 {
    let sum: u32 = color.iter().zip(WEIGHTS).map(|(value, weight)| u32::from(*value) * weight).sum();
    ((sum + 0x8000) >> 16) as u8
}

/// The brightness of each pixel.
pub(super) fn to_gray(picture: &RgbImage) -> image::GrayImage {
    image::GrayImage::from_fn(picture.width(), picture.height(), |x, y| image::Luma([gray(picture.get_pixel(x, y).0)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    // The expected numbers are those of Pillow 13.0, `Image.new("RGB", (1, 1), color).convert("L")`.
    #[test]
    fn the_gray_of_a_colour_is_that_of_pillow() {
        for (color, expected) in [
            ([255, 0, 0], 76),
            ([0, 255, 0], 150),
            ([0, 0, 255], 29),
            ([10, 20, 30], 18),
            ([200, 100, 50], 124),
            ([1, 2, 3], 2),
        ] {
            assert_eq!(gray(color), expected, "{color:?}");
        }
    }

    #[test]
    fn gray_stays_as_it_is() {
        assert!((0..=255).all(|value| gray([value; 3]) == value));
    }
}
