//! The operations that most of a flow's time goes into, each behind one function that the layers call.
//!
//! On flex, in single precision, they are loops over memory with a backward written by hand (`host`, with the crate's
//! feature `flex`). Everywhere else they are ordinary operations of burn, which are also what the tests compare with.

#[cfg(all(test, feature = "flex"))]
mod agreement;
mod dense;
#[cfg(feature = "flex")]
pub(crate) mod host;
mod scalar_map;

pub use dense::{DenseParts, dense};
pub(crate) use scalar_map::{Direction, FusedMap, fused_map};
