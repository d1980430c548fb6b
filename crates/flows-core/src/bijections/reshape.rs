//! The same numbers in another shape.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::Bijection;
use crate::event::zero_log_det;

/// The same numbers, in row-major order, in another event shape of the same rank.
///
/// ```text
/// y = reshape(x)        log_det = 0
/// ```
///
/// For a map on vectors inside a flow on tensors of another rank, see [`Flattened`](crate::Flattened).
///
/// # Shapes
/// - `x`: `[batch, ...from]`, `y`: `[batch, ...to]`
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{Bijection, Reshape};
///
/// let reshape = Reshape::new([1, 4], [2, 2]);
/// let (y, _) = reshape.forward(Tensor::<3>::zeros([5, 1, 4], &Device::default()), &());
/// assert_eq!(y.dims(), [5, 2, 2]);
/// ```
#[derive(Module, Debug)]
pub struct Reshape {
    from: Vec<usize>,
    to: Vec<usize>,
}

impl Reshape {
    /// From one event shape to another.
    ///
    /// # Panics
    /// Unless both hold as many numbers.
    pub fn new<const E: usize>(from: [usize; E], to: [usize; E]) -> Self {
        assert_eq!(
            from.iter().product::<usize>(),
            to.iter().product::<usize>(),
            "`to`: expected as many numbers as in {from:?}, got {to:?}"
        );
        Self { from: from.to_vec(), to: to.to_vec() }
    }

    fn apply<const D: usize>(x: Tensor<D>, from: &[usize], to: &[usize]) -> (Tensor<D>, Tensor<1>) {
        let dims = x.dims();
        assert_eq!(&dims[1..], from, "event of `x`: expected {from:?}, got {:?}", &dims[1..]);
        let log_det = zero_log_det(&x);
        let shape: [usize; D] = std::array::from_fn(|axis| if axis == 0 { dims[0] } else { to[axis - 1] });
        (x.reshape(shape), log_det)
    }
}

impl<const D: usize, C> Bijection<D, C> for Reshape {
    fn forward(&self, x: Tensor<D>, _: &C) -> (Tensor<D>, Tensor<1>) {
        Self::apply(x, &self.from, &self.to)
    }

    fn inverse(&self, y: Tensor<D>, _: &C) -> (Tensor<D>, Tensor<1>) {
        Self::apply(y, &self.to, &self.from)
    }

    fn sees_context(&self) -> bool {
        false
    }
}
