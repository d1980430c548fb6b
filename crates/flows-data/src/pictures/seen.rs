//! Which images a flow has seen.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Images;

/// The images that a flow was trained or chosen on, each as a digest of its pixels, so that none of them passes for a
/// test image later, whatever its file is called then.
///
/// A digest is the first eight bytes of SHA-256: that one of a million other images has the digest of one of a million
/// seen ones has a probability of 5 in 10⁸.
///
/// # Example
/// ```
/// use flows_data::pictures::{Images, SeenImages};
///
/// let pair = Images::new(vec![0, 1, 2, 3, 9, 9, 9, 9], [2, 1, 2, 2])?;
/// let (first, second) = (pair.select(&[0]), pair.select(&[1]));
/// let seen = SeenImages::new(&first);
/// assert_eq!((seen.count_in(&pair), seen.unseen(&pair)), (1, second));
/// # Ok::<(), flows_data::ImageError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SeenImages {
    digests: HashSet<u64>,
}

/// Digits of a digest in hexadecimal.
const DIGITS: usize = 16;

impl SeenImages {
    /// Takes the images that training sees.
    pub fn new(images: &Images) -> Self {
        Self { digests: (0..images.len()).map(|i| digest(images, i)).collect() }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.digests.is_empty()
    }

    /// How many of these images have been seen.
    pub fn count_in(&self, images: &Images) -> usize {
        (0..images.len()).filter(|&i| self.has(images, i)).count()
    }

    /// Those of these images that have not been seen, in order.
    pub fn unseen(&self, images: &Images) -> Images {
        images.select(&(0..images.len()).filter(|&i| !self.has(images, i)).collect::<Vec<_>>())
    }

    fn has(&self, images: &Images, index: usize) -> bool {
        self.digests.contains(&digest(images, index))
    }
}

/// Eight bytes of an image and its size.
fn digest(images: &Images, index: usize) -> u64 {
    let [_, channels, height, width] = images.dims();
    let mut hash = Sha256::new();
    for size in [channels, height, width] {
        hash.update((size as u64).to_le_bytes());
    }
    hash.update(images.image(index));
    u64::from_be_bytes(hash.finalize()[..8].try_into().expect("eight of 32 bytes"))
}

impl From<SeenImages> for String {
    /// The digests in order, so that equal sets are equal texts.
    fn from(seen: SeenImages) -> Self {
        let mut digests: Vec<u64> = seen.digests.into_iter().collect();
        digests.sort_unstable();
        digests.iter().map(|digest| format!("{digest:016x}")).collect()
    }
}

impl TryFrom<String> for SeenImages {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("expected digests of {DIGITS} hexadecimal digits each");
        if !text.len().is_multiple_of(DIGITS) || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        let digest = |start| u64::from_str_radix(&text[start..start + DIGITS], 16).map_err(|_| wrong());
        Ok(Self { digests: (0..text.len()).step_by(DIGITS).map(digest).collect::<Result<_, _>>()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn images(first: u8, count: usize) -> Images {
        let pixels = (0..count).flat_map(|i| [first + i as u8, 0, 7, 255]).collect();
        Images::new(pixels, [count, 1, 2, 2]).expect("whole images")
    }

    #[test]
    fn an_image_is_known_again_in_any_order_and_another_size_is_another_image() {
        let seen = SeenImages::new(&images(10, 20));
        let mixed = images(25, 10).select(&[9, 0, 3, 8]);
        assert_eq!(seen.count_in(&mixed), 2);
        assert_eq!(seen.unseen(&mixed), mixed.select(&[0, 3]));
        let flat = Images::new(images(10, 1).pixels().to_vec(), [1, 1, 1, 4]).expect("whole images");
        assert_eq!(seen.count_in(&flat), 0);
    }

    #[test]
    fn a_text_keeps_the_set_and_a_wrong_one_is_an_error() {
        let seen = SeenImages::new(&images(0, 3));
        let json = serde_json::to_string(&seen).expect("a text");
        assert_eq!(json.len(), 3 * DIGITS + 2);
        assert_eq!(serde_json::from_str::<SeenImages>(&json).expect("its own"), seen);
        for wrong in ["\"12\"", "\"zzzzzzzzzzzzzzzz\"", "\"\u{e9}23456789012345\"", "7"] {
            assert!(serde_json::from_str::<SeenImages>(wrong).is_err(), "{wrong}");
        }
    }
}
