//! A neural spline flow on the sphere's map: latitude on an interval, longitude on a circle.

use burn::module::Module;
use burn::tensor::Device;
use flows_core::{
    Activation, Coupling, FeatureSplit, Flow, FlowConfig, Mlp, MlpConfig, Periodic, PeriodicConfig, RationalQuadratic,
    RationalQuadraticConfig, ScaleShift, Tails, UniformBox, chain_fields,
};
use serde::{Deserialize, Serialize};

/// Longitude goes once round the circle `[-1, 1]`.
const CIRCLE: f64 = 2.0;
/// Latitude lies on the interval `[-1, 1]`; seen with twice its length as period, its ends stay apart.
const INTERVAL: f64 = 4.0;

/// What makes the flow.
#[derive(Debug, Clone, Serialize, Deserialize, clap::Args)]
pub(crate) struct WorldConfig {
    /// Pairs of couplings: longitude given latitude, then latitude given longitude.
    #[arg(long, default_value_t = 3)]
    pub(crate) blocks: usize,
    /// Bins of each spline.
    #[arg(long, default_value_t = 16)]
    pub(crate) bins: usize,
    /// Widths of the hidden layers of each network.
    #[arg(long, value_delimiter = ',', default_value = "128,128")]
    pub(crate) hidden: Vec<usize>,
    /// Harmonics in which the networks see a coordinate.
    #[arg(long, default_value_t = 24)]
    pub(crate) harmonics: usize,
    /// The share of hidden units dropped in training.
    #[arg(long, default_value_t = 0.0)]
    pub(crate) dropout: f64,
}

/// Degrees of latitude and longitude to the uniform density on a square.
#[derive(Module, Debug)]
pub(crate) struct WorldLayers {
    unit: ScaleShift,
    blocks: Vec<Block>,
}

chain_fields!([C] 2, C, WorldLayers, [unit, blocks]);

type SplineCoupling = Coupling<Periodic<Mlp>, RationalQuadratic>;

#[derive(Module, Debug)]
struct Block {
    longitude: SplineCoupling,
    latitude: SplineCoupling,
}

chain_fields!([C] 2, C, Block, [longitude, latitude]);

impl FlowConfig for WorldConfig {
    const NAME: &'static str = "world-map/WorldFlow";
    type Flow = Flow<WorldLayers, UniformBox<2>>;

    fn init(&self, device: &Device) -> Self::Flow {
        let blocks = (0..self.blocks)
            .map(|_| Block {
                longitude: self.coupling(0, INTERVAL, Tails::Circular, device),
                latitude: self.coupling(1, CIRCLE, Tails::Linear, device),
            })
            .collect();
        let unit = ScaleShift::new(&[1.0 / 90.0, 1.0 / 180.0], &[0.0, 0.0], device);
        Flow::new(WorldLayers { unit, blocks }, UniformBox::new([2], &[-1.0, -1.0], &[1.0, 1.0]))
    }
}

impl WorldConfig {
    /// Keeps one coordinate, which has the given period, and moves the other.
    fn coupling(&self, kept: usize, period: f64, tails: Tails, device: &Device) -> SplineCoupling {
        let spline = RationalQuadraticConfig::new().with_bins(self.bins).with_lower(-1.0).with_upper(1.0);
        let spline = spline.with_tails(tails).with_min_width(1e-4).with_min_height(1e-4).init();
        let seen = PeriodicConfig::new(vec![Some(period)]).with_harmonics(self.harmonics);
        let params = flows_core::Elementwise::params_per_element(&spline);
        let network = MlpConfig::new(seen.embedded_width(), params)
            .with_hidden(self.hidden.clone())
            .with_activation(Activation::Silu)
            .with_dropout(self.dropout)
            .init(device);
        Coupling::new(FeatureSplit::keep(&[kept], 2, device), seen.wrap(network), spline)
    }
}
