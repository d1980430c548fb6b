//! The maps of all columns of a table.

use burn::config::Config;
use serde::{Deserialize, Serialize};

use super::johnson::{self, JohnsonFit};
use super::{ColumnMap, ScalingError, Support, outliers};
use crate::{ColumnStatistics, FlowError};

/// How a [`Scaling`] is taken from training rows.
///
/// # Example
/// ```
/// use flows_core::{ColumnMap, ScalingConfig};
///
/// // Two columns: seconds since 1970, and a small voltage.
/// let rows = [1.7e9, 2e-9, 1.7e9 + 20.0, 6e-9];
/// let scaling = ScalingConfig::new().fit(&rows, 2)?;
/// assert_eq!(scaling.columns()[0], ColumnMap::Linear { loc: 1.7e9 + 10.0, scale: 10.0 });
///
/// let error = ScalingConfig::new().fit(&[1.0, 14.62, 2.0, 14.62], 2).unwrap_err();
/// assert!(error.to_string().contains("column 1 holds 14.62 in every row"));
/// # Ok::<(), flows_core::FlowError>(())
/// ```
#[derive(Config, Debug)]
pub struct ScalingConfig {
    /// Whether columns with heavy tails get a [`ColumnMap::Johnson`]; others, and all where it is off, are shifted and
    /// scaled alone.
    #[config(default = true)]
    pub heavy_tails: bool,
    /// The excess kurtosis above which a column is tried for heavy tails. It is 0 for a normal column, 3 for a Laplace
    /// one and 6 for an exponential one, and grows with the number of rows where the fourth moment is infinite.
    #[config(default = 10.0)]
    pub min_kurtosis: f64,
    /// By how much the Johnson map must be better than the linear one before a normal density, in nats a row.
    #[config(default = 0.1)]
    pub min_gain: f64,
    /// Rows are refused if one value in a hundred of a column, or fewer, is more than so many times as far from the median
    /// as all others: fill values, such as 9.97e36 for a missing one. `None` takes everything.
    #[config(default = "Some(1e6)")]
    pub max_gap: Option<f64>,
}

impl ScalingConfig {
    /// Takes the scaling from training rows that lie one after the other: per column mean and standard deviation, or
    /// where the tails are heavy a Johnson map, fitted by maximum likelihood.
    ///
    /// # Errors
    /// If there are no rows, a value is not finite, columns do not vary (all of them are named), or a few values are
    /// absurd.
    ///
    /// # Panics
    /// If the values do not fill whole rows.
    pub fn fit(&self, rows: &[f64], columns: usize) -> Result<Scaling, FlowError> {
        self.fit_within(rows, &vec![Support::Line; columns])
    }

    /// Takes the scaling from training rows as [`fit`](Self::fit) does, of columns whose values lie within bounds or on
    /// circles: those get maps that never leave them.
    ///
    /// # Errors
    /// Those of [`fit`](Self::fit), and a value outside of its column's support.
    ///
    /// # Panics
    /// If the values do not fill whole rows, or a bound is not finite or not below the other.
    ///
    /// # Example
    /// ```
    /// use flows_core::{ScalingConfig, Support};
    ///
    /// // A price, and a time of day.
    /// let rows = [5.0, 23.5, 70.0, 0.5, 900.0, 1.0];
    /// let supports = [Support::Above { lower: 0.0 }, Support::Circle { start: 0.0, period: 24.0, step: None }];
    /// let scaling = ScalingConfig::new().fit_within(&rows, &supports)?;
    /// let back = scaling.inverse(&[-30.0, 0.0]);
    /// assert!(back[0] > 0.0 && (0.0..24.0).contains(&back[1]));
    /// # Ok::<(), flows_core::FlowError>(())
    /// ```
    pub fn fit_within(&self, rows: &[f64], supports: &[Support]) -> Result<Scaling, FlowError> {
        let columns = supports.len();
        let statistics = ColumnStatistics::of_rows(rows, columns);
        check(rows, &statistics)?;
        let maps = statistics.iter().zip(supports).enumerate().map(|(i, (statistics, support))| {
            let values: Vec<f64> = rows.iter().skip(i).step_by(columns).copied().collect();
            if *support != Support::Line {
                return support.map(i, &values);
            }
            if let Some(max_gap) = self.max_gap {
                outliers::check(i, &values, max_gap)?;
            }
            Ok(self.map(statistics, &values))
        });
        let columns = maps.collect::<Result<_, ScalingError>>()?;
        Ok(Scaling { columns })
    }

