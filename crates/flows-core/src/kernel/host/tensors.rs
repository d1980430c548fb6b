//! Tensors of flex: how they come out of burn's and go back.

use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, BackendTensor, DispatchAutodiffContext, DispatchTensor, DispatchTensorKind, Flex};
use burn::tensor::{DType, Tensor};

use crate::kernel::graph::{FusedOp, tracked};

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
    inner(x.into_dispatch())
}

/// The numbers of a tensor, in a graph or not.
pub(crate) fn inner(x: DispatchTensor) -> FlexTensor {
    match x.kind {
        DispatchTensorKind::Autodiff(_) => with_node(x).into_primitive(),
        _ => plain(x),
    }
}

/// Applies an operation, and records it where a gradient is wanted.
///
/// # Panics
/// Unless all inputs are tensors that host operations take.
pub(crate) fn apply<const N: usize, O: FusedOp<Flex, N>>(
    op: O,
    inputs: [DispatchTensor; N],
) -> (DispatchTensor, Option<DispatchTensor>) {
    let context = inputs.iter().fold(DispatchAutodiffContext::Disabled, |context, x| context.merge(x.autodiff));
    if context == DispatchAutodiffContext::Disabled {
        let (first, second, _) = op.forward(&inputs.map(plain));
        return (plain_output(first), second.map(plain_output));
    }
    let (first, second) = tracked::<Flex, NoCheckpointing, N, O>(op, inputs.map(with_node));
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
