//! What the coupling flows share: a stack of blocks.

use burn::config::Config;
use burn::module::{Module, ModuleDisplay};
use burn::tensor::Device;

use crate::{
    ActNorm, ActNormConfig, Activation, BatchNorm, BatchNormConfig, Conditioner, ContextConfig, Coupling, Elementwise,
    FeatureSplit, Mlp, MlpConfig, Permutation, Plu, PluConfig, PluStart, WithContext, budget, chain_fields,
};

/// Which features a coupling flow keeps in a layer; the next layer keeps the others.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum Partition {
    /// The first half.
    Halves,
    /// Every other one.
    Alternating,
}

/// What brings the features to a common scale before each coupling.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum Normalization {
    /// Nothing.
    None,
    /// [`ActNorm`](crate::ActNorm), started from the first batch.
    ActNorm,
    /// [`BatchNorm`](crate::BatchNorm).
    BatchNorm,
}

impl Normalization {
    /// The layer, of the one kind or the other, for so many features.
    pub fn init(self, features: usize, device: &Device) -> (Option<ActNorm>, Option<BatchNorm>) {
        match self {
            Self::None => (None, None),
            Self::ActNorm => (Some(ActNormConfig::new(features).init(device)), None),
            Self::BatchNorm => (None, Some(BatchNormConfig::new(features).init(device))),
        }
    }
}

/// What mixes the features before each coupling, beyond the alternation of the kept half.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum Mixing {
    /// Nothing.
    None,
    /// A fixed random permutation.
    Permutation,
    /// A [`Plu`](crate::Plu) linear layer around a fixed random permutation.
    Plu,
}

impl Mixing {
    /// The layer, of the one kind or the other, for so many features; the seed is that of its permutation.
    pub fn init(self, features: usize, seed: u64, device: &Device) -> (Option<Permutation>, Option<Plu>) {
        match self {
            Self::None => (None, None),
            Self::Permutation => (Some(Permutation::random(features, seed, device)), None),
            Self::Plu => (None, Some(PluConfig::new(features).with_start(PluStart::Permutation(seed)).init(device))),
        }
    }
}

/// One block of a coupling flow: normalise, mix, couple.
#[derive(Module, Debug)]
pub struct CouplingBlock<N, E> {
    act_norm: Option<ActNorm>,
    batch_norm: Option<BatchNorm>,
    permutation: Option<Permutation>,
    plu: Option<Plu>,
    coupling: Coupling<N, E>,
}

chain_fields!(
    [C, N: Conditioner<2, C> + ModuleDisplay, E: Elementwise + ModuleDisplay]
    2, C, CouplingBlock<N, E>, [act_norm, batch_norm, permutation, plu, coupling]
);

/// What the configurations of the coupling flows have in common.
pub(super) struct Stack<'a> {
    pub(super) features: usize,
    pub(super) layers: usize,
    pub(super) hidden: &'a [usize],
    pub(super) activation: Activation,
    pub(super) residual: bool,
    pub(super) dropout: f64,
    pub(super) partition: Partition,
    pub(super) normalization: Normalization,
    pub(super) mixing: Mixing,
    pub(super) kept_map: bool,
    pub(super) range: Option<f64>,
    pub(super) seed: u64,
}

impl Stack<'_> {
    pub(super) fn init<E: Elementwise>(&self, map: impl Fn() -> E, device: &Device) -> Vec<CouplingBlock<Mlp, E>> {
        assert!(
            self.features >= 2,
            "`features`: expected at least 2, got {}: a coupling makes a map of one half of the features from the other; \
             for one feature take an autoregressive flow (`MafConfig`, `AutoregressiveSplineFlowConfig`), or a context \
             (`.given(width)`)",
            self.features
        );
        self.blocks(map, |mlp| mlp.init(device), device)
    }

    pub(super) fn init_given<E: Elementwise>(
        &self,
        map: impl Fn() -> E,
        context: &ContextConfig,
        device: &Device,
    ) -> Vec<CouplingBlock<WithContext<Mlp>, E>> {
        let network = |mut mlp: MlpConfig| {
            mlp.inputs += context.embedded_width();
            context.wrap(mlp.init(device), device)
        };
        self.blocks(map, network, device)
    }

    fn blocks<N, E: Elementwise>(
        &self,
        map: impl Fn() -> E,
        network: impl Fn(MlpConfig) -> N,
        device: &Device,
    ) -> Vec<CouplingBlock<N, E>> {
        assert!(self.features > 0, "`features`: expected at least 1, got 0");
        budget::list(self.layers, |layer| self.block(layer, &map, &network, device))
    }

    fn block<N, E: Elementwise>(
        &self,
        layer: usize,
        map: impl Fn() -> E,
        network: impl Fn(MlpConfig) -> N,
        device: &Device,
    ) -> CouplingBlock<N, E> {
        let (features, seed) = (self.features, self.seed.wrapping_add(layer as u64));
        let swapped = layer % 2 == 1;
        let split = match self.partition {
            // Given a context: the map's parameters are made of it alone.
            _ if features == 1 => FeatureSplit::move_all(1),
            Partition::Halves => FeatureSplit::halves(features, swapped, device),
            Partition::Alternating => FeatureSplit::alternating(features, swapped, device),
        };
        let map = map();
        let outputs = split.moved().len() * map.params_per_element();
        let mlp = MlpConfig::new(split.kept().len(), outputs)
            .with_hidden(self.hidden.to_vec())
            .with_activation(self.activation)
            .with_residual(self.residual)
            .with_dropout(self.dropout);
        let coupling = Coupling::new(split, network(mlp), map).with_network_range(self.range);
        let (act_norm, batch_norm) = self.normalization.init(features, device);
        let (permutation, plu) = self.mixing.init(features, seed, device);
        CouplingBlock {
            act_norm,
            batch_norm,
            permutation,
            plu,
            coupling: if self.kept_map { coupling.with_kept_map(device) } else { coupling },
        }
    }
}
