//! Scalar maps on many elements at once: how the numbers of a batch come to lie side by side, and go back.

use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::{Shape, Tensor, TensorData};

use super::share::{Buffer, share_rows};
use super::tensors::{constant, free};
use crate::MapPullBack;
use crate::kernel::Direction;
use crate::kernel::graph::FusedOp;

/// How many elements are worked on side by side.
pub(crate) const LANES: usize = 64;

/// One number of each of those elements.
pub(crate) type Lane = [f32; LANES];

/// A monotone scalar map with so many parameters an element.
///
/// Its functions are loops over lanes without branches or calls, marked to be inlined: they are compiled for the best
/// instructions that the machine has.
pub(crate) trait ScalarMap: Clone + std::fmt::Debug + Send + Sync + 'static {
    /// How many parameters an element has.
    fn params(&self) -> usize;

    /// How many lanes the functions want to write into as they please.
    fn scratch(&self) -> usize {
        0
    }

    /// Nanoseconds that an element takes, about.
    fn cost(&self) -> f64;

    /// `y` and the logarithm of its slope.
    fn forward(&self, x: &Lane, params: &[Lane], scratch: &mut [Lane]) -> (Lane, Lane);

    /// `x` and the logarithm of its slope in `y`.
    fn inverse(&self, y: &Lane, params: &[Lane], scratch: &mut [Lane]) -> (Lane, Lane);

    /// From the gradients of `y` and of the logarithm of its slope, those of `x` and of the parameters.
    fn backward(
        &self,
        x: &Lane,
        params: &[Lane],
        dy_and_dl: (&Lane, &Lane),
        d_params: &mut [Lane],
        scratch: &mut [Lane],
    ) -> Lane;
}

/// A map applied to every element: `x`, `[batch, ...event]`, and its parameters, `[batch, params * ...event]`, to `y`
/// and its log-determinant, `[batch]`, or the logarithms of the slopes, as `x`.
#[derive(Debug, Clone)]
pub(crate) struct Mapped<M> {
    pub(crate) map: M,
    pub(crate) direction: Direction,
    /// Whether the logarithms of the slopes are summed over the event; only then is there a backward.
    pub(crate) summed: bool,
}

/// Rows of numbers, some of them perhaps between rows of others.
struct RowsOf<'a> {
    data: &'a [f32],
    step: usize,
    width: usize,
}

impl RowsOf<'_> {
    fn row(&self, i: usize) -> &[f32] {
        &self.data[i * self.step..][..self.width]
    }
}

/// The tensor, or a copy where the numbers of a sample do not lie side by side.
fn side_by_side(x: &FlexTensor) -> FlexTensor {
    let (shape, strides) = (x.shape(), x.layout().strides());
    let mut expected = 1;
    for axis in (1..shape.num_dims()).rev() {
        if shape[axis] != 1 && strides[axis] != expected {
            return x.to_contiguous();
        }
        expected *= shape[axis] as isize;
    }
    if strides[0] < 0 { x.to_contiguous() } else { x.clone() }
}

fn rows_of(x: &FlexTensor) -> RowsOf<'_> {
    let layout = x.layout();
    let width = event(&x.shape());
    let step = usize::try_from(layout.strides()[0]).expect("`side_by_side` has made it positive");
    RowsOf { data: &x.storage::<f32>()[layout.start_offset()..], step, width }
}

fn event(shape: &Shape) -> usize {
    (1..shape.num_dims()).map(|axis| shape[axis]).product()
}

impl<M: ScalarMap> FusedOp<Flex, 2> for Mapped<M> {
    /// The output, where the backward starts from it.
    type Kept = Option<FlexTensor>;

    fn forward(&self, [x, params]: &[FlexTensor; 2]) -> (FlexTensor, Option<FlexTensor>, Self::Kept) {
        let (shape, batch, elements) = (x.shape(), x.shape()[0], event(&x.shape()));
        let (x, params) = (side_by_side(x), side_by_side(params));
        let (x, params) = (rows_of(&x), rows_of(&params));
        let slopes = if self.summed { 1 } else { elements };
        let (mut y, mut log_slope) = (vec![0.0; batch * elements], vec![0.0; batch * slopes]);
        let buffers = [Buffer::new(&mut y, elements), Buffer::new(&mut log_slope, slopes)];
        let cost = self.map.cost() * elements as f64;
        share_rows(0..batch, buffers, cost, &|rows, [y, log_slope]| {
            pulp::Arch::new().dispatch(Apply { op: self, x: &x, params: &params, first: rows.start, y, log_slope });
        });
        let wrapped = |data, shape| FlexTensor::from_data(TensorData::new(data, shape));
        let second = wrapped(log_slope, if self.summed { Shape::new([batch]) } else { shape.clone() });
        let y = wrapped(y, shape);
        let kept = (self.direction == Direction::Inverse).then(|| y.clone());
        (y, Some(second), kept)
    }

