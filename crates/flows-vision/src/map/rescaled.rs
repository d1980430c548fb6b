//! The affine map of RealNVP on images.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, assert_shape};
use flows_core::Elementwise;

/// The affine map of RealNVP on images: its log-scale is a hyperbolic tangent times a learnt factor a channel.
///
/// ```text
/// y = x · exp(s) + t,   s = g ⊙ tanh(a)        log_det = Σ s
/// ```
///
/// Two parameters an element: `t`, then `a`. The factors `g` start at one, so that scales start within `1/e` and `e`,
/// and training widens the bound where it needs to.
///
/// # Shapes
/// - `x`: `[batch, channels, ...]`
///
/// # Reference
/// "Density estimation using Real NVP", Dinh, Sohl-Dickstein, Bengio, 2017, section 4.1,
/// <https://arxiv.org/abs/1605.08803>.
#[derive(Module, Debug)]
pub struct RescaledAffine {
    /// `g`, `[channels]`.
    pub scale: Param<Tensor<1>>,
}

impl RescaledAffine {
    /// A map of so many channels.
    pub fn new(channels: usize, device: &Device) -> Self {
        Self { scale: Param::from_tensor(Tensor::ones([channels], device)) }
    }

    fn shift_and_log_scale<const D: usize>(&self, params: Tensor<D>) -> (Tensor<D>, Tensor<D>) {
        let [channels] = self.scale.val().dims();
        let both = 2 * channels;
        assert_shape!(params, [_, both, ..]);
        let factors = self.scale.val().reshape(std::array::from_fn(|axis| if axis == 1 { channels } else { 1 }));
        let shift = params.clone().narrow(1, 0, channels);
        (shift, params.narrow(1, channels, channels).tanh() * factors)
    }
}

impl Elementwise for RescaledAffine {
    fn params_per_element(&self) -> usize {
        2
    }

    fn forward_each<const D: usize>(&self, x: Tensor<D>, params: Tensor<D>) -> (Tensor<D>, Tensor<D>) {
        let (shift, log_scale) = self.shift_and_log_scale(params);
        (x * log_scale.clone().exp() + shift, log_scale)
    }

    fn inverse_each<const D: usize>(&self, y: Tensor<D>, params: Tensor<D>) -> (Tensor<D>, Tensor<D>) {
        let (shift, log_scale) = self.shift_and_log_scale(params);
        let log_slope = -log_scale;
        ((y - shift) * log_slope.clone().exp(), log_slope)
    }
}
