//! The operations that most of a flow's time goes into, each behind one function that the layers call.
//!
//! On flex, in single precision, they are loops over memory with a backward written by hand (`host`, with the crate's
//! feature `flex`). Everywhere else they are ordinary operations of burn, which are also what the tests compare with.

#[cfg(all(test, feature = "flex"))]
mod agreement;
mod dense;
#[cfg(feature = "flex")]
pub(crate) mod host;
mod layers;
mod scalar_map;

pub use dense::{DenseParts, DensePullBack, dense};
pub use layers::{DenseLayer, dense_layers_vjp};
pub(crate) use scalar_map::{Direction, FusedMap, fused_map};

/// Whether operations on this tensor have kernels here.
pub(crate) fn has_kernels<const D: usize>(x: &burn::tensor::Tensor<D>) -> bool {
    #[cfg(feature = "flex")]
    return host::takes(x);
    #[cfg(not(feature = "flex"))]
    {
        let _ = x;
        false
    }
}
