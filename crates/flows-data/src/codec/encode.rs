//! Rows of a frame as numbers of a flow.

use super::{Codec, Counted, Encoded, EncodedContext, Unknown};
use crate::DataError;
use crate::columns::ColumnError;
use crate::frame::{Cells, Frame};
use crate::table::Place;

impl Codec {
    /// The rows of a frame that miss no cell, as numbers of a flow and features of a network. Columns are found by name,
    /// and others do not matter. Where the column of weights is not there, all rows weigh the same.
    ///
    /// # Errors
    ///
    /// A column that is not there or holds other cells than the training rows, rows each of which misses a cell, a weight
    /// that is none; and, where they are refused, a word of no category and a number outside of a bound.
    pub fn encode(&self, frame: &Frame, unknown: Unknown) -> Result<Encoded, DataError> {
        let file = frame.origin();
        let mut columns = Vec::with_capacity(self.width());
        for column in &self.columns {
            columns.push(column.values(file, frame.column(&column.name)?)?);
        }
        let weights = self.weights.as_ref().and_then(|name| frame.column(name).ok());
        let conditions: Vec<&Cells> = self.condition_cells(frame)?;
        let whole = |row: &usize| {
            columns.iter().all(|column: &Vec<f64>| column[*row].is_finite())
                && conditions.iter().all(|cells| !cells.is_missing(*row))
                && weights.is_none_or(|column| !column.cells.is_missing(*row))
        };
        let rows: Vec<usize> = (0..frame.rows()).filter(whole).collect();
        if rows.is_empty() && frame.rows() > 0 {
            let names = self.columns.iter().map(|column| &column.name).chain(self.conditions.iter().map(|c| &c.name));
            return Err(no_row(frame, names.chain(weights.map(|column| &column.name)))?.into());
        }
        let mut counted = vec![];
        for (column, values) in self.columns.iter().zip(&columns) {
            let outside = || rows.iter().filter(|row| !column.contains(values[**row]));
            let Some(row) = outside().next() else { continue };
            let (count, name) = (outside().count(), column.name.clone());
            let bound = column.bound(values[*row]);
            match unknown {
                Unknown::Refuse => {
                    let (file, place, value) = (file.to_owned(), Place::Row(*row), values[*row] * column.unit);
                    return Err(ColumnError::OutsideBound { file, place, column: name, value, bound, count }.into());
                }
                Unknown::Count => {
                    let what = format!("are not {bound}: their rows have no density");
                    counted.push(Counted { column: name, what, cells: count });
                }
            }
        }
        let values = rows.iter().flat_map(|row| columns.iter().map(|column| column[*row])).collect();
        let context = self.features(frame, &rows, unknown, &mut counted)?;
        let weights = match (&self.weights, weights) {
            (Some(name), Some(column)) => Some(checked_weights(file, name, &column.cells, &rows)?),
            _ => None,
        };
        Ok(Encoded { rows, values, context, weights, counted })
    }

    /// The conditions of the rows of a frame that miss none; the modelled columns need not be there.
    ///
    /// # Errors
    ///
    /// Those of [`encode`](Self::encode) that concern conditions.
    pub fn encode_context(&self, frame: &Frame, unknown: Unknown) -> Result<EncodedContext, DataError> {
        let conditions = self.condition_cells(frame)?;
        let whole = |row: &usize| conditions.iter().all(|cells| !cells.is_missing(*row));
        let rows: Vec<usize> = (0..frame.rows()).filter(whole).collect();
        if rows.is_empty() && frame.rows() > 0 {
            return Err(no_row(frame, self.conditions.iter().map(|condition| &condition.name))?.into());
        }
        let mut counted = vec![];
        let context = self.features(frame, &rows, unknown, &mut counted)?;
        Ok(EncodedContext { rows, context, counted })
    }

    fn condition_cells<'a>(&self, frame: &'a Frame) -> Result<Vec<&'a Cells>, DataError> {
        self.conditions.iter().map(|condition| Ok(&frame.column(&condition.name)?.cells)).collect()
    }

    fn features(
        &self,
        frame: &Frame,
        rows: &[usize],
        unknown: Unknown,
        counted: &mut Vec<Counted>,
    ) -> Result<Vec<f64>, DataError> {
        let mut columns = vec![];
        for condition in &self.conditions {
            let column = frame.column(&condition.name)?;
            columns.push(condition.features(frame.origin(), column, rows, unknown, counted)?);
        }
        Ok((0..rows.len()).flat_map(|row| columns.iter().flat_map(move |column| column[row].iter().copied())).collect())
    }
}

/// The error of rows each of which misses a cell; it names the column that most of them miss.
fn no_row<'a>(frame: &Frame, names: impl Iterator<Item = &'a String>) -> Result<ColumnError, DataError> {
    let mut most = (String::new(), 0);
    for name in names {
        let missing = frame.column(name)?.cells.missing();
        if missing > most.1 {
            most = (name.clone(), missing);
        }
    }
    let ((column, missing), file) = (most, frame.origin().to_owned());
    Ok(ColumnError::NoRowOfTheModel { file, rows: frame.rows(), column, missing })
}

/// The weights of some rows, with a mean of one.
pub(super) fn checked_weights(file: &str, name: &str, cells: &Cells, rows: &[usize]) -> Result<Vec<f64>, ColumnError> {
    let error = |row: usize, value: f64| {
        let (file, column) = (file.to_owned(), name.to_owned());
        ColumnError::Weight { file, place: Place::Row(row), column, value }
    };
    let values = cells.values().unwrap_or_default();
    if let Some(row) = rows.iter().find(|row| values.get(**row).is_none_or(|value| *value < 0.0)) {
        return Err(error(*row, values.get(*row).copied().unwrap_or(f64::NAN)));
    }
    let mean = rows.iter().map(|row| values[*row] / rows.len() as f64).sum::<f64>();
    match rows.first() {
        Some(_) if mean <= 0.0 => Err(ColumnError::NoWeight { file: file.to_owned(), column: name.to_owned() }),
        _ => Ok(rows.iter().map(|row| values[*row] / mean).collect()),
    }
}
