//! The layers of weights of a network, their units in the order of the steps that make them.

use std::ops::Range;

use burn::tensor::{Device, Int, Tensor};
use flows_core::DenseParts;

use super::masked_linear::MaskedLinear;
use super::network::Made;

/// A layer of weights: block lower triangular over the steps.
pub(super) struct Layer<'a> {
    linear: &'a MaskedLinear,
    pub(super) from: Units,
    pub(super) to: Units,
    /// What the units have before anything is made: the bias, `[to, 1]`, and what the context adds to it, `[to, batch]`.
    pub(super) start: Tensor<2>,
}

impl Layer<'_> {
    /// `W`, `[from, to]`.
    pub(super) fn weight(&self) -> Tensor<2> {
        let weight = self.linear.weight().narrow(0, 0, self.from.count());
        self.from.sort(self.to.sort(weight, 1), 0)
    }

    /// The same in parts, where it lies where the units stand in their order already.
    pub(super) fn parts(&self) -> DenseParts {
        if self.from.sorted.is_none() && self.to.sorted.is_none() {
            return self.linear.layer().parts;
        }
        DenseParts::new(self.from.count()).with(0, self.weight(), None, self.linear.bias())
    }
}

impl Made {
    /// The layers of weights; `context` is what the context inputs see, `[batch, context]`.
    ///
    /// # Panics
    /// If it has another number of columns.
    pub(super) fn substitution(&self, context: Option<Tensor<2>>) -> Vec<Layer<'_>> {
        let (features, inputs) = (self.connectivity().features(), self.connectivity().inputs().len());
        let seen = context.as_ref().map_or(0, |context| context.dims()[1]);
        assert!(
            features + seen == inputs,
            "`context`: expected {} columns, got {seen}; a network with context inputs is used within `WithContext`",
            inputs - features
        );
        let linears = self.linears();
        let last = linears.len() - 1;
        let mut layers = Vec::new();
        for (i, (linear, (from, to))) in linears.into_iter().zip(self.connectivity().layers()).enumerate() {
            let to = Units::of(to, features, i == last);
            let from = Units::of(&from[..if i == 0 { features } else { from.len() }], features, i == 0);
            let bias = to.sort(linear.bias().unsqueeze_dim::<2>(1), 0);
            let start = match &context {
                Some(context) if i == 0 => {
                    let seen = to.sort(linear.weight().narrow(0, features, seen), 1);
                    bias + seen.transpose().matmul(context.clone().transpose())
                }
                _ => bias,
            };
            layers.push(Layer { linear, from, to, start });
        }
        layers
    }
}

pub(super) fn indices(values: &[usize], device: &Device) -> Tensor<1, Int> {
    let values: Vec<i64> = values.iter().map(|v| *v as i64).collect();
    Tensor::from_data(values.as_slice(), device)
}

/// The units on one side of a layer of weights, in the order of the steps that make them.
pub(super) struct Units {
    /// The unit at each place, where they do not stand in that order already.
    sorted: Option<Vec<usize>>,
    /// The units of step `t` are at the places `starts[t]..starts[t + 1]`.
    starts: Vec<usize>,
}

impl Units {
    /// Units by their degrees; `made` units, features and outputs, have the degree one at step zero.
    pub(super) fn of(degrees: &[usize], steps: usize, made: bool) -> Self {
        let step = |unit: &usize| degrees[*unit] - usize::from(made);
        let mut sorted: Vec<usize> = (0..degrees.len()).collect();
        sorted.sort_by_key(step);
        let starts = (0..=steps).map(|t| sorted.partition_point(|unit| step(unit) < t)).collect();
        Self { sorted: (!sorted.is_sorted()).then_some(sorted), starts }
    }

    pub(super) fn count(&self) -> usize {
        self.starts[self.starts.len() - 1]
    }

    pub(super) fn sort(&self, x: Tensor<2>, axis: usize) -> Tensor<2> {
        match &self.sorted {
            Some(sorted) => {
                let device = x.device();
                x.select(axis, indices(sorted, &device))
            }
            None => x,
        }
    }

    /// The places of the units of some steps, counted from the first unit of step `origin`.
    pub(super) fn places(&self, steps: &Range<usize>, origin: usize) -> Range<usize> {
        self.starts[steps.start] - self.starts[origin]..self.starts[steps.end] - self.starts[origin]
    }
}

/// The first half of some steps, and the second.
pub(super) fn halves(steps: &Range<usize>) -> (Range<usize>, Range<usize>) {
    let middle = steps.start + steps.len() / 2;
    (steps.start..middle, middle..steps.end)
}
