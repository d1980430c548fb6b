//! Data in its own units, in double precision, before and after a flow that computes in single.

mod column_map;
mod columns;
mod error;
#[cfg(feature = "train")]
mod fit;
mod johnson;
mod nelder_mead;
mod outliers;
mod scaled;
mod scaled_config;
mod support;

pub use column_map::ColumnMap;
pub use columns::{Scaling, ScalingConfig};
pub use error::ScalingError;
pub(crate) use johnson::{JohnsonFit, fit as fit_johnson};
pub use scaled::Scaled;
pub use scaled_config::ScaledConfig;
pub use support::Support;
