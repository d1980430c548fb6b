//! Products added to what is there, on the host.

use std::ops::Range;

use burn::backend::flex::FlexTensor;
use burn::tensor::Tensor;

use super::matrix::{Matrix, add_product, matrix, strided};
use super::share::{Buffer, product_cost, share_rows};
use super::tensors::constant;

/// Weights of a layer, `[inputs, outputs]`, where they lie.
#[derive(Debug, Clone)]
pub(crate) struct Strided(FlexTensor);

impl Strided {
    pub(crate) fn new(weights: Tensor<2>) -> Self {
        Self(strided(&constant(weights)))
    }

    /// `out += W[inputs, outputs]ᵀ x`: rows of `width` numbers, in `x` a row an input, in `out` a row an output.
    pub(crate) fn add_block(&self, [inputs, outputs]: [Range<usize>; 2], x: &[f32], width: usize, out: &mut [f32]) {
        let block = matrix(&self.0).rows(inputs.start, inputs.len()).columns(outputs.start, outputs.len());
        let (block, x, cost) = (block.transposed(), Matrix::new(x, width), product_cost(inputs.len() * width));
        share_rows(0..outputs.len(), [Buffer::new(out, width)], cost, &|rows, [out]| {
            add_product(out, width, block.rows(rows.start, rows.len()), x);
        });
    }
}
