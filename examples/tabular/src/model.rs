//! The flows that a table can be given to, and the file that one is kept in.

use std::path::Path;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use clap::ValueEnum;
use flows_autoregressive::mask::{HiddenDegrees, InputOrder};
use flows_autoregressive::{
    AutoregressiveSplineFlow, AutoregressiveSplineFlowConfig, ConditionalsConfig, MadeDensity, MadeDensityConfig, Maf,
    MafConfig, MafMog, MafMogConfig,
};
use flows_core::{
    Density, FileProblem, FlowConfig, FlowError, Mixing, Normalization, RationalQuadraticConfig, RealNvp,
    RealNvpConfig, Scaled, Scaling, ScoreRanks, SplineFlow, SplineFlowConfig, load,
};
use flows_data::WholeNumbers;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;
use crate::settings::{Mix, Model, Norm, Settings};

/// What makes the flow.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "model", rename_all = "kebab-case")]
pub(crate) enum ModelConfig {
    Made(MadeDensityConfig),
    RealNvp(RealNvpConfig),
    Maf(MafConfig),
    MafMog(MafMogConfig),
    SplineCoupling(SplineFlowConfig),
    SplineAr(AutoregressiveSplineFlowConfig),
}

/// Any of the flows.
#[derive(Module, Debug)]
pub(crate) enum AnyFlow {
    Made(MadeDensity),
    RealNvp(RealNvp),
    Maf(Maf),
    MafMog(MafMog),
    SplineCoupling(SplineFlow),
    SplineAr(AutoregressiveSplineFlow),
}

/// The settings that every flow of layers has.
macro_rules! layered {
    ($config:ty, $settings:expr, $features:expr) => {
        <$config>::new($features)
            .with_layers($settings.layers)
            .with_hidden($settings.hidden.0.clone())
            .with_activation($settings.activation.into())
            .with_residual($settings.residual)
            .with_dropout($settings.dropout)
            .with_normalization($settings.normalization.into())
            .with_mixing($settings.mixing.into())
            .with_seed($settings.seed)
    };
}

impl ModelConfig {
    /// What the settings mean for a table of so many columns.
    pub(crate) fn new(settings: &Settings, features: usize) -> Result<Self, Problem> {
        if features == 1 && matches!(settings.model, Model::RealNvp | Model::SplineCoupling) {
            let name = settings.model.to_possible_value().expect("no model is hidden");
            return Err(Problem::OneColumn { model: name.get_name().to_owned() });
        }
        Ok(match settings.model {
            Model::Made => Self::Made(made(settings, features, ConditionalsConfig::gaussian())),
            Model::MadeMog => Self::Made(made(settings, features, ConditionalsConfig::mixture(settings.components))),
            Model::RealNvp => Self::RealNvp(layered!(RealNvpConfig, settings, features)),
            Model::Maf => Self::Maf(layered!(MafConfig, settings, features)),
            Model::MafMog => {
                let maf = layered!(MafConfig, settings, features);
                Self::MafMog(MafMogConfig::new(features).with_maf(maf).with_components(settings.components))
            }
            Model::SplineCoupling => {
                let config = layered!(SplineFlowConfig, settings, features);
                Self::SplineCoupling(config.with_spline(spline(settings)).with_kept_map(true))
            }
            Model::SplineAr => {
                let config = layered!(AutoregressiveSplineFlowConfig, settings, features);
                Self::SplineAr(config.with_spline(spline(settings)))
            }
        })
    }

    fn features(&self) -> usize {
        match self {
            Self::Made(config) => config.features,
            Self::RealNvp(config) => config.features,
            Self::Maf(config) => config.features,
            Self::MafMog(config) => config.maf.features,
            Self::SplineCoupling(config) => config.features,
            Self::SplineAr(config) => config.features,
        }
    }

