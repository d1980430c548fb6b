//! What `flows fit` takes.

use std::path::PathBuf;

use burn_flows::core::Mixing;
use burn_flows::mixed::Family;
use burn_flows::model::{ModelKind, Preset, Quality};
use burn_flows::tables::{FitSettings, Wanted};
use clap::ValueEnum;
use flows_data::Splitting;
use serde::Serialize;

use crate::columns::Columns;
use crate::problem::Problem;
use crate::reading::Reading;
use crate::schedule::Rate;

/// The table, and how to fit a model to it.
#[derive(Debug, clap::Args)]
pub(crate) struct Fit {
    /// The table; `-` is standard input
    #[arg(required_unless_present = "train", conflicts_with_all = ["train", "val", "test"])]
    pub(crate) table: Option<PathBuf>,
    /// The model's file; the table's name with `.flow` by default
    #[arg(long, short, value_name = "M.flow")]
    pub(crate) output: Option<PathBuf>,
    /// Replaces the model of another fit, and forgets one that was interrupted
    #[arg(long)]
    pub(crate) force: bool,
    /// Writes all figures as JSON; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// The most time to take, as in 30s, 10m or 2h
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = crate::duration::seconds)]
    pub(crate) time: f64,
    /// How much work a model may be
    #[arg(long, value_enum, value_name = "QUALITY", default_value_t)]
    pub(crate) quality: QualityName,
    /// Seeds the split, the weights and the training: the same seed gives the same model
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    #[command(flatten)]
    pub(crate) columns: Columns,
    #[command(flatten)]
    pub(crate) rows: Rows,
    #[command(flatten)]
    pub(crate) model: Model,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

/// Which rows are learnt from, and which are held out.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Rows")]
pub(crate) struct Rows {
    /// How rows are held out: random, time:COLUMN (the last ones) or group:COLUMN (whole groups)
    #[arg(long, value_name = "HOW", default_value = "random", value_parser = splitting)]
    pub(crate) split: Splitting,
    /// The shares of the rows that choose the model and that are reported
    #[arg(long, value_name = "SHARE,SHARE", default_value = "0.1,0.1", value_parser = shares)]
    pub(crate) held_out: Shares,
    /// The table to learn from, where others are held out
    #[arg(long, value_name = "TABLE")]
    pub(crate) train: Option<PathBuf>,
    /// The table that chooses the model
    #[arg(long, value_name = "TABLE", requires = "train")]
    pub(crate) val: Option<PathBuf>,
    /// The table that is reported
    #[arg(long, value_name = "TABLE", requires = "train")]
    pub(crate) test: Option<PathBuf>,
}

/// The model, and how it is trained; what is not said is chosen by the rows.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Model")]
pub(crate) struct Model {
    /// auto compares a Gaussian, a mixture of Gaussians and a flow on held-out rows
    #[arg(long, value_enum, value_name = "MODEL", default_value_t)]
    pub(crate) model: ModelName,
    /// Layers of a flow
    #[arg(long, value_name = "N")]
    layers: Option<usize>,
    /// Widths of the hidden layers of a flow's networks, as in 128,128
    #[arg(long, value_name = "N,N", value_delimiter = ',')]
    hidden: Option<Vec<usize>>,
    /// Bins of a flow's splines
    #[arg(long, value_name = "N")]
    bins: Option<usize>,
    /// Components of a mixture
    #[arg(long, value_name = "N")]
    components: Option<usize>,
    /// Dropout probability
    #[arg(long, value_name = "P")]
    dropout: Option<f64>,
    /// What stands between a flow's layers
    #[arg(long, value_enum, value_name = "MIXING")]
    mixing: Option<MixingName>,
    /// Whether a linear map makes the columns uncorrelated before the flow
    #[arg(long, value_name = "true|false")]
    whiten: Option<bool>,
    /// The largest learning rate
    #[arg(long, value_name = "RATE")]
    learning_rate: Option<f64>,
    /// How the learning rate changes
    #[arg(long, value_enum, value_name = "SCHEDULE")]
    schedule: Option<Rate>,
    /// Rows a training step
    #[arg(long, value_name = "N")]
    batch_size: Option<usize>,
    /// Decoupled weight decay
    #[arg(long, value_name = "DECAY")]
    weight_decay: Option<f64>,
    /// Folds where there are few rows
    #[arg(long, value_name = "N", default_value_t = FitSettings::default().folds)]
    pub(crate) folds: usize,
    /// The number of rows below which folds are made
    #[arg(long, value_name = "N", default_value_t = FitSettings::default().folds_below)]
    pub(crate) folds_below: usize,
    /// Threads that train at once; all cores by default
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
}

