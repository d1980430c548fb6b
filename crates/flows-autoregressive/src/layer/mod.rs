//! The autoregressive layer.

mod fixed_point;
mod masked_autoregressive;

pub use fixed_point::{FixedPoint, FixedPointInverse};
pub use masked_autoregressive::MaskedAutoregressive;
