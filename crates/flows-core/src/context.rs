//! What a conditional flow is conditioned on.

use burn::tensor::{Device, Float, Int, Tensor};

/// Something a flow can be conditioned on: one row a sample.
///
/// Implemented for `()` (no context), for float and integer tensors of any rank whose first axis is the batch, and for
/// pairs.
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
    ($kind:ty) => {
        impl<const D: usize> Context for Tensor<D, $kind> {
            fn rows(&self) -> Option<usize> {
                Some(self.dims()[0])
            }

            fn select_rows(&self, indices: &Tensor<1, Int>) -> Self {
                self.clone().select(0, indices.clone())
            }

            fn repeat_rows(&self, n: usize) -> Self {
                let rows = self.dims()[0];
                let indices: Vec<i64> = (0..rows as i64).flat_map(|row| std::iter::repeat_n(row, n)).collect();
                self.clone().select(0, Tensor::from_data(indices.as_slice(), &self.device()))
            }

            fn on(&self, device: &Device) -> Self {
                self.clone().to_device(device)
            }

            fn bytes(&self) -> Vec<u8> {
                self.to_data().as_bytes().to_vec()
            }
        }
    };
}

tensor_context!(Float);
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
        assert_eq!(().rows(), None);
    }
}
