//! What can be set.

use clap::ValueEnum;
use flows_core::train::FitConfig;
use serde::Serialize;

use super::problems;
use crate::fit::QualityName;
use crate::problem::Problem;
use crate::schedule::Rate;

/// The kind of flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Model {
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Network {
    /// That of Glow: three convolutions.
    Glow,
    /// That of RealNVP: residual blocks with weight normalisation.
    Residual,
    /// That of Flow++: gated residual blocks.
    Gated,
}

/// Values of a batch of images where its size is not given: 256 images of 1 x 32 x 32 pixels.
const BATCH_VALUES: usize = 256 * 32 * 32;
/// Images that are set aside where their number is not given, at most.
const VALIDATION: usize = 1000;

/// The model, and how it is trained.
#[derive(Debug, Clone, PartialEq, Serialize, clap::Args)]
#[command(next_help_heading = "Model")]
pub(super) struct Settings {
    /// The kind of flow
    #[arg(long, value_enum, default_value_t = Model::Glow)]
    pub(super) model: Model,
    /// The number of scales
    #[arg(long, default_value_t = 3)]
    pub(super) scales: usize,
    /// How much work a flow may be: fast has 2 steps and 32 hidden channels, normal 4 and 64, best 8 and 128
    #[arg(long, value_enum, value_name = "QUALITY", default_value_t)]
    pub(super) quality: QualityName,
    /// Steps of each scale; of RealNVP, couplings of each kind; by the quality, if they are not said
    #[arg(long)]
    pub(super) steps: Option<usize>,
    /// The network of each coupling
    #[arg(long, value_enum, default_value_t = Network::Glow)]
    pub(super) network: Network,
    /// Hidden channels of each network; by the quality, if they are not said
    #[arg(long)]
    pub(super) hidden: Option<usize>,
    /// Blocks of residual and gated networks
    #[arg(long, default_value_t = 2)]
    pub(super) blocks: usize,
    /// A prior, made of the channels that stay, for those that go out
    #[arg(long, action = clap::ArgAction::Set, default_value_t = true, value_name = "true|false")]
    pub(super) learned_prior: bool,
    /// Conditions the flow on the class
    #[arg(long)]
    pub(super) by_class: bool,
    /// The bits of each pixel that are modelled, 1 to 8
    #[arg(long, default_value_t = 8)]
    pub(super) bits: usize,
    /// Alpha of the logit before the flow, 0.000001 on digits; 0 for none, and centred pixels instead
    #[arg(long, default_value_t = 0.0)]
    pub(super) logit: f64,
    /// Noise from a flow instead of uniform noise
    #[arg(long)]
    pub(super) variational: bool,
    /// Images a training step; 256, but fewer of large images
    #[arg(long)]
    pub(super) batch_size: Option<usize>,
    /// The (largest) learning rate
    #[arg(long, default_value_t = FitConfig::new().learning_rate)]
    pub(super) learning_rate: f64,
    /// How the learning rate changes
    #[arg(long, value_enum, default_value_t = Rate::WarmupStableDecay)]
    pub(super) schedule: Rate,
    /// The norm that the gradient of all parameters together is scaled down to
    #[arg(long, default_value_t = FitConfig::new().clip_norm.unwrap_or(f64::MAX))]
    pub(super) clip: f64,
    /// Decoupled weight decay
    #[arg(long, default_value_t = 0.0)]
    pub(super) weight_decay: f64,
    /// Epochs without better bits of the validation images after which training cools down and ends
    #[arg(long, default_value_t = FitConfig::new().patience.unwrap_or(usize::MAX))]
    pub(super) patience: usize,
    /// Passes over the training images at most
    #[arg(long, default_value_t = FitConfig::new().epochs)]
    pub(super) epochs: usize,
    /// Training without stored activations: less memory, more time
    #[arg(long)]
    pub(super) reversible: bool,
    /// Threads that share the images of a step
    #[arg(long, default_value_t = 2)]
    pub(super) workers: usize,
    /// Images set aside to choose the best epoch by; a tenth of them, and 1000 at most
    #[arg(long)]
    pub(super) validation: Option<usize>,
    /// Seeds the split, the weights, the training and the samples
    #[arg(long, default_value_t = 0)]
    pub(super) seed: u64,
}

impl Default for Settings {
    /// Those of a command line without flags.
    fn default() -> Self {
        let command = <Self as clap::Args>::augment_args(clap::Command::new("settings"));
        let matches = command.get_matches_from(["settings"]);
        <Self as clap::FromArgMatches>::from_arg_matches(&matches).expect("every flag has a default")
    }
}

