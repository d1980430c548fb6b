//! The operations that most of a flow's time goes into, each behind one function that the layers call.
//!
//! In single precision they have a backward written by hand: on flex as loops over memory (`host`, with the crate's feature
//! `flex`), on GPUs as CubeCL kernels (`cube`, with `wgpu` or `cuda`). Everywhere else they are ordinary operations of
//! burn, which are also what the tests compare with.

#[cfg(all(test, feature = "flex"))]
mod agreement;
#[cfg(feature = "cube")]
mod cube;
mod dense;
#[cfg(any(feature = "flex", feature = "cube"))]
mod graph;
#[cfg(feature = "flex")]
pub(crate) mod host;
mod layers;
mod normal;
mod product;
mod rows;
mod scalar_map;

#[cfg(feature = "cube")]
pub(crate) use cube::{CubeMapKind, SOFT_SIGN, TANH, UNBOUNDED};
pub use dense::{DenseParts, DensePullBack, dense};
pub use layers::{DenseLayer, dense_layers_vjp};
pub(crate) use normal::standard_normal_log_prob;
pub(crate) use product::product;
pub use rows::{HostRows, HostWeights};
pub(crate) use scalar_map::{Direction, FusedMap, fused_map, has_kernels};
