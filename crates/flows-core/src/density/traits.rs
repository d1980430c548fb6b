//! The trait of everything that has a density.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::{Device, Tensor};

/// Something we can evaluate and draw from (`Distribution` is burn's word for something else).
///
/// `C` is the type of the context, `()` for none; a density that needs no context implements the trait for every `C`.
///
/// # Shapes
/// - `x`: `[batch, ...event]`
/// - `log_prob`: `[batch]`, in nats
/// - a context has one row a sample
pub trait Density<const D: usize, C = ()>: Module + ModuleDisplay {
    /// The log-density of each sample.
    fn log_prob(&self, x: Tensor<D>, context: &C) -> Tensor<1>;

    /// Draws `n` samples; a context has `n` rows.
    fn sample(&self, n: usize, context: &C, device: &Device) -> Tensor<D>;

    /// Draws samples together with their log-densities.
    fn sample_with_log_prob(&self, n: usize, context: &C, device: &Device) -> (Tensor<D>, Tensor<1>) {
        let x = self.sample(n, context, device);
        let log_prob = self.log_prob(x.clone(), context);
        (x, log_prob)
    }

    /// Sets data-dependent parameters from a first batch.
    fn init_from_data(self, _x: Tensor<D>, _context: &C) -> Self {
        self
    }

    /// Replaces running statistics by those of a whole data set.
    fn recompute_statistics(self, _x: Tensor<D>, _context: &C) -> Self {
        self
    }
}
