//! Forward passes that know their way back, without a tape.

use std::sync::atomic::{AtomicUsize, Ordering};

use burn::module::Param;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};

/// The way back through a bijection: from the cotangents of `y` and of the log-determinant to that of `x`; the gradients
/// of the parameters are added to what is there.
pub type PullBack<'a, const D: usize> = Box<dyn FnOnce(Tensor<D>, &Tensor<1>, &mut GradientsParams) -> Tensor<D> + 'a>;

/// The way back through an elementwise map: to the cotangents of `x` and of its parameters; the gradients of what the map
/// has learnt itself are added to what is there.
pub type MapPullBack<'a, const D: usize> =
    Box<dyn FnOnce(Tensor<D>, &Tensor<1>, &mut GradientsParams) -> (Tensor<D>, Tensor<D>) + 'a>;

/// The way back through a network: from the cotangent of what it makes to that of its input; the gradients of its
/// parameters are added to what is there.
pub type NetworkPullBack<'a, const D: usize> = Box<dyn FnOnce(Tensor<D>, &mut GradientsParams) -> Tensor<D> + 'a>;

/// Whether the value of a parameter is computed from others, as under LoRA: its gradient is then theirs, which a tape alone
/// finds.
pub(crate) fn is_computed<const D: usize>(param: &Param<Tensor<D>>) -> bool {
    let value = param.val();
    value.is_tracked() && !value.is_require_grad()
}

/// Adds the gradient of a parameter to what is there, unless the parameter is frozen.
///
/// # Panics
/// If the value of the parameter is computed from others, as under LoRA: a network with such parameters is
/// differentiated by [`params_vjp`](crate::params_vjp).
///
/// # Example
/// ```
/// use burn::module::Param;
/// use burn::optim::GradientsParams;
/// use burn::tensor::{Device, Tensor};
/// use flows_core::add_gradient;
///
/// let device = Device::default().autodiff();
/// let param = Param::from_tensor(Tensor::<1>::zeros([2], &device));
/// let mut grads = GradientsParams::new();
/// for _ in 0..2 {
///     add_gradient(&mut grads, &param, Tensor::ones([2], &Device::default()));
/// }
/// assert_eq!(grads.get::<1>(param.id).unwrap().into_data(), [2.0f32, 2.0].into());
/// ```
pub fn add_gradient<const D: usize>(grads: &mut GradientsParams, param: &Param<Tensor<D>>, grad: Tensor<D>) {
    if !param.val().is_require_grad() {
        assert!(
            !is_computed(param),
            "parameter {}: its value is computed from others (LoRA?), which have the gradient\n\
             hint: differentiate the network by `params_vjp`",
            param.id
        );
        return;
    }
    let sum = match grads.remove::<D>(param.id) {
        Some(before) => before + grad,
        None => grad,
    };
    grads.register(param.id, sum);
}

/// Steps between two sweeps: one leaves some 2 kB a parameter behind.
const SWEEP: usize = 4;

/// Lets autodiff forget tensors that nobody holds any more.
///
/// burn registers every parameter that an optimizer returns, and lets go of those of earlier steps in a backward pass
/// alone. Without a tape there is none.
pub(crate) fn sweep(device: &Device) {
    static STEPS: AtomicUsize = AtomicUsize::new(0);
    if STEPS.fetch_add(1, Ordering::Relaxed).is_multiple_of(SWEEP) {
        let _ = Tensor::<1>::zeros([1], &device.clone().autodiff()).require_grad().backward();
    }
}
