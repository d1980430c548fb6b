//! What lies between the units of a mixed table and those of a density.

use flows_autoregressive::Measure;
use flows_core::generator;
use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::prepared::{Prepared, prepared};
use super::{Holds, MixedTable};
use crate::tables::{CutCircle, TablesError};

/// What lies between the units of a mixed table and those of a density: for each column a map, fitted to the cells that are
/// there, and the [`Measure`] of its conditional.
///
/// - Classes, and numbers of which there are few different ones, each in many rows, have probabilities.
/// - Whole numbers are the points of a lattice and have probabilities; skewed ones of a wide range are intervals from each to the
///   next of a density of their logarithm.
/// - Numbers that at least a twentieth of the rows share have a probability beside the density of all others; the smallest or
///   largest of a column, such as no rain, is a bound for these.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MixedPreparation {
    columns: Vec<Prepared>,
}

/// Rows as a density sees them.
#[derive(Debug, Clone, Default)]
pub(super) struct Scaled {
    /// Row after row; zero where a cell is missing.
    pub(super) x: Vec<f64>,
    /// One where a cell is there, and zero elsewhere.
    pub(super) known: Vec<f64>,
    /// The log-determinants of the maps of the cells that are there: minus infinity of a row that cannot be. A cell that
    /// cannot be counts as missing besides, so that nothing is expected because of it.
    pub(super) log_dets: Vec<f64>,
    /// With mean one; `None` where all rows count the same.
    pub(super) weights: Option<Vec<f64>>,
    pub(super) width: usize,
}

impl Scaled {
    pub(super) fn len(&self) -> usize {
        self.log_dets.len()
    }

    /// The rows without what they hold in one column.
    pub(super) fn without(&self, column: usize) -> Self {
        let mut others = self.clone();
        others.known.iter_mut().skip(column).step_by(self.width).for_each(|known| *known = 0.0);
        others
    }

    pub(super) fn weights(&self) -> Vec<f64> {
        self.weights.clone().unwrap_or_else(|| vec![1.0; self.len()])
    }

    pub(super) fn select(&self, rows: &[usize]) -> Self {
        let of = |values: &[f64], width: usize| -> Vec<f64> {
            rows.iter().flat_map(|row| &values[row * width..][..width]).copied().collect()
        };
        Self {
            x: of(&self.x, self.width),
            known: of(&self.known, self.width),
            log_dets: of(&self.log_dets, 1),
            weights: self.weights.as_ref().map(|weights| of(weights, 1)),
            width: self.width,
        }
    }
}

impl MixedPreparation {
    /// Takes it from the cells of training rows; `components` are those of the mixtures of numbers and counts.
    ///
    /// # Errors
    /// If there are no rows, the cells of a column do not vary, or a few of its values are absurd.
    pub fn of(table: &MixedTable, components: usize) -> Result<Self, TablesError> {
        let each = |(place, holds): (usize, &Holds)| {
            let values: Vec<f64> = table
                .values
                .iter()
                .skip(place)
                .step_by(table.width())
                .copied()
                .filter(|value| !value.is_nan())
                .collect();
            prepared(&table.names[place], holds, &values, components)
        };
        Ok(Self { columns: table.holds.iter().enumerate().map(each).collect::<Result<_, _>>()? })
    }

