//! One modelled column.

use flows_core::Support;
use serde::{Deserialize, Serialize};

use super::mark::same_mark;
use crate::DataError;
use crate::columns::{ColumnError, Kind};
use crate::frame::{Cells, Digits, FrameColumn, Style, whole_step};

/// How a modelled column becomes numbers of a flow, and numbers of a flow its cells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelledColumn {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// How its cells are written.
    pub style: Style,
    /// How many of the column's units are one of the flow's: 1, and of whole times a day, an hour, a minute or a second.
    pub unit: f64,
    /// Whether its values are whole in these units, so that each stands for the interval from it to the next.
    pub whole: bool,
    /// Where its values can be, in these units; an end that the training rows reach is half a step further out.
    pub support: Support,
    /// The smallest and the largest value that a sample may have, where there are such.
    pub limits: [Option<f64>; 2],
}

/// The part of the range of a column that a step is where its digits say none.
const FINE: f64 = 1e-6;

impl ModelledColumn {
    /// A value as a person writes it, a number or a time, in the column's units; nothing where it is neither.
    pub fn read(&self, text: &str) -> Option<f64> {
        match self.style {
            Style::Time(ref style) => style.read(text.trim()).map(|seconds| seconds / self.unit),
            _ => self.style.number(text),
        }
    }

    /// Fits the codec of a column to its training rows, all of which are there.
    pub(super) fn fit(column: &FrameColumn, kind: Kind) -> Result<Self, ColumnError> {
        let cells = column.cells.values().unwrap_or_default();
        let (unit, whole) = resolution(column, kind, cells);
        let values: Vec<f64> = cells.iter().map(|value| in_units(*value, unit, whole)).collect();
        let (min, max) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(*x), b.max(*x)));
        let digits = column.style.digits().unwrap_or(Digits::Significant(17));
        let step = digits.step().unwrap_or((max - min) * FINE);
        // A value on the bound was rounded to it.
        let lower_end = |lower: f64| match (whole, min <= lower) {
            (true, _) => (lower, Some(lower.ceil())),
            (false, true) => (lower - 0.5 * step, Some(lower)),
            (false, false) => (lower, Some(lower + digits.step().unwrap_or(0.0))),
        };
        let upper_end = |upper: f64| match (whole, max >= upper) {
            (true, _) => (upper.floor() + 1.0, Some(upper.floor())),
            (false, true) => (upper + 0.5 * step, Some(upper)),
            (false, false) => (upper, Some(upper - digits.step().unwrap_or(0.0))),
        };
        let (support, limits) = match kind {
            Kind::Above { lower } => {
                let (lower, least) = lower_end(lower);
                (Support::Above { lower }, [least, None])
            }
            Kind::Below { upper } => {
                let (upper, most) = upper_end(upper);
                (Support::Below { upper }, [None, most])
            }
            Kind::Between { lower, upper } => {
                let ((lower, least), (upper, most)) = (lower_end(lower), upper_end(upper));
                (Support::Between { lower, upper }, [least, most])
            }
            Kind::Circle { period } => {
                let start = turn_start(min, max, period, whole);
                let step = (whole && period.fract() == 0.0).then_some(1.0);
                (Support::Circle { start, period, step }, [None, None])
            }
            // Counts never fall below zero, and skewed ones are better seen by their logarithms.
            Kind::Whole if min >= 0.0 && is_skewed(&values) => (Support::Above { lower: 0.0 }, [Some(0.0), None]),
            // What little a density has below zero is drawn as zero.
            Kind::Whole if min >= 0.0 => (Support::Line, [Some(0.0), None]),
            _ => (Support::Line, [None, None]),
        };
        let (name, style) = (column.name.clone(), column.style.clone());
        Ok(Self { name, kind, style, unit, whole, support, limits })
    }

    /// The numbers of a column in the flow's units; NaN where a cell is missing.
    pub(super) fn values(&self, file: &str, column: &FrameColumn) -> Result<Vec<f64>, DataError> {
        same_mark(file, &self.name, &self.style, column)?;
        let other = |got, expected| {
            let (file, column) = (file.to_owned(), self.name.clone());
            let hint = "`--null WORD` counts a word among numbers as missing".to_owned();
            DataError::from(ColumnError::OtherCells { file, column, got, expected, hint })
        };
        let cells = match (&column.cells, self.is_time()) {
            (Cells::Numbers(values), false) | (Cells::Times(values), true) => values,
            (Cells::Words { words, .. }, time) => {
                // Without a cell that is known there is nothing to be wrong.
                if words.is_empty() {
                    return Ok(vec![f64::NAN; column.cells.len()]);
                }
                return Err(other("text", if time { "times" } else { "numbers" }));
            }
            (Cells::Numbers(values), true) if values.iter().all(|value| value.is_nan()) => values,
            (Cells::Numbers(_), true) => return Err(other("numbers", "times")),
            (Cells::Times(_), false) => return Err(other("times", "numbers")),
        };
        Ok(cells.iter().map(|value| in_units(*value, self.unit, self.whole)).collect())
    }

    fn is_time(&self) -> bool {
        matches!(self.style, Style::Time(_))
    }

    /// Whether a number in the flow's units is inside its bounds, and whole where all are.
    pub(super) fn contains(&self, value: f64) -> bool {
        if self.whole && value.fract() != 0.0 {
            return false;
        }
        match self.support {
            Support::Line | Support::Circle { .. } => true,
            Support::Above { lower } => value > lower || (self.whole && value >= lower),
            Support::Below { upper } => value < upper,
            Support::Between { lower, upper } => (value > lower || (self.whole && value >= lower)) && value < upper,
        }
    }

    /// What a value that is not inside should be, in the column's units.
    pub(super) fn bound(&self, value: f64) -> String {
        if self.whole && value.fract() != 0.0 {
            return match (&self.style, self.unit) {
                (Style::Time(_), 86_400.0) => "whole days".to_owned(),
                (Style::Time(_), 3600.0) => "whole hours".to_owned(),
                (Style::Time(_), 60.0) => "whole minutes".to_owned(),
                (Style::Time(_), _) => "whole seconds".to_owned(),
                _ => "whole numbers".to_owned(),
            };
        }
        match self.kind {
            Kind::Whole => "zero or above, as all training rows are".to_owned(),
            Kind::Above { lower } => format!("above {lower}"),
            Kind::Below { upper } => format!("below {upper}"),
            Kind::Between { lower, upper } => format!("between {lower} and {upper}"),
            _ => "a number".to_owned(),
        }
    }

    /// The cell of a number in the flow's units, with the digits of its column and inside its limits.
    pub(super) fn cell(&self, value: f64) -> f64 {
        // The largest of all is what overflowed.
        if !value.is_finite() || value.abs() == f64::MAX {
            return f64::NAN;
        }
        let value = if self.whole { value.floor() } else { value };
        let value = self.limits[0].map_or(value, |least| value.max(least));
        let value = self.limits[1].map_or(value, |most| value.min(most)) * self.unit;
        match &self.style {
            Style::Digits(digits) | Style::Marked(_, digits) => {
                let rounded = digits.round(value);
                // Half past the last hour is the first.
                match self.support {
                    Support::Circle { start, period, .. } if rounded >= start + period => rounded - period,
                    _ => rounded,
                }
            }
            Style::Time(style) if !self.whole => {
                let step = style.step();
                (value / step).round() * step
            }
            _ => value,
        }
    }
}

