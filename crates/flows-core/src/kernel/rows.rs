//! Matrices whose rows are computed from each other, in the memory of the host.

use std::ops::Range;

use burn::tensor::{DType, Device, Tensor, TensorData};

use super::DenseParts;
use crate::Activation;

/// A matrix in the memory of the host, whose rows are computed from each other in place.
///
/// For what fills it some rows at a time, where tensors would have to be cut up and put together again at each step.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{DenseParts, HostRows, HostWeights};
///
/// let device = Device::default();
/// let weight = Tensor::from_data([[2.0], [3.0]], &device);
/// let weights = HostWeights::new(&DenseParts::new(2).with(0, weight, None, Tensor::zeros([1], &device)));
/// let x = HostRows::new(Tensor::from_data([[1.0, 10.0], [1.0, 1.0]], &device), 2);
/// let y = HostRows::new(Tensor::from_data([[0.5]], &device), 2);
/// // Elsewhere tensors do it.
/// if let (Some(weights), Some(x), Some(mut y)) = (weights, x, y) {
///     y.add_product(0..1, &weights, &x, 0..2);
///     assert_eq!(y.rows(0..1), [5.5, 23.5]);
/// }
/// ```
#[derive(Debug, Clone)]
pub struct HostRows {
    numbers: Vec<f32>,
    rows: usize,
    width: usize,
}

/// The weights of a layer, `[inputs, outputs]`, by which [`HostRows`] are multiplied.
#[derive(Debug, Clone)]
pub struct HostWeights {
    parts: Vec<Part>,
}

/// Weights of some outputs, which see some inputs.
#[derive(Debug, Clone)]
struct Part {
    inputs: Range<usize>,
    outputs: Range<usize>,
    #[cfg(feature = "flex")]
    weight: super::host::Strided,
}

impl HostRows {
    /// The rows of `x`, `[rows, width]`, or, of `width` equal numbers each, `[rows, 1]`. `None` where there are no kernels:
    /// they are for flex, in single precision, outside of autodiff and with the crate's feature `flex`.
    ///
    /// # Panics
    /// If `x` has another number of columns.
    pub fn new(x: Tensor<2>, width: usize) -> Option<Self> {
        let [rows, columns] = x.dims();
        assert!(columns == width || columns == 1, "`x`: expected {width} columns or 1, got {columns}");
        if !super::has_kernels(&x) || x.is_autodiff() {
            return None;
        }
        let numbers: Vec<f32> = x.into_data().try_into_vec().expect("single precision, as was asked");
        if columns == width {
            return Some(Self { numbers, rows, width });
        }
        let mut repeated = Vec::with_capacity(rows * width);
        numbers.into_iter().for_each(|number| repeated.resize(repeated.len() + width, number));
        Some(Self { numbers: repeated, rows, width })
    }

    /// Rows of zeros.
    pub fn zeros(rows: usize, width: usize) -> Self {
        Self { numbers: vec![0.0; rows * width], rows, width }
    }

    /// The numbers of some rows.
    pub fn rows(&self, rows: Range<usize>) -> &[f32] {
        &self.numbers[rows.start * self.width..rows.end * self.width]
    }

    /// The numbers of some rows, to be written.
    pub fn rows_mut(&mut self, rows: Range<usize>) -> &mut [f32] {
        &mut self.numbers[rows.start * self.width..rows.end * self.width]
    }

    /// Adds to some rows, the outputs of some weights, what some rows of `from`, their inputs, give to them:
    ///
    /// ```text
    /// self[outputs] += W[inputs, outputs]ᵀ from[inputs]
    /// ```
    ///
    /// Weights that no part of the layer has are zeros.
    ///
    /// # Panics
    /// If there are fewer rows, or if those of `from` are not as wide.
    pub fn add_product(&mut self, outputs: Range<usize>, weights: &HostWeights, from: &Self, inputs: Range<usize>) {
        assert!(self.width == from.width, "`from`: expected rows of {} numbers, got {}", self.width, from.width);
        for part in &weights.parts {
            let (seen, made) = (overlap(&inputs, &part.inputs), overlap(&outputs, &part.outputs));
            if seen.is_empty() || made.is_empty() || self.width == 0 {
                continue;
            }
            #[cfg(feature = "flex")]
            {
                let within = |places: &Range<usize>, first: usize| places.start - first..places.end - first;
                let block = [within(&seen, part.inputs.start), within(&made, part.outputs.start)];
                part.weight.add_block(block, from.rows(seen), self.width, self.rows_mut(made));
            }
        }
    }

    /// What a nonlinearity makes of each of some numbers.
    ///
    /// # Panics
    /// Without the crate's feature `flex`.
    pub fn activate(numbers: Vec<f32>, activation: Activation) -> Vec<f32> {
        #[cfg(feature = "flex")]
        return super::host::activate(numbers, activation);
        #[cfg(not(feature = "flex"))]
        unreachable!("there are no kernels, so no rows: {activation:?} of {numbers:?}");
    }

    /// All rows, `[rows, width]`.
    pub fn into_tensor(self, device: &Device) -> Tensor<2> {
        Tensor::from_data(TensorData::new(self.numbers, [self.rows, self.width]), (device, DType::F32))
    }
}

impl HostWeights {
    /// The weights of a layer, those that a mask hides among them, on the conditions of [`HostRows::new`].
    pub fn new(layer: &DenseParts) -> Option<Self> {
        let mut outputs = 0;
        let parts = layer.weights().map(|(first, weight)| {
            let [seen, made] = weight.dims();
            outputs += made;
            (super::has_kernels(weight) && !weight.is_autodiff()).then(|| Part {
                inputs: first..first + seen,
                outputs: outputs - made..outputs,
                #[cfg(feature = "flex")]
                weight: super::host::Strided::new(weight.clone()),
            })
        });
        parts.collect::<Option<_>>().map(|parts| Self { parts })
    }
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> Range<usize> {
    a.start.max(b.start)..a.end.min(b.end)
}
