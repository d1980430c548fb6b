//! A column of classes.

use serde::{Deserialize, Serialize};

use crate::columns::{ColumnError, Kind};
use crate::frame::{Cells, FrameColumn, Style};
use crate::table::shell_word;

/// A column that holds one of several words, numbers or times: each is known by its place among them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassColumn {
    /// Its name.
    pub name: String,
    /// What it is: a category, or yes or no.
    pub kind: Kind,
    /// How its cells are written.
    pub style: Style,
    /// The texts, the commonest first.
    pub words: Vec<String>,
    /// The numbers or seconds that they stand for, where they are such.
    pub values: Option<Vec<f64>>,
}

/// Classes at most: more are no category.
const MOST: usize = 1000;

impl ClassColumn {
    /// Takes the classes from the cells that are known.
    pub(super) fn fit(file: &str, column: &FrameColumn, kind: Kind) -> Result<Self, ColumnError> {
        let mut found: Vec<(String, Option<f64>, usize)> = vec![];
        let mut places = std::collections::HashMap::new();
        for row in (0..column.cells.len()).filter(|row| !column.cells.is_missing(*row)) {
            let value = column.cells.values().map(|values| values[row] + 0.0);
            let text = column.text(row).unwrap_or_default();
            // Numbers are the same with other digits.
            let key = value.map_or_else(|| text.clone(), |value| value.to_bits().to_string());
            let place = *places.entry(key).or_insert(found.len());
            if place == found.len() {
                found.push((text, value, 0));
            }
            found[place].2 += 1;
        }
        if found.len() > MOST {
            let reason = format!("it holds {} different ones, more than {MOST}", found.len());
            let hint = format!("`--as {}=skip` leaves it out", shell_word(&column.name));
            let (file, column) = (file.to_owned(), column.name.clone());
            return Err(ColumnError::NotOfKind { file, column, kind: kind.to_string(), reason, hint });
        }
        found.sort_by_key(|(_, _, rows)| std::cmp::Reverse(*rows));
        Ok(Self {
            name: column.name.clone(),
            kind,
            style: column.style.clone(),
            values: found.iter().map(|(_, value, _)| *value).collect(),
            words: found.into_iter().map(|(text, ..)| text).collect(),
        })
    }

    /// The class of a text.
    pub(super) fn class(&self, text: &str) -> Option<usize> {
        let text = text.trim();
        self.words.iter().position(|word| word == text).or_else(|| {
            let number = self.style.number(text).filter(|_| !matches!(self.style, Style::Time(_)))?;
            self.values.as_ref()?.iter().position(|value| *value == number)
        })
    }

    /// The class of each cell: NaN of a missing one, -1 of one that the training rows had not.
    pub(super) fn classes(&self, column: &FrameColumn) -> Vec<f64> {
        let of_text = |text: Option<&str>| match text {
            None => f64::NAN,
            Some(text) => self.class(text).map_or(-1.0, |class| class as f64),
        };
        match (&column.cells, &self.values) {
            (Cells::Words { codes, words }, _) => {
                let known: Vec<f64> = words.iter().map(|word| of_text(Some(word))).collect();
                codes.iter().map(|code| known.get(*code as usize).copied().unwrap_or(f64::NAN)).collect()
            }
            (Cells::Numbers(cells) | Cells::Times(cells), Some(values)) => {
                let one = |cell: &f64| match cell.is_finite() {
                    true => values.iter().position(|value| value == cell).map_or(-1.0, |class| class as f64),
                    false => f64::NAN,
                };
                cells.iter().map(one).collect()
            }
            (cells, None) => (0..cells.len()).map(|row| of_text(column.text(row).as_deref())).collect(),
        }
    }

    /// The cells of classes; of anything that is none, missing.
    pub(super) fn cells(&self, classes: impl Iterator<Item = f64>) -> Cells {
        let place = |class: f64| (class >= 0.0 && class < self.words.len() as f64).then_some(class as usize);
        match &self.values {
            Some(values) => {
                let cells = classes.map(|class| place(class).map_or(f64::NAN, |place| values[place])).collect();
                if matches!(self.style, Style::Time(_)) { Cells::Times(cells) } else { Cells::Numbers(cells) }
            }
            None => classes.map(|class| place(class).map(|place| self.words[place].as_str())).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_of_words_and_of_numbers_come_back_as_they_were() {
        let words = FrameColumn::new("island", [Some("b"), None, Some("a"), Some("a")].into_iter().collect());
        let column = ClassColumn::fit("t.csv", &words, Kind::Category).expect("few");
        assert_eq!(column.words, ["a", "b"]);
        let classes = column.classes(&words);
        assert!(classes[1].is_nan() && (classes[0], classes[2]) == (1.0, 0.0));
        let FrameColumn { cells, .. } = FrameColumn::new("island", column.cells(classes.into_iter()));
        assert_eq!((0..4).map(|row| cells.word(row)).collect::<Vec<_>>(), [Some("b"), None, Some("a"), Some("a")]);
        assert_eq!(column.classes(&FrameColumn::words("island", ["c"])), [-1.0]);
        let years = FrameColumn::numbers("year", [2008.0, 2007.0, f64::NAN, 2008.0]);
        let column = ClassColumn::fit("t.csv", &years, Kind::Category).expect("few");
        assert_eq!((column.class("2007"), column.class("2007.0"), column.class("1")), (Some(1), Some(1), None));
        assert_eq!(column.cells([0.0, f64::NAN, -1.0].into_iter()).values().map(|v| v[0]), Some(2008.0));
        let many = FrameColumn::words("id", (0..1001).map(|i| i.to_string()));
        let error = ClassColumn::fit("t.csv", &many, Kind::Category).expect_err("too many").to_string();
        assert!(error.contains("1001 different ones") && error.contains("hint: `--as id=skip`"), "{error}");
    }
}
