//! Arrays of Arrow as the cells of a column.

use arrow_array::{Array, ArrayRef, BooleanArray, LargeStringArray, StringArray, StringViewArray, cast::AsArray};
use arrow_schema::{ArrowError, DataType, Field};

use super::super::{
    Cells, Digits, FrameColumn, MISSING, ReadOptions, Style, TimeStyle, Zone, text::meant, words::Words,
};
use super::{encoded::unpacked, numbers::numbers};
use crate::table::{Notice, Place};

/// More decimals than this are not in double precision; a column of them is written with the digits that it has.
const DECIMALS: i8 = 12;

/// A column while its arrays come in.
pub(super) struct Builder {
    name: String,
    /// The type of the values, of dictionaries and runs those inside.
    kind: DataType,
    numbers: Vec<f64>,
    words: Words,
    rounded: usize,
    first_rounded: Option<usize>,
}

impl Builder {
    /// A column of a field, or what it holds if that is nothing that a cell can be.
    pub(super) fn new(field: &Field) -> Result<Self, &'static str> {
        let (name, kind) = (field.name().clone(), plain(field.data_type()).clone());
        match no_cells(&kind) {
            Some(kind) => Err(kind),
            None => Ok(Self { name, kind, numbers: vec![], words: Words::default(), rounded: 0, first_rounded: None }),
        }
    }

    /// Takes the rows of an array.
    pub(super) fn push(&mut self, array: &ArrayRef, options: &ReadOptions) -> Result<(), ArrowError> {
        let (values, places) = unpacked(array);
        if let Some(texts) = Texts::of(&values) {
            self.push_words(&texts, places, values.len(), options);
            return Ok(());
        }
        let (values, rounded) = numbers(&values)?;
        let null = |value: f64| if options.is_null_number(value) { f64::NAN } else { value };
        let values: Vec<f64> = match options.nulls.is_empty() {
            true => values,
            false => values.into_iter().map(null).collect(),
        };
        let start = self.numbers.len();
        match places {
            None => {
                self.rounded += rounded.len();
                self.first_rounded = self.first_rounded.or(rounded.first().map(|row| start + row));
                self.numbers.extend(values);
            }
            Some(places) => {
                for (row, place) in places.into_iter().enumerate() {
                    if place.is_some_and(|place| rounded.binary_search(&place).is_ok()) {
                        self.rounded += 1;
                        self.first_rounded.get_or_insert(start + row);
                    }
                    self.numbers.push(place.map_or(f64::NAN, |place| values[place]));
                }
            }
        }
        Ok(())
    }

    fn push_words(
        &mut self,
        texts: &Texts<'_>,
        places: Option<Vec<Option<usize>>>,
        count: usize,
        options: &ReadOptions,
    ) {
        let text = |place: usize| texts.get(place).filter(|text| !text.is_empty() && !options.is_null(text));
        let Some(places) = places else {
            return (0..count).for_each(|row| self.words.push(text(row)));
        };
        // A word of a dictionary is looked up once; one that no row has is not there.
        let mut codes: Vec<Option<u32>> = vec![None; count];
        for place in places {
            let code = place.map_or(MISSING, |place| {
                *codes[place].get_or_insert_with(|| text(place).map_or(MISSING, |word| self.words.code(word)))
            });
            self.words.push_code(code);
        }
    }

    /// The column.
    pub(super) fn finish(self, notices: &mut Vec<Notice>) -> FrameColumn {
        let Self { name, kind, numbers, words, rounded, first_rounded } = self;
        if let Some(row) = first_rounded {
            notices.push(Notice::Rounded { column: name.clone(), cells: rounded, first: Place::Row(row) });
        }
        match kind {
            DataType::Boolean => FrameColumn::new(name, words.finish()).styled(Style::Flags),
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => meant(name, words.finish(), b'.', notices),
            DataType::Decimal32(_, scale)
            | DataType::Decimal64(_, scale)
            | DataType::Decimal128(_, scale)
            | DataType::Decimal256(_, scale)
                if (0..=DECIMALS).contains(&scale) =>
            {
                let style = Style::Digits(Digits::Decimals(scale as u8));
                FrameColumn { name, cells: Cells::Numbers(numbers), style }
            }
            DataType::Date32 | DataType::Date64 => FrameColumn::new(name, Cells::Times(numbers)),
            DataType::Timestamp(_, zone) => {
                let style = TimeStyle::of(&numbers);
                let zone = zone_of(zone.as_deref().unwrap_or_default(), &name, notices);
                let style = if style.clock.is_some() { TimeStyle { zone, ..style } } else { style };
                FrameColumn { name, cells: Cells::Times(numbers), style: Style::Time(style) }
            }
            DataType::Duration(_) | DataType::Time32(_) | DataType::Time64(_) => {
                let from = if matches!(kind, DataType::Duration(_)) { "a duration" } else { "a time of day" };
                notices.push(Notice::Converted { column: name.clone(), from: from.to_owned(), to: "seconds" });
                FrameColumn::new(name, Cells::Numbers(numbers))
            }
            _ => FrameColumn::new(name, Cells::Numbers(numbers)),
        }
    }
}

