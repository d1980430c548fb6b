//! What can be set, from a JSON file, from flags, or from both; flags win.

use std::path::Path;

use clap::ValueEnum;
use flows_core::train::{FitConfig, Schedule};
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
    /// It rises, stays, and cools down once patience, epochs or seconds run out.
    WarmupStableDecay,
    /// It stays.
    Constant,
    /// It rises in the first fiftieth, and falls to zero along half a cosine.
    Cosine,
}

impl From<Rate> for Schedule {
    fn from(rate: Rate) -> Self {
        match rate {
            Rate::WarmupStableDecay => Self::default(),
            Rate::Constant => Self::Constant,
            Rate::Cosine => Self::Cosine { warm_up: 0.02, end: 0.0 },
        }
    }
}

/// The numbers of training that are `fit`'s own.
fn fit() -> FitConfig {
    FitConfig::new()
}

/// Values of a batch of images where its size is not given: 256 images of 1 x 32 x 32 pixels.
const BATCH_VALUES: usize = 256 * 32 * 32;

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
    /// Images a training step [default: 256; fewer of large images, as many as have 262,144 values together]
    batch_size: usize = fit().batch_size;
    /// The (largest) learning rate [default: 0.001]
    learning_rate: f64 = fit().learning_rate;
    /// How the learning rate changes [default: warmup-stable-decay]
    #[arg(value_enum)]
    schedule: Rate = Rate::WarmupStableDecay;
    /// The norm that the gradient of all parameters together is scaled down to [default: 5]
    clip: f64 = fit().clip_norm.unwrap_or(f64::MAX);
    /// Decoupled weight decay [default: 0]
    weight_decay: f64 = 0.0;
    /// Epochs without better bits of the validation images after which training ends, or cools down [default: 30]
    patience: usize = fit().patience.unwrap_or(usize::MAX);
    /// Passes over the training images at most [default: 1000]
    epochs: usize = fit().epochs;
    /// Seconds of training at most; without a number as many as it takes [default: as many as it takes]
    seconds: Option<f64> = None;
    /// Training without stored activations: less memory, more time [default: false]
    reversible: bool = false;
    /// Threads that share the images of a step [default: 2]
    workers: usize = 2;
    /// Training images set aside to choose the best epoch by [default: a tenth of them, and 1000 at most]
    validation: usize = 1000;
    /// Seeds the split, the weights, the training and the samples [default: 0]
    seed: u64 = 0;
}

impl Given {
    /// These settings, those of the file where there are none, and numbers that depend on the images: `count` of them to
    /// train on, of `event` channels, height and width; every value checked.
    pub(crate) fn settle(self, file: Option<&Path>, count: usize, event: [usize; 3]) -> Result<Settings, Problem> {
        let file = read(file)?;
        let (batch_size, validation) = (self.batch_size.or(file.batch_size), self.validation.or(file.validation));
        let mut settings = self.over(file);
        if batch_size.is_none() {
            let values: usize = event.iter().product::<usize>().max(1);
            settings.batch_size = settings.batch_size.min((BATCH_VALUES / values).max(1));
        }
        if validation.is_none() {
            settings.validation = settings.validation.min(count.div_ceil(10));
        }
        settings.check()?;
        if settings.validation >= count {
            let expected = format!("fewer than the {count} training images");
            return Err(Problem::setting("validation", expected, settings.validation));
        }
        Ok(settings)
    }

    /// The settings that do not depend on the images, checked before any image is read.
    pub(crate) fn preview(&self, file: Option<&Path>) -> Result<Settings, Problem> {
        let settings = self.clone().over(read(file)?);
        settings.check()?;
        Ok(settings)
    }
}

/// The settings of a file; none without one.
fn read(file: Option<&Path>) -> Result<Given, Problem> {
    let Some(path) = file else { return Ok(Given::default()) };
    let text = std::fs::read_to_string(path).map_err(|source| Problem::Read { path: path.to_owned(), source })?;
    serde_json::from_str(&text).map_err(|e| Problem::Config { path: path.to_owned(), problem: e.to_string() })
}

