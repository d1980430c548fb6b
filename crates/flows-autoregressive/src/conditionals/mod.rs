//! Families of conditional densities.

mod any;
mod bernoulli;
mod gaussian;
mod mixture;
mod traits;

pub use any::{Conditionals, ConditionalsConfig};
pub use bernoulli::Bernoulli;
pub use gaussian::Gaussian;
pub use mixture::MixtureOfGaussians;
pub use traits::ConditionalFamily;
