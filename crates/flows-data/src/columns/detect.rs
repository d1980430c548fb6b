//! The kind of a column, from what it holds.

use super::{Kind, Summary, circles};
use crate::frame::{Cells, FrameColumn, whole_step};

/// Words of a column that is one of several: more are text.
const CATEGORIES: usize = 100;
/// The skewness from which a column of positive numbers is better seen by its logarithm.
const SKEWED: f64 = 1.0;
/// In fewer rows nothing can be told from ranges.
const FEWEST: usize = 20;

impl Kind {
    /// The kind of a column, and the reason as text.
    ///
    /// # Example
    ///
    /// ```
    /// use flows_data::{FrameColumn, Kind};
    ///
    /// let share = FrameColumn::numbers("share", (0..=100).map(|i| f64::from(i) / 100.0));
    /// let (kind, reason) = Kind::detect(&share);
    /// assert_eq!((kind, reason.as_str()), (Kind::Between { lower: 0.0, upper: 1.0 }, "all within 0 and 1, from end to end"));
    /// ```
    pub fn detect(column: &FrameColumn) -> (Self, String) {
        Self::detect_from(column, &Summary::of(column))
    }

    /// As [`detect`](Self::detect), from figures that are there already.
    pub(crate) fn detect_from(column: &FrameColumn, summary: &Summary) -> (Self, String) {
        match &column.cells {
            Cells::Times(seconds) => (Self::Time, of_times(seconds)),
            Cells::Words { words, .. } => of_words(words, summary),
            Cells::Numbers(values) => of_numbers(&column.name, values, summary),
        }
    }
}

fn of_times(seconds: &[f64]) -> String {
    match whole_step(seconds) {
        Some((_, "day")) => "dates".to_owned(),
        Some((_, step)) => format!("times, each of a whole {step}"),
        None => "times".to_owned(),
    }
}

fn of_words(words: &[String], summary: &Summary) -> (Kind, String) {
    let (distinct, known) = (summary.distinct, summary.known());
    let answers = [["yes", "no"], ["true", "false"], ["y", "n"], ["t", "f"], ["on", "off"]];
    let answer = |pair: &[&str; 2]| words.iter().all(|word| pair.contains(&word.to_lowercase().as_str()));
    if distinct == 2 && answers.iter().any(answer) {
        return (Kind::YesNo, format!("`{}` or `{}`", words[0], words[1]));
    }
    if distinct == known && known > 2 {
        return (Kind::Identifier, "text, another one in every row".to_owned());
    }
    if distinct <= CATEGORIES && distinct * 2 <= known {
        return (Kind::Category, format!("text, one of {distinct}"));
    }
    (Kind::Text, format!("text, {distinct} different ones in {known} rows"))
}

fn of_numbers(name: &str, values: &[f64], summary: &Summary) -> (Kind, String) {
    let Some([min, max]) = summary.range else { return (Kind::Number, "every cell is missing".to_owned()) };
    let known = summary.known();
    let unique = summary.distinct == known && known > 2;
    if summary.whole {
        let counts = |from: f64| values.iter().zip(0..).all(|(value, row)| *value == from + f64::from(row));
        if unique && summary.missing == 0 && (counts(0.0) || counts(1.0)) {
            return (Kind::Identifier, "it counts the rows".to_owned());
        }
        if unique && known >= FEWEST && is_called_id(name) {
            return (Kind::Identifier, "another number in every row, and called an identifier".to_owned());
        }
        if [min, max] == [0.0, 1.0] {
            return (Kind::YesNo, "0 or 1".to_owned());
        }
    }
    if let Some(period) = circles::by_name(name, min, max) {
        return (Kind::Circle { period }, format!("called `{name}`, and from {min} to {max}"));
    }
    if summary.whole {
        return (Kind::Whole, "whole numbers".to_owned());
    }
    for upper in [1.0, 100.0] {
        if known >= FEWEST && min >= 0.0 && max <= upper && min <= 0.05 * upper && max >= 0.95 * upper {
            return (Kind::Between { lower: 0.0, upper }, format!("all within 0 and {upper}, from end to end"));
        }
    }
    match summary.skewness {
        Some((plain, Some(log))) if known >= FEWEST && plain > SKEWED && log.abs() < plain.abs() => {
            let reason = format!("all above zero and skewed ({plain:.1}; the logarithm {log:.1})");
            (Kind::Above { lower: 0.0 }, reason)
        }
        _ if values.iter().all(|value| !value.is_finite() || value.fract() == 0.0) => {
            let reason = "whole numbers too large for probabilities (10^15 and more): samples need not be whole";
            (Kind::Number, reason.to_owned())
        }
        // A bound that nobody names is not forced on a column that may well have none.
        _ if min == 0.0 => (Kind::Number, "numbers, none below 0, though samples may be".to_owned()),
        _ => (Kind::Number, "numbers".to_owned()),
    }
}

