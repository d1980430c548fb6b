//! Operations whose backward is written by hand, on burn's tape.

use std::fmt::Debug;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex};

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::{CheckpointStrategy, NoCheckpointing};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, TensorMetadata};
use burn::tensor::Shape;

/// An operation on `N` tensors of a backend.
pub(crate) trait FusedOp<B: Backend, const N: usize>: Clone + Debug + Send + 'static {
    /// What the backward needs besides the inputs.
    type Kept: Clone + Debug + Send + 'static;

    /// What comes out: a tensor, and a second one where the operation makes two.
    fn forward(&self, inputs: &[FloatTensor<B>; N]) -> (FloatTensor<B>, Option<FloatTensor<B>>, Self::Kept);

    /// The gradients of the inputs that want one, from those of the outputs; a second output that nobody used has none.
    fn backward(
        &self,
        inputs: &[FloatTensor<B>; N],
        kept: Self::Kept,
        grads: (FloatTensor<B>, Option<FloatTensor<B>>),
        wanted: [bool; N],
    ) -> [Option<FloatTensor<B>>; N];
}

/// The gradient of a second output, on its way to the operation that made it.
type Handed<B> = Arc<Mutex<Option<FloatTensor<B>>>>;

/// What the backward of an operation needs.
#[derive(Clone, Debug)]
struct Saved<B: Backend, O: FusedOp<B, N>, const N: usize> {
    op: O,
    inputs: [FloatTensor<B>; N],
    kept: O::Kept,
    handed: Handed<B>,
}

/// A node of the graph has one output. A second one becomes a node behind the first: it is met earlier on the way back,
/// and hands its gradient over.
pub(crate) fn tracked<B: Backend, C: CheckpointStrategy, const N: usize, O: FusedOp<B, N>>(
    op: O,
    inputs: [FloatTensor<Autodiff<B, C>>; N],
) -> (FloatTensor<Autodiff<B, C>>, Option<FloatTensor<Autodiff<B, C>>>) {
    let nodes = inputs.each_ref().map(|x| x.node());
    let inputs = inputs.map(|x| x.into_primitive());
    let (output, second, kept) = op.forward(&inputs);
    let handed = Handed::<B>::default();
    let first = First::<B, O, N>(PhantomData).prepare::<NoCheckpointing>(nodes).compute_bound().stateful();
    let first = match first {
        OpsKind::Tracked(prepared) => prepared.finish(Saved { op, inputs, kept, handed: handed.clone() }, output),
        OpsKind::UnTracked(prepared) => prepared.finish(output),
    };
    let second = second.map(|second| {
        let (shape, device) = (first.primitive().shape(), first.primitive().device());
        match Second::<B>(PhantomData).prepare::<NoCheckpointing>([first.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish((handed, shape, device), second),
            OpsKind::UnTracked(prepared) => prepared.finish(second),
        }
    });
    (first, second)
}

struct First<B, O, const N: usize>(PhantomData<fn() -> (B, O)>);

impl<B, O, const N: usize> Debug for First<B, O, N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(std::any::type_name::<O>())
    }
}

impl<B: Backend, O: FusedOp<B, N>, const N: usize> Backward<B, N> for First<B, O, N> {
    type State = Saved<B, O, N>;

    fn backward(self, ops: Ops<Self::State, N>, grads: &mut Gradients, _: &mut Checkpointer) {
        let Saved { op, inputs, kept, handed } = ops.state;
        let first = grads.consume::<B>(&ops.node);
        let second = handed.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take();
        let wanted = ops.parents.each_ref().map(Option::is_some);
        let found = op.backward(&inputs, kept, (first, second), wanted);
        for (parent, grad) in ops.parents.into_iter().zip(found) {
            if let (Some(parent), Some(grad)) = (parent, grad) {
                grads.register::<B>(parent.id, grad);
            }
        }
    }
}

struct Second<B>(PhantomData<fn() -> B>);

impl<B> Debug for Second<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the second output of an operation")
    }
}

impl<B: Backend> Backward<B, 1> for Second<B> {
    type State = (Handed<B>, Shape, B::Device);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let (handed, shape, device) = ops.state;
        let grad = grads.consume::<B>(&ops.node);
        let dtype = grad.dtype();
        *handed.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(grad);
        let [parent] = ops.parents;
        if let Some(parent) = parent {
            // The first output has a gradient then, also where nobody used it.
            grads.register::<B>(parent.id, B::float_zeros(shape, &device, dtype.into()));
        }
    }
}
