//! Clipping by the norm of the whole gradient.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

/// Scales all gradients of a module together so that their norm is at most `max_norm`, and returns the norm they had:
/// `[1]`, or `None` where there is no gradient.
///
/// ```text
/// g ← g · min(1, max_norm / ‖g‖),   ‖g‖² = Σ over all parameters
/// ```
///
/// burn's own clipping by norm treats each parameter by itself, which changes the direction of the step. Nothing is
/// read back from the device. Where the norm is not finite, the gradients become NaN, and the norm tells.
///
/// # Reference
/// "On the difficulty of training recurrent neural networks", Pascanu, Mikolov, Bengio, 2013,
/// <https://arxiv.org/abs/1211.5063>.
pub fn clip_global_norm<M: Module>(
    module: &M,
    grads: &mut GradientsParams,
    max_norm: Option<f64>,
) -> Option<Tensor<1>> {
    let mut squares = Squares { grads, sum: None };
    module.visit(&mut squares);
    let norm = squares.sum?.sqrt();
    if let Some(max_norm) = max_norm {
        let factor = (norm.clone() + 1e-12).recip().mul_scalar(max_norm).clamp_max(1.0);
        module.visit(&mut Scale { grads, factor });
    }
    Some(norm)
}

struct Squares<'a> {
    grads: &'a GradientsParams,
    sum: Option<Tensor<1>>,
}

impl ModuleVisitor for Squares<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(grad) = self.grads.get::<D>(param.id) {
            let square = (grad.clone() * grad).sum();
            self.sum = Some(match self.sum.take() {
                Some(sum) => sum + square,
                None => square,
            });
        }
    }
}

struct Scale<'a> {
    grads: &'a mut GradientsParams,
    factor: Tensor<1>,
}

impl ModuleVisitor for Scale<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(grad) = self.grads.remove::<D>(param.id) {
            self.grads.register(param.id, grad * self.factor.clone().reshape([1; D]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    #[derive(Module, Debug)]
    struct Two {
        a: Param<Tensor<1>>,
        b: Param<Tensor<2>>,
    }

    #[test]
    fn gradients_shrink_together_to_the_norm() {
        let device = Device::default().autodiff();
        let module = Two {
            a: Param::from_tensor(Tensor::ones([1], &device)),
            b: Param::from_tensor(Tensor::ones([1, 1], &device)),
        };
        let loss = (module.a.val() * 3.0).sum() + (module.b.val() * 4.0).sum();
        let mut grads = GradientsParams::from_grads(loss.backward(), &module);
        let norm = clip_global_norm(&module, &mut grads, Some(1.0)).expect("there are gradients");
        assert_eq!(norm.into_scalar::<f32>(), 5.0);
        let a = grads.get::<1>(module.a.id).expect("a gradient").into_scalar::<f32>();
        let b = grads.get::<2>(module.b.id).expect("a gradient").into_scalar::<f32>();
        assert!((a - 0.6).abs() < 1e-6 && (b - 0.8).abs() < 1e-6, "{a}, {b}");
    }

    #[test]
    fn small_gradients_stay() {
        let device = Device::default().autodiff();
        let module = Two {
            a: Param::from_tensor(Tensor::ones([1], &device)),
            b: Param::from_tensor(Tensor::ones([1, 1], &device)),
        };
        let mut grads = GradientsParams::from_grads((module.a.val() * 0.5).sum().backward(), &module);
        clip_global_norm(&module, &mut grads, Some(1.0));
        assert_eq!(grads.get::<1>(module.a.id).expect("a gradient").into_scalar::<f32>(), 0.5);
    }
}
