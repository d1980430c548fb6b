//! Operations on host tensors whose backward is written by hand.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{
    Autodiff, BackendTensor, DispatchAutodiffContext, DispatchTensor, DispatchTensorKind, Flex, TensorMetadata,
};
use burn::tensor::{DType, Shape, Tensor};

/// An operation on `N` host tensors.
pub(crate) trait HostOp<const N: usize>: Clone + Debug + Send + Sync + 'static {
    /// What the backward needs besides the inputs.
    type Kept: Clone + Debug + Send + Sync + 'static;

    /// What comes out: a tensor, and a second one where the operation makes two.
    fn forward(&self, inputs: &[FlexTensor; N]) -> (FlexTensor, Option<FlexTensor>, Self::Kept);

    /// The gradients of the inputs that want one, from those of the outputs; a second output that nobody used has none.
    fn backward(
        &self,
        inputs: &[FlexTensor; N],
        kept: Self::Kept,
        grads: (FlexTensor, Option<FlexTensor>),
        wanted: [bool; N],
    ) -> [Option<FlexTensor>; N];
}

/// Whether a tensor is one that host operations take: on flex, in single precision.
pub(crate) fn takes<const D: usize>(x: &Tensor<D>) -> bool {
    x.dtype() == DType::F32 && crate::device::is_flex(&x.device())
}

/// Whether both are tensors that host operations take.
pub(crate) fn take<const D: usize, const E: usize>(x: &Tensor<D>, y: &Tensor<E>) -> bool {
    takes(x) && takes(y)
}

/// The numbers of a tensor that is a constant of an operation.
pub(crate) fn constant<const D: usize>(x: Tensor<D>) -> FlexTensor {
    plain(x.without_autodiff().into_dispatch())
}

/// Applies an operation, and records it where a gradient is wanted.
///
/// # Panics
/// Unless all inputs are tensors that host operations take.
pub(crate) fn apply<const N: usize, O: HostOp<N>>(
    op: O,
    inputs: [DispatchTensor; N],
) -> (DispatchTensor, Option<DispatchTensor>) {
    let context = inputs.iter().fold(DispatchAutodiffContext::Disabled, |context, x| context.merge(x.autodiff));
    if context == DispatchAutodiffContext::Disabled {
        let (first, second, _) = op.forward(&inputs.map(plain));
        return (plain_output(first), second.map(plain_output));
    }
    let (first, second) = tracked(op, inputs.map(with_node));
    let output = |x: FloatTensor<Autodiff<Flex>>| DispatchTensor {
        kind: DispatchTensorKind::Autodiff(Box::new(DispatchTensorKind::Flex(BackendTensor::Autodiff(x)))),
        autodiff: context,
    };
    (output(first), second.map(output))
}

/// A tensor outside of any graph.
pub(crate) fn free<const D: usize>(x: FlexTensor) -> Tensor<D> {
    Tensor::from_dispatch(plain_output(x))
}

fn plain(x: DispatchTensor) -> FlexTensor {
    match x.kind {
        DispatchTensorKind::Flex(x) => x.float(),
        other => panic!("expected a tensor on flex, got {other:?}"),
    }
}

fn plain_output(x: FlexTensor) -> DispatchTensor {
    DispatchTensor {
        kind: DispatchTensorKind::Flex(BackendTensor::Float(x)),
        autodiff: DispatchAutodiffContext::Disabled,
    }
}

fn with_node(x: DispatchTensor) -> FloatTensor<Autodiff<Flex>> {
    match x.kind {
        DispatchTensorKind::Autodiff(inner) => match *inner {
            DispatchTensorKind::Flex(x) => x.autodiff(),
            other => panic!("expected a tensor on flex, got {other:?}"),
        },
        // A constant of this operation.
        kind => FloatTensor::<Autodiff<Flex>>::new(plain(DispatchTensor { kind, autodiff: x.autodiff })),
    }
}

/// The gradient of a second output, on its way to the operation that made it.
type Handed = Arc<Mutex<Option<FlexTensor>>>;

/// What the backward of an operation needs.
#[derive(Clone, Debug)]
struct Saved<O: HostOp<N>, const N: usize> {
    op: O,
    inputs: [FlexTensor; N],
    kept: O::Kept,
    handed: Handed,
}

/// A node of the graph has one output. A second one becomes a node behind the first: it is met earlier on the way back,
/// and hands its gradient over.
fn tracked<const N: usize, O: HostOp<N>>(
    op: O,
    inputs: [FloatTensor<Autodiff<Flex>>; N],
) -> (FloatTensor<Autodiff<Flex>>, Option<FloatTensor<Autodiff<Flex>>>) {
    let nodes = inputs.each_ref().map(|x| x.node());
    let inputs = inputs.map(|x| x.into_primitive());
    let (output, second, kept) = op.forward(&inputs);
    let handed = Handed::default();
    let first = match First::<O, N>::default().prepare::<NoCheckpointing>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(prepared) => prepared.finish(Saved { op, inputs, kept, handed: handed.clone() }, output),
        OpsKind::UnTracked(prepared) => prepared.finish(output),
    };
    let second =
        second.map(|second| match Second.prepare::<NoCheckpointing>([first.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish((handed, first.primitive().shape()), second),
            OpsKind::UnTracked(prepared) => prepared.finish(second),
        });
    (first, second)
}

struct First<O, const N: usize>(std::marker::PhantomData<fn() -> O>);

impl<O, const N: usize> Default for First<O, N> {
    fn default() -> Self {
        Self(std::marker::PhantomData)
    }
}

impl<O: Debug, const N: usize> Debug for First<O, N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(std::any::type_name::<O>())
    }
}

impl<O: HostOp<N>, const N: usize> Backward<Flex, N> for First<O, N> {
    type State = Saved<O, N>;

    fn backward(self, ops: Ops<Self::State, N>, grads: &mut Gradients, _: &mut Checkpointer) {
        let Saved { op, inputs, kept, handed } = ops.state;
        let first = grads.consume::<Flex>(&ops.node);
        let second = handed.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take();
        let wanted = ops.parents.each_ref().map(Option::is_some);
        let found = op.backward(&inputs, kept, (first, second), wanted);
        for (parent, grad) in ops.parents.into_iter().zip(found) {
            if let (Some(parent), Some(grad)) = (parent, grad) {
                grads.register::<Flex>(parent.id, grad);
            }
        }
    }
}

#[derive(Debug)]
struct Second;

impl Backward<Flex, 1> for Second {
    type State = (Handed, Shape);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let (handed, shape) = ops.state;
        *handed.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(grads.consume::<Flex>(&ops.node));
        let [parent] = ops.parents;
        if let Some(parent) = parent {
            // The first output has a gradient then, also where nobody used it.
            grads.register::<Flex>(parent.id, FlexTensor::zeros(shape, DType::F32));
        }
    }
}
