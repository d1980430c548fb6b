//! A column with its name and the way it is written.

use serde::{Deserialize, Serialize};

use super::{Cells, Digits, Mark, TimeStyle};

/// How the cells of a column are written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Style {
    /// Words as they are.
    Plain,
    /// `true` and `false`, which some formats have a type for.
    Flags,
    /// Numbers with so many digits.
    Digits(Digits),
    /// Numbers with a number of digits and a sign, such as `$12.50` or `7%`.
    Marked(Mark, Digits),
    /// Dates and times in one spelling.
    Time(TimeStyle),
}

impl Style {
    /// The digits of numbers.
    pub fn digits(&self) -> Option<Digits> {
        match self {
            Self::Digits(digits) | Self::Marked(_, digits) => Some(*digits),
            _ => None,
        }
    }

    /// The sign beside numbers.
    pub fn mark(&self) -> Option<&Mark> {
        if let Self::Marked(mark, _) = self { Some(mark) } else { None }
    }

    /// The same with other digits, where there are any.
    #[must_use]
    pub fn with_digits(self, digits: Digits) -> Self {
        match self {
            Self::Digits(_) => Self::Digits(digits),
            Self::Marked(mark, _) => Self::Marked(mark, digits),
            other => other,
        }
    }

    /// A number that is written in this style; without its sign, too.
    pub(crate) fn number(&self, text: &str) -> Option<f64> {
        let number = match self {
            Self::Marked(mark, _) => mark.number(text),
            _ => text.trim().parse().ok(),
        };
        number.filter(|number: &f64| number.is_finite())
    }
}

/// A column of a [`Frame`](super::Frame).
#[derive(Debug, Clone, PartialEq)]
pub struct FrameColumn {
    /// Its name.
    pub name: String,
    /// Its cells, one a row.
    pub cells: Cells,
    /// How they are written.
    pub style: Style,
}

impl FrameColumn {
    /// A column whose numbers are written with as many digits as they have.
    pub fn new(name: impl Into<String>, cells: Cells) -> Self {
        let style = match &cells {
            Cells::Numbers(values) => Style::Digits(Digits::of(values)),
            Cells::Times(values) => Style::Time(TimeStyle::of(values)),
            Cells::Words { .. } => Style::Plain,
        };
        Self { name: name.into(), cells, style }
    }

    /// A column of numbers; NaN where one is missing.
    pub fn numbers(name: impl Into<String>, values: impl IntoIterator<Item = f64>) -> Self {
        Self::new(name, Cells::Numbers(values.into_iter().collect()))
    }

    /// A column of words.
    pub fn words<S: AsRef<str>>(name: impl Into<String>, words: impl IntoIterator<Item = S>) -> Self {
        Self::new(name, words.into_iter().map(Some).collect())
    }

    /// The same column in another style.
    #[must_use]
    pub fn styled(self, style: Style) -> Self {
        Self { style, ..self }
    }

    /// The text of a cell as it is written; `None` where it is missing.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn text(&self, row: usize) -> Option<String> {
        if self.cells.is_missing(row) {
            return None;
        }
        match (&self.cells, &self.style) {
            (Cells::Words { .. }, _) => self.cells.word(row).map(str::to_owned),
            (Cells::Numbers(values), Style::Digits(digits)) => Some(digits.text(values[row])),
            (Cells::Numbers(values), Style::Marked(mark, digits)) => Some(mark.text(&digits.text(values[row]))),
            (Cells::Numbers(values), _) => Some(Digits::Significant(17).text(values[row])),
            (Cells::Times(values), Style::Time(style)) => Some(style.text(values[row])),
            (Cells::Times(values), _) => Some(TimeStyle::of(&values[row..=row]).text(values[row])),
        }
    }

    /// The rows at which the cells are given.
    #[must_use]
    pub fn pick(&self, rows: &[usize]) -> Self {
        Self { name: self.name.clone(), cells: self.cells.pick(rows), style: self.style.clone() }
    }
}
