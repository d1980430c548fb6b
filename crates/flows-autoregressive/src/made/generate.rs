//! Making the features one after the other, at the cost of one pass.
//!
//! Hidden units sorted by degree are computable in that order: at step `t`, which makes feature `t + 1`, those of degree
//! `t` become so. The weights of each layer are then block lower triangular, and the passes through all layers
//! interleave as one forward substitution, of which this is the recursive form:
//!
//! ```text
//! solve(steps, sums):    sums: what units of earlier degrees give to the units of these steps, a tensor a layer
//!     one step:  h ← φ(sum + W[t,t] h) through the layers, params ← sum + W[t,t] h, x ← next(params)
//!     else:      left ← solve(first half, its sums)
//!                right ← solve(second half, its sums + W[second, first] left)
//! ```
//!
//! Every weight is used once, most of them in large products, so that all features together cost about one pass, where
//! a pass a feature costs as many as there are features. Here it is made of ordinary tensor operations without assignment
//! in place: autodiff goes through it, and remembers no more than a few copies of the activations of one pass. Where
//! there are kernels and no autodiff, `in_place` does the same without copies.

use std::ops::Range;

use burn::tensor::{Device, Tensor};
use flows_core::WithContext;

use super::in_place;
use super::masked_linear::contiguous;
use super::network::Made;
use super::substitution::{Layer, halves, indices};
use super::traits::AutoregressiveConditioner;

/// Some rows of activations, `[units, batch]`, or none: tensors have no empty axes.
type Rows = Option<Tensor<2>>;

impl Made {
    /// Makes a batch feature by feature; `context` is what the context inputs see, `[batch, context]`.
    fn generate_given(
        &self,
        batch: usize,
        context: Option<Tensor<2>>,
        device: &Device,
        next: &mut dyn FnMut(usize, Tensor<2>) -> Tensor<2>,
    ) -> Tensor<2> {
        let order = self.connectivity().order();
        if batch == 0 {
            return Tensor::empty([0, order.len()], device);
        }
        let layers = self.substitution(context);
        let x = match in_place::generate(self, &layers, &order, batch, device, next) {
            Some(x) => x,
            None => {
                let weights: Vec<Rows> = layers.iter().map(|layer| Some(layer.weight())).collect();
                let start = |layer: &Layer<'_>| Some(layer.start.clone().expand([layer.to.count(), batch]));
                let sums = layers.iter().map(start).collect();
                let mut sweep = Sweep { made: self, layers: &layers, order: &order, next };
                let rows = sweep.solve(0..order.len(), &weights, sums);
                rows.into_iter().next().flatten().expect("a row for each feature")
            }
        };
        let places: Vec<usize> = self.connectivity().inputs()[..order.len()].iter().map(|place| place - 1).collect();
        let x = if places.is_sorted() { x } else { x.select(0, indices(&places, device)) };
        contiguous(x.transpose())
    }
}

struct Sweep<'a> {
    made: &'a Made,
    layers: &'a [Layer<'a>],
    order: &'a [usize],
    next: &'a mut dyn FnMut(usize, Tensor<2>) -> Tensor<2>,
}

impl Sweep<'_> {
    /// What enters each layer from the units of these steps. `weights` leads from and to the units of these steps, and
    /// `sums` has what earlier units give to them.
    fn solve(&mut self, steps: Range<usize>, weights: &[Rows], sums: Vec<Rows>) -> Vec<Rows> {
        if steps.len() == 1 {
            return self.step(steps.start, weights, sums);
        }
        let (origin, (first, second)) = (steps.start, halves(&steps));
        let block = |from: &Range<usize>, to: &Range<usize>| -> Vec<Rows> {
            let cut = |(weight, layer): (&Rows, &Layer<'_>)| {
                part(&part(weight, 0, layer.from.places(from, origin)), 1, layer.to.places(to, origin))
            };
            weights.iter().zip(self.layers).map(cut).collect()
        };
        let (upper, lower, across) = (block(&first, &first), block(&second, &second), block(&first, &second));
        let half = |steps: &Range<usize>| -> Vec<Rows> {
            sums.iter().zip(self.layers).map(|(sum, layer)| part(sum, 0, layer.to.places(steps, origin))).collect()
        };
        let (sums, later) = (half(&first), half(&second));
        let left = self.solve(first, &upper, sums);
        let later = later
            .into_iter()
            .zip(across.iter().zip(&left))
            .map(|(sum, (weight, rows))| plus(sum, weight, rows))
            .collect();
        let right = self.solve(second, &lower, later);
        left.into_iter().zip(right).map(|(a, b)| stack(a, b)).collect()
    }

    /// The units that one feature makes computable, and the feature.
    fn step(&mut self, step: usize, weights: &[Rows], sums: Vec<Rows>) -> Vec<Rows> {
        let mut inputs: Vec<Rows> = vec![None; weights.len()];
        let activate = |h: Rows| h.map(|h| self.made.activation().apply(h));
        let linear = |i: usize, h: Rows, active: bool| {
            // The first layer sees earlier features alone.
            let sum = if i == 0 { sums[i].clone() } else { plus(sums[i].clone(), &weights[i], &h) };
            inputs[i] = h;
            if active { activate(sum) } else { sum }
        };
        let params = self.made.traverse(None, linear, activate, |h| h, add);
        inputs[0] = Some((self.next)(self.order[step], params.expect("outputs for each feature")));
        inputs
    }
}

/// Some rows (or columns, on axis 1) of a tensor.
fn part(x: &Rows, axis: usize, places: Range<usize>) -> Rows {
    let x = x.as_ref().filter(|_| !places.is_empty())?;
    if places.len() == x.dims()[axis] {
        return Some(x.clone());
    }
    Some(x.clone().narrow(axis, places.start, places.len()))
}

/// `sum + Wᵀ h`, with `W` `[from, to]`.
fn plus(sum: Rows, weight: &Rows, rows: &Rows) -> Rows {
    let (Some(weight), Some(rows)) = (weight.clone(), rows.clone()) else { return sum };
    Some(match sum {
        Some(sum) => sum + weight.transpose().matmul(rows),
        None => weight.transpose().matmul(rows),
    })
}

fn add(a: Rows, b: Rows) -> Rows {
    match (a, b) {
        (Some(a), Some(b)) => Some(a + b),
        (a, b) => a.or(b),
    }
}

fn stack(a: Rows, b: Rows) -> Rows {
    match (a, b) {
        (Some(a), Some(b)) => Some(Tensor::cat(vec![a, b], 0)),
        (a, b) => a.or(b),
    }
}

impl<C> AutoregressiveConditioner<C> for Made {
    fn order(&self) -> Vec<usize> {
        self.connectivity().order()
    }

    fn generate(
        &self,
        batch: usize,
        _: &C,
        device: &Device,
        next: &mut dyn FnMut(usize, Tensor<2>) -> Tensor<2>,
    ) -> Tensor<2> {
        self.generate_given(batch, None, device, next)
    }
}

impl AutoregressiveConditioner<Tensor<2>> for WithContext<Made> {
    fn order(&self) -> Vec<usize> {
        self.network.connectivity().order()
    }

    fn generate(
        &self,
        batch: usize,
        context: &Tensor<2>,
        device: &Device,
        next: &mut dyn FnMut(usize, Tensor<2>) -> Tensor<2>,
    ) -> Tensor<2> {
        self.network.generate_given(batch, Some(self.embed(context, batch)), device, next)
    }
}
