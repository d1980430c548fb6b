//! The invertible map that everything here is built of.

use burn::module::{Module, ModuleDisplay};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use crate::parameter::on_tape_of;
use crate::{PullBack, add_gradients};

/// An invertible map on batches of rank-`D` tensors, with the log-determinant of its Jacobian.
///
/// ```text
/// forward:  y = f(x)        log_det = log |det ∂y/∂x|        data   → latent
/// inverse:  x = f⁻¹(y)      log_det = log |det ∂x/∂y|        latent → data
/// ```
///
/// **Direction.** `forward` goes from data to latent, the path of training: with a base density `p`,
/// `log q(x) = log p(f(x)) + log_det`. Sampling goes through `inverse`.
///
/// `C` is the type of the context that the map is conditioned on: `()` for none. A map that needs no context
/// implements the trait for every `C`, so that it stands beside conditional ones; one that needs it implements it for
/// its own type, and a missing context is then a compile error.
///
/// Tuples of 2 to 10 bijections, `Vec`, arrays and `Option` are bijections, applied in reading order.
///
/// # Shapes
/// - `x`, `y`: `[batch, ...event]`, of the same shape
/// - `log_det`: `[batch]`, summed over the event
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{Bijection, Exp, Inverse};
///
/// let x = Tensor::<2>::from_data([[0.0, 1.0]], &Device::default());
/// let (y, log_det) = Exp::new().forward(x.clone(), &());
/// assert_eq!(log_det.into_scalar::<f32>(), 1.0); // log e⁰ + log e¹
///
/// let there_and_back = (Exp::new(), Inverse::new(Exp::new()));
/// let (same, log_det) = there_and_back.forward(x, &());
/// assert!(log_det.into_scalar::<f32>().abs() < 1e-6);
/// # let _ = (y, same);
/// ```
///
/// # Reference
/// "Normalizing Flows for Probabilistic Modeling and Inference", Papamakarios, Nalisnick, Rezende, Mohamed,
/// Lakshminarayanan, 2021, <https://arxiv.org/abs/1912.02762>.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a bijection of tensors of this rank with a context of type `{C}`",
    note = "models of tables map `Tensor<2>`, models of images `Tensor<4>`; `()` means no context, and `.given(&context)` \
            fills one in"
)]
pub trait Bijection<const D: usize, C = ()>: Module + ModuleDisplay {
    /// Data to latent: `y` and `log |det ∂y/∂x|`, one number a sample.
    fn forward(&self, x: Tensor<D>, context: &C) -> (Tensor<D>, Tensor<1>);

    /// Latent to data: `x` and `log |det ∂x/∂y|`, one number a sample.
    fn inverse(&self, y: Tensor<D>, context: &C) -> (Tensor<D>, Tensor<1>);

    /// Whether the map depends on the context; `fit_given` refuses a flow in which nothing does. The default, `true`, is safe
    /// for a map that takes a context; one that ignores it returns `false`, and a wrapper asks what it wraps.
    fn sees_context(&self) -> bool {
        true
    }

    /// Sets data-dependent parameters (standardisation, ActNorm) from a first batch and returns the mapped batch.
    ///
    /// Layers that were initialised before, and layers without such parameters, stay as they are. Wrappers forward
    /// this call to what they wrap. No gradients flow through it: call it with a batch that does not require any.
    fn init_from_data(self, x: Tensor<D>, context: &C) -> (Self, Tensor<D>) {
        let (y, _) = self.valid().forward(x, context);
        (self, y)
    }

    /// Replaces running statistics (BatchNorm) by those of `x`, a whole data set, and returns the mapped data.
    ///
    /// Layers without running statistics stay as they are. Wrappers forward this call to what they wrap.
    fn recompute_statistics(self, x: Tensor<D>, context: &C) -> (Self, Tensor<D>) {
        let (y, _) = self.valid().forward(x, context);
        (self, y)
    }

    /// Backpropagation from the output: from `y = f(x)` and the cotangents of `y` and of the log-determinant it finds
    /// `x` and its cotangent, and adds the gradients of the parameters to `grads`.
    ///
    /// The input is recomputed by `inverse`, so that nothing of the forward pass need be stored. Chains go back one
    /// member at a time, and one member's activations are all that there is in memory. No gradient reaches the context.
    ///
    /// The module is in training; all tensors are outside of any graph. Layers that use the statistics of the batch in
    /// training (BatchNorm) do not invert what they map, and have no place here.
    ///
    /// # Reference
    /// "The Reversible Residual Network: Backpropagation Without Storing Activations", Gomez, Ren, Urtasun, Grosse,
    /// 2017, <https://arxiv.org/abs/1707.04585>.
    fn pull_back(
        &self,
        y: Tensor<D>,
        dy: Tensor<D>,
        d_log_det: &Tensor<1>,
        context: &C,
        grads: &mut GradientsParams,
    ) -> (Tensor<D>, Tensor<D>) {
        let (x, _) = self.valid().inverse(y, context);
        let leaf = on_tape_of(self, x.clone()).require_grad();
        let (y, log_det) = self.forward(leaf.clone(), context);
        let mut found = ((y * dy).sum() + (log_det * d_log_det.clone()).sum()).backward();
        let dx = leaf.grad_remove(&mut found).unwrap_or_else(|| x.zeros_like());
        add_gradients(self, grads, GradientsParams::from_grads(found, self));
        (x, dx)
    }

    /// [`forward`](Self::forward) in training, and the way back through it.
    ///
    /// Layers that know their own derivatives need no tape, whose bookkeeping takes longer than the arithmetic of a small
    /// network; others are differentiated by autodiff, each by itself. All tensors are outside of any graph. No gradient
    /// reaches the context.
    fn forward_vjp<'a>(&'a self, x: Tensor<D>, context: &'a C) -> (Tensor<D>, Tensor<1>, PullBack<'a, D>) {
        forward_vjp(self, x, context)
    }
}

/// The way back by autodiff.
pub(crate) fn forward_vjp<'a, const D: usize, C, B: Bijection<D, C>>(
    bijection: &'a B,
    x: Tensor<D>,
    context: &C,
) -> (Tensor<D>, Tensor<1>, PullBack<'a, D>) {
    let leaf = on_tape_of(bijection, x).require_grad();
    let (y, log_det) = bijection.forward(leaf.clone(), context);
    let plain = (y.clone().without_autodiff(), log_det.clone().without_autodiff());
    let pull_back: PullBack<'a, D> = Box::new(move |dy, d_log_det, grads| {
        let mut found = ((y * dy).sum() + (log_det * d_log_det.clone()).sum()).backward();
        let dx = leaf.grad_remove(&mut found).unwrap_or_else(|| leaf.zeros_like().without_autodiff());
        add_gradients(bijection, grads, GradientsParams::from_grads(found, bijection));
        dx
    });
    (plain.0, plain.1, pull_back)
}
