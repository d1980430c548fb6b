//! Numbers of a flow as rows of a frame.

use super::Codec;
use crate::frame::{Cells, Frame, FrameColumn, Style};

impl Codec {
    /// Rows in the units of the codec's scaling, such as samples, as a frame: with the names, the kinds and the digits
    /// of the training rows, and inside of their bounds.
    ///
    /// # Panics
    ///
    /// If the values do not fill whole rows.
    pub fn decode(&self, values: &[f64]) -> Frame {
        let width = self.width();
        assert!(
            values.len().is_multiple_of(width),
            "`values`: expected whole rows of {width} columns, got {} values",
            values.len()
        );
        let columns = self.columns.iter().enumerate().map(|(place, column)| {
            let cells = values.iter().skip(place).step_by(width).map(|value| column.cell(*value)).collect();
            let cells =
                if matches!(column.style, Style::Time(_)) { Cells::Times(cells) } else { Cells::Numbers(cells) };
            FrameColumn { name: column.name.clone(), cells, style: column.style.clone() }
        });
        Frame::new(columns.collect()).unwrap_or_else(|error| panic!("the columns of a codec make a frame: {error}"))
    }
}
