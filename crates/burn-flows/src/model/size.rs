//! Sizes that suit a number of rows and columns.

use flows_autoregressive::{
    AutoregressiveSplineFlowConfig, ConditionalsConfig, MadeDensityConfig, MafConfig, MafMogConfig,
};
use flows_core::{Mixing, Normalization, RationalQuadraticConfig, RealNvpConfig, SplineFlowConfig};
use serde::{Deserialize, Serialize};

use super::{ConditionalMixtureConfig, Family, Model, ModelKind};

/// How much work a fit may be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quality {
    /// Smaller models, and less patience.
    Fast,
    /// What suits most tables.
    #[default]
    Normal,
    /// Larger models, and more patience.
    Best,
}

impl std::str::FromStr for Quality {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "fast" => Ok(Self::Fast),
            "normal" => Ok(Self::Normal),
            "best" => Ok(Self::Best),
            _ => Err(format!("no quality is called `{name}`\nhint: one of fast, normal, best")),
        }
    }
}

/// The sizes of a model.
///
/// # Example
/// ```
/// use burn_flows::model::{ModelKind, Quality, Size};
///
/// let (small, large) = (Size::of(300, 4, Quality::Normal), Size::of(300_000, 4, Quality::Normal));
/// assert!(small.hidden[0] < large.hidden[0] && small.layers < large.layers);
/// assert_eq!(small.model(ModelKind::Maf, 4, 2, 0).context, 2);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Size {
    /// Layers of the flow.
    pub layers: usize,
    /// Widths of the hidden layers of each network.
    pub hidden: Vec<usize>,
    /// Bins of the splines.
    pub bins: usize,
    /// Components of the mixtures.
    pub components: usize,
    /// Dropout probability.
    pub dropout: f64,
}

impl Size {
    /// What a model of that size is made of, in words.
    ///
    /// # Example
    /// ```
    /// use burn_flows::model::{ModelKind, Quality, Size};
    ///
    /// let size = Size { hidden: vec![64, 64], layers: 4, ..Size::of(300, 4, Quality::Normal) };
    /// assert_eq!(size.told(ModelKind::Nsf), "4 layers with networks of 64, 64 units");
    /// ```
    pub fn told(&self, kind: ModelKind) -> String {
        let widths: Vec<String> = self.hidden.iter().map(usize::to_string).collect();
        let layers = match kind {
            ModelKind::Made | ModelKind::MadeMog => "a network".to_owned(),
            _ if self.layers == 1 => "1 layer with networks".to_owned(),
            _ => format!("{} layers with networks", self.layers),
        };
        format!("{layers} of {} units", widths.join(", "))
    }

    /// The sizes that suit so many rows of so many columns, the context's among them.
    pub fn of(rows: usize, columns: usize, quality: Quality) -> Self {
        let (layers, hidden, bins) = match rows {
            0..600 => (3, 24, 6),
            600..3_000 => (4, 48, 8),
            3_000..20_000 => (5, 64, 8),
            20_000..200_000 => (6, 96, 10),
            _ => (8, 128, 12),
        };
        // Many columns need wide layers.
        let hidden = hidden.max((columns * 2).min(hidden * 2));
        let (layers, hidden) = match quality {
            Quality::Fast => ((layers - 1).max(2), (hidden / 2).max(16)),
            Quality::Normal => (layers, hidden),
            Quality::Best => (layers + 2, hidden * 2),
        };
        let dropout = match rows {
            0..600 => 0.1,
            600..3_000 => 0.05,
            _ => 0.0,
        };
        Self { layers, hidden: vec![hidden; 2], bins, components: 10, dropout }
    }

    /// The sizes that suit the density of one column, given so many others.
    ///
    /// Layers of maps of one number are one such map: a single one, with a deep network and fine splines, learns faster.
    ///
    /// # Example
    /// ```
    /// use burn_flows::model::{Quality, Size};
    ///
    /// assert_eq!(Size::of_one(100_000, Quality::Normal).layers, 1);
    /// ```
    pub fn of_one(rows: usize, quality: Quality) -> Self {
        let (hidden, depth, bins) = match rows {
            0..600 => (32, 2, 8),
            600..3_000 => (48, 2, 8),
            3_000..20_000 => (96, 3, 16),
            _ => (128, 3, 24),
        };
        let hidden = match quality {
            Quality::Fast => hidden / 2,
            Quality::Normal => hidden,
            Quality::Best => hidden * 2,
        };
        Self { layers: 1, hidden: vec![hidden; depth], bins, ..Self::of(rows, 1, quality) }
    }

    /// A model of these sizes.
    ///
    /// Affine and spline flows have PLU layers between theirs, and nothing in them depends on the batch.
    pub fn model(&self, kind: ModelKind, features: usize, context: usize, seed: u64) -> Model {
        macro_rules! layered {
            ($config:expr) => {
                $config
                    .with_layers(self.layers)
                    .with_hidden(self.hidden.clone())
                    .with_dropout(self.dropout)
                    .with_normalization(Normalization::None)
                    .with_mixing(Mixing::Plu)
                    .with_seed(seed)
            };
        }
        let spline = || RationalQuadraticConfig::new().with_bins(self.bins);
        let maf = || layered!(MafConfig::new(features));
        let made = |conditionals: ConditionalsConfig| {
            MadeDensityConfig::new(features)
                .with_conditionals(conditionals)
                .with_hidden(self.hidden.clone())
                .with_dropout(self.dropout)
        };
        let mixture =
            |components| ConditionalMixtureConfig::new(features).with_context(context).with_components(components);
        let family = match kind {
            ModelKind::Gaussian => Family::Gaussian(mixture(1)),
            ModelKind::Mixture => Family::Mixture(mixture(self.components)),
            ModelKind::Maf => Family::Maf(maf()),
            ModelKind::MafMog => {
                Family::MafMog(MafMogConfig::new(features).with_maf(maf()).with_components(self.components))
            }
            ModelKind::Nsf => Family::Nsf(layered!(SplineFlowConfig::new(features)).with_spline(spline())),
            ModelKind::NsfAr => {
                Family::NsfAr(layered!(AutoregressiveSplineFlowConfig::new(features)).with_spline(spline()))
            }
            ModelKind::RealNvp => Family::RealNvp(layered!(RealNvpConfig::new(features))),
            ModelKind::Made => Family::Made(made(ConditionalsConfig::gaussian())),
            ModelKind::MadeMog => Family::MadeMog(made(ConditionalsConfig::mixture(self.components))),
        };
        Model { family, context }
    }
}
