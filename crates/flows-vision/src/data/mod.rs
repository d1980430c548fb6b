//! Images from files: idx (MNIST, Fashion-MNIST), CIFAR-10 and folders of pictures in, tensors out.
//!
//! [`Images`] holds images of one size as bytes, with labels where there are any. Everything that can be wrong with a
//! file is an [`ImageError`](crate::ImageError) that names the file; nothing is dropped or filled in behind your back.
//!
//! ```
//! use burn::tensor::Device;
//! use flows_vision::data::Images;
//!
//! // Two images of one channel, 2 x 2, and their labels.
//! let images = Images::new(vec![0, 255, 255, 0, 9, 9, 9, 9], [2, 1, 2, 2])?.with_labels(vec![1, 0])?;
//! let x = images.padded(4, 4).tensor(&Device::default());
//! assert_eq!(x.dims(), [2, 1, 4, 4]);
//! # Ok::<(), flows_vision::ImageError>(())
//! ```

mod cifar10;
mod classes;
mod color;
mod complete;
mod decode;
mod folder;
mod idx;
mod images;
mod jpeg;
mod listing;
mod mnist;
mod pad;
mod passed_over;
mod seen;
mod split;
mod subset;
mod tensor;

pub use cifar10::{CIFAR10_CLASSES, cifar10, read_cifar10};
pub use color::Color;
pub use folder::{FolderOptions, image_folder};
pub use idx::{read_idx_images, read_idx_labels};
pub use images::Images;
pub use listing::PictureFolder;
pub use mnist::{FASHION_MNIST_CLASSES, mnist};
pub use passed_over::PassedOver;
pub use seen::SeenImages;
pub use split::Split;
