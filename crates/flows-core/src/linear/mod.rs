//! Linear layers that mix features.

mod channels;
mod dense;
mod diagonal;
mod householder;
mod permutation;
mod plu;
mod rotation;

pub use dense::{DenseLinear, DenseLinearConfig};
pub use diagonal::DiagonalScaling;
pub use householder::{Householder, HouseholderConfig};
pub use permutation::Permutation;
pub use plu::{Plu, PluConfig, PluStart};
