//! How a model is chosen and trained.

use flows_core::train::Schedule;
use serde::{Deserialize, Serialize};

use super::TablesError;
use crate::model::{ModelKind, Preset, Quality};

/// Which model is wanted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wanted {
    /// The best of a Gaussian, a mixture of Gaussians and a flow, by held-out rows.
    #[default]
    Auto,
    /// This one.
    Model(Preset),
}

/// With so many rows, steps that are faster matter more than maps that are finer.
const MANY: usize = 20_000;

impl From<ModelKind> for Wanted {
    fn from(kind: ModelKind) -> Self {
        Self::Model(kind.into())
    }
}

impl From<Preset> for Wanted {
    fn from(preset: Preset) -> Self {
        Self::Model(preset)
    }
}

impl Wanted {
    /// The model that is trained by gradients, for so many rows of so many features and numbers that rows are given; `None`
    /// where a classical one is wanted.
    pub(super) fn flow(&self, rows: usize, features: usize, context: usize) -> Option<Preset> {
        match self {
            // A coupling makes a map of one column from what rows are given.
            Self::Auto if features == 1 && context > 0 => Some(ModelKind::Nsf.into()),
            // Of 13 tables, 10 had more likely rows with autoregressive splines, which take more time a step: see the study in
            // docs/results.md.
            Self::Auto if features == 1 || rows < MANY => Some(ModelKind::NsfAr.into()),
            Self::Auto => Some(ModelKind::Nsf.into()),
            Self::Model(preset) => (!preset.kind.is_classical()).then(|| preset.clone()),
        }
    }

    pub(super) fn check(&self, features: usize, given: &[String]) -> Result<(), TablesError> {
        let Self::Model(preset) = self else { return Ok(()) };
        if let Some(expected) = preset.context.filter(|width| *width != given.len()) {
            let (names, got) = (given.to_vec(), given.len());
            return Err(TablesError::Conditions { expected, names, got });
        }
        if preset.kind.is_coupling() && features == 1 && given.is_empty() {
            return Err(TablesError::OneColumn { model: preset.kind.name() });
        }
        let said = [
            ("layers", preset.layers.is_some()),
            ("mixing", preset.mixing.is_some()),
            ("hidden", preset.hidden.is_some()),
            ("bins", preset.bins.is_some()),
            ("components", preset.components.is_some()),
            ("dropout", preset.dropout.is_some()),
        ];
        if let Some((setting, _)) = said.into_iter().find(|(setting, said)| *said && !preset.kind.has(setting)) {
            return Err(unused(setting, preset.kind, |kind| kind.has(setting)));
        }
        let sizes =
            [("layers", preset.layers, 1000), ("bins", preset.bins, 999), ("components", preset.components, 10_000)];
        for (setting, value, most) in sizes {
            let least = if setting == "bins" { 2 } else { 1 };
            if let Some(value) = value.filter(|value| !(least..=most).contains(value)) {
                let expected = if setting == "bins" { "2 to 999" } else { "1 to a few thousand" };
                return Err(TablesError::Setting { setting, expected, got: value.to_string() });
            }
        }
        if let Some(hidden) =
            preset.hidden.as_ref().filter(|h| h.is_empty() || h.iter().any(|w| !(1..100_000).contains(w)))
        {
            let (expected, got) = ("widths of 1 to 99999", format!("{hidden:?}"));
            return Err(TablesError::Setting { setting: "hidden", expected, got });
        }
        if let Some(dropout) = preset.dropout.filter(|dropout| !(0.0..1.0).contains(dropout)) {
            let got = dropout.to_string();
            return Err(TablesError::Setting { setting: "dropout", expected: "0 to less than 1", got });
        }
        Ok(())
    }
}

/// That a model has no such setting, and others have.
fn unused(setting: &'static str, model: ModelKind, has: impl Fn(&ModelKind) -> bool) -> TablesError {
    let models = ModelKind::ALL.into_iter().filter(has).map(ModelKind::name).collect();
    TablesError::Unused { setting, model: model.name(), models }
}

/// How the learning rate changes over a fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScheduleKind {
    /// It rises, stays, and cools down when patience or time runs out.
    WarmupStableDecay,
    /// It rises, and falls to zero along half a cosine.
    Cosine,
    /// It stays.
    Constant,
}

impl ScheduleKind {
    /// The schedule that rises over the given share of training.
    pub(super) fn schedule(self, warm_up: f64) -> Schedule {
        match self {
            Self::WarmupStableDecay => Schedule::WarmupStableDecay { warm_up, decay: 0.2 },
            Self::Cosine => Schedule::Cosine { warm_up, end: 0.0 },
            Self::Constant => Schedule::Constant,
        }
    }
}

