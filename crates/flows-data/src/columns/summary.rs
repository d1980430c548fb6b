//! The figures of a column.

use std::collections::HashMap;

use crate::frame::{Cells, FrameColumn};

/// A value that many rows share.
#[derive(Debug, Clone, PartialEq)]
pub struct Spike {
    /// The value, as the column writes it.
    pub text: String,
    /// The number of rows that have it.
    pub rows: usize,
}

/// The figures of a column.
///
/// # Example
///
/// ```
/// use flows_data::{FrameColumn, Summary};
///
/// let rain = FrameColumn::numbers("rain", (0..40).map(|day| if day % 2 == 0 { 0.0 } else { 0.1 * f64::from(day) }));
/// let summary = Summary::of(&rain);
/// assert_eq!((summary.missing, summary.distinct, summary.range), (0, 21, Some([0.0, 3.9000000000000004])));
/// assert_eq!((summary.spikes[0].text.as_str(), summary.spikes[0].rows), ("0", 20));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The number of rows.
    pub rows: usize,
    /// Cells of which nothing is known, infinities among them.
    pub missing: usize,
    /// Distinct values.
    pub distinct: usize,
    /// Infinite cells, which are among the missing ones.
    pub infinite: usize,
    /// The smallest and the largest number or time.
    pub range: Option<[f64; 2]>,
    /// The two as the column writes them.
    pub ends: Option<[String; 2]>,
    /// The commonest values, of those that at least 5 % of the known rows share; three at most.
    pub spikes: Vec<Spike>,
    /// Whether all numbers are whole.
    pub whole: bool,
    /// The skewness of the numbers, and that of their logarithms where all are above zero.
    pub skewness: Option<(f64, Option<f64>)>,
}

/// Spikes that are told.
const SHOWN: usize = 3;
/// A value is a spike if at least one row in so many has it.
const SHARE: usize = 20;
/// Fewer rows than this are no spike.
const FEWEST: usize = 5;

impl Summary {
    /// The figures of a column.
    pub fn of(column: &FrameColumn) -> Self {
        let (rows, missing) = (column.cells.len(), column.cells.missing());
        let known = rows - missing;
        let mut summary = Self {
            rows,
            missing,
            distinct: 0,
            infinite: 0,
            range: None,
            ends: None,
            spikes: vec![],
            whole: false,
            skewness: None,
        };
        let mut counted: Vec<(usize, usize)> = match &column.cells {
            Cells::Words { codes, words } => {
                let mut counts = vec![(0, 0); words.len()];
                for (row, code) in codes.iter().enumerate() {
                    if let Some(count) = counts.get_mut(*code as usize) {
                        *count = (count.0 + 1, row);
                    }
                }
                counts.retain(|(count, _)| *count > 0);
                counts
            }
            Cells::Numbers(values) | Cells::Times(values) => {
                summary.of_numbers(values);
                summary.infinite = values.iter().filter(|value| value.is_infinite()).count();
                let row_of = |end: f64| values.iter().position(|value| *value == end).and_then(|row| column.text(row));
                summary.ends = summary.range.and_then(|[min, max]| Some([row_of(min)?, row_of(max)?]));
                let mut counts: HashMap<u64, (usize, usize)> = HashMap::new();
                for (row, value) in values.iter().enumerate().filter(|(_, value)| value.is_finite()) {
                    // One zero.
                    let count = counts.entry((value + 0.0).to_bits()).or_insert((0, row));
                    count.0 += 1;
                }
                counts.into_values().collect()
            }
        };
        summary.distinct = counted.len();
        counted.retain(|(count, _)| *count >= FEWEST && *count * SHARE >= known);
        // Of equal ones the first in the column.
        counted.sort_by_key(|(count, row)| (std::cmp::Reverse(*count), *row));
        let spike = |(rows, row): &(usize, usize)| Spike { text: column.text(*row).unwrap_or_default(), rows: *rows };
        summary.spikes = counted.iter().take(SHOWN).map(spike).collect();
        summary
    }

    fn of_numbers(&mut self, values: &[f64]) {
        let known = || values.iter().copied().filter(|value| value.is_finite());
        if known().next().is_none() {
            return;
        }
        let (min, max) =
            known().fold((f64::INFINITY, f64::NEG_INFINITY), |(min, max), value| (min.min(value), max.max(value)));
        self.range = Some([min, max]);
        self.whole = known().all(|value| value.fract() == 0.0 && value.abs() < 1e15);
        let skewness = skewness(known());
        self.skewness =
            skewness.map(|plain| (plain, (min > 0.0).then(|| self::skewness(known().map(f64::ln))).flatten()));
    }

    /// Whether there is one value at most.
    pub fn constant(&self) -> bool {
        self.distinct <= 1
    }

    /// The number of rows of which something is known.
    pub fn known(&self) -> usize {
        self.rows - self.missing
    }
}

/// The third standardised moment; `None` where nothing varies.
fn skewness(values: impl Iterator<Item = f64> + Clone) -> Option<f64> {
    let n = values.clone().count() as f64;
    let mean = values.clone().map(|value| value / n).sum::<f64>();
    // Relative to the largest deviation, so that nothing overflows.
    let scale = values.clone().fold(0.0f64, |scale, value| scale.max((value - mean).abs()));
    if !(scale > 0.0 && scale.is_finite()) {
        return None;
    }
    let moment = |power: i32| values.clone().map(|value| ((value - mean) / scale).powi(power)).sum::<f64>() / n;
    Some(moment(3) / moment(2).powf(1.5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_of_the_cells_that_are_known() {
        let column = FrameColumn::numbers("x", [1.0, f64::NAN, 3.0, f64::INFINITY, 3.0]);
        let summary = Summary::of(&column);
        assert_eq!((summary.rows, summary.missing, summary.distinct, summary.known()), (5, 2, 2, 3));
        assert_eq!((summary.range, summary.whole, summary.constant()), (Some([1.0, 3.0]), true, false));
        assert_eq!((summary.infinite, summary.ends), (1, Some(["1".to_owned(), "3".to_owned()])));
        let nothing = Summary::of(&FrameColumn::numbers("x", [f64::NAN]));
        assert!(nothing.constant() && nothing.range.is_none());
    }

    #[test]
    fn the_skewness_of_an_exponential_variable_is_two() {
        let quantiles = (0..100_000).map(|i| -(1.0 - (f64::from(i) + 0.5) / 1e5).ln());
        let (plain, log) = Summary::of(&FrameColumn::numbers("x", quantiles)).skewness.expect("it varies");
        // The midpoints cut the tail; a Gumbel variable has -1.14.
        assert!((plain - 2.0).abs() < 0.05 && (log.expect("above zero") + 1.14).abs() < 0.05, "{plain} {log:?}");
    }

    #[test]
    fn the_commonest_words_are_spikes_in_their_order() {
        let words = (0..100).map(|i| {
            if i < 60 {
                "a".to_owned()
            } else if i < 90 {
                "b".to_owned()
            } else {
                format!("w{i}")
            }
        });
        let summary = Summary::of(&FrameColumn::words("w", words));
        assert_eq!(summary.spikes, [Spike { text: "a".into(), rows: 60 }, Spike { text: "b".into(), rows: 30 }]);
        assert_eq!(summary.distinct, 12);
    }
}
