//! A column of any kind.

use serde::{Deserialize, Serialize};

use super::ClassColumn;
use crate::DataError;
use crate::codec::ModelledColumn;
use crate::columns::Kind;
use crate::frame::{Cells, FrameColumn, Style};

/// A column of a [`MixedCodec`](super::MixedCodec).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MixedColumn {
    /// Numbers, whole numbers, circles, times.
    Number(ModelledColumn),
    /// One of several.
    Class(ClassColumn),
}

impl MixedColumn {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Number(column) => &column.name,
            Self::Class(column) => &column.name,
        }
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Number(column) => column.kind,
            Self::Class(column) => column.kind,
        }
    }

    /// How its cells are written.
    pub fn style(&self) -> &Style {
        match self {
            Self::Number(column) => &column.style,
            Self::Class(column) => &column.style,
        }
    }

    /// The words of its classes; `None` of numbers.
    pub fn words(&self) -> Option<&[String]> {
        match self {
            Self::Number(_) => None,
            Self::Class(column) => Some(&column.words),
        }
    }

    /// What a person writes in a cell, as the number that the codec makes of it; nothing where it can be none.
    pub fn read(&self, text: &str) -> Option<f64> {
        match self {
            Self::Number(column) => column.read(text).filter(|value| value.is_finite() && column.contains(*value)),
            Self::Class(column) => column.class(text).map(|class| class as f64),
        }
    }

    /// The numbers of the cells of a column of a frame: NaN where one is missing.
    pub(super) fn values(&self, file: &str, column: &FrameColumn) -> Result<Vec<f64>, DataError> {
        match self {
            Self::Number(number) => {
                let mut values = number.values(file, column)?;
                values.iter_mut().filter(|value| !value.is_finite()).for_each(|value| *value = f64::NAN);
                Ok(values)
            }
            Self::Class(class) => Ok(class.classes(column)),
        }
    }

    /// Whether a value is one that the column can have.
    pub(super) fn contains(&self, value: f64) -> bool {
        match self {
            Self::Number(column) => column.contains(value),
            Self::Class(column) => value >= 0.0 && value < column.words.len() as f64,
        }
    }

    /// What is the matter with a value that is not contained.
    pub(super) fn bound(&self, value: f64) -> String {
        match self {
            Self::Number(column) => column.bound(value),
            Self::Class(_) => "one of the words of the training rows".to_owned(),
        }
    }

    /// Values, in the units of the codec, as a column of cells; NaN is a missing one.
    pub fn decoded(&self, values: impl Iterator<Item = f64>) -> FrameColumn {
        let cells = match self {
            Self::Number(column) => {
                let cells = values.map(|value| column.cell(value)).collect();
                if matches!(column.style, Style::Time(_)) { Cells::Times(cells) } else { Cells::Numbers(cells) }
            }
            Self::Class(column) => column.cells(values),
        };
        FrameColumn { name: self.name().to_owned(), cells, style: self.style().clone() }
    }
}
