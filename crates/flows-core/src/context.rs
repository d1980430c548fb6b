//! What a conditional flow is conditioned on.

use burn::tensor::{Bool, Device, Float, Int, Tensor};

use crate::event::event_size;
use crate::numerics::host;
use crate::overflow::rows_with;

/// Something a flow can be conditioned on: one row a sample.
///
/// Implemented for `()` (no context), for float and integer tensors of any rank whose first axis is the batch, and for
/// pairs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a context",
    note = "a context is `()`, a tensor with one row a sample (`Tensor<2>` for numbers, `Tensor<1, Int>` for classes), or a \
            pair of contexts"
)]
pub trait Context: Clone + Send {
    /// The number of rows, or `None` where a context fits any batch.
    fn rows(&self) -> Option<usize>;
    /// The given rows, in that order.
    fn select_rows(&self, indices: &Tensor<1, Int>) -> Self;
    /// Each row `n` times in a row: `a a b b` for `n = 2`.
    fn repeat_rows(&self, n: usize) -> Self;
    /// The same context on another device.
    fn on(&self, device: &Device) -> Self;
    /// Its numbers, by which a checkpoint knows it again.
    fn bytes(&self) -> Vec<u8>;

    /// The context as rows of numbers, `[rows, width]`, where it is that: a flow then brings its columns to a common
    /// scale. Classes, images and pairs are none.
    fn columns(&self) -> Option<Tensor<2>> {
        None
    }

    /// The same context with other numbers in its [`columns`](Self::columns).
    fn with_columns(&self, _columns: Tensor<2>) -> Self {
        self.clone()
    }

    /// Which rows hold a NaN or an infinity, `[rows]`; `None` where none can.
    fn not_finite(&self) -> Option<Tensor<1, Bool>> {
        None
    }
}

/// A context with one row a sample of a batch.
///
/// # Panics
/// If the context has neither one row nor as many as the batch.
pub(crate) fn one_row_each<C: Context>(context: &C, batch: usize) -> C {
    match context.rows() {
        Some(1) if batch != 1 => context.repeat_rows(batch),
        Some(rows) if rows != batch => panic!("`context`: expected 1 or {batch} rows, as many as `x`, got {rows}"),
        _ => context.clone(),
    }
}

/// # Panics
/// If the context has not one row a sample.
pub(crate) fn assert_rows<C: Context>(context: &C, batch: usize) {
    if let Some(rows) = context.rows().filter(|rows| *rows != batch) {
        panic!("`context`: expected {batch} rows, one a sample, got {rows}");
    }
}

/// # Panics
/// If there is a context and nobody sees it.
pub(crate) fn assert_seen<C: Context>(context: &C, seen: bool) {
    assert!(
        seen || context.rows().is_none(),
        "`context`: expected a flow that depends on it, made by `.given(width)` or `.by_class(classes)`"
    );
}

/// The rows that hold a NaN or an infinity, counted from 0.
pub(crate) fn bad_rows<C: Context>(context: &C) -> Vec<usize> {
    let Some(rows) = context.not_finite() else { return vec![] };
    let rows = host(rows.float());
    (0..rows.len()).filter(|&row| rows[row] != 0.0).collect()
}

impl Context for () {
    fn rows(&self) -> Option<usize> {
        None
    }

    fn select_rows(&self, _: &Tensor<1, Int>) {}

    fn repeat_rows(&self, _: usize) {}

    fn on(&self, _: &Device) {}

    fn bytes(&self) -> Vec<u8> {
        vec![]
    }
}

