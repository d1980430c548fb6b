//! What is expected of a cell, given the others of its row.

use super::exact::mean_over_noise;
use super::{MixedFlow, MixedTable};
use crate::tables::{CutCircle, TablesError};

/// What is expected of a cell, given the others of its row.
#[derive(Debug, Clone, PartialEq)]
pub enum Expected {
    /// Of a number, by draws. On a circle the mean and the quantiles are those along the line that begins opposite the middle of
    /// the draws: around midnight a quantile of 5 % may be 23 h and one of 95 % 2 h.
    Number {
        /// The mean.
        mean: f64,
        /// The standard deviation.
        sd: f64,
        /// The quantiles that were asked for.
        quantiles: Vec<f64>,
    },
    /// Of a class the probability of each, by the density itself.
    Classes(Vec<f64>),
}

/// How a cell goes with the others of its row.
#[derive(Debug, Clone, PartialEq)]
pub struct CellExplanation {
    /// The place of the column.
    pub column: usize,
    /// The log-density, or log-probability, of what the cell holds given the others, in the units of the column.
    pub log_prob: f64,
    /// The share of what is expected that is no more likely than it: of values with a probability beside others with a density,
    /// each is compared with its like.
    pub p_value: f64,
    /// What is expected, with the quantiles 5, 50 and 95 %.
    pub expected: Expected,
}

/// Draws by which a cell is explained.
const DRAWS: usize = 400;
/// Draws at a time.
const BATCH: usize = 1 << 16;

impl MixedFlow {
    /// What is expected of a column in each row, given the other cells that the row has but those of `hidden` columns.
    ///
    /// Of classes the probabilities are exact; of numbers it is by so many draws from the conditional of the column. A cell that
    /// cannot be, such as a class that there is not, counts as missing.
    ///
    /// # Errors
    /// If the rows have other columns than the model.
    ///
    /// # Panics
    /// If there is no such column, or no draw.
    pub fn expected(
        &self,
        table: &MixedTable,
        column: usize,
        hidden: &[usize],
        quantiles: &[f64],
        (draws, seed): (usize, u64),
    ) -> Result<Vec<Expected>, TablesError> {
        self.require(table)?;
        assert!(draws > 0, "`draws`: expected at least 1, got 0");
        let (width, preparation) = (table.width(), &self.config.preparation);
        let masked = |(at, value): (usize, &f64)| {
            let place = at % width;
            if place == column || hidden.contains(&place) { f64::NAN } else { *value }
        };
        let values: Vec<f64> = table.values.iter().enumerate().map(masked).collect();
        if let Some(classes) = preparation.classes(column) {
            return Ok(self.shares(values, column, classes.len()).into_iter().map(Expected::Classes).collect());
        }
        let per_batch = (BATCH / draws).max(1);
        let mut found = Vec::with_capacity(table.len());
        for (batch, rows) in values.chunks(per_batch * width).enumerate() {
            let drawn = self.draws_of(&self.like(rows.to_vec()), column, (draws, seed.wrapping_add(batch as u64)));
            found.extend(drawn.chunks_exact(draws).map(|drawn| {
                let values: Vec<f64> = drawn.iter().copied().filter(|value| value.is_finite()).collect();
                let circle = preparation.circle(column, &values);
                number(values, quantiles, circle)
            }));
        }
        Ok(found)
    }

    /// Draws of a column given the other cells of each row, in its own units.
    fn draws_of(&self, table: &MixedTable, column: usize, (draws, seed): (usize, u64)) -> Vec<f64> {
        let preparation = &self.config.preparation;
        let rows = preparation.forward(table, seed);
        preparation.inverse_of(column, &self.density.draws_of(&rows, column, (draws, seed), &self.device()))
    }

    /// The probability of each class of a column, row by row.
    fn shares(&self, values: Vec<f64>, column: usize, classes: usize) -> Vec<Vec<f64>> {
        let (table, preparation) = (self.like(values), &self.config.preparation);
        if table.is_empty() {
            return vec![];
        }
        // The mean over the noise of the others is that of probabilities.
        let logs = mean_over_noise(preparation, |noise| {
            let shares = self.density.shares_of(&preparation.forward(&table, noise), column, &self.device());
            shares.into_iter().map(f64::ln).collect()
        });
        let row = |shares: &[f64]| {
            let total: f64 = shares.iter().map(|share| share.exp()).sum();
            shares.iter().map(|share| share.exp() / total).collect()
        };
        logs.chunks_exact(classes).map(row).collect()
    }

    /// The log-density of the cell of a column given the others of its row, row by row, in the units of the column.
    fn log_probs_of(&self, table: &MixedTable, column: usize) -> Vec<f64> {
        let preparation = &self.config.preparation;
        let mut without = table.values.clone();
        without.iter_mut().skip(column).step_by(table.width()).for_each(|value| *value = f64::NAN);
        let without = table.with_values(without);
        mean_over_noise(preparation, |noise| {
            let (all, rest) = (preparation.forward(table, noise), preparation.forward(&without, noise));
            let slopes = all.log_dets.iter().zip(&rest.log_dets).map(|(all, rest)| all - rest);
            let found = self.density.log_probs_of(&all, column, &self.device());
            found.into_iter().zip(slopes).map(|(found, slope)| found + slope).collect()
        })
    }

