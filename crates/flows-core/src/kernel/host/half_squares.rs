//! Half the sum of squares of each row, on the host.

use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::TensorData;

use super::dense::numbers;
use super::matrix::tensor;
use super::share::{Buffer, share_rows};
use crate::kernel::graph::FusedOp;

/// `constant - ½ Σ xᵢ²` of each row.
#[derive(Debug, Clone)]
pub(crate) struct HalfSquares {
    pub(crate) constant: f32,
}

/// Nanoseconds that a core takes for a number.
const COST: f64 = 0.25;

/// Numbers that are summed side by side.
const LANES: usize = 16;

impl FusedOp<Flex, 1> for HalfSquares {
    type Kept = ();

    fn forward(&self, [x]: &[FlexTensor; 1]) -> (FlexTensor, Option<FlexTensor>, ()) {
        let rows = x.shape()[0];
        let x = numbers(x);
        let width = x.len() / rows.max(1);
        let mut out = vec![self.constant; rows];
        share_rows(0..rows, [Buffer::new(&mut out, 1)], width as f64 * COST, &|rows, [out]| {
            pulp::Arch::new().dispatch(|| {
                for (out, row) in out.iter_mut().zip(x[rows.start * width..].chunks_exact(width.max(1))) {
                    *out -= 0.5 * sum_of_squares(row);
                }
            });
        });
        (tensor(out, [rows]), None, ())
    }

    fn backward(
        &self,
        [x]: &[FlexTensor; 1],
        (): (),
        (dy, _): (FlexTensor, Option<FlexTensor>),
        _: [bool; 1],
    ) -> [Option<FlexTensor>; 1] {
        let (shape, rows) = (x.shape(), x.shape()[0]);
        let (x, dy) = (numbers(x), numbers(&dy));
        let width = x.len() / rows.max(1);
        let mut dx = vec![0.0; x.len()];
        share_rows(0..rows, [Buffer::new(&mut dx, width)], width as f64 * COST, &|rows, [dx]| {
            let x = x[rows.start * width..].chunks_exact(width.max(1));
            for ((dx, x), dy) in dx.chunks_exact_mut(width.max(1)).zip(x).zip(&dy[rows]) {
                dx.iter_mut().zip(x).for_each(|(dx, x)| *dx = -x * dy);
            }
        });
        [Some(FlexTensor::from_data(TensorData::new(dx, shape)))]
    }
}

#[inline(always)]
fn sum_of_squares(row: &[f32]) -> f32 {
    let mut sums = [0.0; LANES];
    let (lanes, rest) = row.as_chunks::<LANES>();
    for lane in lanes {
        for i in 0..LANES {
            sums[i] += lane[i] * lane[i];
        }
    }
    sums.iter().sum::<f32>() + rest.iter().map(|v| v * v).sum::<f32>()
}
