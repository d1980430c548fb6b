//! One condition, as features that a network sees.

use std::f64::consts::TAU;

use serde::{Deserialize, Serialize};

use super::mark::same_mark;
use super::{Counted, Unknown};
use crate::DataError;
use crate::columns::{ColumnError, Kind};
use crate::frame::{Cells, FrameColumn, Style};
use crate::table::Place;

/// What a network sees of a condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Feature {
    /// A number, standardised.
    Number {
        /// Its mean in the training rows.
        mean: f64,
        /// Its standard deviation there.
        std: f64,
        /// The bound above which it is a logarithm.
        log_above: Option<f64>,
    },
    /// The sine and the cosine of a place on a circle.
    Circle {
        /// One turn.
        period: f64,
    },
    /// A time, standardised, and the sine and the cosine of its place in days, weeks and years, where it spans enough.
    Time {
        /// Its mean in the training rows, in seconds.
        mean: f64,
        /// Its standard deviation there.
        std: f64,
        /// The turns in seconds.
        periods: Vec<f64>,
    },
    /// Zero or one.
    YesNo {
        /// The text that is one.
        yes: String,
        /// The text that is zero.
        no: String,
    },
    /// One of several: a number for each, of which one is one, and a last one for all others.
    Codes {
        /// The texts, in the order of their numbers.
        words: Vec<String>,
    },
}

/// A column that is given, and its features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// How its cells are written.
    pub style: Style,
    /// What a network sees of it.
    pub feature: Feature,
}

/// Codes of a category; the rarer ones are taken for each other.
const CODES: usize = 100;
/// A day, a week and a year in seconds; and how much of each a column has to span to be put on its circle.
const TURNS: [(f64, f64); 3] = [(86_400.0, 2.0), (604_800.0, 3.0), (31_556_952.0, 1.5)];
/// 1970 began with a Thursday, the fourth day of a week.
const MONDAY: f64 = 3.0 * 86_400.0;

