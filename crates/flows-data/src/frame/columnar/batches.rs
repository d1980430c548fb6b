//! Frames as batches of Arrow.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};

use super::super::{Cells, Digits, Frame, FrameColumn, Style, TimeStyle, Zone};
use crate::table::TableError;

/// Whole numbers up to this have a number in double precision: 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;
/// Seconds of a day.
const DAY: f64 = 86_400.0;
/// Times beyond this many seconds have no microseconds in 64 bits.
const FAR: f64 = 9.2e12;

/// The types of the columns of a frame.
pub(super) fn schema(frame: &Frame) -> SchemaRef {
    let field = |column: &FrameColumn| Field::new(&column.name, kind(column), true);
    Arc::new(Schema::new(frame.columns().iter().map(field).collect::<Vec<_>>()))
}

fn kind(column: &FrameColumn) -> DataType {
    match (&column.cells, &column.style) {
        (Cells::Words { words, .. }, Style::Flags) if words.iter().all(|word| is_flag(word)) => DataType::Boolean,
        (Cells::Words { .. }, _) | (Cells::Numbers(_), Style::Marked(..)) => DataType::Utf8,
        // Nothing says that the numbers behind those that are all missing are whole.
        (Cells::Numbers(values), Style::Digits(Digits::Decimals(0) | Digits::Padded(_)))
            if values.iter().all(|value| is_whole(*value)) && values.iter().any(|value| !value.is_nan()) =>
        {
            DataType::Int64
        }
        (Cells::Numbers(_), _) => DataType::Float64,
        (Cells::Times(_), Style::Time(TimeStyle { clock: None, .. })) => DataType::Date32,
        (Cells::Times(_), Style::Time(TimeStyle { zone, .. })) => {
            DataType::Timestamp(TimeUnit::Microsecond, zone_name(*zone).map(Into::into))
        }
        (Cells::Times(_), _) => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
    }
}

fn zone_name(zone: Zone) -> Option<String> {
    match zone {
        Zone::Unsaid => None,
        Zone::Utc => Some("UTC".to_owned()),
        Zone::East(east) => {
            let (sign, minutes) = (if east < 0 { '-' } else { '+' }, east.unsigned_abs() / 60);
            Some(format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60))
        }
    }
}

fn is_flag(word: &str) -> bool {
    matches!(word, "true" | "false")
}

fn is_whole(value: f64) -> bool {
    value.is_nan() || (value.fract() == 0.0 && value.abs() <= EXACT)
}

/// The rows of a frame, by the types that the first rows of its file had.
pub(super) fn batch(file: &str, frame: &Frame, schema: &SchemaRef) -> Result<RecordBatch, TableError> {
    let arrays = frame.columns().iter().zip(schema.fields()).map(|(column, field)| {
        array(column, field.data_type()).map_err(|kind| {
            let hint = match field.data_type() {
                DataType::Int64 => "give the first rows a style with decimals, or write .csv",
                _ => "write the columns with one kind of cells and one style, or .csv",
            };
            let (file, column) = (file.to_owned(), column.name.clone());
            TableError::ColumnType { file, column, kind, hint: hint.to_owned() }
        })
    });
    let arrays = arrays.collect::<Result<Vec<_>, _>>()?;
    let impossible =
        |error: ArrowError| unreachable!("columns of a frame are of one length and of these types: {error}");
    Ok(RecordBatch::try_new(schema.clone(), arrays).unwrap_or_else(impossible))
}

