//! Dense layers on the host: product, bias and nonlinearity at once, and their gradients.

use std::mem::MaybeUninit;

use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::TensorData;

use super::math::{exp, sigmoid, tanh};
use super::matrix::{
    Matrix, add_product, all_written, matrix, memory, product, product_of_blocks, strided, tensor, written,
};
use super::share::{Buffer, product_cost, share_rows};
use super::tensors::{constant, free};
use crate::Activation;
use crate::kernel::graph::FusedOp;

/// A dense layer whose outputs come in parts. The inputs of the operation are `x`, then weights and bias of each part.
#[derive(Debug, Clone)]
pub(crate) struct Dense {
    pub(crate) parts: Vec<DensePart>,
    /// Any but [`Activation::Gelu`].
    pub(crate) activation: Option<Activation>,
}

/// Some outputs, and what they see.
#[derive(Debug, Clone)]
pub(crate) struct DensePart {
    /// The first input that these outputs see.
    pub(crate) first: usize,
    /// What some of the weights are multiplied by: those of the inputs from so many on.
    pub(crate) mask: Option<(usize, FlexTensor)>,
}

/// What the backward needs.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    /// The weights of each part.
    weights: Vec<Weights>,
    /// The output, or what the nonlinearity was applied to where its slope does not follow from the output.
    activated: Option<FlexTensor>,
}

/// The weights of a part, some of them under a mask.
#[derive(Debug, Clone)]
struct Weights {
    all: FlexTensor,
    /// Those from an input on that are under a mask, after it was applied.
    masked: Option<(usize, FlexTensor)>,
}

impl Weights {
    fn new(weight: &FlexTensor, part: &DensePart) -> Self {
        let all = strided(weight);
        let masked = part.mask.as_ref().map(|(first, mask)| {
            let [rows, columns] = [mask.shape()[0], mask.shape()[1]];
            let (weights, mask, mut product) = (matrix(&all), numbers(mask), Vec::with_capacity(rows * columns));
            for (i, mask) in mask.chunks_exact(columns.max(1)).enumerate() {
                match weights.is_side_by_side() {
                    true => product.extend(weights.row(first + i).iter().zip(mask).map(|(w, m)| w * m)),
                    false => product.extend(mask.iter().enumerate().map(|(j, m)| weights.at(first + i, j) * m)),
                }
            }
            (*first, tensor(product, [rows, columns]))
        });
        Self { all, masked }
    }

    /// `[inputs, outputs]`.
    fn shape(&self) -> [usize; 2] {
        let shape = self.all.shape();
        [shape[0], shape[1]]
    }

    fn count(&self) -> usize {
        let [inputs, outputs] = self.shape();
        inputs * outputs
    }

    /// The weights as blocks of rows, one after the other.
    fn blocks(&self) -> Vec<Matrix<'_>> {
        let all = matrix(&self.all);
        let Some((first, masked)) = &self.masked else { return vec![all] };
        let masked = matrix(masked);
        let after = first + masked.height();
        let blocks = [all.rows(0, *first), masked, all.rows(after, all.height() - after)];
        blocks.into_iter().filter(|block| block.height() > 0).collect()
    }
}

impl Dense {
    /// The first of the outputs of each part, and how many there are.
    fn columns(weights: &[Weights]) -> (Vec<usize>, usize) {
        let mut total = 0;
        let starts = weights.iter().map(|weights| {
            total += weights.shape()[1];
            total - weights.shape()[1]
        });
        (starts.collect(), total)
    }
}

impl<const N: usize> FusedOp<Flex, N> for Dense {
    type Kept = Kept;

    fn forward(&self, inputs: &[FlexTensor; N]) -> (FlexTensor, Option<FlexTensor>, Kept) {
        let (y, kept) = self.output(inputs);
        (y, None, kept)
    }

    fn backward(
        &self,
        inputs: &[FlexTensor; N],
        kept: Kept,
        (dy, _): (FlexTensor, Option<FlexTensor>),
        wanted: [bool; N],
    ) -> [Option<FlexTensor>; N] {
        let mut grads = [const { None }; N];
        self.gradients(inputs, kept, dy, &wanted, &mut grads);
        grads
    }
}

