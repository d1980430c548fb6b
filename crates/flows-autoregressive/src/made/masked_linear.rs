//! A linear layer with some of its connections missing.

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Tensor, assert_shape, module::linear};

/// A linear layer with some of its connections missing.
///
/// ```text
/// y = x (W ⊙ M) + b
/// ```
///
/// The mask `M` follows from the configuration of the network and is not saved; weights that it hides get no gradient.
///
/// # Shapes
/// - `x`: `[batch, inputs]`, result: `[batch, outputs]`, `W` and `M`: `[inputs, outputs]`
#[derive(Module, Debug)]
pub struct MaskedLinear {
    /// `W`, `[inputs, outputs]`, before the mask.
    pub weight: Param<Tensor<2>>,
    /// `b`, `[outputs]`.
    pub bias: Param<Tensor<1>>,
    mask: Tensor<2>,
}

impl MaskedLinear {
    /// Hides the connections of a linear layer where `mask`, `[inputs, outputs]`, is zero.
    ///
    /// # Panics
    /// If the layer has no bias, or the mask another shape than the weight.
    pub fn new(linear: Linear, mask: Tensor<2>) -> Self {
        let [inputs, outputs] = linear.weight.val().dims();
        assert_shape!(mask, [inputs, outputs]);
        Self { weight: linear.weight, bias: linear.bias.expect("a linear layer with a bias"), mask }
    }

    /// The same layer, with the same parameters, under another mask.
    ///
    /// # Panics
    /// If the mask has another shape.
    pub fn under(&self, mask: &Tensor<2>) -> Self {
        let [inputs, outputs] = self.mask.dims();
        assert_shape!(mask, [inputs, outputs]);
        Self { mask: mask.clone(), ..self.clone() }
    }

    /// The mask: ones and zeros, `[inputs, outputs]`.
    pub fn mask(&self) -> Tensor<2> {
        self.mask.clone()
    }

    /// `W ⊙ M`.
    pub fn masked_weight(&self) -> Tensor<2> {
        let weight = self.weight.val();
        let mask = self.mask.clone();
        // A module may have been cast to another precision; its mask is no parameter and has not.
        let mask = if mask.dtype() == weight.dtype() { mask } else { mask.cast(weight.dtype()) };
        weight * mask
    }

    /// The output for each row.
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        linear(x, self.masked_weight(), Some(self.bias.val()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::nn::LinearConfig;
    use burn::tensor::Device;

    #[test]
    fn hidden_weights_have_no_effect_and_no_gradient() {
        let device = Device::default().autodiff();
        let mask = Tensor::<2>::from_data([[1.0, 0.0], [1.0, 1.0]], &device);
        let layer = MaskedLinear::new(LinearConfig::new(2, 2).init(&device), mask);
        let x = Tensor::<2>::from_data([[1.0, 2.0]], &device).require_grad();
        let grads = layer.forward(x.clone()).narrow(1, 1, 1).sum().backward();
        assert_eq!(x.grad(&grads).unwrap().into_data().try_into_vec_as::<f32>().unwrap()[0], 0.0);
        let weight = layer.weight.val().grad(&grads).unwrap().try_into_vec_as::<f32>().unwrap();
        assert_eq!(weight, [0.0, 0.0, 0.0, 2.0]);
    }

    #[test]
    #[should_panic]
    fn a_mask_of_another_shape_panics() {
        let device = Device::default();
        MaskedLinear::new(LinearConfig::new(2, 3).init(&device), Tensor::ones([3, 2], &device));
    }
}