/// The cells of a column in a type, or why it has none for them.
fn array(column: &FrameColumn, kind: &DataType) -> Result<ArrayRef, String> {
    let rows = 0..column.cells.len();
    let known = |value: &f64| value.is_finite().then_some(*value);
    Ok(match (kind, &column.cells) {
        (DataType::Boolean, Cells::Words { words, .. }) => {
            if let Some(word) = words.iter().find(|word| !is_flag(word)) {
                return Err(format!("it holds `{word}` behind flags"));
            }
            Arc::new(rows.map(|row| column.cells.word(row).map(|word| word == "true")).collect::<BooleanArray>())
        }
        (DataType::Utf8, Cells::Words { .. }) => {
            Arc::new(rows.map(|row| column.cells.word(row)).collect::<StringArray>())
        }
        (DataType::Utf8, Cells::Numbers(_)) if column.style.mark().is_some() => {
            Arc::new(rows.map(|row| column.text(row)).collect::<StringArray>())
        }
        (DataType::Int64, Cells::Numbers(values)) => {
            if let Some(value) = values.iter().find(|value| !is_whole(**value)) {
                return Err(format!("it holds {value} behind whole numbers"));
            }
            Arc::new(values.iter().map(|value| known(value).map(|value| value as i64)).collect::<Int64Array>())
        }
        // An infinity is a number; NaN is what a frame has for nothing.
        (DataType::Float64, Cells::Numbers(values)) => {
            Arc::new(values.iter().map(|value| (!value.is_nan()).then_some(*value)).collect::<Float64Array>())
        }
        (DataType::Date32, Cells::Times(values)) => {
            let east = match &column.style {
                Style::Time(TimeStyle { clock: None, zone, .. }) => {
                    if let Zone::East(east) = zone {
                        *east
                    } else {
                        0
                    }
                }
                _ => return Err("it holds times behind dates".to_owned()),
            };
            // The day that is written in a text, too.
            let day = |value: f64| ((value + f64::from(east)) / DAY).floor() as i32;
            Arc::new(values.iter().map(|value| known(value).map(day)).collect::<Date32Array>())
        }
        (DataType::Timestamp(_, zone), Cells::Times(values)) => {
            if let Some(value) = values.iter().find(|value| value.is_finite() && value.abs() > FAR) {
                return Err(format!("it holds a time {value} seconds from 1970, beyond what microseconds reach"));
            }
            let ticks = values.iter().map(|value| known(value).map(|value| (value * 1e6).round() as i64));
            Arc::new(ticks.collect::<TimestampMicrosecondArray>().with_timezone_opt(zone.clone()))
        }
        _ => return Err("it holds other cells than in the rows before".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types(columns: Vec<FrameColumn>) -> Vec<DataType> {
        let schema = schema(&Frame::new(columns).expect("good columns"));
        schema.fields().iter().map(|field| field.data_type().clone()).collect()
    }

    #[test]
    fn a_column_has_the_type_that_its_cells_and_their_style_tell() {
        let times = |zone| {
            let style = TimeStyle { zone, ..TimeStyle::of(&[0.5]) };
            FrameColumn { name: format!("{zone:?}"), cells: Cells::Times(vec![0.5]), style: Style::Time(style) }
        };
        let stamp = |zone: Option<&str>| DataType::Timestamp(TimeUnit::Microsecond, zone.map(Into::into));
        let columns = vec![
            FrameColumn::numbers("whole", [1.0]),
            FrameColumn::numbers("number", [1.5]),
            FrameColumn::numbers("nothing", [f64::NAN]),
            FrameColumn::numbers("infinite", [f64::INFINITY]),
            FrameColumn::numbers("large", [1e300]),
            FrameColumn::words("word", ["true"]),
            FrameColumn::words("flag", ["true"]).styled(Style::Flags),
            FrameColumn::words("no flag", ["yes"]).styled(Style::Flags),
            FrameColumn::new("day", Cells::Times(vec![86_400.0])),
            times(Zone::Unsaid),
            times(Zone::Utc),
            times(Zone::East(-12_600)),
        ];
        let expected = [
            DataType::Int64,
            DataType::Float64,
            DataType::Float64,
            DataType::Float64,
            DataType::Float64,
            DataType::Utf8,
            DataType::Boolean,
            DataType::Utf8,
            DataType::Date32,
            stamp(None),
            stamp(Some("UTC")),
            stamp(Some("-03:30")),
        ];
        assert_eq!(types(columns), expected);
    }

    #[test]
    fn cells_that_the_type_of_the_first_rows_cannot_hold_are_errors_that_name_the_column() {
        let flags = |word| FrameColumn::words("c", [word]).styled(Style::Flags);
        let at = |seconds| FrameColumn::new("c", Cells::Times(vec![seconds]));
        for (first, later, message) in [
            (FrameColumn::numbers("c", [1.0]), FrameColumn::numbers("c", [0.5]), "it holds 0.5 behind whole numbers"),
            (flags("true"), flags("maybe"), "it holds `maybe` behind flags"),
            (at(86_400.0), at(86_400.5), "it holds times behind dates"),
            (at(0.5), at(1e15), "beyond what microseconds reach"),
            (at(0.5), FrameColumn::words("c", ["x"]), "other cells than in the rows before"),
        ] {
            let frame = |column: FrameColumn| Frame::new(vec![column]).expect("good");
            let schema = schema(&frame(first));
            let error = batch("t.parquet", &frame(later), &schema).expect_err(message).to_string();
            assert!(error.starts_with("t.parquet, column `c`: ") && error.contains(message), "{error}");
        }
    }
}
