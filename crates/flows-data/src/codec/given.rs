//! Conditions that are said in words.

use super::{Codec, Feature};
use crate::DataError;
use crate::columns::{ColumnError, pairs};
use crate::frame::{Cells, Frame, FrameColumn, Style};

impl Codec {
    /// The conditions that a text says, as a frame of one row: `species=Adelie,sex=male`.
    ///
    /// # Errors
    ///
    /// A text that cannot be read, a condition that is not said, said twice or none of the model's, a value of another
    /// kind.
    pub fn given(&self, text: &str) -> Result<Frame, DataError> {
        let conditions = || self.conditions.iter().map(|condition| condition.name.clone()).collect::<Vec<_>>();
        let problem =
            |reason: String| ColumnError::Condition { text: text.to_owned(), reason, conditions: conditions() };
        let said = pairs(text)?;
        if let Some((name, _)) = said.iter().find(|(name, _)| !conditions().contains(name)) {
            return Err(problem(format!("`{name}` is no condition of the model")).into());
        }
        let mut columns = vec![];
        for condition in &self.conditions {
            let mut values = said.iter().filter(|(name, _)| *name == condition.name).map(|(_, value)| value);
            let name = condition.name.clone();
            let value = values.next().ok_or_else(|| problem(format!("`{name}` is not said")))?;
            if values.next().is_some() {
                return Err(problem(format!("`{name}` is said twice")).into());
            }
            let words = matches!(condition.feature, Feature::Codes { .. } | Feature::YesNo { .. });
            let cells = match &condition.style {
                Style::Time(style) => {
                    let why = || problem(format!("`{value}` is no time, or two; write it as in 2024-12-31"));
                    let seconds = style.read(value).ok_or_else(why)?;
                    Cells::Times(vec![seconds])
                }
                style @ (Style::Digits(_) | Style::Marked(..)) => match style.number(value) {
                    Some(number) => Cells::Numbers(vec![number]),
                    // A word that no training row had is an error later, which lists those there are.
                    None if words => [Some(value)].into_iter().collect(),
                    None => return Err(problem(format!("`{value}` is no number, as `{name}` needs one")).into()),
                },
                Style::Plain | Style::Flags => [Some(value)].into_iter().collect(),
            };
            columns.push(FrameColumn { name, cells, style: condition.style.clone() });
        }
        if columns.is_empty() {
            return Err(problem("the model has no conditions".to_owned()).into());
        }
        Ok(Frame::new(columns)?.named("the conditions"))
    }
}
