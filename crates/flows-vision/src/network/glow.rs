//! The network of Glow.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use flows_core::{Conditioner, draw};

use crate::convolution::{Conv, ConvConfig};

/// Configuration of [`GlowNetwork`].
#[derive(Config, Debug)]
pub struct GlowNetworkConfig {
    /// Channels in.
    pub inputs: usize,
    /// Channels out.
    pub outputs: usize,
    /// Channels between.
    #[config(default = 64)]
    pub hidden: usize,
}

impl GlowNetworkConfig {
    /// Makes the network; its output is zero at first.
    pub fn init(&self, device: &Device) -> GlowNetwork {
        draw(GlowNetwork {
            first: ConvConfig::new(self.inputs, self.hidden, 3).init(device),
            second: ConvConfig::new(self.hidden, self.hidden, 1).init(device),
            last: ConvConfig::new(self.hidden, self.outputs, 3).with_zero(true).init(device),
            log_scale: Param::from_tensor(Tensor::zeros([self.outputs], device)),
        })
    }
}

/// The network of Glow: three convolutions, the last of them zero at first.
///
/// ```text
/// h = relu(conv₁ₓ₁(relu(conv₃ₓ₃(x))))        params = exp(3 s) ⊙ conv₃ₓ₃(h)
/// ```
///
/// with a learnt scale `s` for each channel that comes out.
///
/// # Shapes
/// - `x`: `[batch, inputs, height, width]`, result: `[batch, outputs, height, width]`
///
/// # Reference
/// "Glow: Generative Flow with Invertible 1x1 Convolutions", Kingma, Dhariwal, 2018, section 3.3 and appendix B,
/// <https://arxiv.org/abs/1807.03039>; here with biases where the authors' code has ActNorm between the convolutions.
#[derive(Module, Debug)]
pub struct GlowNetwork {
    /// 3x3, from the channels in to the hidden ones.
    pub first: Conv,
    /// 1x1, hidden.
    pub second: Conv,
    /// 3x3, from the hidden channels to those out; zero at first.
    pub last: Conv,
    /// `s`, `[outputs]`.
    pub log_scale: Param<Tensor<1>>,
}

impl<C> Conditioner<4, C> for GlowNetwork {
    fn params(&self, x: Tensor<4>, _: &C) -> Tensor<4> {
        let h = relu(self.first.forward(x.swap_dims(0, 1)));
        let h = relu(self.second.forward(h));
        self.last.forward_scaled(h, (self.log_scale.val() * 3.0).exp()).swap_dims(0, 1)
    }

    fn sees_context(&self) -> bool {
        false
    }
}
