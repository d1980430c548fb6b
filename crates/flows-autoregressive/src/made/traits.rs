//! The trait of autoregressive networks.

use burn::tensor::{Device, Tensor};
use flows_core::Conditioner;

/// A network whose outputs for a feature depend on earlier features alone, and that can make the features one after
/// the other.
///
/// # Shapes
/// - `x`: `[batch, features]`; `params`: `[batch, outputs * features]`, output-major
pub trait AutoregressiveConditioner<C = ()>: Conditioner<2, C> {
    /// The features in the order in which they are made.
    fn order(&self) -> Vec<usize>;

    /// Makes a batch of rows feature by feature, at the cost of about one pass through the network: `[batch, features]`.
    ///
    /// `next` is called once for each feature, in their order, with its number and its parameters, `[outputs, batch]`,
    /// given the features made before; it returns the feature, `[1, batch]`. Nothing is dropped out, in training neither.
    fn generate(
        &self,
        batch: usize,
        context: &C,
        device: &Device,
        next: &mut dyn FnMut(usize, Tensor<2>) -> Tensor<2>,
    ) -> Tensor<2>;
}
