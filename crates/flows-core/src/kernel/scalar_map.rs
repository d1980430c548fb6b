//! What the scalar maps share: the choice between a kernel and ordinary operations.

use burn::tensor::Tensor;

use crate::{Elementwise, MapPullBack, sum_event};

/// Which way a map is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From data to latent.
    Forward,
    /// From latent to data.
    Inverse,
}

/// A scalar map on every element, as kernels and ordinary operations both have it.
pub(crate) trait FusedMap: Elementwise {
    /// The map as the host's kernels know it, if they do.
    #[cfg(feature = "flex")]
    type Host: super::host::ScalarMap;

    /// The map as the host's kernels know it, if they do.
    #[cfg(feature = "flex")]
    fn host(&self) -> Option<Self::Host>;

    /// The map as the kernels for GPUs know it, if they do.
    #[cfg(feature = "cube")]
    fn cube(&self) -> Option<super::cube::CubeMapKind>;

    /// The same by ordinary operations: the values, and the logarithm of the slope of each.
    fn ordinary<const D: usize>(&self, x: Tensor<D>, params: Tensor<D>, direction: Direction)
    -> (Tensor<D>, Tensor<D>);

    /// The values, and the log-determinant, `[batch]`.
    ///
    /// # Panics
    /// If there is another number of parameters than the map needs.
    fn fused<const D: usize>(&self, x: Tensor<D>, params: Tensor<D>, direction: Direction) -> (Tensor<D>, Tensor<1>) {
        assert_params(self, &x, &params);
        #[cfg(feature = "flex")]
        if let Some(map) = self.host().filter(|_| super::host::take(&x, &params)) {
            return on_host(map, x, params, direction, true);
        }
        let (y, log_slope) = self.by_element(x, params, direction);
        (y, sum_event(log_slope))
    }

    /// [`fused`](Self::fused), forward, and the way back through the kernel; nothing where there is none.
    fn fused_vjp<'a, const D: usize>(
        &self,
        x: &Tensor<D>,
        params: &Tensor<D>,
    ) -> Option<(Tensor<D>, Tensor<1>, MapPullBack<'a, D>)> {
        assert_params(self, x, params);
        #[cfg(feature = "flex")]
        if let Some(map) = self.host().filter(|_| super::host::take(x, params)) {
            let op = super::host::Mapped { map, direction: Direction::Forward, summed: true };
            return Some(super::host::map_vjp(op, x, params));
        }
        let _ = (x, params);
        None
    }

    /// The values, and the logarithm of the slope of each.
    fn fused_each<const D: usize>(
        &self,
        x: Tensor<D>,
        params: Tensor<D>,
        direction: Direction,
    ) -> (Tensor<D>, Tensor<D>) {
        assert_params(self, &x, &params);
        // Its kernel has no backward: gradients of single slopes are seldom wanted.
        #[cfg(feature = "flex")]
        if !x.is_autodiff()
            && !params.is_autodiff()
            && let Some(map) = self.host().filter(|_| super::host::take(&x, &params))
        {
            return on_host(map, x, params, direction, false);
        }
        self.by_element(x, params, direction)
    }

    /// A kernel for GPUs, or ordinary operations.
    fn by_element<const D: usize>(
        &self,
        x: Tensor<D>,
        params: Tensor<D>,
        direction: Direction,
    ) -> (Tensor<D>, Tensor<D>) {
        #[cfg(feature = "cube")]
        if let Some(kind) = self.cube().filter(|_| super::cube::takes(&x) && super::cube::takes(&params)) {
            let inverse = direction == Direction::Inverse;
            return super::cube::apply(super::cube::CubeMap { kind, inverse }, x, params);
        }
        self.ordinary(x, params, direction)
    }
}

/// A kernel reads as many parameters as it needs, from wherever they would be.
fn assert_params<const D: usize, M: Elementwise>(map: &M, x: &Tensor<D>, params: &Tensor<D>) {
    let mut expected = x.dims();
    expected[1] *= map.params_per_element();
    assert!(params.dims() == expected, "`params`: expected shape {expected:?}, got {:?}", params.dims());
}

/// Whether the host's kernels take this tensor.
pub(crate) fn has_kernels<const D: usize>(x: &Tensor<D>) -> bool {
    #[cfg(feature = "flex")]
    return super::host::takes(x);
    #[cfg(not(feature = "flex"))]
    {
        let _ = x;
        false
    }
}

#[cfg(feature = "flex")]
fn on_host<const D: usize, const E: usize, M: super::host::ScalarMap>(
    map: M,
    x: Tensor<D>,
    params: Tensor<D>,
    direction: Direction,
    summed: bool,
) -> (Tensor<D>, Tensor<E>) {
    let op = super::host::Mapped { map, direction, summed };
    let (y, log_slope) = super::host::apply(op, [x.into_dispatch(), params.into_dispatch()]);
    let log_slope = log_slope.expect("a map has two outputs");
    (Tensor::from_dispatch(y), Tensor::from_dispatch(log_slope))
}

/// The functions of an [`Elementwise`](crate::Elementwise) that has kernels.
macro_rules! fused_map {
    () => {
        fn forward_each<const D: usize>(&self, x: Tensor<D>, params: Tensor<D>) -> (Tensor<D>, Tensor<D>) {
            self.fused_each(x, params, Direction::Forward)
        }

        fn inverse_each<const D: usize>(&self, y: Tensor<D>, params: Tensor<D>) -> (Tensor<D>, Tensor<D>) {
            self.fused_each(y, params, Direction::Inverse)
        }

        fn forward<const D: usize>(&self, x: Tensor<D>, params: Tensor<D>) -> (Tensor<D>, Tensor<1>) {
            self.fused(x, params, Direction::Forward)
        }

        fn inverse<const D: usize>(&self, y: Tensor<D>, params: Tensor<D>) -> (Tensor<D>, Tensor<1>) {
            self.fused(y, params, Direction::Inverse)
        }

        fn forward_vjp<'a, const D: usize>(
            &'a self,
            x: Tensor<D>,
            params: Tensor<D>,
        ) -> (Tensor<D>, Tensor<1>, $crate::MapPullBack<'a, D>) {
            match self.fused_vjp(&x, &params) {
                Some(recorded) => recorded,
                None => $crate::elementwise::forward_vjp(self, x, params),
            }
        }
    };
}
pub(crate) use fused_map;
