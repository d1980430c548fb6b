//! Dense layers one after the other, and the way back through them.

use burn::module::Param;
use burn::nn::Dropout;
use burn::tensor::Tensor;

use super::dense::{DenseParts, DensePullBack};
use crate::{Activation, NetworkPullBack, add_gradient};

/// A dense layer, and the parameters that its parts are made of.
#[derive(Debug)]
pub struct DenseLayer<'a> {
    /// The layer.
    pub parts: DenseParts,
    /// Weight and bias of each part.
    pub params: Vec<(&'a Param<Tensor<2>>, &'a Param<Tensor<1>>)>,
}

/// Dense layers one after the other, in training, each but the last followed by the nonlinearity and by dropout, and the
/// way back through them: where there is a kernel.
pub fn dense_layers_vjp<'a>(
    layers: Vec<DenseLayer<'a>>,
    x: Tensor<2>,
    activation: Activation,
    dropout: &Dropout,
) -> Option<(Tensor<2>, NetworkPullBack<'a, 2>)> {
    let count = layers.len();
    let mut h = x;
    let mut steps = Vec::with_capacity(count);
    for (i, layer) in layers.into_iter().enumerate() {
        let hidden = i + 1 < count;
        let (y, pull_back) = layer.parts.vjp(h, hidden.then_some(activation))?;
        // What burn's dropout makes of ones is what it multiplies by; a frozen one leaves them.
        let kept = (hidden && dropout.prob > 0.0).then(|| dropout.forward(y.ones_like().autodiff()).without_autodiff());
        h = match &kept {
            Some(kept) => y * kept.clone(),
            None => y,
        };
        steps.push(Step { params: layer.params, pull_back, kept });
    }
    let pull_back: NetworkPullBack<'a, 2> = Box::new(move |d_params, grads| {
        steps.into_iter().rev().fold(d_params, |dy, Step { params, pull_back, kept }| {
            let (dx, of_parts) = pull_back(match kept {
                Some(kept) => dy * kept,
                None => dy,
            });
            for ((weight, bias), (d_weight, d_bias)) in params.into_iter().zip(of_parts) {
                add_gradient(grads, weight, d_weight);
                add_gradient(grads, bias, d_bias);
            }
            dx
        })
    });
    Some((h, pull_back))
}

/// What the way back through a layer needs.
struct Step<'a> {
    params: Vec<(&'a Param<Tensor<2>>, &'a Param<Tensor<1>>)>,
    pull_back: DensePullBack<'a>,
    /// What dropout has multiplied by.
    kept: Option<Tensor<2>>,
}
