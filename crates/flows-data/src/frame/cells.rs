//! The cells of a column.

/// The code of a missing word.
pub const MISSING: u32 = u32::MAX;

/// The cells of a column of a [`Frame`](super::Frame), one a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells {
    /// Numbers; NaN where one is missing.
    Numbers(Vec<f64>),
    /// Text, each distinct one stored once.
    Words {
        /// The place of each cell's text in `words`, or [`MISSING`].
        codes: Vec<u32>,
        /// The distinct texts, in the order of their first rows.
        words: Vec<String>,
    },
    /// Points in time, in seconds since 1970-01-01T00:00:00Z; NaN where one is missing.
    Times(Vec<f64>),
}

impl Cells {
    /// The number of cells.
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(values) | Self::Times(values) => values.len(),
            Self::Words { codes, .. } => codes.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether nothing is known of a row: an infinity is as good as nothing.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn is_missing(&self, row: usize) -> bool {
        match self {
            Self::Numbers(values) | Self::Times(values) => !values[row].is_finite(),
            Self::Words { codes, .. } => codes[row] == MISSING,
        }
    }

    /// The number of cells of which nothing is known.
    pub fn missing(&self) -> usize {
        match self {
            Self::Numbers(values) | Self::Times(values) => values.iter().filter(|value| !value.is_finite()).count(),
            Self::Words { codes, .. } => codes.iter().filter(|code| **code == MISSING).count(),
        }
    }

    /// The numbers or seconds; `None` of words.
    pub fn values(&self) -> Option<&[f64]> {
        match self {
            Self::Numbers(values) | Self::Times(values) => Some(values),
            Self::Words { .. } => None,
        }
    }

    /// The text of a row; `None` where it is missing, and of numbers and times.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn word(&self, row: usize) -> Option<&str> {
        match self {
            Self::Words { codes, words } => words.get(codes[row] as usize).map(String::as_str),
            _ => None,
        }
    }

    /// The cells of some rows, in their order; words that no row has any more stay known.
    #[must_use]
    pub fn pick(&self, rows: &[usize]) -> Self {
        match self {
            Self::Numbers(values) => Self::Numbers(rows.iter().map(|row| values[*row]).collect()),
            Self::Times(values) => Self::Times(rows.iter().map(|row| values[*row]).collect()),
            Self::Words { codes, words } => {
                Self::Words { codes: rows.iter().map(|row| codes[*row]).collect(), words: words.clone() }
            }
        }
    }
}

impl<S: AsRef<str>> FromIterator<Option<S>> for Cells {
    /// Words; `None` is missing.
    fn from_iter<I: IntoIterator<Item = Option<S>>>(cells: I) -> Self {
        let mut words = super::words::Words::default();
        cells.into_iter().for_each(|cell| words.push(cell.as_ref().map(AsRef::as_ref)));
        words.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_stored_once_and_rows_are_picked_with_what_is_missing() {
        let cells: Cells = [Some("b"), None, Some("a"), Some("b")].into_iter().collect();
        assert_eq!(cells, Cells::Words { codes: vec![0, MISSING, 1, 0], words: vec!["b".into(), "a".into()] });
        let picked = cells.pick(&[3, 1]);
        assert_eq!((picked.word(0), picked.word(1), picked.missing()), (Some("b"), None, 1));
        assert!(Cells::Numbers(vec![f64::INFINITY]).is_missing(0));
    }
}