macro_rules! tensor_context {
    ($kind:ty $(, $($more:tt)*)?) => {
        impl<const D: usize> Context for Tensor<D, $kind> {
            fn rows(&self) -> Option<usize> {
                Some(self.dims()[0])
            }

            fn select_rows(&self, indices: &Tensor<1, Int>) -> Self {
                // Of no rows, without a look at them.
                if indices.dims()[0] == 0 {
                    let mut none = self.dims();
                    none[0] = 0;
                    return Tensor::empty(none, (&self.device(), self.dtype()));
                }
                self.clone().select(0, indices.clone())
            }

            fn repeat_rows(&self, n: usize) -> Self {
                let rows = if n == 0 { 0 } else { self.dims()[0] };
                let indices: Vec<i64> = (0..rows as i64).flat_map(|row| std::iter::repeat_n(row, n)).collect();
                self.select_rows(&Tensor::from_data(indices.as_slice(), &self.device()))
            }

            fn on(&self, device: &Device) -> Self {
                self.clone().to_device(device)
            }

            fn bytes(&self) -> Vec<u8> {
                self.to_data().as_bytes().to_vec()
            }

            $($($more)*)?
        }
    };
}

tensor_context! {
    Float,
    fn columns(&self) -> Option<Tensor<2>> {
        (D == 2).then(|| self.clone().reshape([self.dims()[0], event_size(self)]))
    }

    fn with_columns(&self, columns: Tensor<2>) -> Self {
        if D == 2 { columns.reshape(self.dims()) } else { self.clone() }
    }

    fn not_finite(&self) -> Option<Tensor<1, Bool>> {
        Some(rows_with(self.clone().without_autodiff().is_finite().bool_not()))
    }
}
tensor_context!(Int);

impl<A: Context, B: Context> Context for (A, B) {
    fn rows(&self) -> Option<usize> {
        self.0.rows().or(self.1.rows())
    }

    fn select_rows(&self, indices: &Tensor<1, Int>) -> Self {
        (self.0.select_rows(indices), self.1.select_rows(indices))
    }

    fn repeat_rows(&self, n: usize) -> Self {
        (self.0.repeat_rows(n), self.1.repeat_rows(n))
    }

    fn on(&self, device: &Device) -> Self {
        (self.0.on(device), self.1.on(device))
    }

    fn bytes(&self) -> Vec<u8> {
        [self.0.bytes(), self.1.bytes()].concat()
    }

    fn not_finite(&self) -> Option<Tensor<1, Bool>> {
        match (self.0.not_finite(), self.1.not_finite()) {
            (Some(a), Some(b)) => Some(a.bool_or(b)),
            (a, b) => a.or(b),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_repeated_one_after_the_other() {
        let device = Device::default();
        let context = (Tensor::<2>::from_data([[1.0], [2.0]], &device), Tensor::<1, Int>::from_data([7, 8], &device));
        let (a, b) = context.repeat_rows(2);
        assert_eq!(a.to_data(), [[1.0f32], [1.0], [2.0], [2.0]].into());
        b.to_data().assert_eq(&Tensor::<1, Int>::from_data([7, 7, 8, 8], &device).to_data(), true);
        assert_eq!(context.rows(), Some(2));
        let (a, b) = context.repeat_rows(0);
        assert_eq!((a.dims(), b.dims()), ([0, 1], [0]));
        assert_eq!(().rows(), None);
    }

    #[test]
    fn rows_that_are_not_finite_are_found_in_every_part_of_a_context() {
        let device = Device::default();
        let a = Tensor::<2>::from_data([[1.0, f32::NAN], [2.0, 0.0], [0.0, 0.0]], &device);
        let b = Tensor::<1>::from_data([f32::INFINITY, 0.0, f32::NAN], &device);
        assert_eq!(bad_rows(&a), [0]);
        assert_eq!(bad_rows(&(a, (b, Tensor::<1, Int>::from_data([7, 8, 9], &device)))), [0, 2]);
    }

    #[test]
    fn rows_of_numbers_have_columns_and_images_and_classes_none() {
        let device = Device::default();
        assert_eq!(Tensor::<2>::zeros([3, 2], &device).columns().map(|columns| columns.dims()), Some([3, 2]));
        assert!(Tensor::<4>::zeros([3, 1, 2, 2], &device).columns().is_none());
        assert!(Tensor::<1, Int>::from_data([1], &device).columns().is_none());
    }
}
