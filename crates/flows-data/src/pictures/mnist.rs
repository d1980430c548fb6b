//! MNIST, Fashion-MNIST and others of their kind, in the four files they are published in.

use std::path::{Path, PathBuf};

use super::ImageError;
use super::{Images, Split, idx};

/// The classes of Fashion-MNIST, in the order of its labels.
pub const FASHION_MNIST_CLASSES: [&str; 10] =
    ["T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"];

/// Reads MNIST, Fashion-MNIST or another data set in files of the same names: `train-images-idx3-ubyte` and so on.
///
/// The files may be compressed, with `.gz` at the end of their names, and may be spelt `train-images.idx3-ubyte`, as
/// some copies are. The images have one channel of 28 x 28 pixels in both data sets;
/// [`Images::padded`] makes 32 x 32 of them.
///
/// # Errors
///
/// A file that is not there, those of [`read_idx_images`](super::read_idx_images), and more or fewer labels than
/// images.
///
/// # Example
///
/// ```
/// use std::fs;
///
/// use flows_data::pictures::{Split, mnist};
///
/// // One image of 1 x 2 pixels and its label, each after a header.
/// let dir = tempfile::tempdir().unwrap();
/// let images = [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 10, 20];
/// fs::write(dir.path().join("t10k-images-idx3-ubyte"), images).unwrap();
/// fs::write(dir.path().join("t10k-labels-idx1-ubyte"), [0, 0, 8, 1, 0, 0, 0, 1, 7]).unwrap();
///
/// let digits = mnist(dir.path(), Split::Test)?;
/// assert_eq!((digits.dims(), digits.image(0)), ([1, 1, 1, 2], &[10, 20][..]));
/// assert_eq!(digits.labels(), Some(&[7][..]));
/// assert!(mnist(dir.path(), Split::Train).unwrap_err().to_string().contains("train-images-idx3-ubyte"));
/// # Ok::<(), flows_data::ImageError>(())
/// ```
///
/// # Reference
///
/// LeCun, Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to Document Recognition", 1998. Xiao, Rasul,
/// Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms", 2017,
/// <https://arxiv.org/abs/1708.07747>.
pub fn mnist(dir: impl AsRef<Path>, split: Split) -> Result<Images, ImageError> {
    let part = match split {
        Split::Train => "train",
        Split::Test => "t10k",
    };
    let images = find(dir.as_ref(), &format!("{part}-images"), "idx3-ubyte")?;
    let labels = find(dir.as_ref(), &format!("{part}-labels"), "idx1-ubyte")?;
    idx::read_idx_images(images)?.labelled(idx::read_idx_labels(&labels)?, &labels.display().to_string())
}

/// The first of the spellings that is there.
fn find(dir: &Path, part: &str, kind: &str) -> Result<PathBuf, ImageError> {
    let names =
        [format!("{part}-{kind}"), format!("{part}-{kind}.gz"), format!("{part}.{kind}"), format!("{part}.{kind}.gz")];
    let paths = names.iter().map(|name| dir.join(name));
    paths
        .into_iter()
        .find(|path| path.exists())
        .ok_or_else(|| ImageError::Missing { dir: dir.to_owned(), names: names.into() })
}
