//! Where the values of a column can be.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{ColumnMap, ScalingError};

/// Where the values of a column can be, which decides its [`ColumnMap`].
///
/// # Example
/// ```
/// use flows_core::Support;
///
/// assert_eq!(Support::Between { lower: 0.0, upper: 1.0 }.to_string(), "between 0 and 1");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Support {
    /// Anywhere.
    Line,
    /// Above a bound.
    Above {
        /// The bound.
        lower: f64,
    },
    /// Below a bound.
    Below {
        /// The bound.
        upper: f64,
    },
    /// Between two bounds.
    Between {
        /// The lower one.
        lower: f64,
        /// The upper one.
        upper: f64,
    },
    /// On a circle: hours, directions.
    Circle {
        /// The smallest value of a turn.
        start: f64,
        /// One turn.
        period: f64,
        /// The circle is cut at `start` plus a multiple of this, so that none of the intervals between is cut in two.
        step: Option<f64>,
    },
}

impl Support {
    /// The map of a column of training rows; its number is for errors.
    pub(super) fn map(&self, column: usize, values: &[f64]) -> Result<ColumnMap, ScalingError> {
        let (mean, std) = (0.0, 1.0);
        let raw = match *self {
            Self::Line => ColumnMap::Linear { loc: 0.0, scale: 1.0 },
            Self::Above { lower } => ColumnMap::Above { lower, mean, std },
            Self::Below { upper } => ColumnMap::Below { upper, mean, std },
            Self::Between { lower, upper } => ColumnMap::Between { lower, upper, mean, std },
            Self::Circle { start, period, step } => {
                ColumnMap::Circle { start, period, cut: emptiest(values, start, period, step), mean, std }
            }
        };
        assert!(raw.is_valid(), "`support`: expected finite bounds, the lower one first, got {self:?}");
        let u: Vec<f64> = values.iter().map(|x| raw.forward(*x).0).collect();
        if let Some(row) = u.iter().position(|u| !u.is_finite()) {
            let count = u.iter().filter(|u| !u.is_finite()).count();
            return Err(ScalingError::Outside { row, column, value: values[row], support: *self, count });
        }
        let n = u.len() as f64;
        let mean = u.iter().sum::<f64>() / n;
        let std = (u.iter().map(|u| (u - mean).powi(2)).sum::<f64>() / n).sqrt();
        // A circle may be full of one value, and then it is cut on its other side.
        if !(std.is_finite() && std > 1e-12 * mean.abs().max(1e-300)) {
            return Err(ScalingError::Constant { columns: vec![(column, values[0])] });
        }
        Ok(match *self {
            Self::Line => ColumnMap::Linear { loc: mean, scale: std },
            Self::Above { lower } => ColumnMap::Above { lower, mean, std },
            Self::Below { upper } => ColumnMap::Below { upper, mean, std },
            Self::Between { lower, upper } => ColumnMap::Between { lower, upper, mean, std },
            Self::Circle { .. } => match raw {
                ColumnMap::Circle { start, period, cut, .. } => ColumnMap::Circle { start, period, cut, mean, std },
                other => other,
            },
        })
    }
}

impl fmt::Display for Support {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line => write!(f, "a number"),
            Self::Above { lower } => write!(f, "above {lower}"),
            Self::Below { upper } => write!(f, "below {upper}"),
            Self::Between { lower, upper } => write!(f, "between {lower} and {upper}"),
            Self::Circle { period, .. } => write!(f, "on a circle of {period}"),
        }
    }
}

/// Pieces of a circle among which the emptiest is looked for.
const PIECES: usize = 48;
/// Pieces at most, where they are steps.
const MOST_PIECES: usize = 1 << 16;

