//! Densities made of their conditionals.

mod autoregressive;
mod ensemble;

pub use autoregressive::AutoregressiveDensity;
pub use ensemble::{MaskEnsemble, Masks, Remask};