impl Dense {
    /// The output, and what the way back needs.
    pub(crate) fn output(&self, inputs: &[FlexTensor]) -> (FlexTensor, Kept) {
        let x = strided(&inputs[0]);
        let (rows, x) = (x.shape()[0], matrix(&x));
        let of_part = |(part, weight)| Weights::new(weight, part);
        let weights: Vec<Weights> = self.parts.iter().zip(inputs[1..].iter().step_by(2)).map(of_part).collect();
        let (starts, outputs) = Self::columns(&weights);
        let blocks: Vec<Vec<Matrix<'_>>> = weights.iter().map(Weights::blocks).collect();
        let bias: Vec<f32> =
            inputs[1..].iter().skip(1).step_by(2).flat_map(|bias| numbers(bias).into_owned()).collect();
        let cost = product_cost(weights.iter().map(Weights::count).sum());
        // The slope of SiLU does not follow from its value.
        let kept_width = if self.activation == Some(Activation::Silu) { outputs } else { 0 };
        let (mut y, mut z) = (memory(rows * outputs), memory(rows * kept_width));
        share_rows(0..rows, [Buffer::new(&mut y, outputs), Buffer::new(&mut z, kept_width)], cost, &|rows, [y, z]| {
            let x = x.rows(rows.start, rows.len());
            for (((part, weights), blocks), start) in self.parts.iter().zip(&weights).zip(&blocks).zip(&starts) {
                let (seen, end) = (x.columns(part.first, weights.shape()[0]), y.len());
                product_of_blocks(&mut y[(*start).min(end)..], outputs, seen, blocks);
            }
            z.copy_from_slice(&y[..z.len()]);
            #[allow(unsafe_code)]
            // SAFETY: the products of the parts have written all columns of `y`, and `z` is a copy of them.
            let (y, z) = unsafe { (written(y), written(z)) };
            add_and_activate(y, &bias, self.activation, z);
        });
        #[allow(unsafe_code)]
        // SAFETY: written above, row by row.
        let (y, z) = unsafe { (all_written(y), all_written(z)) };
        let y = tensor(y, [rows, outputs]);
        let activated = match self.activation {
            None => None,
            Some(Activation::Silu) => Some(tensor(z, [rows, outputs])),
            Some(_) => Some(y.clone()),
        };
        (y, Kept { weights, activated })
    }

