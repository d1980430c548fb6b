//! The flows of the papers, each from a configuration in two lines.

mod nice;
mod real_nvp;
mod spline_flow;
mod stack;

pub use nice::{Nice, NiceConfig, NiceLayers};
pub use real_nvp::{RealNvp, RealNvpConfig, RealNvpLayers};
pub use spline_flow::{SplineFlow, SplineFlowConfig, SplineFlowLayers};
pub use stack::{CouplingBlock, Mixing, Normalization, Partition};
