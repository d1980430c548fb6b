//! What lies between the units of a mixed table and those of a density.

use flows_autoregressive::Measure;
use flows_core::{ColumnMap, ColumnStatistics, ScalingConfig, Support, generator};
use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::{Holds, MixedTable};
use crate::tables::{CutCircle, TablesError};

/// How one column is measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Prepared {
    name: String,
    /// From the column's units to those of the density.
    map: ColumnMap,
    measure: Measure,
    /// Whether a whole number stands for the interval from it to the next, with noise, instead of a point of a lattice.
    noisy: bool,
    /// Values with a probability of their own, each with its place in the density's units; of a category of numbers all of them.
    atoms: Vec<(f64, f64)>,
    /// Whether all values are whole.
    whole: bool,
    /// The start and the period of a circle.
    circle: Option<[f64; 2]>,
}

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

/// The share of rows from which on a value is an atom, one in so many, and the number of rows.
const SHARE: usize = 20;
const FEWEST: usize = 5;
/// Atoms of a column at most.
const ATOMS: usize = 10;
/// Different numbers, all of them frequent, that are a category at most.
const CATEGORY: usize = 20;
/// Different whole numbers from which on skewed ones are seen by their logarithms.
const WIDE: usize = 200;
/// Different whole numbers from which on they are intervals: in single precision the points of a fine lattice run together.
const FINE: usize = 3000;
/// Where the place of an atom is infinite, as at a bound.
const FAR: f64 = 6.0;
/// What cannot be is not read as a number of single precision.
const LARGEST: f64 = 1e30;

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
        let mut random = generator(noise, 0x301_5e);
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

fn prepared(name: &str, holds: &Holds, values: &[f64], components: usize) -> Result<Prepared, TablesError> {
    let identity = ColumnMap::Linear { loc: 0.0, scale: 1.0 };
    let named = |error| TablesError::named(error, &[name.to_owned()]);
    let circle = match holds {
        Holds::Numbers { support: Support::Circle { start, period, .. } }
        | Holds::Whole { support: Support::Circle { start, period, .. }, .. } => Some([*start, *period]),
        _ => None,
    };
    let column = |map, measure, atoms, noisy, whole| {
        let name = name.to_owned();
        Prepared { name, map, measure, noisy, atoms, whole, circle }
    };
    match *holds {
        Holds::Classes { classes } => Ok(column(identity, Measure::Category { classes }, vec![], false, true)),
        Holds::Whole { support, limits } => {
            // It says what is wrong with the values.
            let map = ScalingConfig::new().fit(values, 1).map_err(named)?.columns()[0];
            let distinct = counted(values);
            let skewed = matches!(support, Support::Above { .. }) && distinct.len() > WIDE;
            let fine = matches!(support, Support::Above { .. } | Support::Line) && distinct.len() > FINE;
            if skewed || fine {
                let spread: Vec<f64> = values.iter().map(|value| value + 0.5).collect();
                // A bound that is none to a map of the line is one to the numbers.
                let support = match (support, limits[0]) {
                    (Support::Line, Some(lower)) => Support::Above { lower },
                    (support, _) => support,
                };
                let map = ScalingConfig::new().fit_within(&spread, &[support]).map_err(named)?.columns()[0];
                return Ok(column(map, Measure::Number { components }, vec![], true, true));
            }
            // Heavy tails or not: the lattice is that of whole numbers.
            let statistics = &ColumnStatistics::of_rows(values, 1)[0];
            let map = match map {
                ColumnMap::Linear { .. } => map,
                _ => ColumnMap::Linear { loc: statistics.mean, scale: statistics.std },
            };
            let (step, place) = (map.forward(1.0).0 - map.forward(0.0).0, |value: f64| map.forward(value).0);
            let ends = match support {
                Support::Circle { start, period, .. } => [Some(start.ceil()), Some((start + period).ceil() - 1.0)],
                _ => limits,
            };
            let ends = ends.map(|end| end.map(place));
            let (origin, values) = (place(values[0]), distinct);
            if values.len() < 2 {
                return Err(TablesError::named(constant(values[0].0), &[name.to_owned()]));
            }
            Ok(column(map, Measure::Count { origin, step, ends, components }, vec![], false, true))
        }
        Holds::Numbers { support } => {
            let distinct = counted(values);
            let frequent = |(_, rows): &&(f64, usize)| *rows >= FEWEST && rows * SHARE >= values.len();
            if distinct.len() > 1 && distinct.len() <= CATEGORY && distinct.iter().all(|value| frequent(&value)) {
                let atoms: Vec<(f64, f64)> =
                    distinct.iter().enumerate().map(|(place, (value, _))| (*value, place as f64)).collect();
                let measure = Measure::Category { classes: atoms.len() };
                return Ok(column(identity, measure, atoms, false, false));
            }
            let mut common: Vec<(f64, usize)> = distinct.iter().filter(frequent).copied().collect();
            common.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
            common.truncate(ATOMS);
            let others: Vec<f64> =
                values.iter().copied().filter(|value| !common.iter().any(|(atom, _)| atom == value)).collect();
            let enough = counted(&others).len() >= FEWEST;
            let (common, others) = if enough { (common, others) } else { (vec![], values.to_vec()) };
            let support = bounded(support, &distinct, &common);
            let map = ScalingConfig::new().fit_within(&others, &[support]).map_err(named)?.columns()[0];
            if common.is_empty() {
                return Ok(column(map, Measure::Number { components }, vec![], false, false));
            }
            let mut atoms: Vec<(f64, f64)> = vec![];
            for (value, _) in common {
                let place = map.forward(value).0.clamp(-FAR, FAR);
                let mut place = f64::from(if place.is_nan() { FAR as f32 } else { place as f32 });
                while atoms.iter().any(|(_, other)| *other == place) {
                    place += 0.5;
                }
                atoms.push((value, place));
            }
            let measure = Measure::Spiked { atoms: atoms.iter().map(|(_, place)| *place).collect(), components };
            Ok(column(map, measure, atoms, false, false))
        }
    }
}

