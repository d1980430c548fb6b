//! The degrees and masks of MADE, as pure functions.
//!
//! # Reference
//! "MADE: Masked Autoencoder for Distribution Estimation", Germain, Gregor, Murray, Larochelle, 2015,
//! <https://arxiv.org/abs/1502.03509>.

mod connectivity;
mod hidden;
mod order;

pub use connectivity::{Connectivity, hidden_mask, output_mask};
pub use hidden::{HiddenDegrees, hidden_degrees};
pub use order::{InputOrder, input_degrees};