/// The emptiest place of a circle: the middle of the widest gap in the emptiest of 48 pieces and its neighbours, or
/// the beginning of the emptiest step.
fn emptiest(values: &[f64], start: f64, period: f64, step: Option<f64>) -> f64 {
    let pieces = step.map_or(PIECES, |step| ((period / step).round() as usize).clamp(1, MOST_PIECES));
    let width = period / pieces as f64;
    let mut ways: Vec<f64> =
        values.iter().map(|x| (x - start).rem_euclid(period)).filter(|way| *way < period).collect();
    let mut counts = vec![0usize; pieces];
    ways.iter().for_each(|way| counts[((way / width) as usize).min(pieces - 1)] += 1);
    // With its neighbours, so that the emptiest stretch wins over a single empty piece.
    let around =
        |piece: usize| counts[piece] * 4 + counts[(piece + 1) % pieces] * 2 + counts[(piece + pieces - 1) % pieces] * 2;
    let best = (0..pieces).min_by_key(|piece| around(*piece)).unwrap_or(0);
    let cut = match step {
        // Before the emptier of both neighbours: the cut lies at a boundary of two steps.
        Some(step) => {
            let before = counts[(best + pieces - 1) % pieces];
            let after = counts[(best + 1) % pieces];
            let cut = width * if before <= after { best as f64 } else { ((best + 1) % pieces) as f64 };
            // Of many steps a piece is several, and need not end with one.
            (cut / step).round() * step
        }
        None => {
            ways.sort_by(f64::total_cmp);
            let (from, to) = (best as f64 * width, (best + 1) as f64 * width);
            let first = ways.partition_point(|way| *way < from);
            let last = ways.partition_point(|way| *way <= to);
            let n = ways.len();
            // From the value before the piece to the one behind it, either of which may be on the other side of the start.
            let at = |i: isize| match i {
                i if i < 0 => ways[(n as isize + i).max(0) as usize] - period,
                i if i as usize >= n => ways[i as usize - n] + period,
                i => ways[i as usize],
            };
            if n == 0 {
                0.0
            } else {
                let gaps = (first as isize - 1..last as isize).map(|i| (at(i + 1) - at(i), 0.5 * (at(i + 1) + at(i))));
                gaps.max_by(|a, b| a.0.total_cmp(&b.0)).map_or(0.0, |(_, middle)| middle)
            }
        }
    };
    let cut = start + cut.rem_euclid(period);
    if cut < start + period { cut } else { start }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_is_cut_where_it_is_emptiest() {
        // Evenings and mornings, nobody at noon.
        let hours: Vec<f64> = (0..2000).map(|i| (20.0 + 8.0 * f64::from(i) / 2000.0) % 24.0).collect();
        let cut = emptiest(&hours, 0.0, 24.0, None);
        assert!((4.1..19.9).contains(&cut), "{cut}");
        let whole: Vec<f64> = hours.iter().map(|hour| hour.floor() + 0.5).collect();
        let cut = emptiest(&whole, 0.0, 24.0, Some(1.0));
        assert!(cut.fract() == 0.0 && (4.0..=20.0).contains(&cut), "{cut}");
        // Over the start of the turn.
        let days: Vec<f64> = (0..2000).map(|i| -100.0 + 200.0 * f64::from(i) / 2000.0).collect();
        assert!(emptiest(&days, -180.0, 360.0, None).abs() > 100.0);
        assert_eq!(emptiest(&[], 0.0, 24.0, None), 0.0);
    }

    #[test]
    fn the_maps_of_bounded_columns_are_standardised() {
        let x: Vec<f64> = (1..1000).map(|i| f64::from(i) / 1000.0).collect();
        for support in [
            Support::Above { lower: 0.0 },
            Support::Below { upper: 1.0 },
            Support::Between { lower: 0.0, upper: 1.0 },
            Support::Circle { start: 0.0, period: 1.0, step: None },
        ] {
            let map = support.map(0, &x).expect("inside");
            let y: Vec<f64> = x.iter().map(|x| map.forward(*x).0).collect();
            let mean = y.iter().sum::<f64>() / y.len() as f64;
            let std = (y.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / y.len() as f64).sqrt();
            assert!(mean.abs() < 1e-9 && (std - 1.0).abs() < 1e-9 && map.is_valid(), "{support:?}: {mean} {std}");
        }
    }

    #[test]
    fn a_value_outside_of_its_bounds_is_an_error_that_names_it() {
        let error = Support::Between { lower: 0.0, upper: 1.0 }.map(3, &[0.5, 1.0, 2.0]).expect_err("two are outside");
        let message = "row 1, column 3: 1 is not between 0 and 1 (2 such values in the column)";
        assert_eq!(error.to_string(), message);
        assert!(matches!(Support::Above { lower: 0.0 }.map(0, &[2.0, 2.0]), Err(ScalingError::Constant { .. })));
    }

    #[test]
    #[should_panic(expected = "expected finite bounds, the lower one first")]
    fn bounds_in_the_wrong_order_panic() {
        let _ = Support::Between { lower: 1.0, upper: 0.0 }.map(0, &[0.5]);
    }
}