    /// The gradients of the inputs that want one, from that of the output.
    pub(crate) fn gradients(
        &self,
        inputs: &[FlexTensor],
        kept: Kept,
        dy: FlexTensor,
        wanted: &[bool],
        grads: &mut [Option<FlexTensor>],
    ) {
        let x = strided(&inputs[0]);
        let ([rows, width], (starts, outputs)) = ([x.shape()[0], x.shape()[1]], Self::columns(&kept.weights));
        // In place, where nobody else holds the gradient.
        let mut dz = dy.into_data();
        let dz: &mut [f32] = dz.as_mut_slice().expect("gradients have the float type of their tensor");
        if let (Some(activation), Some(activated)) = (self.activation, &kept.activated) {
            let activated = numbers(activated);
            share_rows(0..rows, [Buffer::new(dz, outputs)], outputs as f64, &|rows, [dz]| {
                slope(dz, &activated[rows.start * outputs..], activation);
            });
        }
        let (x, dz) = (matrix(&x), Matrix::new(dz, outputs));
        if wanted[0] {
            let blocks: Vec<Vec<Matrix<'_>>> = kept.weights.iter().map(Weights::blocks).collect();
            let cost = product_cost(kept.weights.iter().map(Weights::count).sum());
            let mut dx = memory(rows * width);
            share_rows(0..rows, [Buffer::new(&mut dx, width)], cost, &|rows, [dx]| {
                let dz = dz.rows(rows.start, rows.len());
                if let [of_part] = &blocks[..]
                    && let [weights] = &of_part[..]
                    && weights.height() == width
                {
                    product(dx, width, dz, weights.transposed());
                    return;
                }
                dx.fill(MaybeUninit::new(0.0));
                #[allow(unsafe_code)]
                // SAFETY: filled with zeros.
                let dx = unsafe { written(dx) };
                let end = dx.len();
                for ((part, blocks), start) in self.parts.iter().zip(&blocks).zip(&starts) {
                    let mut first = part.first;
                    for block in blocks {
                        let of_part = dz.columns(*start, block.width());
                        add_product(&mut dx[first.min(end)..], width, of_part, block.transposed());
                        first += block.height();
                    }
                }
            });
            #[allow(unsafe_code)]
            // SAFETY: written above, row by row.
            let dx = unsafe { all_written(dx) };
            grads[0] = Some(tensor(dx, [rows, width]));
        }
        let sums = if wanted.iter().skip(2).step_by(2).any(|wanted| *wanted) { column_sums(dz) } else { vec![] };
        for (i, (part, weight)) in self.parts.iter().zip(&kept.weights).enumerate() {
            let [height, columns] = weight.shape();
            if wanted[1 + 2 * i] {
                let (seen, of_part) = (x.columns(part.first, height).transposed(), dz.columns(starts[i], columns));
                let mask = part.mask.as_ref().map(|(first, mask)| (*first, numbers(mask)));
                let mut dw = memory(height * columns);
                let cost = product_cost(rows * columns);
                share_rows(0..height, [Buffer::new(&mut dw, columns)], cost, &|rows, [dw]| {
                    product(dw, columns, seen.rows(rows.start, rows.len()), of_part);
                    #[allow(unsafe_code)]
                    // SAFETY: the product has written all of it.
                    let dw = unsafe { written(dw) };
                    if let Some((first, mask)) = &mask {
                        // The rows of this share that are under the mask.
                        let (skip, from) = (first.saturating_sub(rows.start), rows.start.saturating_sub(*first));
                        let (end, from) = (dw.len(), (from * columns).min(mask.len()));
                        let dw = dw[(skip * columns).min(end)..].iter_mut();
                        dw.zip(&mask[from..]).for_each(|(dw, mask)| *dw *= mask);
                    }
                });
                #[allow(unsafe_code)]
                // SAFETY: written above, row by row.
                let dw = unsafe { all_written(dw) };
                grads[1 + 2 * i] = Some(tensor(dw, [height, columns]));
            }
            if wanted[2 + 2 * i] {
                grads[2 + 2 * i] = Some(tensor(sums[starts[i]..][..columns].to_vec(), [columns]));
            }
        }
    }
}

/// The numbers of a tensor in their order, without a copy where they lie so.
pub(super) fn numbers(x: &FlexTensor) -> std::borrow::Cow<'_, [f32]> {
    match x.as_slice::<f32>() {
        Some(numbers) => numbers.into(),
        None => {
            let data: TensorData = x.clone().into_data();
            data.try_into_vec::<f32>().expect("single precision, as was asked").into()
        }
    }
}

/// Evaluates `$body` with the nonlinearity as a function of a number.
macro_rules! with_function {
    ($activation:expr, |$apply:ident| $body:expr) => {
        match $activation {
            None => with_function!(@ |v: f32| v, $apply, $body),
            // Zero or more; a NaN stays one.
            Some(Activation::Relu) => with_function!(@ |v: f32| if v < 0.0 { 0.0 } else { v }, $apply, $body),
            Some(Activation::Silu) => with_function!(@ |v: f32| v * sigmoid(v), $apply, $body),
            Some(Activation::Tanh) => with_function!(@ tanh, $apply, $body),
            Some(Activation::Elu) => with_function!(@ |v: f32| if v > 0.0 { v } else { exp(v) - 1.0 }, $apply, $body),
            Some(Activation::LeakyRelu) => {
                with_function!(@ |v: f32| if v > 0.0 { v } else { 0.01 * v }, $apply, $body)
            }
            Some(Activation::Gelu) => unreachable!("it is not among those that the host's operations take"),
        }
    };
    (@ $function:expr, $apply:ident, $body:expr) => {{
        let $apply = $function;
        $body
    }};
}

