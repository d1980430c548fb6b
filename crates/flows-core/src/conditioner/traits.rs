//! The trait of the networks that make parameters.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;

/// A network that makes the parameters of an elementwise map of the features a layer keeps.
///
/// # Shapes
/// - `x`: `[batch, kept, ...]`
/// - result: `[batch, params, ...]`; the layer says how many it needs
pub trait Conditioner<const D: usize, C = ()>: Module + ModuleDisplay {
    /// The raw parameters, given what is kept and the context.
    fn params(&self, x: Tensor<D>, context: &C) -> Tensor<D>;

    /// Replaces running statistics inside the network by those of a whole data set, which it sees as `x`.
    fn recompute_statistics(self, _x: Tensor<D>, _context: &C) -> Self {
        self
    }
}
