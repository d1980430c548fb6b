//! What lies between the units of a table and those of a flow.

use flows_core::{ColumnMap, ColumnStatistics, Scaling, ScalingConfig};
use flows_data::WholeNumbers;
use serde::{Deserialize, Serialize};

use super::prepared::Prepared;
use super::{TableRows, TablesError};

/// What lies between the units of a table and those of a flow: maps of the columns, which of them hold whole numbers, and
/// the scale of what rows are given. All numbers are in double precision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Saved")]
pub struct Preparation {
    names: Vec<String>,
    scaling: Scaling,
    whole: WholeNumbers,
    given: Vec<String>,
    /// The scale of what rows are given, where they are given something.
    context: Option<Scaling>,
}

/// What a file says of it.
#[derive(Deserialize)]
struct Saved {
    names: Vec<String>,
    scaling: Scaling,
    whole: WholeNumbers,
    given: Vec<String>,
    context: Option<Scaling>,
}

impl TryFrom<Saved> for Preparation {
    type Error = String;

    fn try_from(Saved { names, scaling, whole, given, context }: Saved) -> Result<Self, String> {
        let columns = names.len();
        for (what, found, expected) in [
            ("maps", scaling.columns().len(), columns),
            ("columns to look for whole numbers in", whole.columns(), columns),
            ("scales of conditions", context.as_ref().map_or(0, |context| context.columns().len()), given.len()),
        ] {
            if found != expected {
                return Err(format!("expected {expected} {what}, got {found}"));
            }
        }
        Ok(Self { names, scaling, whole, given, context })
    }
}

impl Preparation {
    /// Takes it from training rows: the scaling that they bring, or one that is chosen from them.
    ///
    /// # Errors
    /// If there are no rows, columns do not vary, or a few values are absurd.
    pub fn of(rows: &TableRows, seed: u64) -> Result<Self, TablesError> {
        let whole = WholeNumbers::new(rows.names.len(), rows.whole.iter().copied());
        let scaling = match &rows.scaling {
            Some(scaling) => scaling.clone(),
            None => {
                let noisy = whole.with_noise(rows.values.clone(), seed);
                let fitted = ScalingConfig::new().fit(&noisy, rows.names.len());
                fitted.map_err(|error| TablesError::named(error, &rows.names))?
            }
        };
        let context = (!rows.given.is_empty()).then(|| context_scale(&rows.context, rows.given.len()));
        Ok(Self { names: rows.names.clone(), scaling, whole, given: rows.given.clone(), context })
    }

    /// The names of the columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The names of what rows are given.
    pub fn given_names(&self) -> &[String] {
        &self.given
    }

    /// The maps of the columns.
    pub fn scaling(&self) -> &Scaling {
        &self.scaling
    }

    /// The columns of whole numbers.
    pub fn whole(&self) -> &WholeNumbers {
        &self.whole
    }

    /// Rows as a flow sees them: scaled, whole numbers with noise.
    pub(super) fn apply(&self, rows: &TableRows, noise: u64) -> Prepared {
        let (x, log_dets) = self.scaling.forward(&self.whole.with_noise(rows.values.clone(), noise));
        let columns = (self.names.len(), self.given.len());
        Prepared { x, log_dets, context: self.scaled_context(&rows.context), weights: mean_one(rows), columns }
    }

    /// What rows are given, scaled.
    pub(super) fn scaled_context(&self, context: &[f64]) -> Vec<f64> {
        self.context.as_ref().map_or_else(Vec::new, |scale| scale.forward(context).0)
    }
}

/// Shifts and scales; columns that do not vary are shifted alone.
fn context_scale(context: &[f64], width: usize) -> Scaling {
    let map = |column: ColumnStatistics| ColumnMap::Linear {
        loc: if column.mean.is_finite() { column.mean } else { 0.0 },
        scale: if column.is_constant() || column.std.is_nan() || column.std <= 0.0 { 1.0 } else { column.std },
    };
    Scaling::new(ColumnStatistics::of_rows(context, width).into_iter().map(map).collect())
}

/// The weights with mean one.
fn mean_one(rows: &TableRows) -> Option<Vec<f64>> {
    let weights = rows.weights.as_ref()?;
    let mean = weights.iter().sum::<f64>() / weights.len() as f64;
    Some(weights.iter().map(|weight| weight / mean).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_scaled_in_double_precision_and_constants_of_the_context_shifted_alone() {
        let rows = TableRows::new(["t"], vec![1.7e9, 1.7e9 + 20.0]).unwrap();
        let rows =
            rows.given(["year", "one"], vec![2000.0, 1.0, 2001.0, 1.0]).unwrap().weighted(vec![3.0, 1.0]).unwrap();
        let preparation = Preparation::of(&rows, 0).unwrap();
        let prepared = preparation.apply(&rows, 0);
        assert_eq!((prepared.x, prepared.context), (vec![-1.0, 1.0], vec![-1.0, 0.0, 1.0, 0.0]));
        assert_eq!(prepared.weights, Some(vec![1.5, 0.5]));
        assert_eq!(prepared.log_dets, [-(10f64.ln()); 2]);
    }

    #[test]
    fn a_constant_column_is_an_error_that_names_it() {
        let rows = TableRows::new(["a", "b"], vec![1.0, 5.5, 2.0, 5.5]).unwrap();
        let error = Preparation::of(&rows, 0).unwrap_err().to_string();
        assert!(error.contains("`b = 5.5`") && error.contains("\nhint: "), "{error}");
    }
}