impl Settings {
    /// What a run must have in common with one that it goes on from, beside what `fit` compares by itself.
    pub(crate) fn identity(&self, class_names: &[String]) -> serde_json::Value {
        serde_json::json!({
            "model": self.model,
            "scales": self.scales,
            "steps": self.steps,
            "network": self.network,
            "hidden": self.hidden,
            "blocks": self.blocks,
            "learned_prior": self.learned_prior,
            "by_class": self.by_class,
            "bits": self.bits,
            "logit": self.logit,
            "variational": self.variational,
            "reversible": self.reversible,
            "validation": self.validation,
            "classes": class_names.join(", "),
        })
    }

    fn check(&self) -> Result<(), Problem> {
        let wrong = |setting, expected: &str, got: String| Err(Problem::setting(setting, expected, got));
        // Larger numbers are slips of the hand: no machine holds such a flow.
        let numbers = [
            ("scales", self.scales, 16),
            ("steps", self.steps, 1_000),
            ("hidden", self.hidden, 8_192),
            ("blocks", self.blocks, 1_000),
            ("batch_size", self.batch_size, 1_000_000),
            ("workers", self.workers, 1_024),
            ("epochs", self.epochs, usize::MAX),
            ("patience", self.patience, usize::MAX),
        ];
        for (setting, value, most) in numbers {
            if value == 0 || value > most {
                let expected = if most == usize::MAX { "at least 1".to_owned() } else { format!("1 to {most}") };
                return wrong(setting, &expected, value.to_string());
            }
        }
        if !(1..=8).contains(&self.bits) {
            return wrong("bits", "1 to 8", self.bits.to_string());
        }
        if !(0.0..0.5).contains(&self.logit) {
            return wrong("logit", "0 to less than 0.5", self.logit.to_string());
        }
        let seconds = self.seconds.unwrap_or(1.0);
        let positive = [("learning_rate", self.learning_rate), ("clip", self.clip), ("seconds", seconds)];
        for (setting, value) in positive {
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
        flags.settle(Some(file.path()), 60_000, [1, 32, 32])
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
    fn the_numbers_of_training_are_those_of_fit() {
        let (ours, fit) = (Given::default().over(Given::default()), FitConfig::new());
        let numbers = (ours.batch_size, ours.learning_rate, Some(ours.clip), Some(ours.patience), ours.epochs);
        assert_eq!(numbers, (fit.batch_size, fit.learning_rate, fit.clip_norm, fit.patience, fit.epochs));
        assert_eq!(Schedule::from(ours.schedule), fit.schedule);
        // Those that the help shows.
        assert_eq!(numbers, (256, 1e-3, Some(5.0), Some(30), 1000));
    }

    #[test]
    fn few_images_leave_a_tenth_for_validation_and_large_ones_make_small_batches() {
        let settle = |given: Given, count, event| given.settle(None, count, event);
        let small = settle(Given::default(), 95, [1, 32, 32]).unwrap();
        assert_eq!((small.validation, small.batch_size), (10, 256));
        let large = settle(Given::default(), 60_000, [3, 64, 64]).unwrap();
        assert_eq!((large.validation, large.batch_size), (1000, 21));
        let given = Given { validation: Some(95), batch_size: Some(64), ..Given::default() };
        assert_eq!(settle(given.clone(), 96, [3, 64, 64]).unwrap().batch_size, 64);
        let error = settle(given, 95, [3, 64, 64]).unwrap_err().to_string();
        assert!(error.contains("validation") && error.contains("the 95 training images"), "{error}");
    }

    #[test]
    fn zeros_and_absurd_numbers_are_errors_that_name_the_setting() {
        for json in [
            r#"{"steps": 0}"#,
            r#"{"steps": 1000000000}"#,
            r#"{"hidden": 0}"#,
            r#"{"hidden": 1000000000}"#,
            r#"{"scales": 64}"#,
            r#"{"blocks": 0}"#,
            r#"{"batch_size": 0}"#,
            r#"{"workers": 0}"#,
            r#"{"epochs": 0}"#,
            r#"{"patience": 0}"#,
            r#"{"seconds": 0}"#,
        ] {
            let name = json.split('"').nth(1).unwrap();
            let error = settings(Given::default(), json).unwrap_err().to_string();
            assert!(error.starts_with(&format!("`{name}`")), "{json}: {error}");
        }
    }

    #[test]
    fn the_configs_that_come_with_the_example_can_be_read() {
        for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/configs")).unwrap() {
            Given::default().preview(Some(&entry.unwrap().path())).unwrap();
        }
    }
}
