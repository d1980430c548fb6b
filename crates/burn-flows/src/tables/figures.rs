//! The figures of a fit.

use flows_core::train::EpochRecord;
use serde::{Deserialize, Serialize};

use super::mean::number;
use super::{Candidate, Difference, Mean};
use crate::model::ModelKind;

/// How many rows there were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowCounts {
    /// To train on.
    pub train: usize,
    /// To choose by; of folds, all rows are both.
    pub validation: usize,
    /// To report.
    pub test: usize,
}

/// The likelihoods of an epoch, in nats a row.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Losses {
    /// The epoch, counted from 1.
    pub epoch: usize,
    /// The mean log-likelihood of the rows trained on.
    #[serde(with = "number")]
    pub train: f64,
    /// The mean log-likelihood of the rows held out.
    #[serde(with = "number")]
    pub validation: f64,
}

impl From<&EpochRecord> for Losses {
    fn from(record: &EpochRecord) -> Self {
        let validation = record.validation_loss.map_or(f64::NAN, |loss| -loss);
        Self { epoch: record.epoch, train: -record.train_loss, validation }
    }
}

/// The figures of a fit; likelihoods are in nats a row, in the units of the table, and higher is better.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// The model that was kept.
    pub chosen: ModelKind,
    /// Why it was kept, as a sentence.
    pub reason: String,
    /// All models that were compared, the simplest first.
    pub candidates: Vec<Candidate>,
    /// By how much the model is better than the others.
    pub differences: Vec<Difference>,
    /// The log-likelihood of the rows that are reported: the test rows, or of folds each row by models that were not
    /// trained on it.
    pub test: Mean,
    /// The rows.
    pub rows: RowCounts,
    /// The number of folds, where there were any.
    pub folds: Option<usize>,
    /// The number of flows whose mean the density is.
    pub members: usize,
    /// Whether the flow sees columns that do not correlate.
    pub whitened: bool,
    /// Whether what it is given does not correlate either.
    #[serde(default)]
    pub given_whitened: bool,
    /// The number of parameters.
    pub parameters: usize,
    /// Epochs of training, of the flow that was kept.
    pub epochs: usize,
    /// The epoch whose parameters it has.
    pub best_epoch: usize,
    /// Why training ended, in a word: `patience`, `time`, `epochs` or `interrupted`.
    pub stopped: String,
    /// The likelihoods of each epoch of the flow, the mean of the folds where there were any.
    pub losses: Vec<Losses>,
    /// Seconds in all; two equal runs write equal files, so that it is not kept.
    #[serde(skip)]
    pub seconds: f64,
}

impl Figures {
    /// A model's log-likelihood of the rows that are reported.
    pub fn test_of(&self, model: ModelKind) -> Option<Mean> {
        self.candidates.iter().find(|candidate| candidate.model == model).map(|candidate| candidate.test)
    }
}

/// Why a model was kept.
pub(super) fn reason(chosen: ModelKind, asked: bool, differences: &[Difference], candidates: usize) -> String {
    if asked {
        return format!("{chosen} was asked for");
    }
    if candidates == 1 {
        return format!("{chosen} is the only model that could be fitted");
    }
    let words = |d: &Difference| match (d.is_tie(), chosen < d.against) {
        (true, true) => format!("a tie with {} ({:+.3}) and simpler", d.against, d.difference),
        (true, false) => format!("within the error of {} ({:+.3})", d.against, d.difference),
        (false, simpler) if d.difference.mean < 0.0 => {
            let worse = Mean { mean: -d.difference.mean, ..d.difference };
            let why = if simpler { "simpler, and not clearly worse" } else { "better" };
            format!("{why} than {} on the rows to choose by, though {worse} nats a row worse here", d.against)
        }
        (false, _) => format!("{} nats a row better than {}", d.difference, d.against),
    };
    differences.iter().map(words).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_says_what_the_figures_beside_it_say() {
        let against = |against, mean, error| Difference { against, difference: Mean { mean, error } };
        let told = |chosen, differences: &[Difference]| reason(chosen, false, differences, 3);
        let mixture = [against(ModelKind::Gaussian, 2.0, 0.1), against(ModelKind::NsfAr, 0.01, 0.03)];
        assert_eq!(
            told(ModelKind::Mixture, &mixture),
            "2.000 ± 0.200 nats a row better than gaussian, a tie with nsf-ar (+0.010 ± 0.060) and simpler"
        );
        let flow = [against(ModelKind::Gaussian, 0.02, 0.03), against(ModelKind::Mixture, -0.5, 0.1)];
        assert_eq!(
            told(ModelKind::Nsf, &flow),
            "within the error of gaussian (+0.020 ± 0.060), better than mixture on the rows to choose by, though 0.500 ± 0.200 \
             nats a row worse here"
        );
        let simple = [against(ModelKind::Nsf, -0.5, 0.1)];
        assert!(told(ModelKind::Gaussian, &simple).starts_with("simpler, and not clearly worse than nsf"));
    }
}