    /// The names of the columns.
    pub fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|column| column.name.as_str()).collect()
    }

    /// How the columns are measured.
    pub fn measures(&self) -> Vec<Measure> {
        self.columns.iter().map(|column| column.measure.clone()).collect()
    }

    /// The values that a column can have, where it is one of classes.
    pub(super) fn classes(&self, column: usize) -> Option<Vec<f64>> {
        let column = &self.columns[column];
        match column.measure {
            Measure::Category { classes } if column.atoms.is_empty() => {
                Some((0..classes).map(|class| class as f64).collect())
            }
            _ => None,
        }
    }

    /// What the density of a column is one of: probabilities, or a density beside probabilities of some values.
    fn base_of(&self, name: &str) -> Option<(bool, Vec<f64>)> {
        let column = self.columns.iter().find(|column| column.name == name)?;
        let discrete = column.noisy || matches!(column.measure, Measure::Category { .. } | Measure::Count { .. });
        let mut atoms: Vec<f64> = match discrete {
            true => vec![],
            false => column.atoms.iter().map(|(atom, _)| *atom).collect(),
        };
        atoms.sort_by(f64::total_cmp);
        Some((discrete, atoms))
    }

    /// The columns of which two preparations have likelihoods that do not compare: a probability is no density.
    pub(super) fn measured_otherwise(&self, other: &Self) -> Vec<&str> {
        self.names().into_iter().filter(|name| self.base_of(name) != other.base_of(name)).collect()
    }

    /// Whether scores need noise.
    pub(super) fn is_noisy(&self) -> bool {
        self.columns.iter().any(|column| column.noisy)
    }

    /// Rows as a density sees them, intervals with the noise of a seed.
    pub(super) fn forward(&self, table: &MixedTable, noise: u64) -> Scaled {
        let width = self.columns.len();
        let mut random = generator(noise, 0x0003_015e);
        let mut scaled = Scaled { width, ..Scaled::default() };
        for row in table.values.chunks_exact(width) {
            let mut log_det = 0.0;
            for (column, value) in self.columns.iter().zip(row) {
                // The same noise for a cell whatever else is missing.
                let u = if column.noisy { random.random::<f64>() } else { 0.0 };
                if value.is_nan() {
                    scaled.x.push(0.0);
                    scaled.known.push(0.0);
                    continue;
                }
                let (x, slope) = column.forward(*value, u);
                scaled.x.push(x);
                scaled.known.push(f64::from(u8::from(slope > f64::NEG_INFINITY)));
                log_det += slope;
            }
            scaled.log_dets.push(log_det);
        }
        scaled.weights = table.weights.as_ref().map(|weights| {
            let mean = weights.iter().sum::<f64>() / weights.len() as f64;
            weights.iter().map(|weight| weight / mean).collect()
        });
        scaled
    }

    /// Whether a column can hold a value.
    pub(super) fn is_possible(&self, column: usize, value: f64) -> bool {
        self.columns[column].forward(value, 0.5).1 > f64::NEG_INFINITY
    }

    /// The place of a value among those of its column that have a probability beside the density of all others.
    pub(super) fn atom(&self, column: usize, value: f64) -> Option<usize> {
        let column = &self.columns[column];
        let spiked = matches!(column.measure, Measure::Spiked { .. });
        column.atoms.iter().position(|(atom, _)| spiked && *atom == value)
    }

    /// The circle of a column that is one, cut opposite the middle of some values.
    pub(super) fn circle(&self, column: usize, values: &[f64]) -> Option<CutCircle> {
        let [start, period] = self.columns[column].circle?;
        let turn = std::f64::consts::TAU / period;
        let (sin, cos) =
            values.iter().fold((0.0, 0.0), |(sin, cos), x| (sin + (turn * x).sin(), cos + (turn * x).cos()));
        Some(CutCircle { start, period, centre: sin.atan2(cos) / turn })
    }

    /// Numbers of a density in the units of one column.
    pub(super) fn inverse_of(&self, column: usize, x: &[f64]) -> Vec<f64> {
        x.iter().map(|x| self.columns[column].inverse(*x)).collect()
    }

    /// Numbers of a density in the units of the table.
    pub(super) fn inverse(&self, x: &[f64]) -> Vec<f64> {
        let each = |(at, x): (usize, &f64)| self.columns[at % self.columns.len()].inverse(*x);
        x.iter().enumerate().map(each).collect()
    }
}

#[cfg(test)]
mod tests {
    use flows_core::Support;

    use super::*;

    fn part(i: usize) -> f64 {
        (i as f64 * 0.618_034).fract()
    }

