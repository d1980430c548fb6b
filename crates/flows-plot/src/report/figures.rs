//! The figures of a report.

use std::path::Path;

use flows_core::atomic;
use serde::{Deserialize, Serialize};

use super::{
    Baseline, Calibration, Column, Corner, Coverage, Epoch, Estimate, Fact, Model, Notice, OddRow, OutputFile,
    TwoSampleTest, page,
};
use crate::PlotError;

/// What a flow has learnt of a table: all that the page shows.
///
/// # Example
///
/// ```
/// use flows_plot::report::{Column, Estimate, Report};
///
/// let report = Report {
///     title: "diamonds".into(),
///     columns: vec![Column { name: "carat".into(), kind: "above zero".into(), ..Column::default() }],
///     log_likelihood: Some(Estimate { value: 1.25, two_standard_errors: 0.02 }),
///     ..Report::default()
/// };
/// # let directory = tempfile::tempdir().unwrap();
/// # let path = directory.path().join("diamonds.html");
/// report.save(&path)?;
/// assert!(report.html().contains("± 0.020 nats a row, higher is better"));
/// # Ok::<(), flows_plot::PlotError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// The name of the table or of the model.
    pub title: String,
    /// The program and its version: `flows 0.1.0`.
    pub program: String,
    /// The date, if the page should show one. Without it, equal figures make equal pages.
    pub created: Option<String>,
    /// The targets of a conditional model; none for a joint density.
    pub targets: Vec<String>,
    /// The columns that a conditional model is given.
    pub given: Vec<String>,
    /// The unit of all log-likelihoods.
    pub unit: Unit,
    /// The number of rows in each part.
    pub rows: RowCounts,
    /// All columns of the table, in its order, those that are left out too.
    pub columns: Vec<Column>,
    /// What was decided, left out or changed.
    pub notices: Vec<Notice>,
    /// The model that was kept.
    pub model: Model,
    /// Its mean log-likelihood of the held-out rows.
    pub log_likelihood: Option<Estimate>,
    /// All models that were compared on the held-out rows, the chosen one too.
    pub baselines: Vec<Baseline>,
    /// The training run.
    pub history: Vec<Epoch>,
    /// The epoch whose weights were kept.
    pub best_epoch: Option<usize>,
    /// The held-out values of each modelled column within the model's own distribution of it.
    pub calibration: Vec<Calibration>,
    /// The share of held-out rows inside the model's regions of highest density.
    pub coverage: Vec<Coverage>,
    /// The number of rows behind [`coverage`](Self::coverage); the effective number if rows are weighted.
    pub coverage_rows: f64,
    /// A classifier that tries to tell samples from held-out rows.
    pub two_sample: Option<TwoSampleTest>,
    /// The least likely rows, the oddest first.
    pub odd_rows: Vec<OddRow>,
    /// Held-out rows against samples.
    pub corner: Option<Corner>,
    /// The settings of the run.
    pub settings: Vec<Fact>,
    /// The hashes of the data, of the settings and of the model.
    pub hashes: Vec<Fact>,
    /// The files that were written.
    pub files: Vec<OutputFile>,
    /// The command that makes this report again.
    pub command: Option<String>,
}

/// The number of rows in each part of a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RowCounts {
    /// Rows that the model was trained on.
    pub train: u64,
    /// Rows that ended the training and chose the model.
    pub validation: u64,
    /// Rows that all figures of the page are measured on.
    pub test: u64,
    /// Rows that were dropped.
    pub dropped: u64,
    /// Into how many folds the rows were split where each of them was measured by a model that was not fitted to it; 0 without.
    #[serde(default)]
    pub folds: u64,
}

/// The unit of log-likelihoods.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Unit {
    /// Natural logarithms a row; higher is better.
    #[default]
    NatsPerRow,
    /// Bits per dimension, the usual unit for pictures; lower is better.
    BitsPerDimension,
}

impl Unit {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::NatsPerRow => "nats a row",
            Self::BitsPerDimension => "bits per dimension",
        }
    }

    /// The unit of a single row.
    pub(super) fn short(self) -> &'static str {
        match self {
            Self::NatsPerRow => "nats",
            Self::BitsPerDimension => "bits per dimension",
        }
    }

    /// What the figure is called.
    pub(super) fn figure(self) -> &'static str {
        match self {
            Self::NatsPerRow => "log-likelihood",
            Self::BitsPerDimension => "code length",
        }
    }

    pub(super) fn direction(self) -> &'static str {
        match self {
            Self::NatsPerRow => "higher is better",
            Self::BitsPerDimension => "lower is better",
        }
    }

    /// 1 if higher is better, or -1.
    pub(super) fn sign(self) -> f64 {
        match self {
            Self::NatsPerRow => 1.0,
            Self::BitsPerDimension => -1.0,
        }
    }
}

impl Report {
    /// The page.
    #[must_use]
    pub fn html(&self) -> String {
        page::page(self).into_string()
    }

    /// Writes the page. The file appears whole or not at all.
    ///
    /// # Errors
    ///
    /// [`PlotError::Write`] when the file cannot be written. The file at `path` is then what it was before.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), PlotError> {
        Ok(atomic::write(path, self.html())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_comes_back_from_json_and_may_lack_anything() {
        let report = Report { title: "a".into(), unit: Unit::BitsPerDimension, ..Report::default() };
        let json = serde_json::to_string(&report).unwrap();
        assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
        assert_eq!(serde_json::from_str::<Report>("{}").unwrap(), Report::default());
    }

    #[test]
    fn a_page_replaces_the_old_file_and_an_error_names_the_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.html");
        std::fs::write(&path, "old").unwrap();
        Report::default().save(&path).unwrap();
        assert!(std::fs::read_to_string(&path).unwrap().starts_with("<!DOCTYPE html>"));
        let missing = folder.path().join("missing").join("report.html");
        let message = Report::default().save(&missing).unwrap_err().to_string();
        assert!(message.contains("missing") && message.contains("cannot write"), "{message}");
    }
}
