//! Arrays of Arrow as the cells of a column.

use arrow_array::{
    Array, ArrayRef,
    cast::AsArray,
    types::{Float32Type, Float64Type, Int64Type, UInt64Type},
};
use arrow_cast::cast;
use arrow_schema::{DataType, Field, TimeUnit};

use super::super::{
    Cells, Digits, FrameColumn, ReadOptions, Style, TimeStyle, Zone, numpy::short, text::timed, words::Words,
};
use crate::table::{Notice, Place, TableError, shell_word};

/// A column while its arrays come in.
pub(super) struct Builder {
    name: String,
    kind: DataType,
    /// The type of the values, of dictionaries and runs those inside.
    values: DataType,
    numbers: Vec<f64>,
    words: Words,
    rounded: usize,
    first_rounded: Option<usize>,
}

impl Builder {
    /// A column of a field.
    pub(super) fn new(file: &str, field: &Field) -> Result<Self, TableError> {
        let values = plain(field.data_type()).clone();
        if !is_readable(&values) {
            let kind = format!("it is of type {}, which is no cell of a table", field.data_type());
            let column = field.name().clone();
            let hint = format!("leave it out with {}, or write its parts as columns of their own", without(&column));
            return Err(TableError::ColumnType { file: file.to_owned(), column, kind, hint });
        }
        let (name, kind) = (field.name().clone(), field.data_type().clone());
        Ok(Self { name, kind, values, numbers: vec![], words: Words::default(), rounded: 0, first_rounded: None })
    }

    /// Takes the rows of an array.
    pub(super) fn push(&mut self, file: &str, array: &ArrayRef, options: &ReadOptions) -> Result<(), TableError> {
        let foreign = |error: arrow_schema::ArrowError| TableError::ColumnType {
            file: file.to_owned(),
            column: self.name.clone(),
            kind: format!("its type {} cannot be read: {error}", self.kind),
            hint: format!("leave it out with {}", without(&self.name)),
        };
        let array = if *array.data_type() == self.values {
            array.clone()
        } else {
            cast(array, &self.values).map_err(foreign)?
        };
        let whole = |array: &ArrayRef| cast(array, &DataType::Int64).map_err(foreign);
        let numbers: Vec<f64> = match &self.values {
            DataType::Null => vec![f64::NAN; array.len()],
            DataType::Boolean => {
                let flags = array.as_boolean();
                flags.iter().for_each(|flag| self.words.push(flag.map(|flag| if flag { "true" } else { "false" })));
                return Ok(());
            }
            DataType::Utf8 => return self.text(array.as_string::<i32>().iter(), options),
            DataType::LargeUtf8 => return self.text(array.as_string::<i64>().iter(), options),
            DataType::Utf8View => return self.text(array.as_string_view().iter(), options),
            DataType::Int64 => {
                let values = array.as_primitive::<Int64Type>().iter();
                self.whole(values.map(|value| value.map(i128::from)))
            }
            DataType::UInt64 => {
                let values = array.as_primitive::<UInt64Type>().iter();
                self.whole(values.map(|value| value.map(i128::from)))
            }
            // With the digits of single precision: 0.1 is no 0.10000000149011612.
            DataType::Float32 => {
                array.as_primitive::<Float32Type>().iter().map(|value| value.map_or(f64::NAN, short)).collect()
            }
            DataType::Float16 => {
                let single = cast(&array, &DataType::Float32).map_err(foreign)?;
                single.as_primitive::<Float32Type>().iter().map(|value| value.map_or(f64::NAN, short)).collect()
            }
            DataType::Date32 => self::seconds(&whole(&array)?, 86_400.0),
            DataType::Date64 => self::seconds(&whole(&array)?, 1e-3),
            DataType::Timestamp(unit, _)
            | DataType::Duration(unit)
            | DataType::Time32(unit)
            | DataType::Time64(unit) => self::seconds(&whole(&array)?, seconds_of(*unit)),
            _ => {
                let double = cast(&array, &DataType::Float64).map_err(foreign)?;
                double.as_primitive::<Float64Type>().iter().map(|value| value.unwrap_or(f64::NAN)).collect()
            }
        };
        let null = |value: f64| if options.is_null_number(value) { f64::NAN } else { value };
        match options.nulls.is_empty() {
            true => self.numbers.extend(numbers),
            false => self.numbers.extend(numbers.into_iter().map(null)),
        }
        Ok(())
    }

