//! A layer that may be absent.

use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use crate::{Bijection, PullBack, event::zero_log_det};

/// `None` is the identity.
impl<const D: usize, C, B: Bijection<D, C>> Bijection<D, C> for Option<B> {
    fn forward(&self, x: Tensor<D>, context: &C) -> (Tensor<D>, Tensor<1>) {
        match self {
            Some(bijection) => bijection.forward(x, context),
            None => {
                let log_det = zero_log_det(&x);
                (x, log_det)
            }
        }
    }

    fn inverse(&self, y: Tensor<D>, context: &C) -> (Tensor<D>, Tensor<1>) {
        match self {
            Some(bijection) => bijection.inverse(y, context),
            None => {
                let log_det = zero_log_det(&y);
                (y, log_det)
            }
        }
    }

    fn init_from_data(self, x: Tensor<D>, context: &C) -> (Self, Tensor<D>) {
        match self {
            Some(bijection) => {
                let (bijection, y) = bijection.init_from_data(x, context);
                (Some(bijection), y)
            }
            None => (None, x),
        }
    }

    fn recompute_statistics(self, x: Tensor<D>, context: &C) -> (Self, Tensor<D>) {
        match self {
            Some(bijection) => {
                let (bijection, y) = bijection.recompute_statistics(x, context);
                (Some(bijection), y)
            }
            None => (None, x),
        }
    }

    fn pull_back(
        &self,
        y: Tensor<D>,
        dy: Tensor<D>,
        d_log_det: &Tensor<1>,
        context: &C,
        grads: &mut GradientsParams,
    ) -> (Tensor<D>, Tensor<D>) {
        match self {
            Some(bijection) => bijection.pull_back(y, dy, d_log_det, context, grads),
            None => (y, dy),
        }
    }

    fn forward_vjp<'a>(&'a self, x: Tensor<D>, context: &'a C) -> (Tensor<D>, Tensor<1>, PullBack<'a, D>) {
        match self {
            Some(bijection) => bijection.forward_vjp(x, context),
            None => {
                let log_det = zero_log_det(&x);
                (x, log_det, Box::new(|dy, _, _| dy))
            }
        }
    }

    fn sees_context(&self) -> bool {
        self.as_ref().is_some_and(|bijection| bijection.sees_context())
    }
}
