//! A multilayer perceptron.

use burn::config::Config;
use burn::module::{Initializer, Module};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor, activation, assert_shape};

use super::dropout::{Dropout, DropoutConfig};
use crate::kernel::dense;
use crate::parameter::draw;
use crate::{Conditioner, DenseLayer, DenseParts, NetworkPullBack, dense_layers_vjp, params_vjp};

/// The nonlinearity between two layers.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum Activation {
    /// `max(x, 0)`; the fastest.
    Relu,
    /// `x · sigmoid(x)`.
    Silu,
    /// `x · Φ(x)`.
    Gelu,
    /// `tanh x`.
    Tanh,
    /// `x` where positive, `eˣ - 1` elsewhere.
    Elu,
    /// `x` where positive, `0.01 x` elsewhere.
    LeakyRelu,
}

impl Activation {
    /// The activation of every element.
    pub fn apply<const D: usize>(self, x: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Relu => activation::relu(x),
            Self::Silu => activation::silu(x),
            Self::Gelu => activation::gelu(x),
            Self::Tanh => x.tanh(),
            Self::Elu => activation::elu(x, 1.0),
            Self::LeakyRelu => activation::leaky_relu(x, 0.01),
        }
    }
}

/// Configuration of [`Mlp`].
#[derive(Config, Debug)]
pub struct MlpConfig {
    /// The number of inputs.
    pub inputs: usize,
    /// The number of outputs.
    pub outputs: usize,
    /// The widths of the hidden layers; with `residual`, one block a number, all of one width.
    #[config(default = "vec![64, 64]")]
    pub hidden: Vec<usize>,
    /// The nonlinearity.
    #[config(default = "Activation::Relu")]
    pub activation: Activation,
    /// Residual blocks of two layers each instead of plain layers.
    #[config(default = false)]
    pub residual: bool,
    /// The share of hidden units dropped in training.
    #[config(default = 0.0)]
    pub dropout: f64,
    /// Whether the last layer starts at zero, so that a flow starts as the identity.
    #[config(default = true)]
    pub zero_last: bool,
}

impl MlpConfig {
    /// Makes the network.
    ///
    /// # Panics
    /// If a width is zero, residual blocks differ in width, or the dropout is not in `0..1`.
    pub fn init(&self, device: &Device) -> Mlp {
        assert!(!self.hidden.contains(&0), "`hidden`: expected positive widths, got {:?}", self.hidden);
        assert!((0.0..1.0).contains(&self.dropout), "`dropout`: expected 0 to less than 1, got {}", self.dropout);
        let (mut layers, mut blocks) = (Vec::new(), Vec::new());
        let mut width = self.inputs;
        if self.residual {
            let first = *self.hidden.first().unwrap_or(&self.inputs);
            assert!(
                self.hidden.iter().all(|w| *w == first),
                "`hidden`: expected residual blocks of one width, got {:?}",
                self.hidden
            );
            layers.push(LinearConfig::new(width, first).init(device));
            width = first;
            for _ in &self.hidden {
                let linear = || LinearConfig::new(width, width).init(device);
                blocks.push(ResidualBlock { first: linear(), second: linear() });
            }
        } else {
            for next in &self.hidden {
                layers.push(LinearConfig::new(width, *next).init(device));
                width = *next;
            }
        }
        let mut last = LinearConfig::new(width, self.outputs);
        if self.zero_last {
            last = last.with_initializer(Initializer::Zeros);
        }
        draw(Mlp {
            layers,
            blocks,
            last: last.init(device),
            dropout: DropoutConfig::new(self.dropout).init(),
            activation: self.activation,
        })
    }
}

/// Two layers whose output is added to their input.
#[derive(Module, Debug)]
struct ResidualBlock {
    first: Linear,
    second: Linear,
}

/// A multilayer perceptron, plain or residual.
///
/// ```text
/// plain:     h ← φ(W h + b), once a hidden width
/// residual:  h ← W x + b, then h ← h + W₂ φ(W₁ φ(h) + b₁) + b₂, once a block
/// params  =  W h + b, starting at zero
/// ```
///
/// # Shapes
/// - `x`: `[batch, inputs]`, result: `[batch, outputs]`
///
/// # Notes
/// It makes no use of a context; [`WithContext`](crate::WithContext) does.
///
/// # Reference
/// The residual network is that of "Neural Spline Flows", Durkan et al., 2019, <https://arxiv.org/abs/1906.04032>.
#[derive(Module, Debug)]
pub struct Mlp {
    layers: Vec<Linear>,
    blocks: Vec<ResidualBlock>,
    last: Linear,
    dropout: Dropout,
    #[module(skip)]
    activation: Activation,
}

