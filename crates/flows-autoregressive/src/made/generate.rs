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
//! a pass a feature costs as many as there are features. It is made of ordinary tensor operations without assignment
//! in place: autodiff goes through it, and remembers no more than a few copies of the activations of one pass.

use std::ops::Range;

use burn::tensor::{Device, Int, Tensor};
use flows_core::{WithContext, plus_product};

use super::masked_linear::contiguous;
use super::network::Made;
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
        let features = self.connectivity().features();
        let (inputs, order) = (self.connectivity().inputs().len(), self.connectivity().order());
        let seen = context.as_ref().map_or(0, |context| context.dims()[1]);
        assert!(
            features + seen == inputs,
            "`context`: expected {} columns, got {seen}; a network with context inputs is used within `WithContext`",
            inputs - features
        );
        let mut weights = Vec::new();
        let mut sums = Vec::new();
        let mut layers = Vec::new();
        for (i, (linear, (from, to))) in self.linears().into_iter().zip(self.connectivity().layers()).enumerate() {
            let to = Units::of(to, features, i + 1 == self.linears().len());
            let from = Units::of(&from[..if i == 0 { features } else { from.len() }], features, i == 0);
            let weight = linear.weight();
            let bias = to.sort(linear.bias().unsqueeze_dim::<2>(1), 0);
            let sum = match &context {
                Some(context) if i == 0 => {
                    let seen = to.sort(weight.clone().narrow(0, features, seen), 1);
                    bias + seen.transpose().matmul(context.clone().transpose())
                }
                _ => bias.expand([to.count(), batch]),
            };
            weights.push(Some(from.sort(to.sort(weight.narrow(0, 0, from.count()), 1), 0)));
            sums.push(Some(sum));
            layers.push(Layer { from, to });
        }
        let mut sweep = Sweep { made: self, layers, order: &order, next };
        let rows = sweep.solve(0..features, &weights, sums);
        let x = rows.into_iter().next().flatten().expect("a row for each feature");
        let places: Vec<usize> = self.connectivity().inputs()[..features].iter().map(|place| place - 1).collect();
        let x = if places.is_sorted() { x } else { x.select(0, indices(&places, device)) };
        contiguous(x.transpose())
    }
}

fn indices(values: &[usize], device: &Device) -> Tensor<1, Int> {
    let values: Vec<i64> = values.iter().map(|v| *v as i64).collect();
    Tensor::from_data(values.as_slice(), device)
}

/// The units on one side of a layer of weights, in the order of the steps that make them.
struct Units {
    /// The unit at each place, where they do not stand in that order already.
    sorted: Option<Vec<usize>>,
    /// The units of step `t` are at the places `starts[t]..starts[t + 1]`.
    starts: Vec<usize>,
}

impl Units {
    /// Units by their degrees; `made` units, features and outputs, have the degree one at step zero.
    fn of(degrees: &[usize], steps: usize, made: bool) -> Self {
        let step = |unit: &usize| degrees[*unit] - usize::from(made);
        let mut sorted: Vec<usize> = (0..degrees.len()).collect();
        sorted.sort_by_key(step);
        let starts = (0..=steps).map(|t| sorted.partition_point(|unit| step(unit) < t)).collect();
        Self { sorted: (!sorted.is_sorted()).then_some(sorted), starts }
    }

    fn count(&self) -> usize {
        self.starts[self.starts.len() - 1]
    }

    fn sort(&self, x: Tensor<2>, axis: usize) -> Tensor<2> {
        match &self.sorted {
            Some(sorted) => {
                let device = x.device();
                x.select(axis, indices(sorted, &device))
            }
            None => x,
        }
    }

    /// The places of the units of some steps, counted from the first unit of step `origin`.
    fn places(&self, steps: &Range<usize>, origin: usize) -> Range<usize> {
        self.starts[steps.start] - self.starts[origin]..self.starts[steps.end] - self.starts[origin]
    }
}

/// What a layer of weights leads from and to.
struct Layer {
    from: Units,
    to: Units,
}

struct Sweep<'a> {
    made: &'a Made,
    layers: Vec<Layer>,
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
        let origin = steps.start;
        let (first, second) = (origin..origin + steps.len() / 2, origin + steps.len() / 2..steps.end);
        let block = |from: &Range<usize>, to: &Range<usize>| -> Vec<Rows> {
            let cut = |(weight, layer): (&Rows, &Layer)| {
                part(&part(weight, 0, layer.from.places(from, origin)), 1, layer.to.places(to, origin))
            };
            weights.iter().zip(&self.layers).map(cut).collect()
        };
        let (upper, lower, across) = (block(&first, &first), block(&second, &second), block(&first, &second));
        let half = |steps: &Range<usize>| -> Vec<Rows> {
            sums.iter().zip(&self.layers).map(|(sum, layer)| part(sum, 0, layer.to.places(steps, origin))).collect()
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
        Some(sum) => plus_product(sum, weight.transpose(), rows),
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
