//! Dense layers one after the other, and the way back through them.

use burn::module::Param;
use burn::tensor::Tensor;

use super::dense::{DenseParts, DensePullBack};
use crate::vjp::is_computed;
use crate::{Activation, Dropout, NetworkPullBack, add_gradient};

/// A dense layer, and the parameters that its parts are made of.
#[derive(Debug)]
pub struct DenseLayer<'a> {
    /// The layer.
    pub parts: DenseParts,
    /// Weight and bias of each part.
    pub params: Vec<(&'a Param<Tensor<2>>, &'a Param<Tensor<1>>)>,
}

/// Dense layers one after the other, in training, each but the last followed by the nonlinearity and by dropout, and the
/// way back through them: where there is a kernel, and no parameter is computed from others (LoRA).
///
/// It is for networks of one's own, in their [`Conditioner::params_vjp`](crate::Conditioner::params_vjp).
///
/// # Example
/// ```
/// use burn::module::Param;
/// use burn::optim::GradientsParams;
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{Activation, DenseLayer, DenseParts, DropoutConfig, dense_layers_vjp};
///
/// let device = Device::default();
/// let weight = Param::from_tensor(Tensor::<2>::from_data([[3.0]], &device).autodiff());
/// let bias = Param::from_tensor(Tensor::<1>::zeros([1], &device).autodiff());
/// let parts = DenseParts::new(1).with(0, weight.val(), None, bias.val());
/// let layers = vec![DenseLayer { parts, params: vec![(&weight, &bias)] }];
/// let x = Tensor::from_data([[2.0]], &device);
/// // Elsewhere autodiff does it: `params_vjp`.
/// if let Some((y, pull_back)) = dense_layers_vjp(layers, x, Activation::Relu, &DropoutConfig::new(0.0).init()) {
///     assert_eq!(y.into_scalar::<f32>(), 6.0);
///     let mut grads = GradientsParams::new();
///     let dx = pull_back(Tensor::ones([1, 1], &device), &mut grads);
///     assert_eq!(dx.into_scalar::<f32>(), 3.0);
///     assert_eq!(grads.get::<2>(weight.id).unwrap().into_scalar::<f32>(), 2.0);
/// }
/// ```
pub fn dense_layers_vjp<'a>(
    layers: Vec<DenseLayer<'a>>,
    x: Tensor<2>,
    activation: Activation,
    dropout: &Dropout,
) -> Option<(Tensor<2>, NetworkPullBack<'a, 2>)> {
    let computed = |(weight, bias): &(&Param<Tensor<2>>, &Param<Tensor<1>>)| is_computed(weight) || is_computed(bias);
    if layers.iter().flat_map(|layer| &layer.params).any(computed) {
        return None;
    }
    let count = layers.len();
    let mut h = x;
    let mut steps = Vec::with_capacity(count);
    for (i, layer) in layers.into_iter().enumerate() {
        let hidden = i + 1 < count;
        let (y, pull_back) = layer.parts.vjp(h, hidden.then_some(activation))?;
        let kept = if hidden { dropout.factor(&y) } else { None };
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
