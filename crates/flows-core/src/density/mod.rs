//! What we can evaluate and draw from.

mod conditional_normal;
mod diagonal_normal;
mod expectation_maximization;
mod fitted_mixture;
mod gaussian_mixture;
mod standard_normal;
mod student_t;
mod student_t_fit;
mod traits;
mod triangular;
mod uniform_box;

pub use conditional_normal::{ConditionalNormal, ConditionalNormalConfig};
pub use diagonal_normal::{DiagonalNormal, DiagonalNormalConfig};
pub use fitted_mixture::{FittedMixture, MixtureError};
pub use gaussian_mixture::{GaussianMixture, GaussianMixtureConfig};
pub use standard_normal::StandardNormal;
pub use student_t::{StudentT, StudentTConfig};
pub use traits::Density;
pub(crate) use traits::{gradients, weighted_gradients};
pub use uniform_box::UniformBox;
