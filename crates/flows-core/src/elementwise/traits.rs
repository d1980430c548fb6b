//! The trait of the scalar maps.

use burn::module::{Module, ModuleDisplay};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use crate::parameter::on_tape_of;
use crate::{MapPullBack, add_gradients, sum_event};

/// A monotone scalar map applied to every element, its parameters from a network; shared by coupling and
/// autoregressive layers.
///
/// At parameters zero the map is the identity, so that a flow whose networks end in zeros starts as the identity.
///
/// # Shapes
/// - `x`: `[batch, features, ...]`
/// - `params`: `[batch, params_per_element * features, ...]`, parameter-major: first the first parameter of every
///   feature, then the second; so each block is a slice of what the network emits
/// - `log_slope`: as `x`, the logarithm of the derivative of each element
/// - `log_det`: `[batch]`, its sum over the event
pub trait Elementwise: Module + ModuleDisplay {
    /// How many parameters an element has.
    fn params_per_element(&self) -> usize;

    /// `y` and `log |∂yᵢ/∂xᵢ|`, element by element.
    fn forward_each<const D: usize>(&self, x: Tensor<D>, params: Tensor<D>) -> (Tensor<D>, Tensor<D>);

    /// `x` and `log |∂xᵢ/∂yᵢ|`, element by element.
    fn inverse_each<const D: usize>(&self, y: Tensor<D>, params: Tensor<D>) -> (Tensor<D>, Tensor<D>);

    /// `y` and `log |det ∂y/∂x|`.
    fn forward<const D: usize>(&self, x: Tensor<D>, params: Tensor<D>) -> (Tensor<D>, Tensor<1>) {
        let (y, log_slope) = self.forward_each(x, params);
        (y, sum_event(log_slope))
    }

    /// `x` and `log |det ∂x/∂y|`.
    fn inverse<const D: usize>(&self, y: Tensor<D>, params: Tensor<D>) -> (Tensor<D>, Tensor<1>) {
        let (x, log_slope) = self.inverse_each(y, params);
        (x, sum_event(log_slope))
    }

    /// [`forward`](Self::forward), and the way back through it; all tensors are outside of any graph.
    fn forward_vjp<'a, const D: usize>(
        &'a self,
        x: Tensor<D>,
        params: Tensor<D>,
    ) -> (Tensor<D>, Tensor<1>, MapPullBack<'a, D>) {
        forward_vjp(self, x, params)
    }
}

/// The way back by autodiff.
pub(crate) fn forward_vjp<'a, const D: usize, E: Elementwise>(
    map: &'a E,
    x: Tensor<D>,
    params: Tensor<D>,
) -> (Tensor<D>, Tensor<1>, MapPullBack<'a, D>) {
    let (x, params) = (on_tape_of(map, x).require_grad(), on_tape_of(map, params).require_grad());
    let (y, log_det) = map.forward(x.clone(), params.clone());
    let plain = (y.clone().without_autodiff(), log_det.clone().without_autodiff());
    let pull_back: MapPullBack<'a, D> = Box::new(move |dy, d_log_det, grads| {
        let mut found = ((y * dy).sum() + (log_det * d_log_det.clone()).sum()).backward();
        let mut gradient =
            |leaf: Tensor<D>| leaf.grad_remove(&mut found).unwrap_or_else(|| leaf.zeros_like().without_autodiff());
        let (dx, d_params) = (gradient(x), gradient(params));
        add_gradients(map, grads, GradientsParams::from_grads(found, map));
        (dx, d_params)
    });
    (plain.0, plain.1, pull_back)
}