/// Adds the bias to each row and applies the nonlinearity; keeps in `z` what it is applied to, where there is a `z`.
fn add_and_activate(y: &mut [f32], bias: &[f32], activation: Option<Activation>, z: &mut [f32]) {
    struct Rows<'a>(&'a mut [f32], &'a [f32], Option<Activation>, &'a mut [f32]);
    impl pulp::WithSimd for Rows<'_> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: pulp::Simd>(self, _: S) {
            let Self(y, bias, activation, z) = self;
            let mut z = z.chunks_exact_mut(bias.len());
            with_function!(activation, |apply| {
                for y in y.chunks_exact_mut(bias.len()) {
                    if let Some(z) = z.next() {
                        z.iter_mut().zip(&*y).zip(bias).for_each(|((z, y), b)| *z = y + b);
                    }
                    y.iter_mut().zip(bias).for_each(|(y, b)| *y = apply(*y + b));
                }
            });
        }
    }
    if !bias.is_empty() {
        pulp::Arch::new().dispatch(Rows(y, bias, activation, z));
    }
}

/// What the nonlinearity makes of each number.
pub(crate) fn activate(mut numbers: Vec<f32>, activation: Activation) -> Vec<f32> {
    struct Numbers<'a>(&'a mut [f32], Activation);
    impl pulp::WithSimd for Numbers<'_> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: pulp::Simd>(self, _: S) {
            let Self(numbers, activation) = self;
            with_function!(Some(activation), |apply| numbers.iter_mut().for_each(|v| *v = apply(*v)));
        }
    }
    if activation == Activation::Gelu {
        let count = numbers.len();
        let numbers = activation.apply(free::<1>(tensor(numbers, [count])));
        return constant(numbers).into_data().try_into_vec().expect("single precision, as it was");
    }
    pulp::Arch::new().dispatch(Numbers(&mut numbers, activation));
    numbers
}

/// Multiplies by the slope of the nonlinearity, from what is kept of it.
fn slope(dz: &mut [f32], activated: &[f32], activation: Activation) {
    struct Slope<'a>(&'a mut [f32], &'a [f32], Activation);
    impl pulp::WithSimd for Slope<'_> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: pulp::Simd>(self, _: S) {
            let Self(dz, kept, activation) = self;
            match activation {
                // Selected, not multiplied: where the slope is zero, an infinite gradient is too.
                Activation::Relu => with_kept(dz, kept, |dz, y| if y > 0.0 { dz } else { 0.0 }),
                Activation::Tanh => with_kept(dz, kept, |dz, y| dz * (1.0 - y * y)),
                Activation::Elu => with_kept(dz, kept, |dz, y| if y > 0.0 { dz } else { dz * (y + 1.0) }),
                Activation::LeakyRelu => with_kept(dz, kept, |dz, y| if y > 0.0 { dz } else { 0.01 * dz }),
                Activation::Silu => with_kept(dz, kept, |dz, z| {
                    let s = sigmoid(z);
                    dz * s * (1.0 + z * (1.0 - s))
                }),
                Activation::Gelu => unreachable!("it is not among those that a dense operation takes"),
            }
        }
    }
    pulp::Arch::new().dispatch(Slope(dz, activated, activation));
}

#[inline(always)]
fn with_kept(dz: &mut [f32], kept: &[f32], apply: impl Fn(f32, f32) -> f32) {
    for (dz, kept) in dz.iter_mut().zip(kept) {
        *dz = apply(*dz, *kept);
    }
}

fn column_sums(dz: Matrix<'_>) -> Vec<f32> {
    let mut sums = vec![0.0; dz.width()];
    for i in 0..dz.height() {
        sums.iter_mut().zip(dz.row(i)).for_each(|(sum, v)| *sum += v);
    }
    sums
}
