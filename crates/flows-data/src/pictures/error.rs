//! What can go wrong with images from outside.

use std::{io, path::PathBuf};

/// Why images cannot be read, or a picture cannot be written; says the file, and the place in it.
///
/// In every variant `file` is the path, or says that the images were in memory. Programmer errors, such as an index
/// that no image has, panic instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the message of a variant says what each of its fields is")]
pub enum ImageError {
    /// The operating system refused to read or write a file.
    #[error("cannot {action} {}: {source}", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    /// A folder holds none of the files that a data set may be in.
    #[error("{}: none of these files is there: {}", dir.display(), names.join(", "))]
    Missing { dir: PathBuf, names: Vec<String> },
    /// The file is not of the format that it should be of.
    #[error("{file}: not {expected}, {reason}")]
    Foreign { file: String, expected: &'static str, reason: String },
    /// The file is of the right format, and holds other things than are asked for.
    #[error("{file}: {expected} expected, it holds {found}")]
    Kind { file: String, expected: &'static str, found: String },
    /// The sizes in the header of a file cannot be those of images.
    #[error("{file}: its header announces sizes {sizes:?}, and there is nothing in it, or more than can be counted")]
    Sizes { file: String, sizes: Vec<u32> },
    /// A file ends before its data do.
    #[error("{file}: truncated, {expected} bytes expected and there are {found}")]
    Truncated { file: String, expected: u64, found: u64 },
    /// A file goes on after its data.
    #[error("{file}: {expected} bytes expected, and it goes on after them")]
    TooLong { file: String, expected: u64 },
    /// A compressed file cannot be unpacked.
    #[error("{file}: damaged, it cannot be unpacked: {reason}")]
    Gzip { file: String, reason: String },
    /// The bytes do not fill images of the size that was told.
    #[error("{file}: {found} bytes do not make images of [count, channels, height, width] = {dims:?}")]
    PixelCount { file: String, dims: [usize; 4], found: usize },
    /// There are more or fewer labels than images.
    #[error("{file}: {labels} labels for {images} images")]
    LabelCount { file: String, images: usize, labels: usize },
    /// A label that no class has.
    #[error("{file}, image {image} (counting from 0): label {label}, there are {classes} classes")]
    UnknownLabel { file: String, image: usize, label: usize, classes: usize },
    /// A picture cannot be decoded.
    #[error("{file}: cannot be decoded: {reason}")]
    Decode { file: String, reason: String },
    /// A picture cannot be encoded.
    #[error("{file}: cannot be encoded: {reason}")]
    Encode { file: String, reason: String },
    /// A picture is smaller than the images that are asked for.
    #[error("{file}: {width} x {height} pixels, too small for images of {size} x {size}; choose a smaller size")]
    TooSmall { file: String, width: u32, height: u32, size: usize },
    /// There is no picture in a folder.
    #[error("{}: there is no picture in it ({endings}); hint: {hint}", dir.display())]
    EmptyFolder { dir: PathBuf, endings: String, hint: String },
    /// Some pictures of a folder have a class and others have none.
    #[error("{}: not in a sub-folder, while others are: the sub-folders are the classes; hint: move it into one", path.display())]
    NoClass { path: PathBuf },
    /// The names of two sub-folders are the same text.
    #[error("{}: another sub-folder has the same name, written in other bytes; hint: rename one of them", path.display())]
    SameName { path: PathBuf },
    /// The images have other classes than those that are asked for.
    #[error(
        "the classes expected are {}; those of the images are {}{}",
        listed(expected),
        listed(found),
        difference(expected, found)
    )]
    ClassNames { expected: Vec<String>, found: Vec<String> },
    /// A picture is to be written under the ending of another format.
    #[error("{}: pictures are written as PNG; hint: end the name in .png", path.display())]
    Ending { path: PathBuf },
    /// A tensor of brightnesses holds a NaN or an infinity.
    #[error("image {image} (counting from 0): {value} is not a brightness ({count} such values, this is the first)")]
    NotFinite { image: usize, value: f32, count: usize },
}

/// Names that a message shows; more are counted.
const SHOWN: usize = 20;

/// The names, separated by commas.
fn listed(names: &[String]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    let mut shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    if names.len() > SHOWN {
        shown.push(format!("{} more", names.len() - SHOWN));
    }
    shown.join(", ")
}

/// Which names are on one side alone.
fn difference(expected: &[String], found: &[String]) -> String {
    let without = |all: &[String], others: &[String]| -> Vec<String> {
        all.iter().filter(|name| !others.contains(name)).cloned().collect()
    };
    let sides = [("missing", without(expected, found)), ("unknown", without(found, expected))];
    let told = sides.iter().filter(|(_, names)| !names.is_empty());
    told.map(|(what, names)| format!("; {what}: {}", listed(names))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_file_and_what_is_wrong() {
        let error = ImageError::Truncated { file: "train-images".into(), expected: 800, found: 799 };
        assert_eq!(error.to_string(), "train-images: truncated, 800 bytes expected and there are 799");
        let error = ImageError::UnknownLabel { file: "batch.bin".into(), image: 3, label: 11, classes: 10 };
        assert_eq!(error.to_string(), "batch.bin, image 3 (counting from 0): label 11, there are 10 classes");
    }

    #[test]
    fn classes_that_differ_are_listed_with_what_is_on_one_side_alone() {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let error = ImageError::ClassNames { expected: names(&["a", "b"]), found: names(&["b", "c"]) };
        let message = "the classes expected are `a`, `b`; those of the images are `b`, `c`; missing: `a`; unknown: `c`";
        assert_eq!(error.to_string(), message);
        let many: Vec<String> = (0..30).map(|number| number.to_string()).collect();
        let error = ImageError::ClassNames { expected: many, found: vec![] }.to_string();
        assert!(error.contains("`19`, 10 more; those of the images are none"), "{error}");
    }

    #[test]
    fn what_the_operating_system_says_is_passed_on() {
        let source = io::Error::new(io::ErrorKind::NotFound, "no such file");
        let error = ImageError::Io { action: "read", path: "a.png".into(), source };
        assert_eq!(error.to_string(), "cannot read a.png: no such file");
    }

    #[test]
    fn files_that_were_looked_for_are_listed() {
        let error = ImageError::Missing { dir: "data".into(), names: vec!["a".into(), "a.gz".into()] };
        assert_eq!(error.to_string(), "data: none of these files is there: a, a.gz");
    }
}
