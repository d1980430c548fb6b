//! What can be wrong with pictures.

use std::fmt::Display;
use std::path::Path;

use flows_data::ImageError;

use crate::problem::Problem;

/// A setting that cannot be meant.
pub(super) fn setting(setting: &str, expected: impl Display, got: impl Display) -> Problem {
    let flag = setting.replace('_', "-");
    Problem::usage(format!("`--{flag} {got}`: expected {expected}")).hint(format!("without `--{flag}` it is chosen"))
}

/// Checks a number.
pub(super) fn check_range(name: &str, value: usize, least: usize, most: usize) -> Result<(), Problem> {
    match (least..=most).contains(&value) {
        true => Ok(()),
        false if most == usize::MAX => Err(setting(name, format!("at least {least}"), value)),
        false => Err(setting(name, format!("{least} to {most}"), value)),
    }
}

/// Checks how much narrower than in training samples are drawn.
pub(super) fn check_temperature(temperature: f64) -> Result<(), Problem> {
    match temperature >= 0.0 && temperature.is_finite() {
        true => Ok(()),
        false => Err(setting("temperature", "zero or a positive number", temperature)),
    }
}

pub(super) fn too_few(dir: &Path, images: usize, needed: usize) -> Problem {
    Problem::new(format!("{}: {images} images are too few, {needed} are needed", dir.display()))
        .hint("add pictures, or hold fewer out")
}

pub(super) fn only_copies(dir: &Path, images: usize) -> Problem {
    let message =
        format!("{}: each of its {images} images that is held out is a copy of one to learn from", dir.display());
    Problem::new(message).hint("add other images, or remove the copies: nothing is left to test the flow with")
}

pub(super) fn all_seen(dir: &Path, images: usize) -> Problem {
    let message = format!("{}: the flow was fitted to every one of the {images} images to test it with", dir.display());
    Problem::new(message).hint("add others, or `--all` takes all")
}

pub(super) fn size(dir: &Path, expected: impl Display, found: impl Display) -> Problem {
    let message = format!(
        "{}: its images are {found} (channels x height x width), and the flow is for {expected}",
        dir.display()
    );
    Problem::new(message).hint("leave `--size` and `--gray` away, and they are the flow's")
}

pub(super) fn no_classes(dir: &Path) -> Problem {
    Problem::new(format!("{}: its images have no classes", dir.display()))
        .hint("put them into a sub-folder a class, or fit without `--by-class`")
}

/// Classes of images that are not those of a flow.
pub(super) fn classes(dir: &Path, flow: &Path, error: &ImageError) -> Problem {
    let message = format!("{} and {} have other classes: {error}", dir.display(), flow.display());
    match error {
        ImageError::ClassNames { expected, found }
            if !found.is_empty() && found.iter().all(|name| expected.contains(name)) =>
        {
            Problem::new(message).hint("`--some-classes` takes the images of those that are there")
        }
        _ => Problem::new(message).hint("classes are the names of sub-folders; rename, add or remove some"),
    }
}

pub(super) fn class_count(dir: &Path, expected: usize, found: usize) -> Problem {
    let message =
        format!("{}: the flow is for {expected} classes without names, and the images have {found}", dir.display());
    Problem::new(message).hint("give images of the same classes")
}
