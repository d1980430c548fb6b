//! The flows of the tasks.

use burn::tensor::Device;
use flows_autoregressive::{AutoregressiveSplineFlow, AutoregressiveSplineFlowConfig, Maf, MafConfig};
use flows_core::{Normalization, RationalQuadraticConfig, RealNvp, RealNvpConfig, SplineFlow, SplineFlowConfig};
use flows_vision::{Glow, GlowConfig, NetworkConfig};

use crate::task::Task;

impl Task {
    pub(crate) fn coupling(&self, device: &Device) -> RealNvp {
        let config = RealNvpConfig::new(self.features).with_layers(self.layers).with_standardize(false);
        config.with_hidden(self.widths()).init(device)
    }

    pub(crate) fn spline(&self, bins: usize, device: &Device) -> SplineFlow {
        let config = SplineFlowConfig::new(self.features).with_layers(self.layers).with_standardize(false);
        config.with_hidden(self.widths()).with_spline(spline(bins)).init(device)
    }

    pub(crate) fn maf(&self, device: &Device) -> Maf {
        let config = MafConfig::new(self.features).with_layers(self.layers).with_standardize(false);
        config.with_hidden(self.widths()).with_normalization(Normalization::None).init(device)
    }

    pub(crate) fn autoregressive_spline(&self, bins: usize, device: &Device) -> AutoregressiveSplineFlow {
        let config = AutoregressiveSplineFlowConfig::new(self.features).with_layers(self.layers);
        config.with_standardize(false).with_hidden(self.widths()).with_spline(spline(bins)).init(device)
    }

    pub(crate) fn glow(&self, size: usize, scales: usize, device: &Device) -> Glow {
        let config = GlowConfig::new(self.features, size, size).with_scales(scales).with_steps(self.layers);
        // As the peer has it: a mean and a scale for the last latent, and none made of what stays.
        let config = config.with_network(NetworkConfig::Glow { hidden: self.hidden }).with_learned_prior(false);
        config.init(device)
    }

    fn widths(&self) -> Vec<usize> {
        vec![self.hidden; 2]
    }
}

/// As the peers have it, on [-4, 4].
fn spline(bins: usize) -> RationalQuadraticConfig {
    RationalQuadraticConfig::new().with_bins(bins).with_lower(-4.0).with_upper(4.0)
}