    fn table() -> MixedTable {
        let row = |i: usize| {
            let p = part(i);
            [
                (i % 3) as f64,
                1e6 + 100.0 * p,
                (6.0 * p).floor(),
                if p < 0.5 { 0.0 } else { p },
                [4.0, 6.5, 8.0][i % 3],
                (1e5 * p.powi(9)).floor(),
                if i.is_multiple_of(4) { f64::NAN } else { p },
            ]
        };
        let bound = Support::Above { lower: 0.0 };
        let holds = vec![
            Holds::Classes { classes: 3 },
            Holds::numbers(),
            Holds::counts(),
            Holds::Numbers { support: bound },
            Holds::numbers(),
            Holds::Whole { support: bound, limits: [Some(0.0), None] },
            Holds::numbers(),
        ];
        MixedTable::new(["class", "far", "n", "rain", "few", "wide", "holes"], holds, (0..1000).flat_map(row).collect())
            .unwrap()
    }

    #[test]
    fn every_kind_has_its_measure_and_comes_back() {
        let table = table();
        let preparation = MixedPreparation::of(&table, 4).unwrap();
        let kinds: Vec<&str> = preparation
            .measures()
            .iter()
            .map(|measure| match measure {
                Measure::Number { .. } => "number",
                Measure::Spiked { .. } => "spiked",
                Measure::Count { .. } => "count",
                Measure::Category { .. } => "category",
            })
            .collect();
        assert_eq!(kinds, ["category", "number", "count", "spiked", "category", "number", "number"]);
        assert!(preparation.is_noisy());
        let scaled = preparation.forward(&table, 3);
        assert_eq!(scaled.known.iter().filter(|known| **known == 0.0).count(), 250);
        let single: Vec<f64> = scaled.x.iter().map(|x| f64::from(*x as f32)).collect();
        let back = preparation.inverse(&single);
        for (at, (value, back)) in table.values.iter().zip(&back).enumerate() {
            // Of wide numbers the noise may be rounded to the next one.
            let close = match at % 7 {
                1 | 6 => (value - back).abs() < 1e-4,
                3 => (value - back).abs() < 1e-6,
                5 => (value - back).abs() <= 1.0,
                _ => value == back,
            };
            assert!(value.is_nan() || close, "{} of row {}: {value}, then {back}", table.names[at % 7], at / 7);
        }
    }

    #[test]
    fn what_cannot_be_has_no_density() {
        let table = table();
        let preparation = MixedPreparation::of(&table, 2).unwrap();
        let mut row = table.values[..7].to_vec();
        assert!(preparation.forward(&table.with_values(row.clone()), 0).log_dets[0].is_finite());
        for (column, value) in [(0, -1.0), (0, 3.0), (2, 1.5), (3, -1.0), (4, 5.0), (5, -3.0)] {
            let before = std::mem::replace(&mut row[column], value);
            let scaled = preparation.forward(&table.with_values(row.clone()), 0);
            assert_eq!(scaled.log_dets[0], f64::NEG_INFINITY, "{column}: {value}");
            assert!(scaled.x.iter().all(|x| x.is_finite()));
            row[column] = before;
        }
    }

    #[test]
    fn columns_that_do_not_vary_or_hold_absurd_values_are_named() {
        let one = |holds, values: Vec<f64>| {
            let table = MixedTable::new(["a"], vec![holds], values).unwrap();
            MixedPreparation::of(&table, 2).unwrap_err().to_string()
        };
        for holds in [Holds::numbers(), Holds::counts()] {
            assert!(one(holds.clone(), vec![2.0; 30]).contains("`a = 2`"), "{}", one(holds, vec![2.0; 30]));
        }
        let mut values: Vec<f64> = (0..100).map(|i| f64::from(i) * 0.37).collect();
        values[3] = 1e20;
        assert!(one(Holds::numbers(), values).contains("`a`"));
    }
}
