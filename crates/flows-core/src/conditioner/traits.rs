//! The trait of the networks that make parameters.

use burn::module::{Module, ModuleDisplay};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use crate::parameter::on_tape_of;
use crate::{NetworkPullBack, add_gradients};

/// A network that makes the parameters of an elementwise map of the features a layer keeps.
///
/// # Shapes
/// - `x`: `[batch, kept, ...]`
/// - result: `[batch, params, ...]`; the layer says how many it needs
#[diagnostic::on_unimplemented(
    message = "a flow of `{Self}` cannot be used with a context of type `{C}`",
    label = "expects another context than `{C}`",
    note = "a flow made by `.given(width)` takes a `Tensor<2>`, one made by `.by_class(classes)` a `Tensor<1, Int>`: \
            `flow.given(&context).log_prob(x)`, `fit_given(flow, &x, &context, &config)`",
    note = "`()` means no context: that of `flow.log_prob(x)`, `flow.sample(n, &device)` and `fit(flow, &x, &config)`"
)]
pub trait Conditioner<const D: usize, C = ()>: Module + ModuleDisplay {
    /// The raw parameters, given what is kept and the context.
    fn params(&self, x: Tensor<D>, context: &C) -> Tensor<D>;

    /// Whether the network's output depends on the context; `fit_given` refuses a flow in which nothing does. The default, `true`, is safe
    /// for a network that takes a context; one that ignores it returns `false`, and a wrapper asks what it wraps.
    fn sees_context(&self) -> bool {
        true
    }

    /// Replaces running statistics inside the network by those of a whole data set, which it sees as `x`.
    fn recompute_statistics(self, _x: Tensor<D>, _context: &C) -> Self {
        self
    }

    /// [`params`](Self::params) in training, and the way back through the network; all tensors are outside of any graph.
    fn params_vjp<'a>(&'a self, x: Tensor<D>, context: &'a C) -> (Tensor<D>, NetworkPullBack<'a, D>) {
        params_vjp(self, x, context)
    }
}

/// [`Conditioner::params`], and the way back through it by autodiff.
///
/// # Example
/// ```
/// use burn::module::Module;
/// use burn::optim::GradientsParams;
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{MlpConfig, params_vjp};
///
/// let device = Device::default();
/// let network = MlpConfig::new(2, 3).init(&device).train();
/// let (params, pull_back) = params_vjp(&network, Tensor::<2>::ones([4, 2], &device), &());
/// let mut grads = GradientsParams::new();
/// let dx = pull_back(params.ones_like(), &mut grads);
/// assert_eq!((params.dims(), dx.dims()), ([4, 3], [4, 2]));
/// assert!(!grads.is_empty());
/// ```
pub fn params_vjp<'a, const D: usize, C, N: Conditioner<D, C>>(
    network: &'a N,
    x: Tensor<D>,
    context: &'a C,
) -> (Tensor<D>, NetworkPullBack<'a, D>) {
    // Of nothing there is no gradient: see `FeatureSplit::move_all`.
    let leaf = on_tape_of(network, x);
    let leaf = if leaf.dims()[1] == 0 { leaf } else { leaf.require_grad() };
    let params = network.params(leaf.clone(), context);
    let plain = params.clone().without_autodiff();
    let pull_back: NetworkPullBack<'a, D> = Box::new(move |d_params, grads| {
        // Frozen, and of nothing that it sees.
        if !params.is_tracked() {
            return leaf.zeros_like().without_autodiff();
        }
        let mut found = (params * d_params).sum().backward();
        let dx = leaf.grad_remove(&mut found).unwrap_or_else(|| leaf.zeros_like().without_autodiff());
        add_gradients(network, grads, GradientsParams::from_grads(found, network));
        dx
    });
    (plain, pull_back)
}