impl Condition {
    /// Fits the features of a column to its training rows, all of which are there.
    pub(super) fn fit(column: &FrameColumn, kind: Kind) -> Self {
        let texts = || (0..column.cells.len()).filter_map(|row| column.text(row));
        let values = column.cells.values().unwrap_or_default();
        let feature = match kind {
            Kind::YesNo => {
                let mut both: Vec<String> = vec![];
                for text in texts() {
                    if !both.contains(&text) {
                        both.push(text);
                    }
                }
                both.sort_by_key(|text| is_yes(text));
                let (no, yes) = (both[0].clone(), both.last().cloned().unwrap_or_default());
                Feature::YesNo { yes, no }
            }
            Kind::Category | Kind::Identifier | Kind::Text => Feature::Codes { words: codes(texts()) },
            Kind::Circle { period } => Feature::Circle { period },
            Kind::Time => {
                let (mean, std) = moments(values);
                let span = |values: &[f64]| {
                    let ends =
                        values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(*x), b.max(*x)));
                    ends.1 - ends.0
                };
                let clock = values.iter().any(|value| value.rem_euclid(86_400.0) != 0.0);
                let turns = TURNS
                    .into_iter()
                    .filter(|(turn, enough)| span(values) >= turn * enough && (clock || *turn > 86_400.0));
                Feature::Time { mean, std, periods: turns.map(|(turn, _)| turn).collect() }
            }
            Kind::Above { lower } if values.iter().all(|value| *value > lower) => {
                let logs: Vec<f64> = values.iter().map(|value| (value - lower).ln()).collect();
                let (mean, std) = moments(&logs);
                Feature::Number { mean, std, log_above: Some(lower) }
            }
            _ => {
                let (mean, std) = moments(values);
                Feature::Number { mean, std, log_above: None }
            }
        };
        Self { name: column.name.clone(), kind, style: column.style.clone(), feature }
    }

    /// The number of features.
    pub fn width(&self) -> usize {
        match &self.feature {
            Feature::Number { .. } | Feature::YesNo { .. } => 1,
            Feature::Circle { .. } => 2,
            Feature::Time { periods, .. } => 1 + 2 * periods.len(),
            Feature::Codes { words } => words.len() + 1,
        }
    }

    /// The names of the features.
    pub fn feature_names(&self) -> Vec<String> {
        let name = &self.name;
        let circle = |of: &str| [format!("{name} (sine{of})"), format!("{name} (cosine{of})")];
        match &self.feature {
            Feature::Number { .. } | Feature::YesNo { .. } => vec![name.clone()],
            Feature::Circle { .. } => circle("").to_vec(),
            Feature::Time { periods, .. } => {
                let of = |period: &f64| match *period {
                    86_400.0 => " of the day",
                    604_800.0 => " of the week",
                    _ => " of the year",
                };
                std::iter::once(name.clone()).chain(periods.iter().flat_map(|period| circle(of(period)))).collect()
            }
            Feature::Codes { words } => {
                words.iter().map(|word| format!("{name} = {word}")).chain([format!("{name} = another")]).collect()
            }
        }
    }

    /// The features of each cell, all of which are there, row after row.
    pub(super) fn features(
        &self,
        file: &str,
        column: &FrameColumn,
        rows: &[usize],
        unknown: Unknown,
        counted: &mut Vec<Counted>,
    ) -> Result<Vec<Vec<f64>>, DataError> {
        match &self.feature {
            Feature::Codes { words } => self.codes(file, column, rows, words, unknown, counted),
            Feature::YesNo { yes, no } => {
                let words = [no.clone(), yes.clone()];
                let codes = self.codes(file, column, rows, &words, unknown, counted)?;
                // Neither is between both.
                Ok(codes.into_iter().map(|code| vec![code[1] + 0.5 * code[2]]).collect())
            }
            feature => {
                same_mark(file, &self.name, &self.style, column)?;
                let time = matches!(feature, Feature::Time { .. }) || matches!(self.style, Style::Time(_));
                let values = match (&column.cells, time) {
                    (Cells::Numbers(values), false) | (Cells::Times(values), true) => values,
                    (cells, time) => {
                        let got = match cells {
                            Cells::Numbers(_) => "numbers",
                            Cells::Words { .. } => "text",
                            Cells::Times(_) => "times",
                        };
                        let (file, column) = (file.to_owned(), self.name.clone());
                        let expected = if time { "times" } else { "numbers" };
                        let hint = "`--null WORD` counts a word among numbers as missing".to_owned();
                        return Err(ColumnError::OtherCells { file, column, got, expected, hint }.into());
                    }
                };
                rows.iter().map(|row| self.number(file, *row, values[*row], unknown, counted)).collect()
            }
        }
    }

    fn number(
        &self,
        file: &str,
        row: usize,
        value: f64,
        unknown: Unknown,
        counted: &mut Vec<Counted>,
    ) -> Result<Vec<f64>, DataError> {
        let turn = |value: f64, period: f64| {
            let (sine, cosine) = (TAU * (value / period).rem_euclid(1.0)).sin_cos();
            [sine, cosine]
        };
        Ok(match &self.feature {
            Feature::Circle { period } => turn(value, *period).to_vec(),
            Feature::Time { mean, std, periods } => {
                let turns = periods.iter().flat_map(|period| turn(value + MONDAY, *period));
                std::iter::once((value - mean) / std).chain(turns).collect()
            }
            Feature::Number { mean, std, log_above: Some(lower) } => match value > *lower {
                true => vec![((value - lower).ln() - mean) / std],
                false if unknown == Unknown::Refuse => {
                    let (file, column, bound) = (file.to_owned(), self.name.clone(), format!("above {lower}"));
                    let place = Place::Row(row);
                    return Err(ColumnError::OutsideBound { file, place, column, value, bound, count: 1 }.into());
                }
                false => {
                    count(counted, &self.name, format!("are not above {lower}, and taken for the smallest value"));
                    // As far out as one in a thousand of a normal variable.
                    vec![-3.0]
                }
            },
            Feature::Number { mean, std, log_above: None } => vec![(value - mean) / std],
            Feature::YesNo { .. } | Feature::Codes { .. } => vec![],
        })
    }

    fn codes(
        &self,
        file: &str,
        column: &FrameColumn,
        rows: &[usize],
        words: &[String],
        unknown: Unknown,
        counted: &mut Vec<Counted>,
    ) -> Result<Vec<Vec<f64>>, DataError> {
        let mut all = Vec::with_capacity(rows.len());
        for row in rows {
            let mut features = vec![0.0; words.len() + 1];
            let text = column.text(*row).unwrap_or_default();
            match self.code(&text, words) {
                Some(code) => features[code] = 1.0,
                None if unknown == Unknown::Refuse => {
                    let (file, column, place) = (file.to_owned(), self.name.clone(), Place::Row(*row));
                    let known = words.to_vec();
                    return Err(ColumnError::UnknownWord { file, place, column, word: text, known }.into());
                }
                None => {
                    features[words.len()] = 1.0;
                    count(
                        counted,
                        &self.name,
                        "hold words that are none of those that the model knows, and count as another one".to_owned(),
                    );
                }
            }
            all.push(features);
        }
        Ok(all)
    }

    /// The place of a text among the known ones; numbers are the same with other digits.
    fn code(&self, text: &str, words: &[String]) -> Option<usize> {
        words.iter().position(|word| word == text).or_else(|| {
            let number = text.parse::<f64>().ok().filter(|_| matches!(self.style, Style::Digits(_)))?;
            words.iter().position(|word| word.parse::<f64>().is_ok_and(|word| word == number))
        })
    }
}

fn count(counted: &mut Vec<Counted>, column: &str, what: String) {
    match counted.iter_mut().find(|counted| counted.column == column && counted.what == what) {
        Some(counted) => counted.cells += 1,
        None => counted.push(Counted { column: column.to_owned(), what, cells: 1 }),
    }
}

