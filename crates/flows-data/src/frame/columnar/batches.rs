//! Frames as batches of Arrow.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};

use super::super::{Cells, Digits, Frame, FrameColumn, Style, TimeStyle, Zone};

/// Whole numbers up to this have a number in double precision: 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The types of the columns of a frame.
pub(super) fn schema(frame: &Frame) -> SchemaRef {
    let field = |column: &FrameColumn| Field::new(&column.name, kind(column), true);
    Arc::new(Schema::new(frame.columns().iter().map(field).collect::<Vec<_>>()))
}

fn kind(column: &FrameColumn) -> DataType {
    match (&column.cells, &column.style) {
        (Cells::Words { .. }, Style::Flags) => DataType::Boolean,
        (Cells::Words { .. }, _) => DataType::Utf8,
        (Cells::Numbers(values), Style::Digits(Digits::Decimals(0))) if values.iter().all(|value| is_whole(*value)) => {
            DataType::Int64
        }
        (Cells::Numbers(_), _) => DataType::Float64,
        (Cells::Times(_), Style::Time(TimeStyle { clock: None, .. })) => DataType::Date32,
        (Cells::Times(_), Style::Time(TimeStyle { zone: Zone::Unsaid, .. })) => {
            DataType::Timestamp(TimeUnit::Microsecond, None)
        }
        (Cells::Times(_), _) => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
    }
}

fn is_whole(value: f64) -> bool {
    value.is_nan() || (value.fract() == 0.0 && value.abs() <= EXACT)
}

/// The rows of a frame, by the types that its first rows had.
pub(super) fn batch(frame: &Frame, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let arrays = frame.columns().iter().zip(schema.fields()).map(|(column, field)| array(column, field));
    RecordBatch::try_new(schema.clone(), arrays.collect::<Result<_, _>>()?)
}

fn array(column: &FrameColumn, field: &Field) -> Result<ArrayRef, ArrowError> {
    let rows = 0..column.cells.len();
    let values = || column.cells.values().unwrap_or_default().iter();
    let known = |value: &f64| value.is_finite().then_some(*value);
    let other = || ArrowError::InvalidArgumentError(format!("column `{}` holds other cells than before", column.name));
    Ok(match (field.data_type(), &column.cells) {
        (DataType::Boolean, Cells::Words { .. }) => {
            Arc::new(rows.map(|row| column.cells.word(row).map(|word| word == "true")).collect::<BooleanArray>())
        }
        (DataType::Utf8, Cells::Words { .. }) => {
            Arc::new(rows.map(|row| column.cells.word(row)).collect::<StringArray>())
        }
        (DataType::Int64, Cells::Numbers(values)) => {
            if let Some(value) = values.iter().find(|value| !is_whole(**value)) {
                let reason = format!("column `{}` holds {value} behind whole numbers", column.name);
                return Err(ArrowError::InvalidArgumentError(reason));
            }
            Arc::new(values.iter().map(|value| known(value).map(|value| value as i64)).collect::<Int64Array>())
        }
        // An infinity is a number; NaN is what a frame has for nothing.
        (DataType::Float64, Cells::Numbers(values)) => {
            Arc::new(values.iter().map(|value| (!value.is_nan()).then_some(*value)).collect::<Float64Array>())
        }
        (DataType::Date32, Cells::Times(_)) => Arc::new(
            values().map(|value| known(value).map(|value| (value / 86_400.0).floor() as i32)).collect::<Date32Array>(),
        ),
        (DataType::Timestamp(_, zone), Cells::Times(_)) => {
            let ticks = values().map(|value| known(value).map(|value| (value * 1e6).round() as i64));
            let array = ticks.collect::<TimestampMicrosecondArray>();
            Arc::new(array.with_timezone_opt(zone.clone()))
        }
        _ => return Err(other()),
    })
}
