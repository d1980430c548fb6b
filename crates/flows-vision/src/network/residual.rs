//! The residual network of RealNVP.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use flows_core::{BatchNorm, BatchNormConfig, Bijection, Conditioner, Dropout, DropoutConfig, budget, draw};

use crate::convolution::{Conv, ConvConfig, ImagesByChannel};

/// What keeps the activations of a network to a common scale.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum NetworkNorm {
    /// Nothing.
    None,
    /// The length of each output's weights is a parameter of its own.
    Weight,
    /// Batch normalisation before each nonlinearity.
    Batch,
}

/// Configuration of [`ResidualNetwork`].
#[derive(Config, Debug)]
pub struct ResidualNetworkConfig {
    /// Channels in.
    pub inputs: usize,
    /// Channels out.
    pub outputs: usize,
    /// Channels between.
    #[config(default = 64)]
    pub hidden: usize,
    /// The number of residual blocks.
    #[config(default = 4)]
    pub blocks: usize,
    /// What normalises.
    #[config(default = "NetworkNorm::Weight")]
    pub norm: NetworkNorm,
    /// The share of hidden activations dropped in training.
    #[config(default = 0.0)]
    pub dropout: f64,
}

impl ResidualNetworkConfig {
    /// Makes the network; its output is zero at first.
    pub fn init(&self, device: &Device) -> ResidualNetwork {
        let conv = |inputs, outputs, kernel, zero| {
            let config = ConvConfig::new(inputs, outputs, kernel).with_zero(zero);
            config.with_weight_norm(self.norm == NetworkNorm::Weight).init(device)
        };
        let norm = || (self.norm == NetworkNorm::Batch).then(|| BatchNormConfig::new(self.hidden).init(device));
        let block = |_| ResidualBlock {
            first_norm: norm(),
            first: conv(self.hidden, self.hidden, 3, false),
            second_norm: norm(),
            second: conv(self.hidden, self.hidden, 3, false),
        };
        draw(ResidualNetwork {
            first: conv(self.inputs, self.hidden, 3, false),
            blocks: budget::list(self.blocks, block),
            last_norm: norm(),
            last: conv(self.hidden, self.outputs, 1, true),
            dropout: DropoutConfig::new(self.dropout).init(),
        })
    }
}

/// The residual network of RealNVP.
///
/// ```text
/// h ← conv₃ₓ₃(x)
/// h ← h + conv₃ₓ₃(φ(conv₃ₓ₃(φ(h))))        a block, φ = relu, or relu ∘ batch norm
/// params = conv₁ₓ₁(φ(h))                    zero at first
/// ```
///
/// With weight normalisation every convolution has the length of each output's weights as a parameter of its own.
///
/// # Shapes
/// - `x`: `[batch, inputs, height, width]`, result: `[batch, outputs, height, width]`
///
/// # Notes
/// With batch normalisation a flow maps a sample by the statistics of its batch in training, and its inverse by the
/// running ones: no such network in a flow that is trained as [`Reversible`](flows_core::Reversible). The same goes for
/// dropout.
///
/// # Reference
/// "Density estimation using Real NVP", Dinh, Sohl-Dickstein, Bengio, 2017, section 4.1,
/// <https://arxiv.org/abs/1605.08803>; "Weight Normalization: A Simple Reparameterization to Accelerate Training of
/// Deep Neural Networks", Salimans, Kingma, 2016, <https://arxiv.org/abs/1602.07868>.
#[derive(Module, Debug)]
pub struct ResidualNetwork {
    first: Conv,
    blocks: Vec<ResidualBlock>,
    last_norm: Option<BatchNorm>,
    last: Conv,
    dropout: Dropout,
}

/// Two convolutions whose output is added to their input.
#[derive(Module, Debug)]
struct ResidualBlock {
    first_norm: Option<BatchNorm>,
    first: Conv,
    second_norm: Option<BatchNorm>,
    second: Conv,
}

