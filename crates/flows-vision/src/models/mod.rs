//! Image flows that are made from a configuration.

mod glow;
mod model;
mod real_nvp;
mod spline_glow;
mod step;
mod top;

pub use glow::{Glow, GlowConfig, GlowLayers, GlowScale, OneByOne};
pub use real_nvp::{RealNvpImage, RealNvpImageConfig, RealNvpImageLayers, RealNvpScale};
pub use spline_glow::{SplineGlow, SplineGlowConfig};
pub use step::FlowStep;
pub(crate) use step::StepPlan;
pub use top::TopPrior;
