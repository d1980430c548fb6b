//! How one column of a mixed table is measured.

use flows_autoregressive::Measure;
use flows_core::{ColumnMap, ColumnStatistics, ScalingConfig, Support};
use serde::{Deserialize, Serialize};

use super::Holds;
use crate::tables::TablesError;

/// How one column is measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Prepared {
    pub(super) name: String,
    /// From the column's units to those of the density.
    pub(super) map: ColumnMap,
    pub(super) measure: Measure,
    /// Whether a whole number stands for the interval from it to the next, with noise, instead of a point of a lattice.
    pub(super) noisy: bool,
    /// Values with a probability of their own, each with its place in the density's units; of a category of numbers all of them.
    pub(super) atoms: Vec<(f64, f64)>,
    /// Whether all values are whole.
    pub(super) whole: bool,
    /// The start and the period of a circle.
    pub(super) circle: Option<[f64; 2]>,
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

/// How a column is measured, by the cells that are known.
///
/// # Errors
/// If they do not vary, or a few are absurd.
pub(super) fn prepared(name: &str, holds: &Holds, values: &[f64], components: usize) -> Result<Prepared, TablesError> {
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
    pub(super) fn forward(&self, value: f64, u: f64) -> (f64, f64) {
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
    pub(super) fn inverse(&self, x: f64) -> f64 {
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

    fn of(holds: &Holds, values: &[f64]) -> Prepared {
        prepared("a", holds, values, 2).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn a_shared_value_at_the_end_of_a_column_is_a_bound_for_the_others() {
        let part = |i: usize| (i as f64 * 0.618_034).fract();
        let rain: Vec<f64> = (0..300).map(|i| if part(i) < 0.3 { 0.0 } else { 5.0 * part(i) }).collect();
        let column = of(&Holds::numbers(), &rain);
        assert!((-40..40).all(|x| column.inverse(f64::from(x) + 0.1) > 0.0));
        assert_eq!((column.forward(0.0, 0.0).1, column.forward(-1.0, 0.0).1), (0.0, f64::NEG_INFINITY));
        assert_eq!(column.inverse(column.forward(0.0, 0.0).0), 0.0);
        // In the middle it is none.
        let middle: Vec<f64> = rain.iter().map(|x| if *x == 0.0 { 3.0 } else { *x }).collect();
        let column = of(&Holds::numbers(), &middle);
        assert!(column.inverse(-40.0) < 0.0 && column.forward(-1.0, 0.0).1.is_finite());
    }

    #[test]
    fn whole_numbers_of_many_kinds_are_intervals_and_those_of_few_are_points() {
        let many: Vec<f64> = (0..4_000).map(f64::from).collect();
        let column = of(&Holds::counts(), &many);
        assert!(column.noisy && (-30..30).all(|x| column.inverse(f64::from(x)) >= 0.0));
        // The noise stays inside of the interval.
        assert_eq!(column.inverse(column.forward(17.0, 0.99).0), 17.0);
        assert_eq!(column.forward(-1.0, 0.5).1, f64::NEG_INFINITY);
        let few: Vec<f64> = many.iter().map(|value| value % 50.0).collect();
        let column = of(&Holds::counts(), &few);
        assert!(!column.noisy && column.inverse(column.forward(17.0, 0.0).0) == 17.0);
        assert_eq!(column.forward(-1.0, 0.0).1, f64::NEG_INFINITY);
    }

    #[test]
    fn a_turn_further_on_a_circle_is_the_same_place() {
        let support = Support::Circle { start: 0.0, period: 24.0, step: Some(1.0) };
        let hours: Vec<f64> = (0..240).map(|i| f64::from(i % 24)).collect();
        let column = of(&Holds::Whole { support, limits: [None, None] }, &hours);
        assert_eq!(column.forward(24.0, 0.0), column.forward(0.0, 0.0));
        assert_eq!(column.forward(-1.0, 0.0), column.forward(23.0, 0.0));
    }
}
