//! Monotone scalar maps whose parameters come from a network.

mod additive;
mod affine;
mod rational_quadratic;
mod spline;
mod traits;

pub use additive::Additive;
pub use affine::{Affine, LogScaleBound};
pub use rational_quadratic::{RationalQuadratic, RationalQuadraticConfig, Tails};
pub use spline::{RationalQuadraticKnots, rational_quadratic_forward, rational_quadratic_inverse};
pub use traits::Elementwise;
pub(crate) use traits::forward_vjp;