    /// How each cell of one row goes with the others, the oddest first.
    ///
    /// A cell that cannot be, such as a class that there is not, has a probability and a p-value of zero, and counts as missing for
    /// the others.
    ///
    /// # Errors
    /// If the row has other columns than the model.
    ///
    /// # Panics
    /// If it is not one row.
    pub fn explain(&self, row: &MixedTable, seed: u64) -> Result<Vec<CellExplanation>, TablesError> {
        self.require(row)?;
        assert_eq!(row.len(), 1, "`row`: expected one row");
        let preparation = &self.config.preparation;
        let possible = |(column, value): (usize, &f64)| {
            if value.is_nan() || preparation.is_possible(column, *value) { *value } else { f64::NAN }
        };
        let values: Vec<f64> = row.values.iter().enumerate().map(possible).collect();
        let clean = self.like(values.clone());
        let mut found = vec![];
        for column in (0..row.width()).filter(|column| !row.values[*column].is_nan()) {
            let seed = seed.wrapping_add(column as u64);
            let expected = self.expected(&clean, column, &[], &[0.05, 0.5, 0.95], (DRAWS, seed))?.swap_remove(0);
            if values[column].is_nan() {
                found.push(CellExplanation { column, log_prob: f64::NEG_INFINITY, p_value: 0.0, expected });
                continue;
            }
            let log_prob = self.log_probs_of(&clean, column)[0];
            let p_value = match &expected {
                Expected::Classes(shares) => {
                    let mine = shares[values[column] as usize];
                    shares.iter().filter(|share| **share <= mine * (1.0 + 1e-6)).sum::<f64>().min(1.0)
                }
                Expected::Number { .. } => {
                    let drawn = self.draws_of(&clean, column, (DRAWS, seed));
                    let with = |drawn: f64| {
                        let mut row = values.clone();
                        row[column] = drawn;
                        row
                    };
                    let atoms: Vec<Option<usize>> =
                        drawn.iter().map(|drawn| preparation.atom(column, *drawn)).collect();
                    let others = self.like(drawn.into_iter().flat_map(with).collect());
                    let less = match preparation.atom(column, values[column]) {
                        // A probability is compared with those of other atoms, and of all that is none.
                        Some(mine) => {
                            let drawn = |atom: Option<usize>| atoms.iter().filter(|other| **other == atom).count();
                            atoms.iter().filter(|atom| drawn(**atom) <= drawn(Some(mine))).count()
                        }
                        None => {
                            let scores = self.log_probs_of(&others, column);
                            let no_more = |(score, atom): &(f64, Option<usize>)| atom.is_none() && *score <= log_prob;
                            scores.into_iter().zip(atoms).filter(no_more).count()
                        }
                    };
                    (less + 1) as f64 / (DRAWS + 1) as f64
                }
            };
            found.push(CellExplanation { column, log_prob, p_value, expected });
        }
        found.sort_by(|a, b| a.p_value.total_cmp(&b.p_value).then(a.log_prob.total_cmp(&b.log_prob)));
        Ok(found)
    }

    /// By how much the orders of a network, and the networks, differ about each row: the standard deviation of its
    /// log-densities by one of them. Zero of a mixture of classes, which is one density.
    ///
    /// # Errors
    /// If the rows have other columns than the model.
    pub fn spread(&self, table: &MixedTable) -> Result<Vec<f64>, TablesError> {
        self.require(table)?;
        Ok(self.density.spread(&self.config.preparation.forward(table, 0), &self.device()))
    }
}

/// What draws of a number say.
fn number(mut values: Vec<f64>, quantiles: &[f64], circle: Option<CutCircle>) -> Expected {
    values.iter_mut().for_each(|value| *value = circle.map_or(*value, |circle| circle.unrolled(*value)));
    values.sort_by(f64::total_cmp);
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let sd = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let rolled = |value: f64| circle.map_or(value, |circle| circle.rolled(value));
    let quantile = |share: &f64| {
        let place = share.clamp(0.0, 1.0) * (n - 1.0);
        let low = values.get(place.floor() as usize).copied().unwrap_or(f64::NAN);
        let high = values.get(place.ceil() as usize).copied().unwrap_or(low);
        rolled(low + (high - low) * place.fract())
    };
    Expected::Number { mean: rolled(mean), sd, quantiles: quantiles.iter().map(quantile).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn around_midnight_the_mean_is_not_noon() {
        let circle = CutCircle { start: 0.0, period: 24.0, centre: 0.0 };
        let Expected::Number { mean, sd, quantiles } =
            number(vec![23.0, 1.0, 22.0, 2.0], &[0.0, 0.5, 1.0], Some(circle))
        else {
            panic!("a number")
        };
        assert!(!(1e-9..=24.0 - 1e-9).contains(&mean), "{mean}");
        // Deviations of 1, 1, 2, 2.
        assert!((sd - (10.0f64 / 3.0).sqrt()).abs() < 1e-9, "{sd}");
        assert!((quantiles[0], quantiles[2]) == (22.0, 2.0), "{quantiles:?}");
    }
}