/// The texts by how often they come, the commonest first, and in the order of their first rows among equals.
fn codes(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut known: std::collections::HashMap<String, (usize, usize)> = std::collections::HashMap::new();
    for (row, text) in texts.enumerate() {
        known.entry(text).or_insert((0, row)).0 += 1;
    }
    let mut words: Vec<(String, (usize, usize))> = known.into_iter().collect();
    words.sort_by_key(|(_, (count, row))| (std::cmp::Reverse(*count), *row));
    words.into_iter().take(CODES).map(|(word, _)| word).collect()
}

fn is_yes(text: &str) -> bool {
    ["yes", "true", "y", "t", "on", "1"].iter().any(|yes| text.eq_ignore_ascii_case(yes))
}

/// The mean and the standard deviation; one where nothing varies.
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().map(|value| value / n).sum::<f64>();
    let std = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt();
    (mean, if std > 0.0 && std.is_finite() { std } else { 1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(condition: &Condition, column: &FrameColumn) -> Vec<Vec<f64>> {
        let rows: Vec<usize> = (0..column.cells.len()).collect();
        condition
            .features("t.csv", column, &rows, Unknown::Refuse, &mut vec![])
            .unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn categories_are_one_hot_with_a_place_for_others() {
        let column = FrameColumn::words("island", ["Dream", "Biscoe", "Dream"]);
        let condition = Condition::fit(&column, Kind::Category);
        assert_eq!(features(&condition, &column), [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]);
        assert_eq!(condition.feature_names(), ["island = Dream", "island = Biscoe", "island = another"]);
        let other = FrameColumn::words("island", ["Torgersen"]);
        let error = condition.features("t.csv", &other, &[0], Unknown::Refuse, &mut vec![]).expect_err("unknown");
        let start = "t.csv, row 0 (counting from 0), column `island`: `Torgersen` was not among the rows";
        assert!(error.to_string().starts_with(start) && error.to_string().contains("`Dream`, `Biscoe`"), "{error}");
        let mut counted = vec![];
        let taken = condition.features("t.csv", &other, &[0, 0], Unknown::Count, &mut counted).expect("counted");
        assert_eq!((taken[0].as_slice(), counted[0].cells), (&[0.0, 0.0, 1.0][..], 2));
    }

    #[test]
    fn years_can_be_categories_and_answers_are_zero_and_one() {
        let years = FrameColumn::numbers("year", [2007.0, 2008.0, 2007.0]);
        let condition = Condition::fit(&years, Kind::Category);
        assert_eq!(features(&condition, &years)[1], [0.0, 1.0, 0.0]);
        let written_otherwise = FrameColumn::numbers("year", [2008.0, 2008.5]);
        let one = condition.features("t", &written_otherwise, &[0], Unknown::Refuse, &mut vec![]).expect("known");
        assert_eq!(one[0], [0.0, 1.0, 0.0]);
        let answers = FrameColumn::words("smoker", ["Yes", "No"]);
        assert_eq!(features(&Condition::fit(&answers, Kind::YesNo), &answers), [[1.0], [0.0]]);
    }

    #[test]
    fn circles_have_no_ends_and_times_are_on_the_circles_that_they_span() {
        let hours = FrameColumn::numbers("hour", [0.0, 6.0, 24.0]);
        let seen = features(&Condition::fit(&hours, Kind::Circle { period: 24.0 }), &hours);
        assert!((seen[1][0] - 1.0).abs() < 1e-12 && seen[0] == seen[2], "{seen:?}");
        let day = |days: &[f64]| FrameColumn::new("t", Cells::Times(days.iter().map(|day| day * 86_400.0).collect()));
        let turns = |days: &[f64]| Condition::fit(&day(days), Kind::Time).width();
        assert_eq!(turns(&[0.0, 1.0, 5.0]), 1);
        assert_eq!(turns(&[0.0, 1.25, 5.0]), 3);
        assert_eq!(turns(&[0.0, 1.0, 30.0]), 3);
        assert_eq!(turns(&[0.0, 1.25, 1000.0]), 7);
        // Monday, 1970-01-05, is the beginning of a week.
        let weeks = day(&[4.0, 11.0, 30.0]);
        let seen = features(&Condition::fit(&weeks, Kind::Time), &weeks);
        assert!(seen[0][1].abs() < 1e-12 && (seen[0][2] - 1.0).abs() < 1e-12 && (seen[1][1]).abs() < 1e-12, "{seen:?}");
    }

    #[test]
    fn numbers_are_standardised_in_double_precision_and_by_logarithms_above_a_bound() {
        let column = FrameColumn::numbers("x", [1.7e9, 1.7e9 + 2.0]);
        assert_eq!(features(&Condition::fit(&column, Kind::Number), &column), [[-1.0], [1.0]]);
        let column = FrameColumn::numbers("x", [1.0, 100.0]);
        let seen = features(&Condition::fit(&column, Kind::Above { lower: 0.0 }), &column);
        assert!((seen[0][0] + 1.0).abs() < 1e-12 && (seen[1][0] - 1.0).abs() < 1e-12, "{seen:?}");
    }
}
