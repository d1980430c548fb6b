//! The masked network.

use burn::module::Module;
use burn::tensor::{Tensor, assert_shape};
use flows_core::{Activation, Conditioner, Dropout, NetworkPullBack, dense_layers_vjp, params_vjp};

use super::masked_linear::MaskedLinear;
use crate::mask::Connectivity;

/// A masked autoencoder: a multilayer perceptron, plain or residual, in which no output depends on its own feature or
/// on one that comes later in the order.
///
/// ```text
/// plain:     h ← φ((W ⊙ M) h + b), once a hidden width
/// residual:  h ← (W ⊙ M) x + b, then h ← h + (W₂ ⊙ M₂) φ((W₁ ⊙ M₁) φ(h) + b₁) + b₂, once a block
/// params  =  (W ⊙ M) h + b, starting at zero
/// ```
///
/// # Shapes
/// - `x`: `[batch, features]`, or `[batch, features + context]` where the network has context inputs
/// - result: `[batch, outputs * features]`: first the first output of every feature, then the second
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_autoregressive::MadeConfig;
///
/// let device = Device::default();
/// let made = MadeConfig::new(3, 1).with_hidden(vec![16]).with_zero_last(false).init(&device);
/// let y = |third: f32| made.forward(Tensor::from_data([[0.5, -1.0, third]], &device)).to_data();
/// assert_eq!(y(2.0), y(-7.0)); // no output sees the last feature
/// ```
///
/// # Notes
/// With [`WithContext`](flows_core::WithContext) (see [`MadeConfig::init_given`](crate::MadeConfig::init_given)) it
/// sees a context, all of it at every output. Of a single feature without a context nothing is seen: the outputs are
/// parameters.
///
/// # Reference
/// "MADE: Masked Autoencoder for Distribution Estimation", Germain, Gregor, Murray, Larochelle, 2015,
/// <https://arxiv.org/abs/1502.03509>; residual: "Autoregressive Energy Machines", Nash, Durkan, 2019,
/// <https://arxiv.org/abs/1904.05626>.
#[derive(Module, Debug)]
pub struct Made {
    layers: Vec<MaskedLinear>,
    blocks: Vec<MaskedBlock>,
    last: MaskedLinear,
    dropout: Dropout,
    #[module(skip)]
    activation: Activation,
    #[module(skip)]
    connectivity: Connectivity,
}

/// Two masked layers whose output is added to their input.
#[derive(Module, Debug)]
pub(super) struct MaskedBlock {
    first: MaskedLinear,
    second: MaskedLinear,
}

impl MaskedBlock {
    pub(super) fn new(first: MaskedLinear, second: MaskedLinear) -> Self {
        Self { first, second }
    }
}

impl Made {
    pub(super) fn new(
        layers: Vec<MaskedLinear>,
        blocks: Vec<MaskedBlock>,
        last: MaskedLinear,
        dropout: Dropout,
        activation: Activation,
        connectivity: Connectivity,
    ) -> Self {
        Self { layers, blocks, last, dropout, activation, connectivity }
    }

    /// The output for each row.
    ///
    /// # Panics
    /// If `x` has another number of columns than the network has inputs.
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let inputs = self.connectivity.inputs().len();
        assert_shape!(x, [_, inputs]);
        let linears = self.linears();
        self.traverse(
            x,
            |i, x, active| linears[i].forward(x, active.then_some(self.activation)),
            |h| self.activation.apply(h),
            |h| self.dropout.forward(h),
            |a, b| a + b,
        )
    }

    /// The degrees of all units.
    pub fn connectivity(&self) -> &Connectivity {
        &self.connectivity
    }

    /// The layers of weights, in the order in which data passes through them.
    pub fn linears(&self) -> Vec<&MaskedLinear> {
        let blocks = self.blocks.iter().flat_map(|block| [&block.first, &block.second]);
        self.layers.iter().chain(blocks).chain([&self.last]).collect()
    }

    /// The nonlinearity.
    pub(crate) fn activation(&self) -> Activation {
        self.activation
    }

    /// The shape of the network, written once for whole batches and for the few units of one step of `generate`: what
    /// comes out, where `linear` applies a layer of weights, by its number, and after it the nonlinearity where it is told
    /// so.
    pub(super) fn traverse<T: Clone>(
        &self,
        x: T,
        mut linear: impl FnMut(usize, T, bool) -> T,
        activate: impl Fn(T) -> T,
        drop: impl Fn(T) -> T,
        add: impl Fn(T, T) -> T,
    ) -> T {
        let mut h = x;
        let mut next = 0..;
        let mut linear = |h, active| linear(next.next().unwrap_or_default(), h, active);
        let plain = self.blocks.is_empty();
        for _ in &self.layers {
            h = linear(h, plain);
            if plain {
                h = drop(h);
            }
        }
        for _ in &self.blocks {
            let inner = linear(activate(h.clone()), true);
            h = add(h, linear(drop(inner), false));
        }
        linear(h, false)
    }

    /// The same network, with the same parameters, under the masks of another connectivity.
    ///
    /// # Panics
    /// If it is one of another network.
    pub(crate) fn under(&self, connectivity: &Connectivity, masks: &[Tensor<2>]) -> Self {
        let mut masks = masks.iter();
        let mut under = |linear: &MaskedLinear| linear.under(masks.next().expect("a mask for each layer"));
        Self {
            layers: self.layers.iter().map(&mut under).collect(),
            blocks: self.blocks.iter().map(|b| MaskedBlock::new(under(&b.first), under(&b.second))).collect(),
            last: under(&self.last),
            connectivity: connectivity.clone(),
            ..self.clone()
        }
    }
}

impl<C> Conditioner<2, C> for Made {
    fn params(&self, x: Tensor<2>, _: &C) -> Tensor<2> {
        self.forward(x)
    }

    fn params_vjp<'a>(&'a self, x: Tensor<2>, context: &'a C) -> (Tensor<2>, NetworkPullBack<'a, 2>) {
        if !self.blocks.is_empty() {
            return params_vjp(self, x, context);
        }
        let layers = self.linears().into_iter().map(MaskedLinear::layer).collect();
        match dense_layers_vjp(layers, x.clone(), self.activation, &self.dropout) {
            Some(recorded) => recorded,
            None => params_vjp(self, x, context),
        }
    }

    fn sees_context(&self) -> bool {
        false
    }
}
