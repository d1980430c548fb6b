//! Which columns are taken.

use std::{fmt, str::FromStr};

use super::{ColumnError, list::items};
use crate::table::{TableError, matching, shell_word};

/// A choice of columns, as `a,b,x*,!id`: by name or pattern, in which `*` stands for any text; those behind `!` are left
/// out, and where nothing but such are named all others are taken. Names with commas are quoted.
///
/// # Example
///
/// ```
/// use flows_data::{Frame, FrameColumn, Selection};
///
/// let frame = Frame::new(["id", "x1", "x2", "a, b"].map(|name| FrameColumn::numbers(name, [1.0])).to_vec())?;
/// let names = |text: &str| Ok::<_, flows_data::DataError>(frame.select(&text.parse()?)?.names().join(" | "));
/// assert_eq!(names("x*,\"a, b\"")?, "x1 | x2 | a, b");
/// assert_eq!(names("!id")?, "x1 | x2 | a, b");
/// assert!(names("y").unwrap_err().to_string().contains("no column `y`; the columns are `id`, `x1`"));
/// # Ok::<(), flows_data::DataError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    text: String,
    wanted: Vec<String>,
    unwanted: Vec<String>,
}

impl Selection {
    /// These columns, in this order.
    pub fn names<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        let wanted: Vec<String> = names.into_iter().map(Into::into).collect();
        Self { text: wanted.join(","), wanted, unwanted: vec![] }
    }

    /// The places of the columns among those there are.
    pub(crate) fn places(&self, file: &str, available: &[String]) -> Result<Vec<usize>, TableError> {
        let wanted = match self.wanted[..] {
            [] => (0..available.len()).collect(),
            _ => matching(file, &self.wanted, available)?,
        };
        let unwanted = matching(file, &self.unwanted, available)?;
        let places: Vec<usize> = wanted.into_iter().filter(|place| !unwanted.contains(place)).collect();
        match places[..] {
            [] => Err(TableError::NothingChosen { file: file.to_owned(), available: available.to_vec() }),
            _ => Ok(places),
        }
    }
}

impl FromStr for Selection {
    type Err = ColumnError;

    fn from_str(text: &str) -> Result<Self, ColumnError> {
        let (mut wanted, mut unwanted) = (vec![], vec![]);
        for item in items(text)? {
            if let Some(rest) = item.rest.filter(|rest| !rest.is_empty()) {
                let reason = format!("`{rest}` behind a quoted name");
                return Err(ColumnError::List { text: text.to_owned(), reason });
            }
            if item.not { unwanted.push(item.name) } else { wanted.push(item.name) }
        }
        Ok(Self { text: text.to_owned(), wanted, unwanted })
    }
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", shell_word(&self.text))
    }
}
