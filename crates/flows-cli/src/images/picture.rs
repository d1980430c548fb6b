//! Pictures of samples.

use std::path::Path;

use flows_core::atomic;
use flows_data::pictures::{Picture, check_ending};

use super::problems;
use crate::problem::Problem;
use crate::terminal::note;

/// Pixels of the largest picture: no viewer shows more.
const MOST_PIXELS: usize = 100_000_000;

/// Checks that a picture can be written to a path.
pub(super) fn check_picture(path: &Path) -> Result<(), Problem> {
    check_ending(path)?;
    Ok(atomic::check_writable(path)?)
}

/// Checks that so many images, of so many pixels each, make a picture that can be looked at.
pub(super) fn check_count(name: &'static str, count: usize, event: [usize; 3], scale: usize) -> Result<(), Problem> {
    let [_, height, width] = event;
    let side = |pixels: usize| pixels.saturating_mul(scale).saturating_add(GAP);
    let most = MOST_PIXELS / side(height).saturating_mul(side(width)).max(1);
    match count <= most {
        true => Ok(()),
        false => Err(problems::setting(name, format!("at most {most} images of this size and scale"), count)),
    }
}

/// White pixels between images.
pub(super) const GAP: usize = 2;

/// Saves a picture of images of which some may not be finite.
pub(super) fn save_picture(picture: &Picture, broken: usize, path: &Path) -> Result<(), Problem> {
    if broken > 0 {
        note(format_args!("warning: {}: {broken} images are not finite numbers; they are black", path.display()));
    }
    Ok(picture.save(path)?)
}
