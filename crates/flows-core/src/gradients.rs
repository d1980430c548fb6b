//! Gradients of a module, from more than one backward pass.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

/// Adds the gradients of a module's parameters in `more` to those in `grads`.
pub fn add_gradients<M: Module>(module: &M, grads: &mut GradientsParams, mut more: GradientsParams) {
    module.visit(&mut Sum { grads, more: &mut more });
}

struct Sum<'a> {
    grads: &'a mut GradientsParams,
    more: &'a mut GradientsParams,
}

impl ModuleVisitor for Sum<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let Some(more) = self.more.remove::<D>(param.id) else { return };
        let sum = match self.grads.remove::<D>(param.id) {
            Some(grad) => grad + more,
            None => more,
        };
        self.grads.register(param.id, sum);
    }
}
