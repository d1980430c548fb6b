//! The figures of a fit.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::tables::{Losses, Mean, RowCounts};

/// A family of densities of mixed tables, the simplest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Columns that know nothing of each other.
    #[default]
    Independent,
    /// A mixture of classes in each of which columns are independent.
    Classes,
    /// A network over columns in any order.
    AnyOrder,
}

impl Family {
    /// All of them, the simplest first.
    pub const ALL: [Self; 3] = [Self::Independent, Self::Classes, Self::AnyOrder];

    /// Its name, as `--model` takes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Independent => "independent",
            Self::Classes => "classes",
            Self::AnyOrder => "any-order",
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A density that was compared with others on rows held out; likelihoods are in nats a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MixedCandidate {
    /// What it is.
    pub family: Family,
    /// What else there is to say of it, such as the number of classes.
    pub detail: String,
    /// The log-likelihood of the rows it was chosen by.
    pub validation: Mean,
    /// The log-likelihood of the rows that are reported.
    pub test: Mean,
    /// By how much the one that was kept is better on these; `None` of itself.
    pub difference: Option<Mean>,
}

/// The figures of a fit; likelihoods are in nats a row, in the units of the table, and higher is better.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MixedFigures {
    /// The family that was kept.
    pub chosen: Family,
    /// Why it was kept, as a sentence.
    pub reason: String,
    /// All that were compared, the simplest first.
    pub candidates: Vec<MixedCandidate>,
    /// The log-likelihood of the rows that are reported: the test rows, or of folds each row by models that were not trained
    /// on it.
    pub test: Mean,
    /// The rows.
    pub rows: RowCounts,
    /// The number of folds, where there were any.
    pub folds: Option<usize>,
    /// The number of networks whose mean the density is.
    pub members: usize,
    /// The number of parameters.
    pub parameters: usize,
    /// Epochs of training, of a network that was kept.
    pub epochs: usize,
    /// The epoch whose parameters it has.
    pub best_epoch: usize,
    /// Why training ended, in a word: `patience`, `time`, `epochs`, `interrupted`, or `none`.
    pub stopped: String,
    /// The likelihoods of each epoch, estimated by one order a row.
    pub losses: Vec<Losses>,
    /// Seconds in all; two equal runs write equal files, so that it is not kept.
    #[serde(skip)]
    pub seconds: f64,
}

impl Default for MixedFigures {
    fn default() -> Self {
        Self {
            chosen: Family::default(),
            reason: String::new(),
            candidates: vec![],
            test: Mean { mean: f64::NAN, error: f64::NAN },
            rows: RowCounts::default(),
            folds: None,
            members: 0,
            parameters: 0,
            epochs: 0,
            best_epoch: 0,
            stopped: "none".to_owned(),
            losses: vec![],
            seconds: 0.0,
        }
    }
}

/// Why a family was kept.
pub(super) fn reason(chosen: Family, candidates: &[MixedCandidate], asked: bool) -> String {
    if asked {
        return format!("{chosen} was asked for");
    }
    let words = |candidate: &MixedCandidate| {
        let (difference, against) = (candidate.difference?, candidate.family);
        Some(if difference.mean.abs() <= 2.0 * difference.error {
            let why = if chosen < against { " and simpler" } else { "" };
            format!("a tie with {against} ({difference:+.3}){why}")
        } else if difference.mean > 0.0 {
            format!("{difference:.3} nats a row better than {against}")
        } else {
            let worse = Mean { mean: -difference.mean, ..difference };
            format!("better than {against} on the rows to choose by, though {worse:.3} nats a row worse here")
        })
    };
    let told: Vec<String> = candidates.iter().filter_map(words).collect();
    if told.is_empty() { format!("{chosen} is the only model that could be fitted") } else { told.join(", ") }
}