/// How a model is chosen and trained; what is `None` is chosen from the rows.
///
/// # Example
/// ```
/// use burn_flows::model::ModelKind;
/// use burn_flows::tables::FitSettings;
///
/// let settings = FitSettings { model: ModelKind::Maf.into(), seconds: 10.0, ..FitSettings::default() };
/// assert_eq!((settings.folds, settings.folds_below), (5, 1000));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FitSettings {
    /// The model.
    pub model: Wanted,
    /// How much work it may be.
    pub quality: Quality,
    /// Seconds in all, at most.
    pub seconds: f64,
    /// Seeds the split, the weights and the training.
    pub seed: u64,
    /// Whether a flow sees columns that do not correlate, as a linear map stands before it. By default what rows are given is
    /// mapped (p(redshift | magnitudes) of galaxies gains 0.5 nats). What is modelled is mapped if a short trial on 1,000 rows
    /// or more gains by it, and never with folds: of five tables of 150 to 569 rows, four had less likely rows with it, by
    /// up to 5 nats.
    pub whiten: Option<bool>,
    /// The (largest) learning rate.
    pub learning_rate: Option<f64>,
    /// Rows a training step.
    pub batch_size: Option<usize>,
    /// How the learning rate changes. By default a flow that is trained once cools down when it has nothing more to gain, and
    /// those of folds, whose steps are known before, follow a cosine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<ScheduleKind>,
    /// Decoupled weight decay.
    pub weight_decay: Option<f64>,
    /// Threads that train at once; the cores, where it is not said.
    pub threads: Option<usize>,
    /// With fewer rows than that, folds are made instead of a split.
    pub folds_below: usize,
    /// The number of folds.
    pub folds: usize,
    /// The shares of the rows for validation and test, where neither is given.
    pub held_out: [f64; 2],
}

impl Default for FitSettings {
    fn default() -> Self {
        Self {
            model: Wanted::Auto,
            quality: Quality::Normal,
            seconds: 60.0,
            seed: 0,
            whiten: None,
            learning_rate: None,
            batch_size: None,
            schedule: None,
            weight_decay: None,
            threads: None,
            folds_below: 1000,
            folds: 5,
            held_out: [0.1, 0.1],
        }
    }
}

impl FitSettings {
    /// # Errors
    /// If a setting cannot be meant.
    pub fn check(&self) -> Result<(), TablesError> {
        let wrong = |setting, expected, got: String| Err(TablesError::Setting { setting, expected, got });
        if self.seconds.is_nan() || self.seconds <= 0.0 {
            return wrong("seconds", "a positive number", self.seconds.to_string());
        }
        if let Some(rate) = self.learning_rate.filter(|rate| !(*rate > 0.0 && rate.is_finite())) {
            return wrong("learning_rate", "a positive number", rate.to_string());
        }
        if let Some(decay) = self.weight_decay.filter(|decay| !(*decay >= 0.0 && decay.is_finite())) {
            return wrong("weight_decay", "zero or a positive number", decay.to_string());
        }
        for (setting, value) in [("batch_size", self.batch_size), ("threads", self.threads)] {
            if value == Some(0) {
                return wrong(setting, "at least 1", "0".to_owned());
            }
        }
        if !(2..=100).contains(&self.folds) {
            return wrong("folds", "2 to 100", self.folds.to_string());
        }
        if let Wanted::Model(Preset { kind, .. }) = self.model
            && kind.is_classical()
        {
            let said = [
                ("whiten", self.whiten.is_some()),
                ("learning_rate", self.learning_rate.is_some()),
                ("batch_size", self.batch_size.is_some()),
                ("schedule", self.schedule.is_some()),
                ("weight_decay", self.weight_decay.is_some()),
            ];
            if let Some((setting, _)) = said.into_iter().find(|(_, said)| *said) {
                return Err(unused(setting, kind, |kind| !kind.is_classical()));
            }
        }
        let [validation, test] = self.held_out;
        if !(validation > 0.0 && test >= 0.0 && validation + test < 1.0) {
            return wrong("held_out", "positive shares that leave rows to train on", format!("{:?}", self.held_out));
        }
        Ok(())
    }

    /// Threads that train at once.
    pub(super) fn threads(&self) -> usize {
        self.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Nsf, RealNvp};

    #[test]
    fn what_cannot_be_meant_is_an_error_that_names_the_setting() {
        for (name, settings) in [
            ("seconds", FitSettings { seconds: 0.0, ..FitSettings::default() }),
            ("learning_rate", FitSettings { learning_rate: Some(f64::NAN), ..FitSettings::default() }),
            ("folds", FitSettings { folds: 1, ..FitSettings::default() }),
            ("batch_size", FitSettings { batch_size: Some(0), ..FitSettings::default() }),
            ("held_out", FitSettings { held_out: [0.5, 0.5], ..FitSettings::default() }),
        ] {
            let error = settings.check().unwrap_err().to_string();
            assert!(error.contains(name) && error.contains("\nhint: "), "{error}");
        }
        assert!(FitSettings::default().check().is_ok());
        let idle = FitSettings { model: ModelKind::Gaussian.into(), whiten: Some(true), ..FitSettings::default() };
        assert!(idle.check().unwrap_err().to_string().contains("`whiten` is no setting of `gaussian`"));
        let error = Wanted::from(crate::model::Maf::new(2).bins(5)).check(2, &[]).unwrap_err().to_string();
        assert!(error.contains("`bins` is no setting of `maf`") && error.contains("nsf, nsf-ar"), "{error}");
        assert!(Wanted::from(crate::model::MafMog::new(2).components(5)).check(2, &[]).is_ok());
        let names = ["a".to_owned()];
        assert!(Wanted::from(Nsf::new(0)).check(2, &[]).is_err());
        assert!(Wanted::from(Nsf::new(3).given(2)).check(2, &names).is_err());
        let error = Wanted::from(RealNvp::new(3)).check(1, &[]).unwrap_err().to_string();
        assert!(error.contains("real-nvp") && error.contains("hint: auto"), "{error}");
        assert!(Wanted::from(RealNvp::new(3)).check(1, &names).is_ok());
    }
}