    fn text<'a>(
        &mut self,
        texts: impl Iterator<Item = Option<&'a str>>,
        options: &ReadOptions,
    ) -> Result<(), TableError> {
        texts.for_each(|text| self.words.push(text.filter(|text| !text.is_empty() && !options.is_null(text))));
        Ok(())
    }

    /// Whole numbers of 64 bits, of which double precision has those up to 2^53.
    fn whole(&mut self, values: impl Iterator<Item = Option<i128>>) -> Vec<f64> {
        let start = self.numbers.len();
        let number = |(row, value): (usize, Option<i128>)| {
            let Some(value) = value else { return f64::NAN };
            if value as f64 as i128 != value {
                self.rounded += 1;
                self.first_rounded.get_or_insert(start + row);
            }
            value as f64
        };
        values.enumerate().map(number).collect()
    }

    /// The column.
    pub(super) fn finish(self, notices: &mut Vec<Notice>) -> FrameColumn {
        let Self { name, kind, values, numbers, words, rounded, first_rounded } = self;
        if let Some(row) = first_rounded {
            notices.push(Notice::Rounded { column: name.clone(), cells: rounded, first: Place::Row(row) });
        }
        match values {
            DataType::Boolean => FrameColumn::new(name, words.finish()).styled(Style::Flags),
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => timed(name, words.finish(), notices),
            DataType::Decimal32(_, scale)
            | DataType::Decimal64(_, scale)
            | DataType::Decimal128(_, scale)
            | DataType::Decimal256(_, scale) => {
                let digits = Digits::Decimals(u8::try_from(scale).unwrap_or(0));
                FrameColumn::new(name, Cells::Numbers(numbers)).styled(Style::Digits(digits))
            }
            DataType::Date32 | DataType::Date64 => FrameColumn::new(name, Cells::Times(numbers)),
            DataType::Timestamp(_, zone) => {
                let style = TimeStyle::of(&numbers);
                let zone = zone.as_deref().map_or(Zone::Unsaid, |zone| zone_of(zone).unwrap_or(Zone::Utc));
                let style = if style.clock.is_some() { TimeStyle { zone, ..style } } else { style };
                FrameColumn { name, cells: Cells::Times(numbers), style: Style::Time(style) }
            }
            DataType::Duration(_) | DataType::Time32(_) | DataType::Time64(_) => {
                notices.push(Notice::Converted { column: name.clone(), from: kind.to_string(), to: "seconds" });
                FrameColumn::new(name, Cells::Numbers(numbers))
            }
            _ => FrameColumn::new(name, Cells::Numbers(numbers)),
        }
    }
}

/// The flag that leaves a column out.
fn without(column: &str) -> String {
    format!("`--columns {}`", shell_word(&format!("!{column}")))
}

/// The type of the values in dictionaries and runs.
fn plain(kind: &DataType) -> &DataType {
    match kind {
        DataType::Dictionary(_, values) => plain(values),
        DataType::RunEndEncoded(_, values) => plain(values.data_type()),
        kind => kind,
    }
}

fn is_readable(kind: &DataType) -> bool {
    kind.is_numeric()
        || matches!(
            kind,
            DataType::Null
                | DataType::Boolean
                | DataType::Utf8
                | DataType::LargeUtf8
                | DataType::Utf8View
                | DataType::Date32
                | DataType::Date64
                | DataType::Timestamp(..)
                | DataType::Duration(_)
                | DataType::Time32(_)
                | DataType::Time64(_)
        )
}

fn seconds_of(unit: TimeUnit) -> f64 {
    match unit {
        TimeUnit::Second => 1.0,
        TimeUnit::Millisecond => 1e-3,
        TimeUnit::Microsecond => 1e-6,
        TimeUnit::Nanosecond => 1e-9,
    }
}

fn seconds(ticks: &ArrayRef, unit: f64) -> Vec<f64> {
    // A division by whole numbers is exact where the quotient is.
    let of = |ticks: i64| if unit < 1.0 { ticks as f64 / (1.0 / unit).round() } else { ticks as f64 * unit };
    ticks.as_primitive::<Int64Type>().iter().map(|ticks| ticks.map_or(f64::NAN, of)).collect()
}

/// The zone of `+01:00`; of `Europe/Oslo` there is no single one.
fn zone_of(text: &str) -> Option<Zone> {
    let sign = match text.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let (hours, minutes) = text[1..].split_once(':')?;
    let east = sign * (hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60);
    Some(if east == 0 { Zone::Utc } else { Zone::East(east) })
}
