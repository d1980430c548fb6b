//! A bijection on vectors, used on tensors of any shape.

use burn::module::{Module, ModuleDisplay};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use crate::{Bijection, event::flatten_event};

/// A bijection on vectors, used on events of any shape: the event is laid out flat, mapped, and shaped as it was.
///
/// # Shapes
/// - `x`: `[batch, ...event]`; the wrapped bijection sees `[batch, features]`, `features` the size of the event
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{Bijection, Flattened, Permutation};
///
/// let device = Device::default();
/// let flip = Flattened::new(Permutation::reverse(4, &device));
/// let x = Tensor::<3>::from_data([[[1.0, 2.0], [3.0, 4.0]]], &device);
/// let (y, _) = flip.forward(x, &());
/// assert_eq!(y.to_data(), [[[4.0f32, 3.0], [2.0, 1.0]]].into());
/// ```
#[derive(Module, Debug)]
pub struct Flattened<B> {
    /// What sees the flat event.
    pub bijection: B,
}

impl<B> Flattened<B> {
    /// Wraps a bijection on vectors.
    pub fn new(bijection: B) -> Self {
        Self { bijection }
    }
}

impl<const D: usize, C, B: Bijection<2, C> + ModuleDisplay> Bijection<D, C> for Flattened<B> {
    fn forward(&self, x: Tensor<D>, context: &C) -> (Tensor<D>, Tensor<1>) {
        let dims = x.dims();
        let (y, log_det) = self.bijection.forward(flatten_event(x), context);
        (y.reshape(dims), log_det)
    }

    fn inverse(&self, y: Tensor<D>, context: &C) -> (Tensor<D>, Tensor<1>) {
        let dims = y.dims();
        let (x, log_det) = self.bijection.inverse(flatten_event(y), context);
        (x.reshape(dims), log_det)
    }

    fn init_from_data(self, x: Tensor<D>, context: &C) -> (Self, Tensor<D>) {
        let dims = x.dims();
        let (bijection, y) = self.bijection.init_from_data(flatten_event(x), context);
        (Self { bijection }, y.reshape(dims))
    }

    fn recompute_statistics(self, x: Tensor<D>, context: &C) -> (Self, Tensor<D>) {
        let dims = x.dims();
        let (bijection, y) = self.bijection.recompute_statistics(flatten_event(x), context);
        (Self { bijection }, y.reshape(dims))
    }

    fn pull_back(
        &self,
        y: Tensor<D>,
        dy: Tensor<D>,
        d_log_det: &Tensor<1>,
        context: &C,
        grads: &mut GradientsParams,
    ) -> (Tensor<D>, Tensor<D>) {
        let dims = y.dims();
        let (y, dy) = (flatten_event(y), flatten_event(dy));
        let (x, dx) = self.bijection.pull_back(y, dy, d_log_det, context, grads);
        (x.reshape(dims), dx.reshape(dims))
    }

    fn sees_context(&self) -> bool {
        self.bijection.sees_context()
    }
}
