//! The operation that the kernels implement, on burn's backends.

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::{DType, Tensor};
use burn_cubecl::CubeBackend;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;
use cubecl::calculate_cube_count_elemwise;
use cubecl::prelude::CubeDim;

use super::affine::{affine_map, affine_map_backward};
use super::rational_quadratic::{ShapeLaunch, spline_map, spline_map_backward};
use crate::kernel::graph::{FusedOp, tracked};

/// A scalar map and its direction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CubeMap {
    pub(crate) kind: CubeMapKind,
    pub(crate) inverse: bool,
}

/// Which map it is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum CubeMapKind {
    /// The kind of bound, and the bound.
    Affine(u32, f32),
    Spline {
        bins: usize,
        circular: bool,
        lower: f32,
        length: f32,
        mins: [f32; 3],
    },
}

/// A scalar map on every element; the logarithm of the slope of each comes with it.
#[backend_extension(Cube, Fusion, Autodiff)]
pub(crate) trait ScalarMapOps: Backend {
    #[fusion(meta = |x, _params, _map| (x.clone(), x.clone()))]
    fn scalar_map(
        x: FloatTensor<Self>,
        params: FloatTensor<Self>,
        map: CubeMap,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    #[fusion(meta = |x, params, _dy, _dl, _map| (x.clone(), params.clone()))]
    fn scalar_map_backward(
        x: FloatTensor<Self>,
        params: FloatTensor<Self>,
        dy: FloatTensor<Self>,
        dl: FloatTensor<Self>,
        map: CubeMap,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);
}

impl ScalarMapOps for CubeBackend {
    fn scalar_map(x: CubeTensor, params: CubeTensor, map: CubeMap) -> (CubeTensor, CubeTensor) {
        let (x, params) = (into_contiguous(x), into_contiguous(params));
        let (y, log_slope) = (like(&x), like(&x));
        let (count, elements) = (x.shape().num_elements(), x.shape().num_elements() / x.shape()[0].max(1));
        if count > 0 {
            let (client, dim) = (x.client.clone(), CubeDim::new(&x.client, count));
            let cubes = calculate_cube_count_elemwise(&client, count, dim);
            let (x, params) = (x.into_tensor_arg(), params.into_tensor_arg());
            let (to, slope) = (y.clone().into_tensor_arg(), log_slope.clone().into_tensor_arg());
            match map.kind {
                CubeMapKind::Affine(kind, bound) => {
                    affine_map::launch(&client, cubes, dim, x, params, to, slope, elements, bound, kind, map.inverse);
                }
                CubeMapKind::Spline { bins, circular, .. } => {
                    let shape = shape(map.kind, elements);
                    spline_map::launch(&client, cubes, dim, x, params, to, slope, shape, bins, circular, map.inverse);
                }
            }
        }
        (y, log_slope)
    }

    fn scalar_map_backward(
        x: CubeTensor,
        params: CubeTensor,
        dy: CubeTensor,
        dl: CubeTensor,
        map: CubeMap,
    ) -> (CubeTensor, CubeTensor) {
        let [x, params, dy, dl] = [x, params, dy, dl].map(into_contiguous);
        let (dx, d_params) = (like(&x), like(&params));
        let (count, elements) = (x.shape().num_elements(), x.shape().num_elements() / x.shape()[0].max(1));
        if count > 0 {
            let (client, dim) = (x.client.clone(), CubeDim::new(&x.client, count));
            let cubes = calculate_cube_count_elemwise(&client, count, dim);
            let [x, params, dy, dl] = [x, params, dy, dl].map(CubeTensor::into_tensor_arg);
            let [to, slopes] = [&dx, &d_params].map(|grad| grad.clone().into_tensor_arg());
            let inverse = map.inverse;
            match map.kind {
                CubeMapKind::Affine(kind, bound) => affine_map_backward::launch(
                    &client, cubes, dim, x, params, dy, dl, to, slopes, elements, bound, kind, inverse,
                ),
                CubeMapKind::Spline { bins, circular, .. } => {
                    let shape = shape(map.kind, elements);
                    spline_map_backward::launch(
                        &client, cubes, dim, x, params, dy, dl, to, slopes, shape, bins, circular, inverse,
                    );
                }
            }
        }
        (dx, d_params)
    }
}

/// Memory for a tensor of this shape.
fn like(x: &CubeTensor) -> CubeTensor {
    let memory = x.client.empty(x.shape().num_elements() * x.dtype.size());
    CubeTensor::new_contiguous(x.client.clone(), x.device.clone(), x.shape(), memory, x.dtype)
}

fn shape(kind: CubeMapKind, elements: usize) -> ShapeLaunch {
    let CubeMapKind::Spline { bins, lower, length, mins: [width, height, slope], .. } = kind else {
        unreachable!("the shape of a spline")
    };
    let free = |min: f32| 1.0 - min * bins as f32;
    let offset = f64::from(1.0 - slope).exp_m1().ln() as f32;
    ShapeLaunch::new(elements, lower, length, width, free(width), height, free(height), slope, offset)
}

impl<B: Backend + ScalarMapOps, C: CheckpointStrategy> ScalarMapOps for Autodiff<B, C> {
    fn scalar_map(
        x: FloatTensor<Self>,
        params: FloatTensor<Self>,
        map: CubeMap,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let (y, log_slope) = tracked::<B, C, 2, CubeMap>(map, [x, params]);
        (y, log_slope.expect("a map has two outputs"))
    }

    fn scalar_map_backward(
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: CubeMap,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        unreachable!("burn differentiates once")
    }
}

impl<B: Backend + ScalarMapOps> FusedOp<B, 2> for CubeMap {
    /// The output, where the way back starts from it.
    type Kept = Option<FloatTensor<B>>;

    fn forward(&self, [x, params]: &[FloatTensor<B>; 2]) -> (FloatTensor<B>, Option<FloatTensor<B>>, Self::Kept) {
        let (y, log_slope) = B::scalar_map(x.clone(), params.clone(), *self);
        let kept = self.inverse.then(|| y.clone());
        (y, Some(log_slope), kept)
    }

    fn backward(
        &self,
        [x, params]: &[FloatTensor<B>; 2],
        kept: Self::Kept,
        (dy, dl): (FloatTensor<B>, Option<FloatTensor<B>>),
        _: [bool; 2],
    ) -> [Option<FloatTensor<B>>; 2] {
        let dl = dl.unwrap_or_else(|| B::float_zeros(x.shape(), &x.device(), x.dtype().into()));
        let x = kept.unwrap_or_else(|| x.clone());
        let (dx, d_params) = B::scalar_map_backward(x, params.clone(), dy, dl, *self);
        [Some(dx), Some(d_params)]
    }
}

/// Whether a tensor is one that the kernels take: on CubeCL, in single precision.
pub(crate) fn takes<const D: usize>(x: &Tensor<D>) -> bool {
    x.dtype() == DType::F32 && crate::device::is_cube(&x.device())
}

/// The map on every element, and the logarithm of the slope of each.
pub(crate) fn apply<const D: usize>(map: CubeMap, x: Tensor<D>, params: Tensor<D>) -> (Tensor<D>, Tensor<D>) {
    let (y, log_slope) = <Dispatch as ScalarMapOps>::scalar_map(x.into_dispatch(), params.into_dispatch(), map);
    (Tensor::from_dispatch(y), Tensor::from_dispatch(log_slope))
}
