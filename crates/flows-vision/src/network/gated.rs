//! A gated residual network, as in Flow++.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::tensor::activation::{elu, sigmoid};
use burn::tensor::{Device, Tensor};
use flows_core::{Conditioner, budget, draw};

use crate::convolution::{Conv, ConvConfig, ImagesByChannel};

/// Configuration of [`GatedNetwork`].
#[derive(Config, Debug)]
pub struct GatedNetworkConfig {
    /// Channels in.
    pub inputs: usize,
    /// Channels out.
    pub outputs: usize,
    /// Channels between.
    #[config(default = 64)]
    pub hidden: usize,
    /// The number of gated blocks.
    #[config(default = 2)]
    pub blocks: usize,
}

impl GatedNetworkConfig {
    /// Makes the network; its output is zero at first.
    pub fn init(&self, device: &Device) -> GatedNetwork {
        let hidden = self.hidden;
        let block = |_| GatedBlock {
            conv: ConvConfig::new(2 * hidden, hidden, 3).init(device),
            gate: ConvConfig::new(2 * hidden, 2 * hidden, 1).init(device),
            gain: Param::from_tensor(Tensor::ones([hidden], device)),
            shift: Param::from_tensor(Tensor::zeros([hidden], device)),
        };
        draw(GatedNetwork {
            first: ConvConfig::new(self.inputs, hidden, 3).init(device),
            blocks: budget::list(self.blocks, block),
            last: ConvConfig::new(hidden, self.outputs, 3).with_zero(true).init(device),
        })
    }
}

/// A gated residual network, as in Flow++.
///
/// ```text
/// h ← conv₃ₓ₃(x)
/// (a, b) = conv₁ₓ₁(φ(conv₃ₓ₃(φ(h)))),  h ← LayerNorm(h + a ⊙ sigmoid(b))        a block, φ(h) = elu([h, -h])
/// params = conv₃ₓ₃(h)                                                              zero at first
/// ```
///
/// The normalisation is over the channels of each pixel. The authors' blocks have self-attention after the gate; these
/// have none.
///
/// # Shapes
/// - `x`: `[batch, inputs, height, width]`, result: `[batch, outputs, height, width]`
///
/// # Reference
/// "Flow++: Improving Flow-Based Generative Models with Variational Dequantization and Architecture Design", Ho, Chen,
/// Srinivas, Duan, Abbeel, 2019, section 3.3, <https://arxiv.org/abs/1902.00275>.
#[derive(Module, Debug)]
pub struct GatedNetwork {
    first: Conv,
    blocks: Vec<GatedBlock>,
    last: Conv,
}

#[derive(Module, Debug)]
struct GatedBlock {
    conv: Conv,
    gate: Conv,
    /// Of the layer norm, `[hidden]`.
    gain: Param<Tensor<1>>,
    /// Of the layer norm, `[hidden]`.
    shift: Param<Tensor<1>>,
}

/// `elu([h, -h])`: twice the channels, and no direction in which nothing passes.
fn both_signs(h: ImagesByChannel) -> ImagesByChannel {
    elu(Tensor::cat(vec![h.clone(), -h], 0), 1.0)
}

impl GatedBlock {
    fn forward(&self, h: ImagesByChannel) -> ImagesByChannel {
        let [channels, ..] = h.dims();
        let both = self.gate.forward(both_signs(self.conv.forward(both_signs(h.clone()))));
        let (a, b) = (both.clone().narrow(0, 0, channels), both.narrow(0, channels, channels));
        let h = h + a * sigmoid(b);
        let centred = h.clone() - h.mean_dim(0);
        let deviation = ((centred.clone() * centred.clone()).mean_dim(0) + 1e-5).sqrt();
        let each = |param: &Param<Tensor<1>>| param.val().reshape([channels, 1, 1, 1]);
        centred / deviation * each(&self.gain) + each(&self.shift)
    }
}

impl<C> Conditioner<4, C> for GatedNetwork {
    fn params(&self, x: Tensor<4>, _: &C) -> Tensor<4> {
        let h = self.first.forward(x.swap_dims(0, 1));
        let h = self.blocks.iter().fold(h, |h, block| block.forward(h));
        self.last.forward(h).swap_dims(0, 1)
    }

    fn sees_context(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Distribution, Tolerance};

    #[test]
    fn the_channels_of_each_pixel_are_normalised_after_a_block() {
        let device = Device::default();
        let block = GatedNetworkConfig::new(2, 2).with_hidden(16).init(&device).blocks.remove(0);
        let h = block.forward(Tensor::random([16, 2, 3, 3], Distribution::Normal(1.0, 3.0), &device));
        let square = (h.clone() * h.clone()).mean_dim(0);
        // A mean of sixteen numbers of size one in single precision.
        let close = |x: Tensor<4>, to: f32| {
            let expected = Tensor::<4>::full(x.dims(), to, &device);
            x.into_data().assert_approx_eq::<f32>(&expected.into_data(), Tolerance::absolute(1e-4));
        };
        close(h.mean_dim(0), 0.0);
        close(square, 1.0);
    }
}
