//! What can be set, from a JSON file, from flags, or from both; flags win.

use std::path::Path;

use clap::ValueEnum;
use flows_core::Activation;
use flows_core::train::{FitConfig, Optimizer, Schedule};
use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// The kind of flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Model {
    /// MADE with Gaussian conditionals.
    Made,
    /// MADE with mixtures of Gaussians.
    MadeMog,
    /// Affine couplings.
    RealNvp,
    /// Masked autoregressive flow.
    Maf,
    /// Masked autoregressive flow over a MADE with mixtures of Gaussians.
    MafMog,
    /// Rational-quadratic spline couplings, RQ-NSF (C).
    SplineCoupling,
    /// Autoregressive rational-quadratic splines, RQ-NSF (AR).
    SplineAr,
}

/// What normalises inside the flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Norm {
    /// Nothing.
    None,
    /// ActNorm.
    Act,
    /// BatchNorm, with the statistics of the whole training set at every validation.
    Batch,
}

/// What mixes the features inside the flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Mix {
    /// The order of the features alternates.
    None,
    /// Fixed random permutations.
    Permutation,
    /// PLU linear layers.
    Plu,
}

/// The nonlinearity of the networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Nonlinearity {
    /// `max(x, 0)`.
    Relu,
    /// `tanh x`.
    Tanh,
    /// `x sigmoid(x)`.
    Silu,
}

impl From<Nonlinearity> for Activation {
    fn from(nonlinearity: Nonlinearity) -> Self {
        match nonlinearity {
            Nonlinearity::Relu => Self::Relu,
            Nonlinearity::Tanh => Self::Tanh,
            Nonlinearity::Silu => Self::Silu,
        }
    }
}

/// How the learning rate changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Rate {
    /// It stays.
    Constant,
    /// It falls to zero along half a cosine, over the epochs or the seconds, whichever end first.
    Cosine,
    /// It rises, stays, and falls to zero once the patience, the epochs or the seconds run out.
    Anneal,
}

example_support::settings! {
    /// The kind of flow [default: spline-ar]
    #[arg(value_enum)]
    model: Model = Model::SplineAr;
    /// Layers of the flow [default: 5]
    layers: usize = 5;
    /// Widths of the hidden layers of each network, as in 128,128 [default: 128,128]
    #[arg(value_parser = widths)]
    hidden: Widths = Widths(vec![128, 128]);
    /// The nonlinearity of the networks [default: relu]
    #[arg(value_enum)]
    activation: Nonlinearity = Nonlinearity::Relu;
    /// Residual networks, a block of two layers for each width [default: false]
    residual: bool = false;
    /// The share of hidden units dropped in training [default: 0]
    dropout: f64 = 0.0;
    /// What normalises inside the flow [default: none]
    #[arg(value_enum)]
    normalization: Norm = Norm::None;
    /// What mixes the features inside the flow [default: none]
    #[arg(value_enum)]
    mixing: Mix = Mix::None;
    /// Bins of the splines [default: 8]
    bins: usize = 8;
    /// Where the splines end and the identity begins, in standard deviations [default: 5]
    tail: f64 = 5.0;
    /// Components of the mixtures [default: 10]
    components: usize = 10;
    /// Masks of a MADE, in as many random orders, among which training changes [default: 1]
    masks: usize = 1;
    /// Maps columns with heavy tails to light ones before the flow [default: true]
    heavy_tails: bool = true;
    /// Spreads whole numbers, where a column holds nothing else, over the interval to the next one [default: true]
    dequantize: bool = true;
    /// Trains on absurd values instead of refusing them [default: false]
    keep_absurd: bool = false;
    /// Rows a training step [default: 256]
    batch_size: usize = FitConfig::new().batch_size;
    /// The (largest) learning rate [default: 0.001]
    learning_rate: f64 = FitConfig::new().learning_rate;
    /// How the learning rate changes [default: anneal]
    #[arg(value_enum)]
    schedule: Rate = Rate::Anneal;
    /// Decoupled weight decay [default: 0]
    weight_decay: f64 = 0.0;
    /// Epochs without a better validation likelihood before it cools down and stops [default: 30]
    patience: usize = FitConfig::new().patience.unwrap_or(30);
    /// Passes over the training rows at most [default: 1000]
    epochs: usize = FitConfig::new().epochs;
    /// Seconds of training at most; without a limit by default
    seconds: f64 = f64::INFINITY;
    /// Threads that share the rows of a step; on a CPU faster for all but small networks [default: 1]
    workers: usize = FitConfig::new().workers;
    /// Seeds the split, the weights and the training [default: 0]
    seed: u64 = 0;
}

/// Widths of hidden layers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Widths(pub(crate) Vec<usize>);

fn widths(text: &str) -> Result<Widths, String> {
    let width = |part: &str| match part.trim().parse() {
        Ok(0) | Err(_) => Err(format!("expected positive widths as in 128,128, got `{part}`")),
        Ok(width) => Ok(width),
    };
    text.split(',').map(width).collect::<Result<_, _>>().map(Widths)
}

