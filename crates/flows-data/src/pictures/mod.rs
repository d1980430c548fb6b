//! Images from files: idx (MNIST, Fashion-MNIST), CIFAR-10 and folders of pictures in, tensors out; and pictures of
//! images to look at: grids of samples and strips of interpolations, as PNG files.
//!
//! [`Images`] holds images of one size as bytes, with labels where there are any. Everything that can be wrong with a
//! file is an [`ImageError`] that names the file; nothing is dropped or filled in behind your back.
//!
//! ```
//! use burn::tensor::Device;
//! use flows_data::pictures::Images;
//!
//! // Two images of one channel, 2 x 2, and their labels.
//! let images = Images::new(vec![0, 255, 255, 0, 9, 9, 9, 9], [2, 1, 2, 2])?.with_labels(vec![1, 0])?;
//! let x = images.padded(4, 4).tensor(&Device::default());
//! assert_eq!(x.dims(), [2, 1, 4, 4]);
//!
//! // Both beside each other, a pixel between them, four pixels of the picture for each of theirs.
//! let picture = flows_data::pictures::grid(&images, 2, 1, 4);
//! assert_eq!((picture.width(), picture.height()), (2 * 8 + 1, 8));
//! # Ok::<(), flows_data::ImageError>(())
//! ```

mod cifar10;
mod classes;
mod color;
mod complete;
mod decode;
mod error;
mod folder;
mod grid;
mod idx;
mod images;
mod jpeg;
mod listing;
mod mnist;
mod pad;
mod passed_over;
mod raster;
mod save;
mod seen;
mod split;
mod subset;
mod tensor;

pub use cifar10::{CIFAR10_CLASSES, cifar10, read_cifar10};
pub use color::Color;
pub use error::ImageError;
pub use folder::{FolderOptions, image_folder};
pub use grid::{grid, strip};
pub use idx::{read_idx_images, read_idx_labels};
pub use images::Images;
pub use listing::PictureFolder;
pub use mnist::{FASHION_MNIST_CLASSES, mnist};
pub use passed_over::PassedOver;
pub use raster::Picture;
pub use save::check_ending;
pub use seen::SeenImages;
pub use split::Split;
