//! Operations on tensors in host memory, in single precision: in one pass over memory, vectorised, on several threads
//! where the work is worth it, with a backward of their own.

mod affine;
mod dense;
mod half_squares;
mod lanes;
mod math;
mod matrix;
mod product;
mod rational_quadratic;
mod share;
mod tensors;

pub(crate) use affine::{AffineMap, Bound};
pub(crate) use dense::{Dense, DensePart, activate};
pub(crate) use half_squares::HalfSquares;
pub(crate) use lanes::{Mapped, ScalarMap, map_vjp};
pub(crate) use product::Strided;
pub(crate) use rational_quadratic::Spline;
pub(crate) use tensors::{apply, constant, free, inner, take, takes};
