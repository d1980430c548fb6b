//! Pictures of images, to look at: grids of samples and strips of interpolations, as PNG files.
//!
//! ```
//! use flows_vision::{data::Images, picture::grid};
//!
//! // Six images of 2 x 2 in three columns, a pixel between them, four pixels of the picture for each of theirs.
//! let images = Images::new((0..24).collect(), [6, 1, 2, 2])?;
//! let picture = grid(&images, 3, 1, 4);
//! assert_eq!((picture.width(), picture.height()), (3 * 8 + 2, 2 * 8 + 1));
//! # Ok::<(), flows_vision::ImageError>(())
//! ```

mod grid;
mod raster;
mod save;

pub use grid::{grid, strip};
pub use raster::Picture;
pub use save::check_ending;