impl Settings {
    /// Flags over a file over the defaults; every value checked.
    pub(crate) fn read(flags: Given, file: Option<&Path>) -> Result<Self, Problem> {
        let given = match file {
            None => Given::default(),
            Some(path) => {
                let text =
                    std::fs::read_to_string(path).map_err(|source| Problem::Read { path: path.to_owned(), source })?;
                serde_json::from_str(&text)
                    .map_err(|e| Problem::Config { path: path.to_owned(), problem: e.to_string() })?
            }
        };
        let settings = flags.over(given);
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), Problem> {
        let wrong = |setting, expected, got: String| Err(Problem::Setting { setting, expected, got });
        for (setting, value) in [
            ("layers", self.layers),
            ("components", self.components),
            ("masks", self.masks),
            ("workers", self.workers),
            ("batch_size", self.batch_size),
            ("epochs", self.epochs),
            ("patience", self.patience),
        ] {
            if value == 0 {
                return wrong(setting, "at least 1", "0".to_owned());
            }
        }
        if self.hidden.0.is_empty() || self.hidden.0.contains(&0) {
            return wrong("hidden", "positive widths", format!("{:?}", self.hidden.0));
        }
        if self.residual && self.hidden.0.windows(2).any(|pair| pair[0] != pair[1]) {
            return wrong("hidden", "residual blocks of one width", format!("{:?}", self.hidden.0));
        }
        if !(0.0..1.0).contains(&self.dropout) {
            return wrong("dropout", "0 to less than 1", self.dropout.to_string());
        }
        // A bin is at least a thousandth of the interval wide.
        if !(2..1000).contains(&self.bins) {
            return wrong("bins", "2 to 999", self.bins.to_string());
        }
        let widest = self.hidden.0.iter().copied().max().unwrap_or(1);
        for (setting, value, most, expected) in [
            ("layers", self.layers, 1000, "at most 1,000"),
            ("hidden", widest, 100_000, "widths of at most 100,000"),
            ("components", self.components, 10_000, "at most 10,000"),
            ("masks", self.masks, 1000, "at most 1,000"),
            ("workers", self.workers, 1024, "at most 1,024"),
        ] {
            if value > most {
                return wrong(setting, expected, value.to_string());
            }
        }
        for (setting, value) in [("tail", self.tail), ("learning_rate", self.learning_rate)] {
            if !(value > 0.0 && value.is_finite()) {
                return wrong(setting, "a positive number", value.to_string());
            }
        }
        if self.seconds.is_nan() || self.seconds <= 0.0 {
            return wrong("seconds", "a positive number", self.seconds.to_string());
        }
        if !(self.weight_decay >= 0.0 && self.weight_decay.is_finite()) {
            return wrong("weight_decay", "zero or a positive number", self.weight_decay.to_string());
        }
        Ok(())
    }

    /// How training goes; what no setting says is the library's default.
    pub(crate) fn fit(&self) -> FitConfig {
        let config = FitConfig::new()
            .with_epochs(self.epochs)
            .with_max_seconds(self.seconds.is_finite().then_some(self.seconds))
            .with_batch_size(self.batch_size)
            .with_learning_rate(self.learning_rate)
            .with_patience(Some(self.patience))
            .with_recompute_statistics(self.normalization == Norm::Batch)
            .with_check_rows(!self.keep_absurd)
            .with_workers(self.workers)
            .with_seed(self.seed);
        let config = match self.schedule {
            Rate::Constant => config.with_schedule(Schedule::Constant),
            Rate::Cosine => config.with_schedule(Schedule::Cosine { warm_up: 0.0, end: 0.0 }),
            Rate::Anneal => config,
        };
        match self.weight_decay {
            0.0 => config,
            weight_decay => config.with_optimizer(Optimizer::AdamW { weight_decay }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(flags: Given, json: &str) -> Result<Settings, Problem> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), json).unwrap();
        Settings::read(flags, Some(file.path()))
    }

    #[test]
    fn flags_win_over_the_file_and_the_file_over_the_defaults() {
        let flags = Given { layers: Some(3), ..Given::default() };
        let settings = settings(flags, r#"{"layers": 7, "model": "maf", "hidden": [512, 512]}"#).unwrap();
        assert_eq!((settings.layers, settings.model, settings.batch_size), (3, Model::Maf, 256));
        assert_eq!(settings.hidden.0, [512, 512]);
    }

    #[test]
    fn the_defaults_are_those_of_the_library() {
        let settings = Given::default().over(Given::default());
        assert_eq!(settings.fit().to_string(), FitConfig::new().with_check_rows(true).to_string());
    }

    #[test]
    fn sizes_of_zero_are_errors_that_name_the_setting() {
        for setting in ["batch_size", "epochs", "patience", "layers", "workers", "seconds", "tail", "masks"] {
            let error = settings(Given::default(), &format!(r#"{{"{setting}": 0}}"#)).unwrap_err().to_string();
            assert!(error.contains(setting), "{error}");
        }
    }

    #[test]
    fn absurd_sizes_are_errors_that_name_the_setting() {
        for (setting, value) in [
            ("bins", "1000"),
            ("layers", "100000000"),
            ("hidden", "[1000000000]"),
            ("components", "100000000"),
            ("masks", "100000000"),
            ("workers", "100000"),
        ] {
            let error = settings(Given::default(), &format!(r#"{{"{setting}": {value}}}"#)).unwrap_err().to_string();
            assert!(error.contains(setting), "{error}");
        }
    }

    #[test]
    fn what_is_written_is_read_back_the_same() {
        let written = Given::default().over(Given::default());
        let read = settings(Given::default(), &serde_json::to_string(&written).unwrap()).unwrap();
        assert_eq!(read, written);
    }

    #[test]
    fn a_misspelt_setting_and_a_wrong_value_are_errors_that_name_them() {
        let error = settings(Given::default(), r#"{"layer": 7}"#).unwrap_err().to_string();
        assert!(error.contains("`layer`") && error.contains("layers"), "{error}");
        let error = settings(Given::default(), r#"{"dropout": 1.5}"#).unwrap_err().to_string();
        assert!(error.contains("dropout") && error.contains("1.5"), "{error}");
        let error = settings(Given::default(), r#"{"hidden": [8, 4], "residual": true}"#).unwrap_err().to_string();
        assert!(error.contains("hidden") && error.contains("[8, 4]"), "{error}");
    }
}