    fn backward(
        &self,
        [x, params]: &[FlexTensor; 2],
        kept: Self::Kept,
        (dy, d_log_det): (FlexTensor, Option<FlexTensor>),
        _: [bool; 2],
    ) -> [Option<FlexTensor>; 2] {
        assert!(self.summed, "the backward is that of the log-determinant");
        let (shape, params_shape) = (x.shape(), params.shape());
        let (batch, elements) = (shape[0], event(&shape));
        // Both directions go back through the map at `x`, the point on the data's side.
        let x = side_by_side(kept.as_ref().unwrap_or(x));
        let (params, dy) = (side_by_side(params), side_by_side(&dy));
        let d_log_det = d_log_det.unwrap_or_else(|| FlexTensor::zeros(Shape::new([batch]), x.dtype()));
        let d_log_det = d_log_det.to_contiguous();
        let d_log_det = d_log_det.as_slice::<f32>().expect("made contiguous, of the float type of its tensor");
        let (x, params, dy) = (rows_of(&x), rows_of(&params), rows_of(&dy));
        let (mut dx, mut d_params) = (vec![0.0; batch * elements], vec![0.0; batch * params.width]);
        let buffers = [Buffer::new(&mut dx, elements), Buffer::new(&mut d_params, params.width)];
        let cost = 2.0 * self.map.cost() * elements as f64;
        share_rows(0..batch, buffers, cost, &|rows, [dx, d_params]| {
            let (x, params, dy, first) = (&x, &params, &dy, rows.start);
            pulp::Arch::new().dispatch(PullBack { op: self, x, params, dy, d_log_det, first, dx, d_params });
        });
        let wrapped = |data, shape| Some(FlexTensor::from_data(TensorData::new(data, shape)));
        [wrapped(dx, shape), wrapped(d_params, params_shape)]
    }
}

/// A map applied outside of any graph, and the way back through it.
pub(crate) fn map_vjp<'a, const D: usize, M: ScalarMap>(
    op: Mapped<M>,
    x: &Tensor<D>,
    params: &Tensor<D>,
) -> (Tensor<D>, Tensor<1>, MapPullBack<'a, D>) {
    let inputs = [constant(x.clone()), constant(params.clone())];
    let (y, log_det, kept) = op.forward(&inputs);
    let pull_back: MapPullBack<'a, D> = Box::new(move |dy, d_log_det, _| {
        let grads = (constant(dy), Some(constant(d_log_det.clone())));
        let [dx, d_params] = op.backward(&inputs, kept, grads, [true; 2]).map(|grad| grad.expect("both are wanted"));
        (free(dx), free(d_params))
    });
    (free(y), free(log_det.expect("a map has two outputs")), pull_back)
}

/// A stretch of elements of one row: where it starts in the lanes and in the row, and how long it is.
#[derive(Clone, Copy)]
struct Run {
    lane: usize,
    row: usize,
    element: usize,
    length: usize,
}

/// Calls `block` with the runs of up to as many elements as there are lanes, until all rows are through.
#[inline(always)]
fn blocks(rows: usize, elements: usize, mut block: impl FnMut(&[Run])) {
    let (mut row, mut element) = (0, 0);
    let mut runs = [Run { lane: 0, row: 0, element: 0, length: 0 }; LANES];
    while row < rows && elements > 0 {
        let (mut lane, mut count) = (0, 0);
        while lane < LANES && row < rows {
            let length = (elements - element).min(LANES - lane);
            runs[count] = Run { lane, row, element, length };
            (lane, count, element) = (lane + length, count + 1, element + length);
            if element == elements {
                (row, element) = (row + 1, 0);
            }
        }
        block(&runs[..count]);
    }
}

/// Copies few numbers without a call.
#[inline(always)]
fn copy(to: &mut [f32], from: &[f32]) {
    match (to.len(), from) {
        (1, [a]) => to[0] = *a,
        (2, [a, b]) => to.copy_from_slice(&[*a, *b]),
        (3, [a, b, c]) => to.copy_from_slice(&[*a, *b, *c]),
        (4, [a, b, c, d]) => to.copy_from_slice(&[*a, *b, *c, *d]),
        _ => to.copy_from_slice(from),
    }
}

struct Apply<'a, M> {
    op: &'a Mapped<M>,
    x: &'a RowsOf<'a>,
    params: &'a RowsOf<'a>,
    first: usize,
    y: &'a mut [f32],
    log_slope: &'a mut [f32],
}