/// The name of a model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModelName {
    /// The best of a Gaussian, a mixture and a flow
    #[default]
    Auto,
    /// A Gaussian; given columns, linear regression
    Gaussian,
    /// A mixture of Gaussians
    Mixture,
    /// Masked autoregressive flow
    Maf,
    /// Masked autoregressive flow over mixtures
    MafMog,
    /// Neural spline flow with couplings
    Nsf,
    /// Autoregressive neural spline flow
    NsfAr,
    /// Affine couplings
    RealNvp,
    /// Masked autoencoder with Gaussian conditionals
    Made,
    /// Masked autoencoder with mixtures
    MadeMog,
    /// With `--missing model`: columns that know nothing of each other
    Independent,
    /// With `--missing model`: a mixture of classes
    Classes,
    /// With `--missing model`: a network over columns in any order
    AnyOrder,
}

impl ModelName {
    fn kind(self) -> Option<ModelKind> {
        Some(match self {
            Self::Auto | Self::Independent | Self::Classes | Self::AnyOrder => return None,
            Self::Gaussian => ModelKind::Gaussian,
            Self::Mixture => ModelKind::Mixture,
            Self::Maf => ModelKind::Maf,
            Self::MafMog => ModelKind::MafMog,
            Self::Nsf => ModelKind::Nsf,
            Self::NsfAr => ModelKind::NsfAr,
            Self::RealNvp => ModelKind::RealNvp,
            Self::Made => ModelKind::Made,
            Self::MadeMog => ModelKind::MadeMog,
        })
    }
}

/// How much work a model may be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum QualityName {
    /// A first look
    Fast,
    /// Good models in about a minute
    #[default]
    Normal,
    /// As good as it gets; give it time
    Best,
}

/// What stands between a flow's layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MixingName {
    /// Learnt linear maps, as in `auto`
    Plu,
    /// Random permutations
    Permutation,
    /// Nothing
    None,
}

impl From<MixingName> for Mixing {
    fn from(name: MixingName) -> Self {
        match name {
            MixingName::Plu => Self::Plu,
            MixingName::Permutation => Self::Permutation,
            MixingName::None => Self::None,
        }
    }
}

/// Two shares of the rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Shares(pub(crate) [f64; 2]);