/// A value in the flow's units; a whole one is whole, whatever the division has left.
pub(super) fn in_units(value: f64, unit: f64, whole: bool) -> f64 {
    let scaled = value / unit;
    if whole && (scaled - scaled.round()).abs() < 1e-6 { scaled.round() } else { scaled }
}

/// The unit of a column, and whether its values are whole in it.
fn resolution(column: &FrameColumn, kind: Kind, cells: &[f64]) -> (f64, bool) {
    match (&column.style, kind) {
        (_, Kind::Number) => (1.0, false),
        // Times of whole hours, written to the second, are hours.
        (Style::Time(_), _) => whole_step(cells).map_or((1.0, false), |(step, _)| (step, true)),
        (_, Kind::Whole) => (1.0, true),
        _ => (1.0, cells.iter().all(|value| value.fract() == 0.0 && value.abs() < 1e15)),
    }
}

/// The smallest value of a turn, as the data show it: -180 to 180, 0 to 24, and months from 1 to 12.
fn turn_start(min: f64, max: f64, period: f64, whole: bool) -> f64 {
    if min < 0.0 && min >= -0.5 * period && max <= 0.5 * period {
        return -0.5 * period;
    }
    if whole && period.fract() == 0.0 && min >= 1.0 && max == period {
        return 1.0;
    }
    0.0
}

/// Whether the values are skewed, and less so by their logarithms.
fn is_skewed(values: &[f64]) -> bool {
    let shifted = FrameColumn::new("", Cells::Numbers(values.iter().map(|value| value + 0.5).collect()));
    matches!(crate::columns::Summary::of(&shifted).skewness, Some((plain, Some(log))) if plain > 1.0 && log.abs() < plain)
}
