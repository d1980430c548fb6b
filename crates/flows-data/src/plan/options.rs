//! What a user says of the columns.

use crate::columns::{Kinds, Selection};

/// What becomes of rows that miss a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MissingRows {
    /// They are left out, and counted.
    #[default]
    Drop,
    /// They are an error.
    Error,
    /// They stay, and the model is one of the cells that they have; categories are modelled too. What becomes of such a plan is a
    /// [`MixedCodec`](crate::MixedCodec).
    Model,
}

/// What is to become of the columns of a table, as far as a user says it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PlanOptions {
    pub(super) columns: Option<Selection>,
    pub(super) kinds: Kinds,
    pub(super) targets: Vec<String>,
    pub(super) given: Option<Vec<String>>,
    pub(super) weights: Option<String>,
    pub(super) missing: MissingRows,
}

impl PlanOptions {
    /// The joint density of all columns that have one, of the kinds that they show.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes these columns alone; even those that would be left out otherwise, where they are named.
    #[must_use]
    pub fn with_columns(self, columns: Selection) -> Self {
        Self { columns: Some(columns), ..self }
    }

    /// Sets kinds of columns.
    #[must_use]
    pub fn with_kinds(self, kinds: Kinds) -> Self {
        Self { kinds, ..self }
    }

    /// Models these columns, given the others.
    #[must_use]
    pub fn with_targets<S: Into<String>>(self, targets: impl IntoIterator<Item = S>) -> Self {
        Self { targets: targets.into_iter().map(Into::into).collect(), ..self }
    }

    /// Makes these columns the conditions: of the targets, or of all others.
    #[must_use]
    pub fn with_given<S: Into<String>>(self, given: impl IntoIterator<Item = S>) -> Self {
        Self { given: Some(given.into_iter().map(Into::into).collect()), ..self }
    }

    /// Takes the weights of the rows from a column.
    #[must_use]
    pub fn with_weights(self, weights: impl Into<String>) -> Self {
        Self { weights: Some(weights.into()), ..self }
    }

    /// Says what becomes of rows that miss a cell.
    #[must_use]
    pub fn with_missing(self, missing: MissingRows) -> Self {
        Self { missing, ..self }
    }
}
