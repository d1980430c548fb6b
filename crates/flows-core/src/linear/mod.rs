//! Linear layers that mix features.

mod diagonal;
mod householder;
mod permutation;
mod plu;

pub use diagonal::DiagonalScaling;
pub use householder::{Householder, HouseholderConfig};
pub use permutation::Permutation;
pub use plu::{Plu, PluConfig};
