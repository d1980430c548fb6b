//! What a codec makes of rows.

use std::fmt;

/// What becomes of values that the training rows had not: a word of no category, a number outside of a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unknown {
    /// They are an error.
    #[default]
    Refuse,
    /// They are counted: a word is taken for another one, and a row with a number outside of a bound has no density.
    Count,
}

/// Values that the training rows had not, and that were counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The column.
    pub column: String,
    /// What is the matter with its cells.
    pub what: String,
    /// How many there are.
    pub cells: usize,
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column `{}`: {} cells {}", self.column, self.cells, self.what)
    }
}

/// Rows of a frame as a flow takes them; made by [`Codec::encode`](super::Codec::encode).
#[derive(Debug, Clone, PartialEq)]
pub struct Encoded {
    /// The rows of the frame that miss no cell, in their order: one for each row below.
    pub rows: Vec<usize>,
    /// The modelled columns, row after row, in the units that the codec's scaling takes.
    pub values: Vec<f64>,
    /// The features of the conditions, row after row.
    pub context: Vec<f64>,
    /// The weights of the rows, with a mean of one; `None` where all weigh the same.
    pub weights: Option<Vec<f64>>,
    /// What was counted instead of refused.
    pub counted: Vec<Counted>,
}

/// The conditions of rows; made by [`Codec::encode_context`](super::Codec::encode_context).
#[derive(Debug, Clone, PartialEq)]
pub struct EncodedContext {
    /// The rows of the frame that miss no condition, in their order.
    pub rows: Vec<usize>,
    /// Their features, row after row.
    pub context: Vec<f64>,
    /// What was counted instead of refused.
    pub counted: Vec<Counted>,
}
