//! One step of an image flow.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Device;
use flows_core::{
    ActNorm, BatchNorm, Conditioner, Coupling, DenseLinear, DenseLinearConfig, Elementwise, FeatureSplit,
    Normalization, Plu, PluConfig, PluStart, chain_fields,
};

use super::OneByOne;
use crate::map::{ImageMap, MapConfig};
use crate::network::{NetworkConfig, Wrap};

/// One step of an image flow: normalise, mix the channels, couple.
#[derive(Module, Debug)]
pub struct FlowStep<N> {
    act_norm: Option<ActNorm>,
    batch_norm: Option<BatchNorm>,
    plu: Option<Plu>,
    dense: Option<DenseLinear>,
    /// The coupling.
    pub coupling: Coupling<N, ImageMap>,
}

chain_fields!(
    [C, N: Conditioner<4, C> + ModuleDisplay]
    4, C, FlowStep<N>, [act_norm, batch_norm, plu, dense, coupling]
);

/// What the steps of a model have in common.
pub(crate) struct StepPlan<'a> {
    pub(crate) network: &'a NetworkConfig,
    pub(crate) map: &'a MapConfig,
    pub(crate) normalization: Normalization,
    pub(crate) one_by_one: OneByOne,
    pub(crate) range: Option<f64>,
    pub(crate) seed: u64,
}

impl StepPlan<'_> {
    /// A step on so many channels, which keeps their first half or the second. The number is that of the step in its
    /// model, for its seed.
    pub(crate) fn step<W: Wrap>(
        &self,
        channels: usize,
        swapped: bool,
        number: usize,
        wrap: &W,
        device: &Device,
    ) -> FlowStep<W::Network> {
        assert!(channels >= 2, "`channels`: expected at least 2 to couple, got {channels}");
        let seed = self.seed.wrapping_add(number as u64);
        let split = FeatureSplit::halves(channels, swapped, device);
        let (kept, moved) = (split.kept().len(), split.moved().len());
        let map = self.map.init(moved, device);
        let network = wrap.network(self.network, kept, moved * map.params_per_element(), device);
        let (act_norm, batch_norm) = self.normalization.init(channels, device);
        let rotation = || PluConfig::new(channels).with_start(PluStart::Rotation(seed)).with_bias(false).init(device);
        let dense = || DenseLinearConfig::new(channels).with_rotation(Some(seed)).init(device);
        FlowStep {
            act_norm,
            batch_norm,
            plu: (self.one_by_one == OneByOne::Plu).then(rotation),
            dense: (self.one_by_one == OneByOne::Dense).then(dense),
            coupling: Coupling::new(split, network, map).with_network_range(self.range),
        }
    }
}
