//! Where images come from.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use flows_data::pictures::{
    CIFAR10_CLASSES, Color, FASHION_MNIST_CLASSES, FolderOptions, Images, PictureFolder, SeenImages, Split, cifar10,
    mnist,
};
use serde::{Deserialize, Serialize};

use super::problems;
use crate::problem::Problem;
use crate::terminal::note;

/// A data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(super) enum DataSet {
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
pub(super) struct Source {
    /// The folder: pictures, or the files of a data set
    dir: PathBuf,
    /// What the folder holds; found out from its files, MNIST's and Fashion-MNIST's by the folder's name
    #[arg(long, value_enum)]
    data: Option<DataSet>,
    /// Height and width of the images of a folder in pixels [default: 32, or those of the flow]
    #[arg(long)]
    size: Option<usize>,
    /// Images of a folder in gray (Rec. 601); where all are gray, and for a flow of one channel, they are so by themselves
    #[arg(long)]
    gray: bool,
    /// The number of test images, the first of them
    #[arg(long, value_name = "N")]
    test_images: Option<usize>,
}

/// Height and width of a folder's images where nothing says otherwise.
const SIZE: usize = 32;
/// What 28 x 28 pixels are padded to: they can be halved five times.
const PADDED: usize = 32;

/// Images, and how many of their dimensions are of the data: not those of a border.
#[derive(Debug, Clone)]
pub(super) struct Data {
    pub(super) images: Images,
    pub(super) dims: usize,
}