    pub(crate) fn init(&self, device: &Device) -> AnyFlow {
        match self {
            Self::Made(config) => AnyFlow::Made(config.init(device)),
            Self::RealNvp(config) => AnyFlow::RealNvp(config.init(device)),
            Self::Maf(config) => AnyFlow::Maf(config.init(device)),
            Self::MafMog(config) => AnyFlow::MafMog(config.init(device)),
            Self::SplineCoupling(config) => AnyFlow::SplineCoupling(config.init(device)),
            Self::SplineAr(config) => AnyFlow::SplineAr(config.init(device)),
        }
    }
}

fn made(settings: &Settings, features: usize, conditionals: ConditionalsConfig) -> MadeDensityConfig {
    let config = MadeDensityConfig::new(features)
        .with_conditionals(conditionals)
        .with_hidden(settings.hidden.0.clone())
        .with_activation(settings.activation.into())
        .with_residual(settings.residual)
        .with_dropout(settings.dropout)
        .with_masks(settings.masks);
    if settings.masks == 1 {
        return config;
    }
    let seed = settings.seed;
    config.with_order(InputOrder::Random { seed }).with_degrees(HiddenDegrees::Random { seed })
}

fn spline(settings: &Settings) -> RationalQuadraticConfig {
    RationalQuadraticConfig::new().with_bins(settings.bins).with_lower(-settings.tail).with_upper(settings.tail)
}

impl From<Norm> for Normalization {
    fn from(norm: Norm) -> Self {
        match norm {
            Norm::None => Self::None,
            Norm::Act => Self::ActNorm,
            Norm::Batch => Self::BatchNorm,
        }
    }
}

impl From<Mix> for Mixing {
    fn from(mix: Mix) -> Self {
        match mix {
            Mix::None => Self::None,
            Mix::Permutation => Self::Permutation,
            Mix::Plu => Self::Plu,
        }
    }
}

/// What is kept with the weights of a trained flow.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Trained {
    /// What makes the flow.
    pub(crate) model: ModelConfig,
    /// The maps between the table's units and those of the flow.
    pub(crate) scaling: Scaling,
    /// The columns it was trained on.
    pub(crate) columns: Vec<String>,
    /// Those of them that hold whole numbers.
    pub(crate) whole: WholeNumbers,
    /// The log-densities of the rows that were held out.
    pub(crate) ranks: ScoreRanks,
    /// How it did, as it was reported then.
    pub(crate) figures: serde_json::Value,
}

impl FlowConfig for Trained {
    const NAME: &'static str = "tabular/flow in units";
    type Flow = Scaled<AnyFlow>;

    fn init(&self, device: &Device) -> Scaled<AnyFlow> {
        let columns = self.columns.len();
        for (what, found) in [
            ("features", self.model.features()),
            ("maps", self.scaling.columns().len()),
            ("columns to look for whole numbers in", self.whole.columns()),
        ] {
            assert_eq!(found, columns, "expected {columns} {what}, one a column, got {found}");
        }
        Scaled::new(self.model.init(device), self.scaling.clone())
    }
}

impl Trained {
    /// The flow in a file.
    pub(crate) fn load(path: &Path, device: &Device) -> Result<(Self, Scaled<AnyFlow>), Problem> {
        load::<Self>(path, device).map_err(|error| match error {
            FlowError::File { path, problem: FileProblem::Kind { found, .. } } if found == "tabular/flow" => {
                Problem::Outdated { path }
            }
            other => other.into(),
        })
    }

    /// The log-density of each row, in the units of the table; of whole numbers the probability.
    pub(crate) fn log_probs(&self, flow: &Scaled<AnyFlow>, rows: &[f64]) -> Vec<f64> {
        self.whole.log_probs(rows, |rows| flow.log_probs(rows))
    }
}

macro_rules! each {
    ($self:expr, $flow:ident => $answer:expr) => {
        match $self {
            AnyFlow::Made($flow) => $answer,
            AnyFlow::RealNvp($flow) => $answer,
            AnyFlow::Maf($flow) => $answer,
            AnyFlow::MafMog($flow) => $answer,
            AnyFlow::SplineCoupling($flow) => $answer,
            AnyFlow::SplineAr($flow) => $answer,
        }
    };
}

