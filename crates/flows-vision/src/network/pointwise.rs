//! A linear map of every pixel.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use flows_core::Conditioner;

use crate::convolution::{Conv, ConvConfig};

/// A linear map of every pixel, without a bias, zero at first.
///
/// ```text
/// params[p] = W x[p]
/// ```
///
/// On a plane of ones it is a bias a channel: the learnt prior at the top of Glow.
///
/// # Shapes
/// - `x`: `[batch, inputs, height, width]`, result: `[batch, outputs, height, width]`
#[derive(Module, Debug)]
pub struct Pointwise {
    /// 1x1.
    pub conv: Conv,
}

impl Pointwise {
    /// A map from so many channels to so many.
    pub fn new(inputs: usize, outputs: usize, device: &Device) -> Self {
        Self { conv: ConvConfig::new(inputs, outputs, 1).with_bias(false).with_zero(true).init(device) }
    }
}

impl<C> Conditioner<4, C> for Pointwise {
    fn params(&self, x: Tensor<4>, _: &C) -> Tensor<4> {
        self.conv.forward(x.swap_dims(0, 1)).swap_dims(0, 1)
    }

    fn sees_context(&self) -> bool {
        false
    }
}
