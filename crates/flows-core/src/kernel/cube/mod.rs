//! Kernels for GPUs, by CubeCL: an element a thread, each scalar map and its way back in one pass over memory.

mod affine;
mod ops;
mod rational_quadratic;

pub(crate) use affine::{SOFT_SIGN, TANH, UNBOUNDED};
pub(crate) use ops::{CubeMap, CubeMapKind, apply, takes};
