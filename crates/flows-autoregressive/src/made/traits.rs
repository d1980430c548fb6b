//! The trait of autoregressive networks.

use burn::tensor::{Device, Tensor};
use flows_core::Conditioner;

/// A network whose outputs for a feature depend on earlier features alone, and that can make the features one after
/// the other.
///
/// # Shapes
/// - `x`: `[batch, features]`; `params`: `[batch, outputs * features]`, output-major
#[diagnostic::on_unimplemented(
    message = "an autoregressive flow of `{Self}` cannot be used with a context of type `{C}`",
    label = "expects another context than `{C}`",
    note = "a flow made by `.given(width)` takes a `Tensor<2>`: `flow.given(&context).log_prob(x)`, \
            `fit_given(flow, &x, &context, &config)`",
    note = "`()` means no context: that of `flow.log_prob(x)`, `flow.sample(n, &device)` and `fit(flow, &x, &config)`"
)]
pub trait AutoregressiveConditioner<C = ()>: Conditioner<2, C> {
    /// The features in the order in which they are made.
    fn order(&self) -> Vec<usize>;

    /// Makes a batch of rows feature by feature, at the cost of about one pass through the network: `[batch, features]`.
    ///
    /// `next` is called once for each feature, in their order, with its number and its parameters, `[outputs, batch]`,
    /// given the features made before; it returns the feature, `[1, batch]`. It is
    /// not called for an empty batch. Dropout is never applied here, not even in training.
    fn generate(
        &self,
        batch: usize,
        context: &C,
        device: &Device,
        next: &mut dyn FnMut(usize, Tensor<2>) -> Tensor<2>,
    ) -> Tensor<2>;
}
