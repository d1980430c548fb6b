//! Layers that bring data to a common location and scale.

mod act_norm;
mod batch_norm;
mod johnson_su;
mod scale_shift;
mod standardize;
mod statistics;

pub use act_norm::{ActNorm, ActNormConfig};
pub use batch_norm::{BatchNorm, BatchNormConfig};
pub use johnson_su::{JohnsonSu, JohnsonSuConfig};
pub use scale_shift::ScaleShift;
pub use standardize::Standardize;
use statistics::feature_moments;
pub(crate) use statistics::{feature_shape, mean_and_std, spatial_size};
