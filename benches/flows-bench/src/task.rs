//! What is measured.

use burn::tensor::Device;
use flows_autoregressive::{AutoregressiveSplineFlow, AutoregressiveSplineFlowConfig, Maf, MafConfig};
use flows_core::{Normalization, RationalQuadraticConfig, RealNvp, RealNvpConfig, SplineFlow, SplineFlowConfig};
use flows_vision::{Glow, GlowConfig, NetworkConfig};

/// The kind of flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Coupling,
    Spline,
    Maf,
    AutoregressiveSpline,
    /// Images of `size` x `size` pixels with `features` channels; `layers` steps in each scale.
    Glow {
        size: usize,
        scales: usize,
    },
}

/// A flow of `layers` layers on `features` features, each with a network of two hidden ReLU layers, and a batch.
/// The networks of images are convolutions of 3x3, 1x1 and 3x3.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Task {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) features: usize,
    pub(crate) layers: usize,
    pub(crate) hidden: usize,
    pub(crate) batch: usize,
}

const fn task(name: &'static str, kind: Kind, features: usize, layers: usize, hidden: usize, batch: usize) -> Task {
    Task { name, kind, features, layers, hidden, batch }
}

/// Every task.
pub(crate) const TASKS: &[Task] = &[
    task("coupling-2", Kind::Coupling, 2, 8, 64, 256),
    task("coupling-6", Kind::Coupling, 6, 8, 128, 1024),
    task("coupling-64", Kind::Coupling, 64, 8, 512, 1024),
    task("spline-6", Kind::Spline, 6, 8, 128, 1024),
    task("maf-16", Kind::Maf, 16, 5, 512, 1024),
    task("maf-43", Kind::Maf, 43, 5, 512, 128),
    task("maf-64", Kind::Maf, 64, 5, 512, 1024),
    task("maf-256", Kind::Maf, 256, 5, 512, 1024),
    task("maf-784", Kind::Maf, 784, 5, 512, 1024),
    task("arspline-6", Kind::AutoregressiveSpline, 6, 5, 128, 512),
    task("glow-16", Kind::Glow { size: 16, scales: 2 }, 3, 4, 64, 32),
    task("glow-depth-4", Kind::Glow { size: 32, scales: 1 }, 3, 4, 64, 32),
    task("glow-depth-16", Kind::Glow { size: 32, scales: 1 }, 3, 16, 64, 32),
    task("glow-depth-64", Kind::Glow { size: 32, scales: 1 }, 3, 64, 64, 32),
];

impl Task {
    pub(crate) fn coupling(&self, device: &Device) -> RealNvp {
        let config = RealNvpConfig::new(self.features).with_layers(self.layers).with_standardize(false);
        config.with_hidden(self.widths()).init(device)
    }

    pub(crate) fn spline(&self, device: &Device) -> SplineFlow {
        let config = SplineFlowConfig::new(self.features).with_layers(self.layers).with_standardize(false);
        config.with_hidden(self.widths()).with_spline(bins()).init(device)
    }

    pub(crate) fn maf(&self, device: &Device) -> Maf {
        let config = MafConfig::new(self.features).with_layers(self.layers).with_standardize(false);
        config.with_hidden(self.widths()).with_normalization(Normalization::None).init(device)
    }

    pub(crate) fn autoregressive_spline(&self, device: &Device) -> AutoregressiveSplineFlow {
        let config = AutoregressiveSplineFlowConfig::new(self.features).with_layers(self.layers);
        config.with_standardize(false).with_hidden(self.widths()).with_spline(bins()).init(device)
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

/// The spline of the tasks.
fn bins() -> RationalQuadraticConfig {
    RationalQuadraticConfig::new().with_bins(8).with_lower(-4.0).with_upper(4.0)
}
