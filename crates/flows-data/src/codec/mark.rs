//! Whether numbers are meant as those of the training rows.

use super::Codec;
use crate::DataError;
use crate::columns::ColumnError;
use crate::frame::{Frame, FrameColumn, Style};

/// Checks that a column has the sign beside its numbers that the training rows had: 5 % are no 5, and dollars no euros.
pub(super) fn same_mark(file: &str, name: &str, style: &Style, column: &FrameColumn) -> Result<(), ColumnError> {
    let known = || column.cells.values().is_some_and(|values| values.iter().any(|value| value.is_finite()));
    let same = match (style.mark(), column.style.mark()) {
        (Some(mark), Some(other)) => mark.is(other),
        (mark, other) => mark.is_none() && other.is_none(),
    };
    if same || !known() {
        return Ok(());
    }
    let of = |style: &Style| style.mark().map_or("no sign".to_owned(), |mark| format!("`{mark}`"));
    let (file, column, got, expected) = (file.to_owned(), name.to_owned(), of(&column.style), of(style));
    Err(ColumnError::OtherMark { file, column, got, expected })
}

impl Codec {
    /// The columns whose numbers have a sign beside them, each with its sign, such as `price: $`.
    pub fn signs(&self) -> Vec<String> {
        let modelled = self.columns.iter().map(|column| (&column.name, &column.style));
        let conditions = self.conditions.iter().map(|condition| (&condition.name, &condition.style));
        modelled.chain(conditions).filter_map(|(name, style)| Some(format!("{name}: {}", style.mark()?))).collect()
    }

    /// Checks that the modelled columns that a frame has are written with the signs of the training rows, so that what is
    /// predicted can stand beside them.
    ///
    /// # Errors
    ///
    /// A column with another sign beside its numbers, or with none.
    pub fn check_signs(&self, frame: &Frame) -> Result<(), DataError> {
        for column in &self.columns {
            if let Ok(other) = frame.column(&column.name) {
                same_mark(frame.origin(), &column.name, &column.style, other)?;
            }
        }
        Ok(())
    }
}
