//! Composable normalizing flows.

mod error;
mod shape;

#[cfg(feature = "data")]
pub mod data;
#[cfg(feature = "plot")]
pub mod plot;

pub use error::FlowError;