/// Arrays of text and flags.
enum Texts<'a> {
    Flags(&'a BooleanArray),
    Short(&'a StringArray),
    Long(&'a LargeStringArray),
    View(&'a StringViewArray),
}

impl<'a> Texts<'a> {
    fn of(array: &'a ArrayRef) -> Option<Self> {
        Some(match array.data_type() {
            DataType::Boolean => Self::Flags(array.as_boolean()),
            DataType::Utf8 => Self::Short(array.as_string()),
            DataType::LargeUtf8 => Self::Long(array.as_string()),
            DataType::Utf8View => Self::View(array.as_string_view()),
            _ => return None,
        })
    }

    fn get(&self, row: usize) -> Option<&'a str> {
        match self {
            Self::Flags(array) => array.is_valid(row).then(|| if array.value(row) { "true" } else { "false" }),
            Self::Short(array) => array.is_valid(row).then(|| array.value(row)),
            Self::Long(array) => array.is_valid(row).then(|| array.value(row)),
            Self::View(array) => array.is_valid(row).then(|| array.value(row)),
        }
    }
}

/// The type of the values in dictionaries and runs.
fn plain(kind: &DataType) -> &DataType {
    match kind {
        DataType::Dictionary(_, values) => plain(values),
        DataType::RunEndEncoded(_, values) => plain(values.data_type()),
        kind => kind,
    }
}

/// What the values of a type are, if no cell of a table can be that.
fn no_cells(kind: &DataType) -> Option<&'static str> {
    Some(match kind {
        DataType::List(_)
        | DataType::LargeList(_)
        | DataType::FixedSizeList(..)
        | DataType::ListView(_)
        | DataType::LargeListView(_) => "lists",
        DataType::Struct(_) => "structs",
        DataType::Map(..) => "maps",
        DataType::Union(..) => "unions",
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => "bytes",
        DataType::Interval(_) => "intervals of months and days",
        _ => return None,
    })
}

/// The zone of `+01:00`. Of `Europe/Oslo` there is no single one, and its times are shown as UTC.
fn zone_of(text: &str, column: &str, notices: &mut Vec<Notice>) -> Zone {
    if text.is_empty() {
        return Zone::Unsaid;
    }
    if matches!(text, "UTC" | "utc" | "Z" | "Etc/UTC" | "GMT") {
        return Zone::Utc;
    }
    offset(text).unwrap_or_else(|| {
        let from = format!("in the zone {text}");
        notices.push(Notice::Converted { column: column.to_owned(), from, to: "UTC" });
        Zone::Utc
    })
}

fn offset(text: &str) -> Option<Zone> {
    let sign = match text.bytes().next()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = text[1..].split_once(':')?;
    let (hours, minutes) = (hours.parse::<u8>().ok()?, minutes.parse::<u8>().ok()?);
    let east = sign * (i32::from(hours) * 3600 + i32::from(minutes) * 60);
    // Beyond a day there is no zone.
    (east.abs() < 86_400).then_some(if east == 0 { Zone::Utc } else { Zone::East(east) })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{DictionaryArray, Int64Array, types::Int8Type};

    use super::*;

    fn column(field: &Field, arrays: &[ArrayRef]) -> (FrameColumn, Vec<Notice>) {
        let (mut builder, mut notices) = (Builder::new(field).expect("cells"), vec![]);
        arrays.iter().for_each(|array| builder.push(array, &ReadOptions::new()).expect("of the type"));
        (builder.finish(&mut notices), notices)
    }

    #[test]
    fn words_of_dictionaries_are_those_that_rows_have_in_their_order() {
        let part = |words: [Option<&str>; 3], turned: bool| -> ArrayRef {
            let all: DictionaryArray<Int8Type> = words.into_iter().collect();
            Arc::new(if turned { all.slice(1, 2) } else { all })
        };
        let parts = [part([Some("unused"), Some("b"), None], true), part([Some("a"), Some("b"), Some("")], false)];
        let (column, _) = column(&Field::new("w", parts[0].data_type().clone(), true), &parts);
        let expected: Cells = [Some("b"), None, Some("a"), Some("b"), None].into_iter().collect();
        assert_eq!(column.cells, expected);
    }

    #[test]
    fn rounded_numbers_are_counted_over_all_arrays() {
        let part = |last: i64| -> ArrayRef { Arc::new(Int64Array::from(vec![1, (1 << 53) + last])) };
        let (_, notices) = column(&Field::new("id", DataType::Int64, true), &[part(0), part(1), part(3)]);
        assert_eq!(notices, [Notice::Rounded { column: "id".into(), cells: 2, first: Place::Row(3) }]);
    }

    #[test]
    fn a_zone_is_kept_where_a_column_can_say_it_and_told_where_not() {
        let mut notices = vec![];
        let mut zones = |text: &str| zone_of(text, "at", &mut notices);
        assert_eq!([zones(""), zones("UTC"), zones("+00:00")], [Zone::Unsaid, Zone::Utc, Zone::Utc]);
        assert_eq!([zones("-03:30"), zones("+99:00")], [Zone::East(-12_600), Zone::Utc]);
        assert_eq!(zones("Europe/Oslo"), Zone::Utc);
        assert_eq!(notices[1].to_string(), "`at` is in the zone Europe/Oslo, read as UTC");
    }
}