impl Fit {
    /// The family of densities of a table whose missing cells are modelled, where one is named.
    ///
    /// # Errors
    /// If a flag is about other models than those.
    pub(super) fn family(&self) -> Result<Option<Family>, Problem> {
        let model = &self.model;
        let family = match model.model {
            ModelName::Independent => Some(Family::Independent),
            ModelName::Classes => Some(Family::Classes),
            ModelName::AnyOrder => Some(Family::AnyOrder),
            _ => None,
        };
        if !self.columns.models_missing() {
            return match family {
                Some(family) => {
                    Err(Problem::usage(format!("`--model {family}` is about missing cells that are modelled"))
                        .hint("`--missing model` models them"))
                }
                None => Ok(None),
            };
        }
        if family.is_none() && model.model != ModelName::Auto {
            let names: Vec<&str> = Family::ALL.into_iter().map(Family::name).collect();
            return Err(Problem::usage("this model knows nothing of missing cells and categories")
                .hint(format!("with `--missing model` there are auto, {}", names.join(", "))));
        }
        if let Some(flag) = self.columns.conditional() {
            return Err(Problem::usage(format!("`{flag}`: with `--missing model` the model is one of all columns"))
                .hint("`flows predict M.flow TABLE --target COLUMN` and `flows sample M.flow --given ..` ask it for some given others"));
        }
        let said = [
            ("layers", model.layers.is_some()),
            ("hidden", model.hidden.is_some()),
            ("bins", model.bins.is_some()),
            ("components", model.components.is_some()),
            ("dropout", model.dropout.is_some()),
            ("mixing", model.mixing.is_some()),
            ("whiten", model.whiten.is_some()),
            ("learning-rate", model.learning_rate.is_some()),
            ("schedule", model.schedule.is_some()),
            ("batch-size", model.batch_size.is_some()),
            ("weight-decay", model.weight_decay.is_some()),
        ];
        match said.into_iter().find(|(_, said)| *said) {
            Some((flag, _)) => {
                Err(Problem::usage(format!("`--{flag}` is about flows, and no setting with `--missing model`"))
                    .hint("leave it away; `--quality` and `--time` say how much work it may be"))
            }
            None => Ok(family),
        }
    }

    /// The settings of the library.
    pub(super) fn settings(&self) -> Result<FitSettings, Problem> {
        let model = &self.model;
        let sizes = [
            ("layers", model.layers.is_some()),
            ("mixing", model.mixing.is_some()),
            ("hidden", model.hidden.is_some()),
            ("bins", model.bins.is_some()),
            ("components", model.components.is_some()),
            ("dropout", model.dropout.is_some()),
        ];
        let wanted = match model.model.kind() {
            Some(kind) => {
                let mut preset = Preset::from(kind);
                preset.layers = model.layers;
                preset.hidden = model.hidden.clone();
                preset.bins = model.bins;
                preset.components = model.components;
                preset.dropout = model.dropout;
                preset.mixing = model.mixing.map(Mixing::from);
                Wanted::Model(preset)
            }
            None => match sizes.into_iter().find(|(_, given)| *given) {
                Some((flag, _)) => {
                    let models = ModelKind::ALL.into_iter().filter(|model| model.has(flag)).map(ModelKind::name);
                    return Err(Problem::usage(format!("`--{flag}` is about one model, and none is named"))
                        .hint(format!("`--model` names one, of {}", models.collect::<Vec<_>>().join(", "))));
                }
                None => Wanted::Auto,
            },
        };
        let settings = FitSettings {
            model: wanted,
            quality: match self.quality {
                QualityName::Fast => Quality::Fast,
                QualityName::Normal => Quality::Normal,
                QualityName::Best => Quality::Best,
            },
            seconds: self.time,
            seed: self.seed,
            whiten: model.whiten,
            learning_rate: model.learning_rate,
            batch_size: model.batch_size,
            schedule: model.schedule.map(Rate::into),
            weight_decay: model.weight_decay,
            threads: model.threads,
            folds: model.folds,
            folds_below: model.folds_below,
            held_out: self.rows.held_out.0,
        };
        settings.check()?;
        Ok(settings)
    }
}

fn splitting(text: &str) -> Result<Splitting, String> {
    text.parse().map_err(|error: flows_data::ColumnError| error.to_string())
}

fn shares(text: &str) -> Result<Shares, String> {
    let parse = |part: &str| part.trim().parse::<f64>().ok();
    let parsed = text.split_once(',').and_then(|(a, b)| Some([parse(a)?, parse(b)?]));
    match parsed {
        Some([a, b]) if a > 0.0 && b >= 0.0 && a + b < 1.0 => Ok(Shares([a, b])),
        _ => Err("expected two shares that leave rows to learn from, as in 0.1,0.2".to_owned()),
    }
}