fn is_called_id(name: &str) -> bool {
    let lower = name.to_lowercase();
    let names = ["id", "index", "idx", "rowid", "row_id", "rownames", "row", "key", "uid", "uuid", "no", "nr", "obs"];
    names.contains(&lower.as_str())
        || lower.ends_with("_id")
        || lower.starts_with("unnamed: 0")
        || name.ends_with("Id")
        || name.ends_with("ID")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str, values: impl IntoIterator<Item = f64>) -> Kind {
        Kind::detect(&FrameColumn::numbers(name, values)).0
    }

    #[test]
    fn numbers_are_told_by_their_values() {
        assert_eq!(kind("x", (0..300).map(|i| f64::from(i) + 0.5)), Kind::Number);
        assert_eq!(kind("n", (0..100).map(|i| f64::from(i * i % 37))), Kind::Whole);
        assert_eq!(kind("n", (0..100).map(f64::from)), Kind::Identifier);
        assert_eq!(kind("n", (1..=100).map(f64::from)), Kind::Identifier);
        // A year a row, and a number a row that is called an identifier.
        assert_eq!(kind("year", (1950..2050).map(f64::from)), Kind::Whole);
        assert_eq!(kind("user_id", (0..100).map(|i| f64::from(i * 7 % 101 + 5000))), Kind::Identifier);
        assert_eq!(kind("ok", (0..100).map(|i| f64::from(i % 2))), Kind::YesNo);
        assert_eq!(kind("x", [f64::NAN, f64::NAN]), Kind::Number);
    }

    #[test]
    fn bounds_and_circles_need_data_that_reach_them() {
        let unit = |n: u32| (0..n).map(move |i| (f64::from(i) + 0.5) / f64::from(n));
        assert_eq!(kind("p", unit(100)), Kind::Between { lower: 0.0, upper: 1.0 });
        assert_eq!(kind("p", unit(100).map(|p| 100.0 * p)), Kind::Between { lower: 0.0, upper: 100.0 });
        assert_eq!(kind("p", unit(100).map(|p| 0.4 * p)), Kind::Number);
        assert_eq!(kind("p", unit(5)), Kind::Number);
        assert_eq!(kind("price", unit(200).map(|p| (-(1.0 - p).ln()).powi(2) * 1000.0)), Kind::Above { lower: 0.0 });
        assert_eq!(kind("hour", (0..100).map(|i| f64::from(i * 7 % 24))), Kind::Circle { period: 24.0 });
    }

    #[test]
    fn words_are_told_by_how_many_there_are() {
        let kind = |words: Vec<String>| Kind::detect(&FrameColumn::words("w", words)).0;
        assert_eq!(kind((0..50).map(|i| format!("k{}", i % 5)).collect()), Kind::Category);
        assert_eq!(kind((0..50).map(|i| format!("k{i}")).collect()), Kind::Identifier);
        assert_eq!(kind((0..50).map(|i| format!("k{}", i % 40)).collect()), Kind::Text);
        assert_eq!(kind((0..50).map(|i| if i % 3 == 0 { "Yes" } else { "no" }.to_owned()).collect()), Kind::YesNo);
        let times = FrameColumn::new("t", Cells::Times(vec![0.0, 1.0]));
        assert_eq!(Kind::detect(&times).0, Kind::Time);
    }
}