    fn map(&self, statistics: &ColumnStatistics, values: &[f64]) -> ColumnMap {
        let heavy = self.heavy_tails && statistics.excess_kurtosis > self.min_kurtosis;
        match heavy.then(|| johnson::fit(values)).flatten().filter(|fit| fit.gain > self.min_gain) {
            Some(fit) => JohnsonFit::map(&fit),
            None => ColumnMap::Linear { loc: statistics.mean, scale: statistics.std },
        }
    }
}

fn check(rows: &[f64], statistics: &[ColumnStatistics]) -> Result<(), ScalingError> {
    if rows.is_empty() {
        return Err(ScalingError::NoRows);
    }
    if let Some(first) = rows.iter().position(|value| !value.is_finite()) {
        let (row, column) = (first / statistics.len(), first % statistics.len());
        let count = statistics.iter().map(|column| column.not_finite).sum();
        return Err(ScalingError::NotFinite { row, column, value: rows[first], count });
    }
    let constant = ColumnStatistics::constant(statistics);
    if constant.is_empty() {
        return Ok(());
    }
    Err(ScalingError::Constant { columns: constant.into_iter().map(|i| (i, statistics[i].mean)).collect() })
}

/// The maps of all columns of a table between its own units and those of a flow, on the host in double precision.
///
/// ```text
/// yᵢ = fᵢ(xᵢ)        log_det = Σ log fᵢ'(xᵢ)
/// ```
///
/// Rows are `f64`, one after the other. [`Scaled`](crate::Scaled) puts a scaling before a flow.
///
/// # Example
/// ```
/// use flows_core::{ColumnMap, Scaling};
///
/// let metres = ColumnMap::Linear { loc: 5.4e6, scale: 100.0 };
/// let scaling = Scaling::new(vec![metres]);
/// let (y, log_det) = scaling.forward(&[5.4e6 + 50.0, 5.4e6 - 100.0]);
/// assert_eq!((y, log_det[0]), (vec![0.5, -1.0], -(100f64.ln())));
/// assert_eq!(scaling.inverse(&[0.5]), [5.4e6 + 50.0]);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Maps")]
pub struct Scaling {
    columns: Vec<ColumnMap>,
}

/// What a file says of a scaling.
#[derive(Deserialize)]
struct Maps {
    columns: Vec<ColumnMap>,
}

impl TryFrom<Maps> for Scaling {
    type Error = String;

    fn try_from(Maps { columns }: Maps) -> Result<Self, String> {
        if columns.is_empty() {
            return Err("`columns`: expected at least one map, got none".to_owned());
        }
        match columns.iter().position(|map| !map.is_valid()) {
            Some(i) => {
                Err(format!("`columns`: expected finite numbers and positive scales, got {:?} at {i}", columns[i]))
            }
            None => Ok(Self { columns }),
        }
    }
}

impl Scaling {
    /// A scaling of the given maps, one a column.
    ///
    /// # Panics
    /// If there is none, or a number is not finite or a scale not positive.
    pub fn new(columns: Vec<ColumnMap>) -> Self {
        Self::try_from(Maps { columns }).unwrap_or_else(|problem| panic!("{problem}"))
    }

    /// The maps, one a column.
    pub fn columns(&self) -> &[ColumnMap] {
        &self.columns
    }

    /// The columns with heavy tails, counted from 0.
    pub fn heavy_tailed(&self) -> Vec<usize> {
        (0..self.columns.len()).filter(|&i| matches!(self.columns[i], ColumnMap::Johnson { .. })).collect()
    }

