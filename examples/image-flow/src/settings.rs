//! What can be set, from a JSON file, from flags, or from both; flags win.

use std::path::Path;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// The kind of flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Model {
    /// Steps of ActNorm, 1x1 convolution and affine coupling.
    Glow,
    /// The same with couplings that only shift.
    AdditiveGlow,
    /// The same with couplings of splines.
    SplineGlow,
    /// Checkerboard couplings and couplings over channels.
    RealNvp,
}

/// The network of each coupling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Network {
    /// That of Glow: three convolutions.
    Glow,
    /// That of RealNVP: residual blocks with weight normalisation.
    Residual,
    /// That of Flow++: gated residual blocks.
    Gated,
}

/// How the learning rate changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Rate {
    /// It stays.
    Constant,
    /// It rises in the first fiftieth, and falls to zero along half a cosine.
    Cosine,
}

example_support::settings! {
    /// The kind of flow [default: glow]
    #[arg(value_enum)]
    model: Model = Model::Glow;
    /// The number of scales [default: 3]
    scales: usize = 3;
    /// Steps of each scale; of RealNVP, couplings of each kind [default: 4]
    steps: usize = 4;
    /// The network of each coupling [default: glow]
    #[arg(value_enum)]
    network: Network = Network::Glow;
    /// Hidden channels of each network [default: 64]
    hidden: usize = 64;
    /// Blocks of residual and gated networks [default: 2]
    blocks: usize = 2;
    /// A prior, made of the channels that stay, for those that go out [default: true]
    learned_prior: bool = true;
    /// Conditions the flow on the class [default: false]
    by_class: bool = false;
    /// The bits of each pixel that are modelled, 1 to 8 [default: 8]
    bits: usize = 8;
    /// Alpha of the logit before the flow, 0.000001 on digits; 0 for none, and centred pixels instead [default: 0]
    logit: f64 = 0.0;
    /// Noise from a flow instead of uniform noise [default: false]
    variational: bool = false;
    /// Images a training step [default: 64]
    batch_size: usize = 64;
    /// The (largest) learning rate [default: 0.001]
    learning_rate: f64 = 1e-3;
    /// How the learning rate changes [default: cosine]
    #[arg(value_enum)]
    schedule: Rate = Rate::Cosine;
    /// The norm that the gradient of all parameters together is scaled down to [default: 50]
    clip: f64 = 50.0;
    /// Decoupled weight decay [default: 0]
    weight_decay: f64 = 0.0;
    /// Passes over the training images [default: 10]
    epochs: usize = 10;
    /// Training without stored activations: less memory, more time [default: false]
    reversible: bool = false;
    /// Threads that share the images of a step [default: 2]
    workers: usize = 2;
    /// Training images set aside to choose the best epoch by [default: 1000]
    validation: usize = 1000;
    /// Seeds the split, the weights, the training and the samples [default: 0]
    seed: u64 = 0;
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
        let wrong = |setting, expected: &str, got: String| {
            Err(Problem::Setting { setting, expected: expected.to_owned(), got })
        };
        let numbers = [
            ("scales", self.scales),
            ("steps", self.steps),
            ("hidden", self.hidden),
            ("batch_size", self.batch_size),
            ("workers", self.workers),
            ("epochs", self.epochs),
        ];
        if let Some((setting, _)) = numbers.into_iter().find(|(_, value)| *value == 0) {
            return wrong(setting, "at least 1", "0".to_owned());
        }
        if !(1..=8).contains(&self.bits) {
            return wrong("bits", "1 to 8", self.bits.to_string());
        }
        if !(0.0..0.5).contains(&self.logit) {
            return wrong("logit", "0 to less than 0.5", self.logit.to_string());
        }
        for (setting, value) in [("learning_rate", self.learning_rate), ("clip", self.clip)] {
            if !(value > 0.0 && value.is_finite()) {
                return wrong(setting, "a positive number", value.to_string());
            }
        }
        if !(self.weight_decay >= 0.0 && self.weight_decay.is_finite()) {
            return wrong("weight_decay", "zero or a positive number", self.weight_decay.to_string());
        }
        Ok(())
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
        let flags = Given { steps: Some(3), ..Given::default() };
        let settings = settings(flags, r#"{"steps": 7, "model": "real-nvp", "by_class": true}"#).unwrap();
        assert_eq!((settings.steps, settings.model, settings.by_class), (3, Model::RealNvp, true));
        assert_eq!(settings.hidden, 64);
    }

    #[test]
    fn a_misspelt_setting_and_a_wrong_value_are_errors_that_name_them() {
        let error = settings(Given::default(), r#"{"step": 7}"#).unwrap_err().to_string();
        assert!(error.contains("`step`") && error.contains("steps"), "{error}");
        let error = settings(Given::default(), r#"{"bits": 9}"#).unwrap_err().to_string();
        assert!(error.contains("bits") && error.contains('9'), "{error}");
        let error = settings(Given::default(), r#"{"logit": 0.5}"#).unwrap_err().to_string();
        assert!(error.contains("logit") && error.contains("0.5"), "{error}");
    }

    #[test]
    fn the_configs_that_come_with_the_example_can_be_read() {
        for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/configs")).unwrap() {
            Settings::read(Given::default(), Some(&entry.unwrap().path())).unwrap();
        }
    }
}