impl<M: ScalarMap> pulp::WithSimd for Apply<'_, M> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Self { op, x, params, first, y, log_slope } = self;
        let elements = x.width;
        let mut from = [0.0; LANES];
        let (mut raw, mut scratch) = (vec![[0.0; LANES]; op.map.params()], vec![[0.0; LANES]; op.map.scratch()]);
        blocks(y.len() / elements.max(1), elements, |runs| {
            load(runs, elements, first, x, params, &mut from, &mut raw);
            let (to, slopes) = match op.direction {
                Direction::Forward => op.map.forward(&from, &raw, &mut scratch),
                Direction::Inverse => op.map.inverse(&from, &raw, &mut scratch),
            };
            for Run { lane, row, element, length } in runs.iter().copied() {
                let place = row * elements + element;
                copy(&mut y[place..place + length], &to[lane..lane + length]);
                if op.summed {
                    log_slope[row] += slopes[lane..lane + length].iter().sum::<f32>();
                } else {
                    copy(&mut log_slope[place..place + length], &slopes[lane..lane + length]);
                }
            }
        });
    }
}

/// Brings elements and their parameters into the lanes.
#[inline(always)]
fn load(
    runs: &[Run],
    elements: usize,
    first: usize,
    x: &RowsOf<'_>,
    params: &RowsOf<'_>,
    lanes: &mut Lane,
    raw: &mut [Lane],
) {
    for Run { lane, row, element, length } in runs.iter().copied() {
        copy(&mut lanes[lane..lane + length], &x.row(first + row)[element..element + length]);
        let params = params.row(first + row);
        for (raw, params) in raw.iter_mut().zip(params.chunks_exact(elements)) {
            copy(&mut raw[lane..lane + length], &params[element..element + length]);
        }
    }
}

struct PullBack<'a, M> {
    op: &'a Mapped<M>,
    x: &'a RowsOf<'a>,
    params: &'a RowsOf<'a>,
    dy: &'a RowsOf<'a>,
    d_log_det: &'a [f32],
    first: usize,
    dx: &'a mut [f32],
    d_params: &'a mut [f32],
}

impl<M: ScalarMap> pulp::WithSimd for PullBack<'_, M> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Self { op, x, params, dy, d_log_det, first, dx, d_params } = self;
        let (elements, count) = (x.width, op.map.params());
        let (mut at, mut out, mut slope) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
        let (mut raw, mut d_raw) = (vec![[0.0; LANES]; count], vec![[0.0; LANES]; count]);
        let mut scratch = vec![[0.0; LANES]; op.map.scratch()];
        blocks(dx.len() / elements.max(1), elements, |runs| {
            load(runs, elements, first, x, params, &mut at, &mut raw);
            for Run { lane, row, element, length } in runs.iter().copied() {
                copy(&mut out[lane..lane + length], &dy.row(first + row)[element..element + length]);
                slope[lane..lane + length].fill(d_log_det[first + row]);
            }
            let back = match op.direction {
                Direction::Forward => op.map.backward(&at, &raw, (&out, &slope), &mut d_raw, &mut scratch),
                Direction::Inverse => inverse_backward(&op.map, &at, &raw, (&out, &slope), &mut d_raw, &mut scratch),
            };
            for Run { lane, row, element, length } in runs.iter().copied() {
                let place = row * elements + element;
                copy(&mut dx[place..place + length], &back[lane..lane + length]);
                let d_params = &mut d_params[row * count * elements..][..count * elements];
                for (d_params, d_raw) in d_params.chunks_exact_mut(elements).zip(&d_raw) {
                    copy(&mut d_params[element..element + length], &d_raw[lane..lane + length]);
                }
            }
        });
    }
}

/// The gradients of the inverse `x = f⁻¹(y)` and of `l = -log f'(x)`, at `x`, by those of the map `f`:
///
/// ```text
/// λ = (dx + dl ∂l/∂x) / f'(x)        dy = λ        d_params = what f gives for the gradients -λ of y and -dl of log f'
/// ```
#[inline(always)]
fn inverse_backward<M: ScalarMap>(
    map: &M,
    x: &Lane,
    params: &[Lane],
    (dx, dl): (&Lane, &Lane),
    d_params: &mut [Lane],
    scratch: &mut [Lane],
) -> Lane {
    let (_, log_slope) = map.forward(x, params, scratch);
    let minus = dl.map(|dl| -dl);
    let bend = map.backward(x, params, (&[0.0; LANES], &minus), d_params, scratch);
    let (mut dy, mut bent) = ([0.0; LANES], [0.0; LANES]);
    for i in 0..LANES {
        dy[i] = (dx[i] + bend[i]) * super::math::exp(-log_slope[i]);
        bent[i] = -dy[i];
    }
    map.backward(x, params, (&bent, &minus), d_params, scratch);
    dy
}
