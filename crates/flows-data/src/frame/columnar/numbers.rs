//! Arrays of numbers and times in double precision.

use arrow_array::{
    Array, ArrayRef,
    cast::AsArray,
    types::{
        Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int64Type, UInt64Type,
    },
};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType, TimeUnit};

use super::super::numpy::short;

/// The numbers of an array, NaN where there is none, and the places of whole ones that double precision has not. Times are
/// in seconds.
pub(super) fn numbers(array: &ArrayRef) -> Result<(Vec<f64>, Vec<usize>), ArrowError> {
    let values = match array.data_type() {
        DataType::Null => vec![f64::NAN; array.len()],
        // With the digits of single precision: 0.1 is no 0.10000000149011612.
        DataType::Float16 | DataType::Float32 => {
            let single = cast(array, &DataType::Float32)?;
            single.as_primitive::<Float32Type>().iter().map(|value| value.map_or(f64::NAN, short)).collect()
        }
        DataType::Date32 => seconds(array, 1, 86_400)?,
        DataType::Date64 => seconds(array, 1000, 1)?,
        DataType::Timestamp(unit, _) | DataType::Duration(unit) | DataType::Time32(unit) | DataType::Time64(unit) => {
            seconds(array, in_a_second(*unit), 1)?
        }
        _ => {
            let double = cast(array, &DataType::Float64)?;
            double.as_primitive::<Float64Type>().iter().map(|value| value.unwrap_or(f64::NAN)).collect()
        }
    };
    Ok((values, rounded(array)))
}

/// The places of whole numbers of which double precision has only a neighbour, as it does from 2^53 on.
fn rounded(array: &ArrayRef) -> Vec<usize> {
    match array.data_type() {
        DataType::Int64 => beyond(array.as_primitive::<Int64Type>().iter().map(|value| value.map(i128::from))),
        DataType::UInt64 => beyond(array.as_primitive::<UInt64Type>().iter().map(|value| value.map(i128::from))),
        DataType::Decimal32(_, 0) => {
            beyond(array.as_primitive::<Decimal32Type>().iter().map(|value| value.map(i128::from)))
        }
        DataType::Decimal64(_, 0) => {
            beyond(array.as_primitive::<Decimal64Type>().iter().map(|value| value.map(i128::from)))
        }
        DataType::Decimal128(_, 0) => beyond(array.as_primitive::<Decimal128Type>().iter()),
        DataType::Decimal256(_, 0) => {
            // One beyond 128 bits is hardly ever a double: it counts as one that is none.
            let small = |value: arrow_buffer::i256| value.to_i128().unwrap_or(i128::MAX - 1);
            beyond(array.as_primitive::<Decimal256Type>().iter().map(|value| value.map(small)))
        }
        _ => vec![],
    }
}

fn beyond(values: impl Iterator<Item = Option<i128>>) -> Vec<usize> {
    let is_beyond = |value: Option<i128>| value.is_some_and(|value| value as f64 as i128 != value);
    values.enumerate().filter(|(_, value)| is_beyond(*value)).map(|(place, _)| place).collect()
}

fn in_a_second(unit: TimeUnit) -> u32 {
    match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    }
}

/// Ticks as seconds. A division by a whole number is exact where its quotient is; a product with 0.001 is not.
fn seconds(array: &ArrayRef, ticks: u32, each: u32) -> Result<Vec<f64>, ArrowError> {
    let whole = cast(array, &DataType::Int64)?;
    let of = |tick: i64| tick as f64 / f64::from(ticks) * f64::from(each);
    Ok(whole.as_primitive::<Int64Type>().iter().map(|tick| tick.map_or(f64::NAN, of)).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Decimal128Array, Decimal256Array, Int64Array, TimestampMillisecondArray, UInt64Array};
    use arrow_buffer::i256;

    use super::*;

    #[test]
    fn whole_numbers_beyond_two_to_the_53_are_found_in_every_type_that_has_them() {
        let large = (1i64 << 53) + 1;
        let arrays: [ArrayRef; 4] = [
            Arc::new(Int64Array::from(vec![Some(-large), None, Some(1 << 60)])),
            Arc::new(UInt64Array::from(vec![large as u64, 0, 5])),
            Arc::new(
                Decimal128Array::from(vec![i128::from(large), 0, 5]).with_precision_and_scale(38, 0).expect("fits"),
            ),
            Arc::new(
                Decimal256Array::from(vec![i256::from(i128::MAX) + i256::from(3i8), i256::ONE, i256::ZERO])
                    .with_precision_and_scale(76, 0)
                    .expect("fits"),
            ),
        ];
        for array in arrays {
            assert_eq!(numbers(&array).expect("numbers").1, [0], "{array:?}");
        }
    }

    #[test]
    fn decimals_and_times_are_the_nearest_doubles() {
        let decimals = Decimal128Array::from(vec![120, -345]).with_precision_and_scale(9, 2).expect("fits");
        assert_eq!(numbers(&(Arc::new(decimals) as ArrayRef)).expect("numbers").0, [1.2, -3.45]);
        let times: ArrayRef = Arc::new(TimestampMillisecondArray::from(vec![Some(1_700_000_000_003), None]));
        let (seconds, _) = numbers(&times).expect("times");
        assert!(seconds[0] == 1_700_000_000.003 && seconds[1].is_nan());
    }
}