    /// From the table's units to the flow's, and the log-determinant of each row.
    ///
    /// # Panics
    /// If the values do not fill whole rows.
    pub fn forward(&self, rows: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let n = self.rows(rows);
        let (mut y, mut log_dets) = (Vec::with_capacity(rows.len()), Vec::with_capacity(n));
        for row in rows.chunks_exact(self.columns.len()) {
            let mut log_det = 0.0;
            for (map, x) in self.columns.iter().zip(row) {
                let (value, log_slope) = map.forward(*x);
                y.push(value);
                log_det += log_slope;
            }
            log_dets.push(log_det);
        }
        (y, log_dets)
    }

    /// From the flow's units to the table's.
    ///
    /// # Panics
    /// If the values do not fill whole rows.
    pub fn inverse(&self, y: &[f64]) -> Vec<f64> {
        self.rows(y);
        y.iter().zip(self.columns.iter().cycle()).map(|(y, map)| map.inverse(*y)).collect()
    }

    /// The number of rows that the values fill.
    pub(super) fn rows(&self, values: &[f64]) -> usize {
        let columns = self.columns.len();
        assert!(
            values.len().is_multiple_of(columns),
            "`rows`: expected whole rows of {columns} columns, got {} values",
            values.len()
        );
        values.len() / columns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(rows: &[f64], columns: usize) -> ScalingError {
        match ScalingConfig::new().fit(rows, columns).expect_err("there is no scale") {
            FlowError::Scaling(error) => error,
            other => panic!("an error of another kind: {other}"),
        }
    }

    #[test]
    fn rows_without_a_scale_are_errors_that_name_row_and_column() {
        assert_eq!(error(&[], 2), ScalingError::NoRows);
        let nan = error(&[1.0, 2.0, 3.0, f64::NEG_INFINITY], 2);
        assert_eq!(nan, ScalingError::NotFinite { row: 1, column: 1, value: f64::NEG_INFINITY, count: 1 });
        assert_eq!(error(&[1.0, 2.0, 1.0, 2.0], 2), ScalingError::Constant { columns: vec![(0, 1.0), (1, 2.0)] });
        // Without the fill value the column varies between 0 and 9.
        let fill: Vec<f64> = (0..10).map(|i| if i == 4 { 9.97e36 } else { f64::from(i) }).collect();
        assert!(matches!(error(&fill, 1), ScalingError::Outliers { column: 0, rows, .. } if rows == [(4, 9.97e36)]));
        assert!(ScalingConfig::new().with_max_gap(None).fit(&fill, 1).is_ok());
    }

    #[test]
    fn heavy_tails_are_chosen_from_the_data_and_can_be_refused() {
        // Quantiles of a Cauchy variable beside those of a uniform one.
        let rows: Vec<f64> = (0..5000)
            .map(|i| (f64::from(i) + 0.5) / 5000.0)
            .flat_map(|p| [(std::f64::consts::PI * (p - 0.5)).tan(), p])
            .collect();
        let chosen = ScalingConfig::new().fit(&rows, 2).expect("they vary");
        assert_eq!(chosen.heavy_tailed(), [0]);
        let refused = ScalingConfig::new().with_heavy_tails(false).fit(&rows, 2).expect("they vary");
        assert!(refused.heavy_tailed().is_empty());
        let (y, _) = chosen.forward(&rows);
        for column in ColumnStatistics::of_rows(&y, 2) {
            assert!(column.mean.abs() < 1e-6 && (column.std - 1.0).abs() < 1e-6, "{column:?}");
        }
    }

    #[test]
    #[should_panic(expected = "expected whole rows of 2 columns, got 3 values")]
    fn values_that_fill_no_whole_row_panic() {
        Scaling::new(vec![ColumnMap::Linear { loc: 0.0, scale: 1.0 }; 2]).forward(&[1.0, 2.0, 3.0]);
    }
}
