//! New values for parameters, and values that are saved but never trained.

use std::sync::{Mutex, PoisonError};

use burn::module::{Content, Module, ModuleDisplay, ModuleDisplayDefault, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::{Device, GradientCheckpointingStrategy, Int, Tensor};

use crate::budget::claim;

/// Replaces the value of a parameter: its id, its place (device, autodiff) and whether it is trained stay.
pub fn replace<const D: usize>(param: Param<Tensor<D>>, value: Tensor<D>) -> Param<Tensor<D>> {
    param.map(|old| placed_as(value, &old).set_require_grad(old.is_require_grad()))
}

/// A value outside of any graph, with autodiff where another has it, and then with its strategy of checkpointing: burn
/// refuses operations on two strategies.
fn placed_as<const D: usize>(value: Tensor<D>, other: &Tensor<D>) -> Tensor<D> {
    let value = value.without_autodiff();
    match other.gradient_checkpointing_strategy() {
        Some(strategy) => value.autodiff().with_gradient_checkpointing_strategy(strategy),
        None => value,
    }
}

/// An input outside of any graph with autodiff, and the strategy of checkpointing that the parameters of a module have.
pub(crate) fn on_tape_of<M: Module, const D: usize>(module: &M, x: Tensor<D>) -> Tensor<D> {
    struct Strategy(Option<GradientCheckpointingStrategy>);
    impl ModuleVisitor for Strategy {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if self.0.is_none() {
                self.0 = param.val().gradient_checkpointing_strategy();
            }
        }
    }
    let mut strategy = Strategy(x.gradient_checkpointing_strategy());
    module.visit(&mut strategy);
    match strategy.0 {
        Some(strategy) => x.autodiff().with_gradient_checkpointing_strategy(strategy),
        None => x.autodiff(),
    }
}

/// Draws the values of lazily initialised parameters now, in the order of their declaration.
///
/// burn draws a parameter when it is first used, so that the values would depend on the order of use.
pub fn draw<M: Module>(module: M) -> M {
    struct Claim;
    impl ModuleVisitor for Claim {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if !param.is_initialized() {
                claim(param.lazy_shape().dims::<D>());
            }
        }
    }
    struct Draw;
    impl ModuleVisitor for Draw {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            param.val();
        }
    }
    module.visit(&mut Claim);
    module.visit(&mut Draw);
    module
}

/// A flag that is saved with the weights: has a layer seen its data?
#[derive(Module, Debug)]
pub(crate) struct Initialized {
    flag: Param<Tensor<1, Int>>,
}

impl Initialized {
    pub(crate) fn no(device: &Device) -> Self {
        Self { flag: Param::initialized(ParamId::new(), Tensor::zeros([1], device)) }
    }

    pub(crate) fn get(&self) -> bool {
        self.flag.val().into_scalar::<i64>() != 0
    }

    pub(crate) fn set(self) -> Self {
        Self { flag: self.flag.map(|flag| flag.ones_like()) }
    }
}

/// A tensor that is saved and moved with its module but never trained, and may change behind a shared reference.
///
/// burn's `RunningState` is shared between clones, so that further training would change a copy put aside as the best
/// so far; a clone of this one is independent.
pub(crate) struct Buffer<const D: usize> {
    id: ParamId,
    value: Mutex<Tensor<D>>,
}

impl<const D: usize> Buffer<D> {
    pub(crate) fn new(value: Tensor<D>) -> Self {
        Self::with_id(ParamId::new(), value)
    }

    pub(crate) fn get(&self) -> Tensor<D> {
        self.value.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Stores a value; it leaves the graph it was computed in.
    pub(crate) fn set(&self, value: Tensor<D>) {
        let mut slot = self.value.lock().unwrap_or_else(PoisonError::into_inner);
        let value = placed_as(value, &slot);
        *slot = value;
    }

    fn with_id(id: ParamId, value: Tensor<D>) -> Self {
        Self { id, value: Mutex::new(value) }
    }
}

impl<const D: usize> Clone for Buffer<D> {
    fn clone(&self) -> Self {
        Self::with_id(self.id, self.get())
    }
}

impl<const D: usize> std::fmt::Debug for Buffer<D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Buffer {{ id: {}, shape: {:?} }}", self.id, self.get().dims())
    }
}

impl<const D: usize> ModuleDisplayDefault for Buffer<D> {
    fn content(&self, content: Content) -> Option<Content> {
        content.add_formatted(&format!("Buffer{:?}", self.get().dims())).optional()
    }
}

impl<const D: usize> ModuleDisplay for Buffer<D> {}

impl<const D: usize> Module for Buffer<D> {
    fn collect_devices(&self, mut devices: Vec<Device>) -> Vec<Device> {
        let device = self.get().device();
        if !devices.contains(&device) {
            devices.push(device);
        }
        devices
    }

    fn fork(self, device: &Device) -> Self {
        self.to_device(device)
    }

    fn to_device(self, device: &Device) -> Self {
        Self::with_id(self.id, self.get().to_device(device))
    }

    fn train(self) -> Self {
        Self::with_id(self.id, self.get().autodiff())
    }

    fn valid(&self) -> Self {
        Self::with_id(self.id, self.get().without_autodiff())
    }

    fn materialize(self) -> Self {
        self
    }

    fn visit<V: ModuleVisitor>(&self, visitor: &mut V) {
        visitor.visit_float(&Param::initialized(self.id, self.get()));
    }

    fn map<M: ModuleMapper>(self, mapper: &mut M) -> Self {
        let param = mapper.map_float(Param::initialized(self.id, self.get()));
        // A mapper may move, cast or number the value; nothing may make it a target of the optimizer.
        Self::with_id(param.id, param.into_value().set_require_grad(false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_of_a_buffer_is_independent() {
        let buffer = Buffer::new(Tensor::<1>::zeros([2], &Device::default()));
        let best_so_far = buffer.clone();
        buffer.set(Tensor::ones([2], &Device::default()));
        assert_eq!(best_so_far.get().to_data(), [0.0f32, 0.0].into());
        assert_eq!(buffer.get().to_data(), [1.0f32, 1.0].into());
    }

    #[test]
    fn replaced_values_keep_the_strategy_of_gradient_checkpointing() {
        let device = Device::default().autodiff().gradient_checkpointing();
        let param = Param::from_tensor(Tensor::<1>::zeros([2], &device));
        let buffer = Buffer::new(Tensor::<1>::zeros([2], &device));
        buffer.set(Tensor::ones([2], &Device::default()));
        let param = replace(param, Tensor::ones([2], &Device::default()) * 3.0);
        // burn panics where two strategies meet.
        let sum = (param.val() * buffer.get() + Tensor::zeros([2], &device)).sum();
        assert_eq!(param.val().grad(&sum.backward()).expect("a gradient").to_data(), [1.0f32, 1.0].into());
    }

    #[test]
    fn a_replaced_parameter_is_still_trained() {
        let device = Device::default().autodiff();
        let param = Param::from_tensor(Tensor::<1>::zeros([2], &device));
        let id = param.id;
        let param = replace(param, Tensor::ones([2], &device) * 3.0);
        assert_eq!(param.id, id);
        let grads = param.val().powi_scalar(2).sum().backward();
        assert_eq!(param.val().grad(&grads).expect("a gradient").to_data(), [6.0f32, 6.0].into());
    }

    #[test]
    fn a_buffer_never_requires_gradients() {
        let buffer = Buffer::new(Tensor::<1>::zeros([2], &Device::default().autodiff()));
        assert!(!buffer.set_require_grad(true).get().is_require_grad());
    }
}
