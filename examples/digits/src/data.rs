//! The handwritten digits that smartcore ships.

use flows_data::{ImageError, pictures::Images};
use smartcore::dataset::digits;

/// 1,797 digits of 8 x 8 pixels with their labels.
///
/// A pixel of the data set is a count from 0 to 16. As the flow models sixteen levels, the few pixels at 16 are taken
/// for 15; levels are spread over 0 to 240, so that four bits of eight hold them.
pub(crate) fn load() -> Result<Images, ImageError> {
    let set = digits::load_dataset();
    let pixels: Vec<u8> = set.data.iter().map(|count| count.clamp(0.0, 15.0) as u8 * 16).collect();
    let labels = set.target.iter().map(|label| *label as usize).collect();
    Images::new(pixels, [set.num_samples, 1, 8, 8])?.with_labels(labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_is_there_about_as_often() {
        let images = load().unwrap();
        assert_eq!(images.dims(), [1797, 1, 8, 8]);
        for digit in 0..10 {
            let count = images.labels().unwrap().iter().filter(|label| **label == digit).count();
            assert!((170..190).contains(&count), "{count} of {digit}");
        }
        // The first image is a zero, which is empty in the middle.
        assert_eq!((images.image(0)[3 * 8 + 3], images.labels().unwrap()[0]), (0, 0));
        assert!(images.image(0).iter().all(|pixel| pixel % 16 == 0));
    }
}