impl Mlp {
    /// The output for each row.
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        forward(&self.last, self.hidden(x), None)
    }

    /// Some of the outputs for each row, at the cost of these in the last layer.
    ///
    /// # Shapes
    /// - `x`: `[batch, inputs]`, result: `[batch, outputs.len()]`
    ///
    /// # Panics
    /// If there are not as many outputs.
    pub fn forward_some(&self, x: Tensor<2>, outputs: std::ops::Range<usize>) -> Tensor<2> {
        let bias = self.last.bias.as_ref().expect("every layer has a bias").val();
        let weight = self.last.weight.val().narrow(1, outputs.start, outputs.len());
        dense(self.hidden(x), weight, bias.narrow(0, outputs.start, outputs.len()), None)
    }

    /// What the last layer sees.
    fn hidden(&self, x: Tensor<2>) -> Tensor<2> {
        let inputs = self.layers.first().unwrap_or(&self.last).weight.val().dims()[0];
        assert_shape!(x, [_, inputs]);
        let mut h = x;
        let activation = Some(self.activation);
        for layer in &self.layers {
            h = match self.blocks.is_empty() {
                true => self.dropout.forward(forward(layer, h, activation)),
                false => forward(layer, h, None),
            };
        }
        for block in &self.blocks {
            let inner = forward(&block.first, self.activation.apply(h.clone()), activation);
            h = h + forward(&block.second, self.dropout.forward(inner), None);
        }
        h
    }
}

fn forward(layer: &Linear, x: Tensor<2>, activation: Option<Activation>) -> Tensor<2> {
    let bias = layer.bias.as_ref().expect("every layer has a bias");
    dense(x, layer.weight.val(), bias.val(), activation)
}

impl<C> Conditioner<2, C> for Mlp {
    fn params(&self, x: Tensor<2>, _: &C) -> Tensor<2> {
        self.forward(x)
    }

    fn params_vjp<'a>(&'a self, x: Tensor<2>, context: &'a C) -> (Tensor<2>, NetworkPullBack<'a, 2>) {
        if !self.blocks.is_empty() {
            return params_vjp(self, x, context);
        }
        let layers: Vec<DenseLayer<'a>> = self.layers.iter().chain([&self.last]).map(layer).collect();
        match dense_layers_vjp(layers, x.clone(), self.activation, &self.dropout) {
            Some(recorded) => recorded,
            None => params_vjp(self, x, context),
        }
    }

    fn sees_context(&self) -> bool {
        false
    }
}

fn layer(layer: &Linear) -> DenseLayer<'_> {
    let (weight, bias) = (&layer.weight, layer.bias.as_ref().expect("every layer has a bias"));
    let parts = DenseParts::new(weight.val().dims()[0]).with(0, weight.val(), None, bias.val());
    DenseLayer { parts, params: vec![(weight, bias)] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Distribution;

    #[test]
    fn the_network_starts_at_zero_and_its_size_is_what_the_config_says() {
        let device = Device::default();
        let x = Tensor::<2>::random([5, 3], Distribution::Default, &device);
        for residual in [false, true] {
            let mlp = MlpConfig::new(3, 4).with_hidden(vec![8, 8]).with_residual(residual).init(&device);
            assert_eq!(mlp.forward(x.clone()).to_data(), [[0.0f32; 4]; 5].into());
            let layers = if residual { 32 + 4 * 72 } else { 32 + 72 };
            assert_eq!(mlp.num_params(), layers + 36);
        }
    }

    #[test]
    fn some_outputs_are_those_of_all() {
        let device = Device::default();
        let x = Tensor::<2>::random([5, 3], Distribution::Default, &device);
        for hidden in [vec![], vec![8], vec![8, 8]] {
            let config = MlpConfig::new(3, 7).with_hidden(hidden).with_zero_last(false).with_residual(true);
            let mlp = config.init(&device);
            let some = mlp.forward_some(x.clone(), 2..5).to_data();
            some.assert_approx_eq::<f32>(
                &mlp.forward(x.clone()).narrow(1, 2, 3).to_data(),
                burn::tensor::Tolerance::absolute(1e-5),
            );
        }
    }

    #[test]
    fn no_hidden_layer_is_a_linear_map() {
        let mlp = MlpConfig::new(3, 2).with_hidden(vec![]).init(&Device::default());
        assert_eq!(mlp.num_params(), 8);
    }
}
