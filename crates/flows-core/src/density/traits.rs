//! The trait of everything that has a density.

use burn::module::{Module, ModuleDisplay};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};

use crate::add_gradients;
use crate::parameter::on_tape_of;

/// Something we can evaluate and draw from (`Distribution` is burn's word for something else).
///
/// `C` is the type of the context, `()` for none; a density that needs no context implements the trait for every `C`.
///
/// # Shapes
/// - `x`: `[batch, ...event]`
/// - `log_prob`: `[batch]`, in nats
/// - a context has one row a sample
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a density of tensors of this rank with a context of type `{C}`",
    note = "models of tables score `Tensor<2>`, models of images `Tensor<4>`; `()` means no context, and `.given(&context)` \
            fills one in"
)]
pub trait Density<const D: usize, C = ()>: Module + ModuleDisplay {
    /// The log-density of each sample.
    fn log_prob(&self, x: Tensor<D>, context: &C) -> Tensor<1>;

    /// Draws `n` samples; a context has `n` rows.
    ///
    /// They come from the generator of the device, and repeat after `device.seed(..)` on the same backend and version of
    /// burn.
    fn sample(&self, n: usize, context: &C, device: &Device) -> Tensor<D>;

    /// Draws samples together with their log-densities.
    fn sample_with_log_prob(&self, n: usize, context: &C, device: &Device) -> (Tensor<D>, Tensor<1>) {
        let x = self.sample(n, context, device);
        let log_prob = self.log_prob(x.clone(), context);
        (x, log_prob)
    }

    /// Whether the density depends on the context; `fit_given` refuses a flow in which nothing does. The default, `true`, is safe
    /// for a density that takes a context; one that ignores it returns `false`, and a wrapper asks what it wraps.
    fn sees_context(&self) -> bool {
        true
    }

    /// Sets data-dependent parameters from a first batch.
    fn init_from_data(self, _x: Tensor<D>, _context: &C) -> Self {
        self
    }

    /// Replaces running statistics by those of a whole data set.
    fn recompute_statistics(self, _x: Tensor<D>, _context: &C) -> Self {
        self
    }

    /// The log-densities, and the gradients of `weight · Σ log p(x)`: a step of training, with a negative weight.
    ///
    /// The module is in training; `x` and the log-densities are outside of any graph.
    ///
    /// # Notes
    /// burn 0.22.1 deadlocks where several threads train at once on clones of a module, which share their parameters: give
    /// each thread a [`fork`](Module::fork), as `train::Workers` does.
    fn gradients(&self, x: Tensor<D>, context: &C, weight: f64) -> (Tensor<1>, GradientsParams) {
        gradients(self, x, context, weight)
    }

    /// As [`gradients`](Density::gradients), added to `grads`, with the gradient with respect to `x`: the log-densities
    /// and `weight · ∂ log p(x)/∂x`. A flow does it one layer at a time; see [`Reversible`](crate::Reversible).
    fn pull_back(&self, x: Tensor<D>, context: &C, weight: f64, grads: &mut GradientsParams) -> (Tensor<1>, Tensor<D>) {
        let x = on_tape_of(self, x).require_grad();
        let log_prob = self.log_prob(x.clone(), context);
        // A uniform density has no gradient.
        if !log_prob.is_tracked() {
            return (log_prob.without_autodiff(), x.zeros_like().without_autodiff());
        }
        let mut found = (log_prob.clone().sum() * weight).backward();
        let dx = x.grad_remove(&mut found).unwrap_or_else(|| x.zeros_like().without_autodiff());
        add_gradients(self, grads, GradientsParams::from_grads(found, self));
        (log_prob.without_autodiff(), dx)
    }

    /// As [`gradients`](Density::gradients), with a weight of its own for each row: the gradients of `Σ wᵢ log p(xᵢ)`.
    ///
    /// # Shapes
    /// - `weights`: `[batch]`, outside of any graph
    ///
    /// # Example
    /// ```
    /// use burn::module::Module;
    /// use burn::tensor::{Device, Tensor};
    /// use flows_core::{Density, RealNvpConfig};
    ///
    /// let device = Device::default();
    /// let flow = RealNvpConfig::new(2).with_layers(2).with_hidden(vec![8]).init(&device).train();
    /// let x = Tensor::<2>::from_data([[0.3, -1.0], [0.7, 0.2]], &device);
    /// let (log_prob, _) = flow.weighted_gradients(x, &(), &Tensor::from_data([2.0, 0.0], &device));
    /// assert_eq!(log_prob.dims(), [2]);
    /// ```
    fn weighted_gradients(&self, x: Tensor<D>, context: &C, weights: &Tensor<1>) -> (Tensor<1>, GradientsParams) {
        weighted_gradients(self, x, context, weights)
    }

    /// As [`pull_back`](Density::pull_back), with a weight of its own for each row: the log-densities and
    /// `wᵢ · ∂ log p(xᵢ)/∂xᵢ`.
    fn weighted_pull_back(
        &self,
        x: Tensor<D>,
        context: &C,
        weights: &Tensor<1>,
        grads: &mut GradientsParams,
    ) -> (Tensor<1>, Tensor<D>) {
        let x = on_tape_of(self, x).require_grad();
        let log_prob = self.log_prob(x.clone(), context);
        if !log_prob.is_tracked() {
            return (log_prob.without_autodiff(), x.zeros_like().without_autodiff());
        }
        let mut found = (log_prob.clone() * on_tape_of(self, weights.clone())).sum().backward();
        let dx = x.grad_remove(&mut found).unwrap_or_else(|| x.zeros_like().without_autodiff());
        add_gradients(self, grads, GradientsParams::from_grads(found, self));
        (log_prob.without_autodiff(), dx)
    }
}

/// The weighted gradients by autodiff.
pub(crate) fn weighted_gradients<const D: usize, C, P: Density<D, C>>(
    density: &P,
    x: Tensor<D>,
    context: &C,
    weights: &Tensor<1>,
) -> (Tensor<1>, GradientsParams) {
    let log_prob = density.log_prob(on_tape_of(density, x), context);
    if !log_prob.is_tracked() {
        return (log_prob.without_autodiff(), GradientsParams::new());
    }
    let grads = (log_prob.clone() * on_tape_of(density, weights.clone())).sum().backward();
    (log_prob.without_autodiff(), GradientsParams::from_grads(grads, density))
}

/// The gradients by autodiff.
pub(crate) fn gradients<const D: usize, C, P: Density<D, C>>(
    density: &P,
    x: Tensor<D>,
    context: &C,
    weight: f64,
) -> (Tensor<1>, GradientsParams) {
    let log_prob = density.log_prob(on_tape_of(density, x), context);
    // Nothing is trained where all is frozen.
    if !log_prob.is_tracked() {
        return (log_prob.without_autodiff(), GradientsParams::new());
    }
    let grads = (log_prob.clone().sum() * weight).backward();
    (log_prob.without_autodiff(), GradientsParams::from_grads(grads, density))
}
