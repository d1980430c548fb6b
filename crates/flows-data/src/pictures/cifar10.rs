//! CIFAR-10 in its binary version.

use std::{fs, path::Path};

use super::ImageError;
use super::{Images, Split, images::check_labels};

/// The classes of CIFAR-10, in the order of its labels.
pub const CIFAR10_CLASSES: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/// Where the archive of the binary version puts its files.
const ARCHIVED: &str = "cifar-10-batches-bin";
const CHANNELS: usize = 3;
const SIDE: usize = 32;
const PIXELS: usize = CHANNELS * SIDE * SIDE;
/// A byte for the label, and the pixels.
const RECORD: usize = 1 + PIXELS;
/// Images in each of the published files.
const BATCH: usize = 10_000;

/// Reads the binary version of CIFAR-10: `data_batch_1.bin` to `data_batch_5.bin`, or `test_batch.bin`.
///
/// The files are looked for in `dir`, and in the folder `cifar-10-batches-bin` in it, which is what unpacking the
/// archive makes. The images have three channels of 32 x 32 pixels.
///
/// # Errors
///
/// A file that cannot be read, or whose length is not that of 10,000 images, and a label beyond 9.
///
/// # Reference
///
/// Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009,
/// <https://www.cs.toronto.edu/~kriz/cifar.html>.
pub fn cifar10(dir: impl AsRef<Path>, split: Split) -> Result<Images, ImageError> {
    let archived = dir.as_ref().join(ARCHIVED);
    let dir = if archived.is_dir() { archived.as_path() } else { dir.as_ref() };
    let names: &[&str] = match split {
        Split::Train => {
            &["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"]
        }
        Split::Test => &["test_batch.bin"],
    };
    let mut batches = Batches::with_capacity(names.len() * BATCH);
    for name in names {
        batches.read(&dir.join(name), Some(BATCH))?;
    }
    Ok(batches.into_images())
}

/// Reads one file of the format of CIFAR-10: any number of records of a label and 3 x 32 x 32 pixels.
///
/// # Errors
///
/// A file that cannot be read, that is empty or ends within a record, and a label beyond 9.
pub fn read_cifar10(path: impl AsRef<Path>) -> Result<Images, ImageError> {
    let mut batches = Batches::with_capacity(0);
    batches.read(path.as_ref(), None)?;
    Ok(batches.into_images())
}

/// The images of the files read so far.
struct Batches {
    pixels: Vec<u8>,
    labels: Vec<usize>,
}

impl Batches {
    fn with_capacity(count: usize) -> Self {
        Self { pixels: Vec::with_capacity(count * PIXELS), labels: Vec::with_capacity(count) }
    }

    /// Adds the images of a file, of so many if it is known how many there must be.
    fn read(&mut self, path: &Path, count: Option<usize>) -> Result<(), ImageError> {
        let bytes =
            fs::read(path).map_err(|source| ImageError::Io { action: "read", path: path.to_owned(), source })?;
        let (file, found) = (path.display().to_string(), bytes.len());
        let expected = count.unwrap_or_else(|| found.div_ceil(RECORD).max(1)) * RECORD;
        if found < expected {
            return Err(ImageError::Truncated { file, expected: expected as u64, found: found as u64 });
        }
        if found > expected {
            return Err(ImageError::TooLong { file, expected: expected as u64 });
        }
        let labels: Vec<usize> = bytes.chunks_exact(RECORD).map(|record| record[0].into()).collect();
        check_labels(&labels, CIFAR10_CLASSES.len(), &file)?;
        self.labels.extend(labels);
        for record in bytes.chunks_exact(RECORD) {
            self.pixels.extend_from_slice(&record[1..]);
        }
        Ok(())
    }

    fn into_images(self) -> Images {
        let dims = [self.labels.len(), CHANNELS, SIDE, SIDE];
        let images = Images::complete(self.pixels, dims, Some(self.labels));
        images.with_class_names(CIFAR10_CLASSES).expect("every label was compared with the number of classes")
    }
}