/// `relu`, after batch normalisation where there is one.
fn activate(norm: &Option<BatchNorm>, x: ImagesByChannel) -> ImagesByChannel {
    let Some(norm) = norm else { return relu(x) };
    let dims = x.dims();
    relu(norm.forward(one_sample(x), &()).0.reshape(dims))
}

/// As [`activate`], with the running statistics replaced by those of `x`.
fn recompute(norm: Option<BatchNorm>, x: ImagesByChannel) -> (Option<BatchNorm>, ImagesByChannel) {
    let Some(norm) = norm else { return (None, relu(x)) };
    let dims = x.dims();
    let (norm, y) = norm.recompute_statistics(one_sample(x), &());
    (Some(norm), relu(y.reshape(dims)))
}

/// One sample whose features are the channels: its batch statistics are then those of all images.
fn one_sample(x: ImagesByChannel) -> Tensor<3> {
    let dims = x.dims();
    x.reshape([1, dims[0], dims[1..].iter().product()])
}

impl<C> Conditioner<4, C> for ResidualNetwork {
    fn params(&self, x: Tensor<4>, _: &C) -> Tensor<4> {
        let mut h = self.first.forward(x.swap_dims(0, 1));
        for block in &self.blocks {
            let inner = block.first.forward(activate(&block.first_norm, h.clone()));
            let inner = activate(&block.second_norm, inner);
            // The images are on the second axis.
            h = h + block.second.forward(self.dropout.forward_along(inner, 1));
        }
        self.last.forward(activate(&self.last_norm, h)).swap_dims(0, 1)
    }

    fn recompute_statistics(mut self, x: Tensor<4>, _: &C) -> Self {
        let plain = self.valid();
        let mut h = plain.first.forward(x.swap_dims(0, 1));
        for (block, plain) in self.blocks.iter_mut().zip(&plain.blocks) {
            let (first_norm, inner) = recompute(block.first_norm.take(), h.clone());
            let (second_norm, inner) = recompute(block.second_norm.take(), plain.first.forward(inner));
            (block.first_norm, block.second_norm) = (first_norm, second_norm);
            h = h + plain.second.forward(inner);
        }
        self.last_norm = recompute(self.last_norm, h).0;
        self
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
    fn in_training_batch_normalised_activations_have_mean_zero_over_all_images() {
        let device = Device::default().autodiff();
        let norm = Some(BatchNormConfig::new(3).init(&device));
        let x = Tensor::<4>::random([3, 8, 4, 4], Distribution::Normal(5.0, 2.0), &device);
        // Half of a standard normal: E max(x, 0) = 1/√(2π).
        let mean = activate(&norm, x).mean_dims(&[1, 2, 3]).reshape([3]).without_autodiff();
        let expected = Tensor::<1>::full([3], (2.0 * std::f64::consts::PI).sqrt().recip(), &Device::default());
        // 128 draws a channel: a standard error of 0.05.
        mean.into_data().assert_approx_eq::<f32>(&expected.into_data(), Tolerance::absolute(0.2));
    }

    #[test]
    fn recomputed_statistics_of_a_batch_make_evaluation_what_training_is_on_it() {
        let device = Device::default().autodiff();
        let config = ResidualNetworkConfig::new(2, 2).with_hidden(6).with_blocks(2).with_norm(NetworkNorm::Batch);
        let network = flows_core::testing::randomize(config.init(&device), 0.3, 1);
        let x = Tensor::<4>::random([3, 2, 4, 4], Distribution::Normal(1.0, 2.0), &device);
        let training = network.params(x.clone(), &()).without_autodiff();
        let plain = x.without_autodiff();
        let before = network.valid().params(plain.clone(), &());
        assert!((before - training.clone()).abs().max().into_scalar::<f32>() > 0.1);
        let network = Conditioner::<4>::recompute_statistics(network, plain.clone(), &());
        let after = network.valid().params(plain, &());
        after.into_data().assert_approx_eq::<f32>(&training.into_data(), Tolerance::rel_abs(1e-4, 1e-4));
    }
}
