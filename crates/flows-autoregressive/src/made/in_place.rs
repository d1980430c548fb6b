//! Making the features one after the other, in the memory of the host.
//!
//! The substitution of [`generate`](super::generate), with the activations of all units in one place: what a step finds is
//! written where the later ones read it.

use std::ops::Range;

use burn::tensor::{DType, Device, Tensor, TensorData};
use flows_core::{HostRows, HostWeights};

use super::network::Made;
use super::substitution::{Layer, halves};

/// The features in their order, `[features, batch]`; `None` where there are no kernels, or where autodiff is to see it.
pub(super) fn generate(
    made: &Made,
    layers: &[Layer<'_>],
    order: &[usize],
    batch: usize,
    device: &Device,
    next: &mut dyn FnMut(usize, Tensor<2>) -> Tensor<2>,
) -> Option<Tensor<2>> {
    if device.is_autodiff() {
        return None;
    }
    let mut weights = Vec::with_capacity(layers.len());
    let (mut inputs, mut sums) = (Vec::with_capacity(layers.len()), Vec::with_capacity(layers.len()));
    for layer in layers {
        weights.push(HostWeights::new(&layer.parts())?);
        sums.push(HostRows::new(layer.start.clone(), batch)?);
        inputs.push(HostRows::zeros(layer.from.count(), batch));
    }
    let mut sweep = Sweep { made, layers, order, weights, inputs, sums, batch, device, next };
    sweep.solve(0..order.len());
    Some(sweep.inputs.swap_remove(0).into_tensor(device))
}

struct Sweep<'a> {
    made: &'a Made,
    layers: &'a [Layer<'a>],
    order: &'a [usize],
    weights: Vec<HostWeights>,
    /// What enters each layer, as far as it is made.
    inputs: Vec<HostRows>,
    /// What the units that are made give to each unit.
    sums: Vec<HostRows>,
    batch: usize,
    device: &'a Device,
    next: &'a mut dyn FnMut(usize, Tensor<2>) -> Tensor<2>,
}

impl Sweep<'_> {
    fn solve(&mut self, steps: Range<usize>) {
        if steps.len() == 1 {
            return self.step(steps.start);
        }
        let (first, second) = halves(&steps);
        self.solve(first.clone());
        for i in 0..self.layers.len() {
            self.add(i, &first, &second);
        }
        self.solve(second);
    }

    /// What the units of some steps give through a layer to those of others.
    fn add(&mut self, layer: usize, from: &Range<usize>, to: &Range<usize>) {
        let Layer { from: inputs, to: outputs, .. } = &self.layers[layer];
        let (from, to) = (inputs.places(from, 0), outputs.places(to, 0));
        self.sums[layer].add_product(to, &self.weights[layer], &self.inputs[layer], from);
    }

    /// The units that one feature makes computable, and the feature.
    fn step(&mut self, step: usize) {
        let (made, steps) = (self.made, step..step + 1);
        let activation = made.activation();
        let linear = |i: usize, h: Vec<f32>, active: bool| {
            // The first layer sees earlier features alone.
            if i > 0 {
                let entered = self.layers[i].from.places(&steps, 0);
                self.inputs[i].rows_mut(entered).copy_from_slice(&h);
                self.add(i, &steps, &steps);
            }
            let mut sum = h;
            sum.clear();
            sum.extend_from_slice(self.sums[i].rows(self.layers[i].to.places(&steps, 0)));
            if active { HostRows::activate(sum, activation) } else { sum }
        };
        let add = |mut a: Vec<f32>, b: Vec<f32>| {
            a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
            a
        };
        let params = made.traverse(Vec::new(), linear, |h| HostRows::activate(h, activation), |h| h, add);
        let outputs = self.layers[self.layers.len() - 1].to.places(&steps, 0).len();
        let params = TensorData::new(params, [outputs, self.batch]);
        let params = Tensor::from_data(params, (self.device, DType::F32));
        let x = (self.next)(self.order[step], params);
        let x: Vec<f32> = x.into_data().try_into_vec().expect("a feature in single precision, as its parameters");
        self.inputs[0].rows_mut(steps).copy_from_slice(&x);
    }
}
