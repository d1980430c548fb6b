//! Rows of columns of any kind, some of whose cells are missing.

use flows_core::Support;
use flows_data::{MixedCodec, MixedColumn, MixedRows};
use serde::{Deserialize, Serialize};

use crate::tables::TablesError;

/// What a column of a [`MixedTable`] holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holds {
    /// Numbers with a density, and perhaps some that many rows share.
    Numbers {
        /// Where they can be.
        support: Support,
    },
    /// Whole numbers.
    Whole {
        /// Where they can be; skewed ones above a bound are better seen by their logarithms.
        support: Support,
        /// The smallest and the largest, where there are such.
        limits: [Option<f64>; 2],
    },
    /// The numbers of classes, from 0.
    Classes {
        /// How many there are.
        classes: usize,
    },
}

/// Rows of columns of any kind; NaN is a cell that is missing.
///
/// # Example
/// ```
/// use burn_flows::mixed::{Holds, MixedTable};
///
/// let holds = vec![Holds::Classes { classes: 2 }, Holds::numbers()];
/// let table = MixedTable::new(["sex", "mass"], holds, vec![0.0, 3750.0, 1.0, f64::NAN])?;
/// assert_eq!((table.len(), table.known()), (2, 3));
/// # Ok::<(), burn_flows::tables::TablesError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct MixedTable {
    pub(super) names: Vec<String>,
    pub(super) holds: Vec<Holds>,
    pub(super) values: Vec<f64>,
    pub(super) weights: Option<Vec<f64>>,
}

impl Holds {
    /// Numbers anywhere.
    pub fn numbers() -> Self {
        Self::Numbers { support: Support::Line }
    }

    /// Whole numbers from zero on.
    pub fn counts() -> Self {
        Self::Whole { support: Support::Line, limits: [Some(0.0), None] }
    }

    /// What a column of a file holds.
    pub fn of(column: &MixedColumn) -> Self {
        match column {
            MixedColumn::Number(column) if column.whole => {
                Self::Whole { support: column.support, limits: column.limits }
            }
            MixedColumn::Number(column) => Self::Numbers { support: column.support },
            MixedColumn::Class(column) => Self::Classes { classes: column.words.len() },
        }
    }
}

impl MixedTable {
    /// Rows that lie one after the other.
    ///
    /// # Errors
    /// If there are no columns, not as many names as kinds, or the numbers do not fill whole rows or are infinite.
    pub fn new<S: Into<String>>(
        names: impl IntoIterator<Item = S>,
        holds: Vec<Holds>,
        values: Vec<f64>,
    ) -> Result<Self, TablesError> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        if names.is_empty() {
            return Err(TablesError::NoColumns);
        }
        if names.len() != holds.len() {
            return Err(TablesError::Incomplete { what: "the kinds", expected: names.len(), got: holds.len() });
        }
        let expected = values.len().next_multiple_of(names.len());
        if expected != values.len() {
            return Err(TablesError::Incomplete { what: "the rows", expected, got: values.len() });
        }
        if let Some(at) = values.iter().position(|value| value.is_infinite()) {
            let (row, column) = (at / names.len(), names[at % names.len()].clone());
            return Err(TablesError::NotFinite { row, column, value: values[at] });
        }
        Ok(Self { names, holds, values, weights: None })
    }

    /// Rows of a frame as a codec has encoded them.
    ///
    /// # Errors
    /// Those of [`new`](Self::new) and of [`weighted`](Self::weighted).
    pub fn encoded(codec: &MixedCodec, rows: MixedRows) -> Result<Self, TablesError> {
        let holds = codec.columns().iter().map(Holds::of).collect();
        let table = Self::new(codec.names(), holds, rows.values)?;
        match rows.weights {
            Some(weights) => table.weighted(weights),
            None => Ok(table),
        }
    }

    /// The same rows, which count by their weights.
    ///
    /// # Errors
    /// If there is not a weight of at least zero for each row, or all are zero.
    pub fn weighted(self, weights: Vec<f64>) -> Result<Self, TablesError> {
        if weights.len() != self.len() {
            return Err(TablesError::Incomplete { what: "the weights", expected: self.len(), got: weights.len() });
        }
        if let Some(row) = weights.iter().position(|weight| !(weight.is_finite() && *weight >= 0.0)) {
            return Err(TablesError::Weight { row, weight: weights[row] });
        }
        if weights.iter().all(|weight| *weight == 0.0) {
            return Err(TablesError::NoWeight { part: "the rows" });
        }
        Ok(Self { weights: Some(weights), ..self })
    }

    /// The names of the columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// What the columns hold.
    pub fn holds(&self) -> &[Holds] {
        &self.holds
    }

    /// The numbers, row after row; NaN where a cell is missing.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The weights, where rows do not all count the same.
    pub fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    /// The number of columns.
    pub fn width(&self) -> usize {
        self.names.len()
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.values.len() / self.names.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The number of cells that are known.
    pub fn known(&self) -> usize {
        self.values.iter().filter(|value| !value.is_nan()).count()
    }

    /// The rows of these numbers, in that order.
    ///
    /// # Panics
    /// If a number is none of a row.
    pub fn select(&self, rows: &[usize]) -> Self {
        let width = self.width();
        Self {
            values: rows.iter().flat_map(|row| &self.values[row * width..][..width]).copied().collect(),
            weights: self.weights.as_ref().map(|weights| rows.iter().map(|row| weights[*row]).collect()),
            names: self.names.clone(),
            holds: self.holds.clone(),
        }
    }

    /// The same columns with other values.
    pub(super) fn with_values(&self, values: Vec<f64>) -> Self {
        Self { values, weights: None, names: self.names.clone(), holds: self.holds.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_rows_is_an_error() {
        let message =
            |names: &[&str], holds, values| MixedTable::new(names.to_vec(), holds, values).unwrap_err().to_string();
        assert!(message(&["a"], vec![], vec![]).contains("the kinds"));
        assert!(message(&["a", "b"], vec![Holds::numbers(), Holds::counts()], vec![1.0]).contains("the rows"));
        let told = message(&["a"], vec![Holds::numbers()], vec![1.0, f64::INFINITY]);
        assert!(told.contains("row 1") && told.contains("`a`"), "{told}");
        let table = MixedTable::new(["a"], vec![Holds::numbers()], vec![1.0, f64::NAN]).unwrap();
        assert!(table.clone().weighted(vec![1.0]).is_err() && table.clone().weighted(vec![0.0, 0.0]).is_err());
        assert_eq!(table.weighted(vec![1.0, 2.0]).unwrap().select(&[1]).weights(), Some(&[2.0][..]));
    }
}
