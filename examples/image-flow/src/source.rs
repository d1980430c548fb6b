//! Where images come from.

use std::path::PathBuf;

use clap::ValueEnum;
use flows_vision::data::{
    CIFAR10_CLASSES, Color, FASHION_MNIST_CLASSES, FolderOptions, Images, Split, cifar10, image_folder, mnist,
};
use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// A data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DataSet {
    /// 70,000 handwritten digits of 28 x 28 pixels, here with a border of zeros up to 32 x 32.
    Mnist,
    /// 70,000 pieces of clothing, in the files and sizes of MNIST.
    FashionMnist,
    /// 60,000 photographs of 32 x 32 pixels in colour.
    Cifar10,
    /// Pictures in a folder, cut to squares and resized; sub-folders are classes.
    Folder,
}

/// Images to train on and to test with.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Source {
    /// The data set
    #[arg(long, value_enum, default_value = "mnist")]
    data: DataSet,
    /// The folder with its files [default: data/mnist and so on, where `cargo xtask data` puts them]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Height and width of the images of a folder in pixels
    #[arg(long, default_value_t = 32)]
    size: usize,
    /// Images of a folder in gray
    #[arg(long)]
    gray: bool,
    /// Takes the first so many training images alone
    #[arg(long, value_name = "N")]
    train_images: Option<usize>,
    /// Takes the first so many test images alone
    #[arg(long, value_name = "N")]
    test_images: Option<usize>,
}

/// Images, and how many of their dimensions are of the data: not those of a border.
#[derive(Debug)]
pub(crate) struct Data {
    pub(crate) images: Images,
    pub(crate) dims: usize,
}

impl Source {
    /// The folder that the files are in.
    fn dir(&self) -> PathBuf {
        self.dir.clone().unwrap_or_else(|| match self.data {
            DataSet::Mnist => "data/mnist".into(),
            DataSet::FashionMnist => "data/fashion-mnist".into(),
            DataSet::Cifar10 => "data/cifar-10".into(),
            DataSet::Folder => "data/images".into(),
        })
    }

    /// The images to train on.
    pub(crate) fn train(&self) -> Result<Data, Problem> {
        Ok(limited(self.read(Split::Train)?, self.train_images))
    }

    /// The images to test with. Of a folder, a tenth is held out, the same for the same files.
    pub(crate) fn test(&self) -> Result<Data, Problem> {
        Ok(limited(self.read(Split::Test)?, self.test_images))
    }

    fn read(&self, split: Split) -> Result<Data, Problem> {
        let dir = self.dir();
        let images = match self.data {
            DataSet::Mnist => mnist(dir, split)?,
            DataSet::FashionMnist => mnist(dir, split)?.with_class_names(FASHION_MNIST_CLASSES)?,
            DataSet::Cifar10 => cifar10(dir, split)?.with_class_names(CIFAR10_CLASSES)?,
            DataSet::Folder => {
                let color = if self.gray { Color::Gray } else { Color::Rgb };
                let all = image_folder(dir, &FolderOptions::new(self.size).with_color(color))?;
                let (train, test) = all.split(all.len().div_ceil(10), 0);
                match split {
                    Split::Train => train,
                    Split::Test => test,
                }
            }
        };
        let dims = images.channels() * images.height() * images.width();
        let images = match self.data {
            DataSet::Mnist | DataSet::FashionMnist => images.padded(32, 32),
            DataSet::Cifar10 | DataSet::Folder => images,
        };
        Ok(Data { images, dims })
    }
}

fn limited(data: Data, count: Option<usize>) -> Data {
    match count {
        Some(count) => Data { images: data.images.take(count), ..data },
        None => data,
    }
}
