//! How far training without stored activations is from ordinary training.

use burn::module::{ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use flows_core::{Density, Reversible};

/// By how much the gradients of training without stored activations differ from the ordinary ones: the norm of the
/// difference over that of the gradient, at a flow started from the batch.
pub(crate) fn gradient_difference<const D: usize, P: Density<D>>(flow: P, x: Tensor<D>) -> f64 {
    let weight = -1.0 / x.dims()[0] as f64;
    let flow = flow.init_from_data(x.clone(), &()).train();
    let (_, ordinary) = flow.gradients(x.clone(), &(), weight);
    let (_, reversible) = Reversible::new(flow.clone()).gradients(x, &(), weight);
    let mut squares = Squares { ordinary, reversible, difference: 0.0, whole: 0.0 };
    flow.visit(&mut squares);
    (squares.difference / squares.whole).sqrt()
}

struct Squares {
    ordinary: GradientsParams,
    reversible: GradientsParams,
    difference: f64,
    whole: f64,
}

impl ModuleVisitor for Squares {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let (Some(a), Some(b)) = (self.ordinary.remove::<D>(param.id), self.reversible.remove::<D>(param.id)) {
            let square = |x: Tensor<D>| (x.clone() * x).sum().into_scalar::<f64>();
            self.whole += square(a.clone());
            self.difference += square(a - b);
        }
    }
}
