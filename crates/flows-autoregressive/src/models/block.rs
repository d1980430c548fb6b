//! What the autoregressive flows share: a stack of blocks.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Device;
use flows_core::{
    ActNorm, Activation, BatchNorm, ContextConfig, Elementwise, Mixing, Normalization, Permutation, Plu, WithContext,
    budget, chain_fields,
};

use crate::mask::{HiddenDegrees, InputOrder};
use crate::{AutoregressiveConditioner, Made, MadeConfig, MaskedAutoregressive};

/// One block of an autoregressive flow: mix, map each feature given those before it, normalise.
#[derive(Module, Debug)]
pub struct AutoregressiveBlock<N, E> {
    act_norm: Option<ActNorm>,
    permutation: Option<Permutation>,
    plu: Option<Plu>,
    autoregressive: MaskedAutoregressive<N, E>,
    batch_norm: Option<BatchNorm>,
}

chain_fields!(
    [C, N: AutoregressiveConditioner<C> + ModuleDisplay, E: Elementwise + ModuleDisplay]
    2, C, AutoregressiveBlock<N, E>, [act_norm, permutation, plu, autoregressive, batch_norm]
);

/// What the configurations of the autoregressive flows have in common.
pub(super) struct Stack<'a> {
    pub(super) features: usize,
    pub(super) layers: usize,
    pub(super) hidden: &'a [usize],
    pub(super) activation: Activation,
    pub(super) residual: bool,
    pub(super) dropout: f64,
    pub(super) normalization: Normalization,
    pub(super) mixing: Mixing,
    pub(super) range: Option<f64>,
    pub(super) seed: u64,
}

impl Stack<'_> {
    /// The blocks, with the networks that `network` makes of their configurations.
    pub(super) fn blocks<N, E: Elementwise>(
        &self,
        map: impl Fn() -> E,
        network: impl Fn(MadeConfig) -> N,
        device: &Device,
    ) -> Vec<AutoregressiveBlock<N, E>> {
        let block = |layer: usize| {
            let (features, map) = (self.features, map());
            let network = network(self.made(layer, map.params_per_element()));
            let seed = self.seed.wrapping_add(layer as u64);
            let (act_norm, batch_norm) = self.normalization.init(features, device);
            let (permutation, plu) = self.mixing.init(features, seed, device);
            let autoregressive = MaskedAutoregressive::new(network, map).with_network_range(self.range);
            AutoregressiveBlock { act_norm, permutation, plu, autoregressive, batch_norm }
        };
        budget::list(self.layers, block)
    }

    /// The network of a layer; where nothing else mixes the features, every other layer has them in reverse.
    pub(super) fn made(&self, layer: usize, outputs: usize) -> MadeConfig {
        let reversed = self.mixing == Mixing::None && layer % 2 == 1;
        MadeConfig::new(self.features, outputs)
            .with_hidden(self.hidden.to_vec())
            .with_activation(self.activation)
            .with_residual(self.residual)
            .with_dropout(self.dropout)
            .with_order(if reversed { InputOrder::Reversed } else { InputOrder::Natural })
            .with_degrees(HiddenDegrees::Sequential)
    }
}

/// Makes networks that see no context.
pub(super) fn alone(device: &Device) -> impl Fn(MadeConfig) -> Made {
    move |made| made.init(device)
}

/// Makes networks that see a context.
pub(super) fn given(context: &ContextConfig, device: &Device) -> impl Fn(MadeConfig) -> WithContext<Made> {
    move |made| made.init_given(context, device)
}