impl Settings {
    /// Steps of each scale.
    pub(super) fn steps(&self) -> usize {
        self.steps.unwrap_or(self.size()[0])
    }

    /// Hidden channels of each network.
    pub(super) fn hidden(&self) -> usize {
        self.hidden.unwrap_or(self.size()[1])
    }

    /// The steps and the hidden channels of the quality.
    fn size(&self) -> [usize; 2] {
        match self.quality {
            QualityName::Fast => [2, 32],
            QualityName::Normal => [4, 64],
            QualityName::Best => [8, 128],
        }
    }

    /// These settings with numbers that depend on the images: `count` of them to train on, of `event` channels, height and
    /// width.
    pub(super) fn settle(&self, count: usize, event: [usize; 3]) -> Result<Self, Problem> {
        self.check()?;
        let values: usize = event.iter().product::<usize>().max(1);
        let batch_size =
            self.batch_size.unwrap_or_else(|| FitConfig::new().batch_size.min((BATCH_VALUES / values).max(1)));
        let validation = self.validation.unwrap_or_else(|| VALIDATION.min(count.div_ceil(10)));
        if validation >= count {
            return Err(problems::setting("validation", format!("fewer than the {count} training images"), validation));
        }
        let (steps, hidden) = (Some(self.steps()), Some(self.hidden()));
        Ok(Self { steps, hidden, batch_size: Some(batch_size), validation: Some(validation), ..self.clone() })
    }
}

impl Settings {
    /// What a run must have in common with one that it goes on from, beside what `fit` compares by itself.
    pub(super) fn identity(&self, class_names: &[String]) -> serde_json::Value {
        serde_json::json!({
            "model": self.model,
            "scales": self.scales,
            "steps": self.steps(),
            "network": self.network,
            "hidden": self.hidden(),
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

    /// Checks what does not depend on the images.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let wrong = |setting, expected: &str, got: String| Err(problems::setting(setting, expected, got));
        // Larger numbers are slips of the hand: no machine holds such a flow.
        let numbers = [
            ("scales", self.scales, 16),
            ("steps", self.steps(), 1_000),
            ("hidden", self.hidden(), 8_192),
            ("blocks", self.blocks, 1_000),
            ("batch_size", self.batch_size.unwrap_or(1), 1_000_000),
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
        let positive = [("learning_rate", self.learning_rate), ("clip", self.clip)];
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

    #[test]
    fn settings_that_cannot_be_meant_are_errors_that_name_the_flag() {
        for (settings, flag) in [
            (Settings { bits: 9, ..Settings::default() }, "--bits 9"),
            (Settings { logit: 0.5, ..Settings::default() }, "--logit 0.5"),
            (Settings { steps: Some(0), ..Settings::default() }, "--steps 0"),
            (Settings { batch_size: Some(0), ..Settings::default() }, "--batch-size 0"),
            (Settings { clip: f64::NAN, ..Settings::default() }, "--clip NaN"),
            (Settings { validation: Some(95), ..Settings::default() }, "the 95 training images"),
        ] {
            let error = settings.settle(95, [1, 32, 32]).unwrap_err();
            assert!(error.to_string().contains(flag) && error.code() == 2, "{error}");
        }
    }

    #[test]
    fn few_images_leave_a_tenth_for_validation_and_large_ones_make_small_batches() {
        let settle = |count, event| Settings::default().settle(count, event).unwrap();
        let small = settle(95, [1, 32, 32]);
        assert_eq!((small.validation, small.batch_size), (Some(10), Some(256)));
        let large = settle(60_000, [3, 64, 64]);
        assert_eq!((large.validation, large.batch_size), (Some(1000), Some(21)));
        assert_eq!((small.steps, small.hidden), (Some(4), Some(64)));
        let best = Settings { quality: QualityName::Best, hidden: Some(48), ..Settings::default() };
        let best = best.settle(95, [1, 32, 32]).unwrap();
        assert_eq!((best.steps, best.hidden), (Some(8), Some(48)));
        let given = Settings { validation: Some(95), batch_size: Some(64), ..Settings::default() };
        assert_eq!(given.settle(96, [3, 64, 64]).unwrap().batch_size, Some(64));
    }

    #[test]
    fn the_numbers_of_training_are_those_of_fit() {
        let (ours, fit) = (Settings::default(), FitConfig::new());
        let numbers = (ours.learning_rate, Some(ours.clip), Some(ours.patience), ours.epochs);
        assert_eq!(numbers, (fit.learning_rate, fit.clip_norm, fit.patience, fit.epochs));
        assert_eq!(flows_core::train::Schedule::from(ours.schedule), fit.schedule);
    }
}