impl Source {
    /// Checks what can be checked before anything is read.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let zero = |setting, value: Option<usize>| match value {
            Some(0) => Err(problems::setting(setting, "at least 1", 0)),
            _ => Ok(()),
        };
        zero("size", self.size).and(zero("test-images", self.test_images))
    }

    /// The folder that the files are in.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// What the folder holds.
    fn data(&self) -> DataSet {
        let has = |name: &str| self.dir.join(name).exists() || self.dir.join(format!("{name}.gz")).exists();
        let name = self.dir.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        match self.data {
            Some(data) => data,
            None if has("train-images-idx3-ubyte") || has("t10k-images-idx3-ubyte") => {
                if name.contains("fashion") {
                    DataSet::FashionMnist
                } else {
                    DataSet::Mnist
                }
            }
            None if has("data_batch_1.bin") || has("cifar-10-batches-bin") || has("cifar-10-binary.tar") => {
                DataSet::Cifar10
            }
            None => DataSet::Folder,
        }
    }

    /// Channels, height and width of the images, before they are read.
    pub(super) fn event(&self) -> [usize; 3] {
        match self.data() {
            DataSet::Mnist | DataSet::FashionMnist => [1, PADDED, PADDED],
            DataSet::Cifar10 => [3, 32, 32],
            DataSet::Folder => {
                let size = self.size.unwrap_or(SIZE);
                [if self.gray { 1 } else { 3 }, size, size]
            }
        }
    }

    /// The images to fit a flow to and those to test it with. Of a folder, a tenth is held out, the same for the same files.
    pub(super) fn both(&self) -> Result<(Data, Data), Problem> {
        if self.data() == DataSet::Folder {
            let mut all = self.folder(self.event())?;
            if let Some(gray) = all.gray() {
                note(format_args!("{}: all pictures are gray, and are taken as one channel", self.dir().display()));
                all = gray;
            }
            if all.len() < 3 {
                return Err(problems::too_few(self.dir(), all.len(), 3));
            }
            let (train, test) = held_out(&all);
            let test = SeenImages::new(&train).unseen(&test);
            if test.is_empty() {
                return Err(problems::only_copies(self.dir(), all.len()));
            }
            return Ok((data(train), self.limited(data(test))));
        }
        Ok((self.published(Split::Train)?, self.limited(self.published(Split::Test)?)))
    }

    /// What a flow that is fitted to these images is to remember of them.
    pub(super) fn seen(&self, images: &Images) -> SeenImages {
        if self.data() == DataSet::Folder { SeenImages::new(images) } else { SeenImages::default() }
    }

    /// The images to test a flow with that was trained before; of a folder those that it has not seen, or all.
    pub(super) fn test(&self, flow: [usize; 3], seen: &SeenImages, all: bool) -> Result<Data, Problem> {
        let dir = self.dir();
        let data = match self.data() {
            DataSet::Folder => {
                let images = self.folder(self.as_the_flow(flow)?)?;
                let (known, count) = (seen.count_in(&images), images.len());
                if all && known > 0 {
                    note(format_args!(
                        "warning: {}: the flow was fitted to {known} of these {count} images, of which it knows more \
                         than of others; hint: without --all only the others are taken",
                        dir.display()
                    ));
                }
                data(match known {
                    0 => images,
                    _ if all => images,
                    _ if known == count => return Err(problems::all_seen(dir, count)),
                    _ => seen.unseen(&images),
                })
            }
            _ => self.published(Split::Test)?,
        };
        let [_, channels, height, width] = data.images.dims();
        let found = [channels, height, width];
        match found == flow {
            true => Ok(self.limited(data)),
            false => Err(problems::size(dir, shown(flow), shown(found))),
        }
    }

    /// Channels and size of a folder's images: the flow's, unless others were asked for.
    fn as_the_flow(&self, flow: [usize; 3]) -> Result<[usize; 3], Problem> {
        let [channels, height, width] = flow;
        let asked = [if self.gray { 1 } else { channels }, self.size.unwrap_or(height), self.size.unwrap_or(width)];
        if asked != flow || height != width {
            return Err(problems::size(self.dir(), shown(flow), shown(asked)));
        }
        if channels == 1 && !self.gray {
            note("the flow has one channel: pictures are read in gray");
        }
        Ok(flow)
    }

    fn folder(&self, [channels, size, _]: [usize; 3]) -> Result<Images, Problem> {
        let dir = self.dir();
        let folder = PictureFolder::list(dir)?;
        if !folder.passed_over().is_empty() {
            note(format_args!("{}: passed over {}", dir.display(), folder.passed_over()));
        }
        let color = if channels == 1 { Color::Gray } else { Color::Rgb };
        Ok(folder.read(&FolderOptions::new(size).with_color(color))?)
    }

    fn published(&self, split: Split) -> Result<Data, Problem> {
        let dir = self.dir();
        let images = match self.data() {
            DataSet::Mnist => mnist(dir, split)?.with_class_names((0..10).map(|digit| digit.to_string()))?,
            DataSet::FashionMnist => mnist(dir, split)?.with_class_names(FASHION_MNIST_CLASSES)?,
            DataSet::Cifar10 | DataSet::Folder => cifar10(dir, split)?.with_class_names(CIFAR10_CLASSES)?,
        };
        let Data { images, dims } = data(images);
        let images = match self.data() {
            DataSet::Mnist | DataSet::FashionMnist if images.height() <= PADDED && images.width() <= PADDED => {
                images.padded(PADDED, PADDED)
            }
            _ => images,
        };
        Ok(Data { images, dims })
    }

    fn limited(&self, data: Data) -> Data {
        match self.test_images {
            Some(count) => Data { images: data.images.take(count), ..data },
            None => data,
        }
    }
}

/// Most of the images, and a tenth of them.
fn held_out(all: &Images) -> (Images, Images) {
    all.split(all.len().div_ceil(10), 0)
}

fn data(images: Images) -> Data {
    let dims = images.channels() * images.height() * images.width();
    Data { images, dims }
}

fn shown([channels, height, width]: [usize; 3]) -> String {
    format!("{channels} x {height} x {width}")
}

/// Warns of classes that no image to train on has: what the flow says of them means nothing.
pub(super) fn warn_of_empty_classes(train: &Images, dir: &Path) {
    let counts = train.class_counts();
    let empty = counts.iter().enumerate().filter(|(_, count)| **count == 0).map(|(class, _)| class);
    let name = |class: usize| train.class_names().get(class).cloned().unwrap_or_else(|| class.to_string());
    let names: Vec<String> = empty.map(|class| format!("`{}`", name(class))).collect();
    if !names.is_empty() {
        note(format_args!(
            "warning: {}: no image to train on is left of {} (of {} classes): samples and bits of these classes mean \
             nothing; hint: add pictures, or set fewer aside with --validation",
            dir.display(),
            names.join(", "),
            counts.len()
        ));
    }
}
