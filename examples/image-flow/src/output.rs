//! Where figures and pictures go, checked before the work.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use flows_core::{FlowError, atomic};
use flows_data::pictures::{Picture, check_ending};
use serde::Serialize;

use crate::problem::Problem;

/// Pixels of the largest picture: no viewer shows more.
const MOST_PIXELS: usize = 100_000_000;

/// Prints a line to standard output.
pub(crate) fn say(line: impl std::fmt::Display) -> Result<(), Problem> {
    Ok(writeln!(io::stdout(), "{line}")?)
}

/// Prints a line to standard error. That nobody reads it is no reason to end training.
pub(crate) fn note(line: impl std::fmt::Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Checks that a picture can be written to a path.
pub(crate) fn check_picture(path: &Path) -> Result<(), Problem> {
    check_ending(path)?;
    Ok(atomic::check_writable(path)?)
}

/// Checks that files can be written into a folder that need not be there yet; nothing is created.
pub(crate) fn check_folder(folder: &Path) -> Result<(), Problem> {
    // The nearest folder that is there is the one that others will be made in.
    let there = folder.ancestors().find(|ancestor| fs::symlink_metadata(ancestor).is_ok());
    let there = there.filter(|path| *path != Path::new("")).unwrap_or(Path::new("."));
    if !there.is_dir() {
        let source = io::Error::new(io::ErrorKind::NotADirectory, format!("{} is no folder", there.display()));
        return Err(FlowError::Io { action: "write", path: folder.to_owned(), source }.into());
    }
    Ok(atomic::check_writable(there.join("image.flow"))?)
}

/// Checks that so many images, of so many pixels each, make a picture that can be looked at.
pub(crate) fn check_count(name: &'static str, count: usize, event: [usize; 3], scale: usize) -> Result<(), Problem> {
    let [_, height, width] = event;
    let side = |pixels: usize| pixels.saturating_mul(scale).saturating_add(GAP);
    let most = MOST_PIXELS / side(height).saturating_mul(side(width)).max(1);
    match count <= most {
        true => Ok(()),
        false => Err(Problem::setting(name, format!("at most {most} images of this size and scale"), count)),
    }
}

/// White pixels between images.
pub(crate) const GAP: usize = 2;

/// Saves a picture of images of which some may not be finite.
pub(crate) fn save_picture(picture: &Picture, broken: usize, path: &Path) -> Result<(), Problem> {
    if broken > 0 {
        note(format_args!("warning: {}: {broken} images are not finite numbers; they are black", path.display()));
    }
    Ok(picture.save(path)?)
}

/// Writes figures as JSON.
pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), FlowError> {
    atomic::write(path, serde_json::to_string_pretty(value).expect("numbers and names"))
}