macro_rules! replaced {
    ($self:expr, $flow:ident => $answer:expr) => {
        match $self {
            AnyFlow::Made($flow) => AnyFlow::Made($answer),
            AnyFlow::RealNvp($flow) => AnyFlow::RealNvp($answer),
            AnyFlow::Maf($flow) => AnyFlow::Maf($answer),
            AnyFlow::MafMog($flow) => AnyFlow::MafMog($answer),
            AnyFlow::SplineCoupling($flow) => AnyFlow::SplineCoupling($answer),
            AnyFlow::SplineAr($flow) => AnyFlow::SplineAr($answer),
        }
    };
}

impl Density<2> for AnyFlow {
    fn log_prob(&self, x: Tensor<2>, context: &()) -> Tensor<1> {
        each!(self, flow => Density::log_prob(flow, x, context))
    }

    fn sample(&self, n: usize, context: &(), device: &Device) -> Tensor<2> {
        each!(self, flow => Density::sample(flow, n, context, device))
    }

    fn sample_with_log_prob(&self, n: usize, context: &(), device: &Device) -> (Tensor<2>, Tensor<1>) {
        each!(self, flow => Density::sample_with_log_prob(flow, n, context, device))
    }

    fn init_from_data(self, x: Tensor<2>, context: &()) -> Self {
        replaced!(self, flow => Density::init_from_data(flow, x, context))
    }

    fn recompute_statistics(self, x: Tensor<2>, context: &()) -> Self {
        replaced!(self, flow => Density::recompute_statistics(flow, x, context))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Given, Widths};
    use flows_core::ScalingConfig;
    use flows_core::testing::check_files_with;

    #[test]
    fn a_flow_whose_file_lies_is_an_error_or_can_be_used() {
        let device = Device::default();
        let rows: Vec<f64> = (0..60).flat_map(|i| [f64::from(i % 7), (f64::from(i) * 0.37).sin() * 1e9]).collect();
        // The libraries try every configuration; here are those with most numbers.
        for model in [Model::MafMog, Model::SplineAr] {
            let given = Given {
                model: Some(model),
                layers: Some(1),
                hidden: Some(Widths(vec![4])),
                dropout: Some(0.1),
                components: Some(2),
                ..Given::default()
            };
            let trained = Trained {
                model: ModelConfig::new(&given.over(Given::default()), 2).unwrap(),
                scaling: ScalingConfig::new().fit(&rows, 2).unwrap(),
                columns: vec!["a".to_owned(), "b".to_owned()],
                whole: WholeNumbers::new(2, [0]),
                ranks: ScoreRanks::new([-3.0, -2.5]),
                figures: serde_json::Value::Null,
            };
            let sizes = ["features", "layers", "hidden", "components", "columns", "places", "count"];
            check_files_with(&trained, &sizes, &device, |trained, flow| {
                let scores = trained.log_probs(flow, &rows[..8]);
                assert!(scores.iter().all(|score| trained.ranks.p_value(*score).is_finite() || score.is_nan()));
                assert_eq!(flow.sample(3, &device).len(), 6);
            });
        }
    }

    #[test]
    fn a_flow_for_other_columns_than_its_file_names_is_an_error() {
        let (device, file) = (Device::default(), tempfile::NamedTempFile::new().unwrap());
        let given = Given { hidden: Some(Widths(vec![4])), ..Given::default() };
        let trained = Trained {
            model: ModelConfig::new(&given.over(Given::default()), 2).unwrap(),
            scaling: ScalingConfig::new().fit(&[1.0, 5.0, 2.0, 7.0], 2).unwrap(),
            columns: vec!["a".to_owned(), "b".to_owned()],
            whole: WholeNumbers::new(2, []),
            ranks: ScoreRanks::new([]),
            figures: serde_json::Value::Null,
        };
        let flow = trained.init(&device);
        let one = Trained { columns: vec!["a".to_owned()], ..trained };
        flows_core::save(file.path(), &one, &flow).unwrap();
        let error = Trained::load(file.path(), &device).unwrap_err().to_string();
        assert!(error.contains("expected 1 features, one a column, got 2"), "{error}");
    }
}
