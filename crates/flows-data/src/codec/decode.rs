//! Numbers of a flow as rows of a frame.

use super::Codec;
use super::modelled::in_units;
use crate::frame::{Cells, Frame, FrameColumn, Style};

impl Codec {
    /// Rows in the units of the codec's scaling as they are once they are written and read again: with the digits of their
    /// columns, whole where these are, and inside of their bounds.
    ///
    /// # Panics
    ///
    /// If the values do not fill whole rows.
    pub fn rounded(&self, values: &[f64]) -> Vec<f64> {
        let width = self.width();
        assert!(values.len().is_multiple_of(width), "`values`: expected whole rows of {width} columns");
        let one = |(at, value): (usize, &f64)| {
            let column = &self.columns[at % width];
            in_units(column.cell(*value), column.unit, column.whole)
        };
        values.iter().enumerate().map(one).collect()
    }

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
