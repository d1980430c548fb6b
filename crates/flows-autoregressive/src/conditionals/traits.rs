//! The trait of the conditional densities.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;

/// A family of densities on the line (or of probabilities of single values), its parameters from a network.
///
/// # Shapes
/// - `x`: `[batch, features, ...]`
/// - `params`: `[batch, params_per_feature * features, ...]`, parameter-major, as for
///   [`Elementwise`](flows_core::Elementwise)
pub trait ConditionalFamily: Module + ModuleDisplay {
    /// How many parameters a feature has.
    fn params_per_feature(&self) -> usize;

    /// The log-density of each feature, of the shape of `x`.
    fn log_prob<const D: usize>(&self, x: Tensor<D>, params: Tensor<D>) -> Tensor<D>;

    /// Draws each feature: `[batch, features, ...]`.
    fn sample<const D: usize>(&self, params: Tensor<D>) -> Tensor<D>;
}