/// The support of the values beside atoms: an atom that is the smallest or the largest value is a bound, such as no rain.
fn bounded(support: Support, distinct: &[(f64, usize)], atoms: &[(f64, usize)]) -> Support {
    let end = |value: Option<&(f64, usize)>| value.filter(|value| atoms.contains(value)).map(|(value, _)| *value);
    let (first, last) = (end(distinct.first()), end(distinct.last()));
    let (before, after) = match support {
        Support::Line => (None, None),
        Support::Above { lower } => (Some(lower), None),
        Support::Below { upper } => (None, Some(upper)),
        Support::Between { lower, upper } => (Some(lower), Some(upper)),
        Support::Circle { .. } => return support,
    };
    match (first.or(before), last.or(after)) {
        (None, None) => Support::Line,
        (Some(lower), None) => Support::Above { lower },
        (None, Some(upper)) => Support::Below { upper },
        (Some(lower), Some(upper)) => Support::Between { lower, upper },
    }
}

/// The error of a column that holds one value.
fn constant(value: f64) -> flows_core::FlowError {
    flows_core::ScalingError::Constant { columns: vec![(0, value)] }.into()
}

/// The different values, each with the number of rows that hold it, in order.
fn counted(values: &[f64]) -> Vec<(f64, usize)> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.chunk_by(|a, b| a == b).map(|equal| (equal[0], equal.len())).collect()
}

impl Prepared {
    /// A value in the density's units, and the logarithm of the slope there.
    fn forward(&self, value: f64, u: f64) -> (f64, f64) {
        const IMPOSSIBLE: (f64, f64) = (0.0, f64::NEG_INFINITY);
        // One turn further is the same place.
        let value = self.circle.map_or(value, |[start, period]| {
            let turned = start + (value - start).rem_euclid(period);
            if value >= start && value < start + period { value } else { turned }
        });
        if self.whole && value.fract() != 0.0 {
            return IMPOSSIBLE;
        }
        match &self.measure {
            Measure::Category { classes } if self.atoms.is_empty() => {
                if value >= 0.0 && value < *classes as f64 {
                    (value, 0.0)
                } else {
                    IMPOSSIBLE
                }
            }
            Measure::Category { .. } => {
                self.atoms.iter().find(|(atom, _)| *atom == value).map_or(IMPOSSIBLE, |(_, place)| (*place, 0.0))
            }
            Measure::Count { step, ends, .. } => {
                let x = self.map.forward(value).0;
                let beyond = |end: Option<f64>, sign: f64| end.is_some_and(|end| sign * (x - end) > 0.25 * step);
                let possible = x.abs() < LARGEST && !beyond(ends[0], -1.0) && !beyond(ends[1], 1.0);
                if possible { (x, 0.0) } else { IMPOSSIBLE }
            }
            Measure::Number { .. } | Measure::Spiked { .. } => {
                if let Some((_, place)) = self.atoms.iter().find(|(atom, _)| *atom == value) {
                    return (*place, 0.0);
                }
                let (x, slope) = self.map.forward(value + u);
                if !x.is_finite() || x.abs() > LARGEST {
                    return IMPOSSIBLE;
                }
                // In single precision no other value is an atom.
                let met = self.atoms.iter().any(|(_, place)| x as f32 == *place as f32);
                (if met { f64::from((x as f32).next_up()) } else { x }, slope)
            }
        }
    }

    /// A number of the density in the units of the column.
    fn inverse(&self, x: f64) -> f64 {
        if let Some((value, _)) = self.atoms.iter().find(|(_, place)| *place as f32 == x as f32) {
            return *value;
        }
        let value = self.map.inverse(x);
        match self.measure {
            Measure::Count { .. } | Measure::Category { .. } => value.round(),
            _ if self.noisy => value.floor(),
            _ => value,
        }
    }
}

#[cfg(test)]
mod tests {
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
                if i % 4 == 0 { f64::NAN } else { p },
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
