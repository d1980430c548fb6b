//! How many digits the numbers of a column have.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// How many digits the numbers of a column are written with.
///
/// # Example
///
/// ```
/// use flows_data::Digits;
///
/// let millimetres = Digits::of(&[39.1, 40.25, f64::NAN]);
/// assert_eq!(millimetres, Digits::Decimals(2));
/// assert_eq!((millimetres.text(41.0 / 3.0), millimetres.round(41.0 / 3.0)), ("13.67".to_owned(), 13.67));
/// assert_eq!(Digits::of(&[1e-300, 2.5e300]).text(1.0 / 3.0), "0.33");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Digits {
    /// So many behind the decimal point.
    Decimals(u8),
    /// So many in all, for columns that span many orders of magnitude or fill double precision.
    Significant(u8),
    /// Whole numbers padded with leading zeros to this many digits, such as the code 00501.
    Padded(u8),
}

/// More decimals than this are no choice of a person's.
const MOST: u8 = 12;
/// The digits that give every number in double precision back.
const ALL: u8 = 17;

impl Digits {
    /// As many as the numbers have that are there.
    pub fn of(values: &[f64]) -> Self {
        let known = || values.iter().copied().filter(|value| value.is_finite() && *value != 0.0);
        let mut decimals = 0;
        for value in known().filter(|value| value.fract() != 0.0) {
            // Nearly all numbers of a column have as many as one before.
            let unit = 10f64.powi(decimals);
            if (value * unit).round() / unit == value {
                continue;
            }
            let (digits, exponent) = shape(value);
            decimals = decimals.max(digits - 1 - exponent);
            if decimals > i32::from(MOST) {
                let significant = known().map(|value| shape(value).0).max().unwrap_or(1);
                return Self::Significant(significant as u8);
            }
        }
        Self::Decimals(decimals as u8)
    }

    /// A number with so many digits.
    pub fn text(self, value: f64) -> String {
        let mut text = String::new();
        self.write(value, &mut text);
        text
    }

    /// Writes a number with so many digits.
    pub fn write(self, value: f64, text: &mut String) {
        let start = text.len();
        match self {
            Self::Padded(width) if (0.0..1e15).contains(&value.round()) => {
                write!(text, "{value:0>width$.0}", width = usize::from(width)).expect("writing to memory cannot fail");
            }
            Self::Decimals(decimals) if value.abs() < 1e15 => {
                write!(text, "{value:.*}", usize::from(decimals)).expect("writing to memory cannot fail");
                // No sign before a zero that was rounded to.
                if value <= 0.0
                    && text[start..].starts_with('-')
                    && !text[start..].contains(['1', '2', '3', '4', '5', '6', '7', '8', '9'])
                {
                    text.remove(start);
                }
            }
            _ => {
                let value = self.round(value);
                let size = value.abs();
                let written = match size == 0.0 || (1e-5..1e16).contains(&size) || !size.is_finite() {
                    true => write!(text, "{value}"),
                    false => write!(text, "{value:e}"),
                };
                written.expect("writing to memory cannot fail");
            }
        }
    }

    /// The number that is written.
    pub fn round(self, value: f64) -> f64 {
        let rounded = match self {
            Self::Decimals(decimals) if value.abs() < 1e15 => format!("{value:.*}", usize::from(decimals)),
            Self::Padded(_) => return value.round() + 0.0,
            Self::Significant(digits) if digits < ALL => format!("{value:.*e}", usize::from(digits.max(1)) - 1),
            _ => return value,
        };
        // A negative zero is none that was measured.
        rounded.parse::<f64>().map_or(value, |rounded| rounded + 0.0)
    }

    /// The distance of neighbouring numbers; `None` where it depends on their size.
    pub fn step(self) -> Option<f64> {
        match self {
            Self::Decimals(decimals) => Some(10f64.powi(-i32::from(decimals))),
            Self::Padded(_) => Some(1.0),
            Self::Significant(_) => None,
        }
    }
}

/// The number of digits and the exponent of the shortest text that gives a number back.
fn shape(value: f64) -> (i32, i32) {
    let text = format!("{value:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    (mantissa.bytes().filter(u8::is_ascii_digit).count() as i32, exponent.parse().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_out_with_the_digits_of_their_column() {
        for (values, digits) in [
            (&[5.1, 4.9, 3.0][..], Digits::Decimals(1)),
            (&[326.0, 18823.0], Digits::Decimals(0)),
            (&[0.1, 1e-7], Digits::Decimals(7)),
            (&[1.0 / 3.0, 0.5], Digits::Significant(16)),
            (&[9.97e36, 1e-20], Digits::Significant(3)),
            (&[], Digits::Decimals(0)),
        ] {
            assert_eq!(Digits::of(values), digits, "{values:?}");
            for value in values {
                assert_eq!(digits.text(*value).parse::<f64>().expect("a number"), *value, "{digits:?}");
            }
        }
        assert_eq!(Digits::Decimals(1).text(-0.04), "0.0");
        assert_eq!([7.0, 12345.0, 123_456.0].map(|code| Digits::Padded(5).text(code)), ["00007", "12345", "123456"]);
        assert_eq!(Digits::Decimals(0).text(1e300), "1e300");
        assert_eq!(Digits::Significant(3).text(123_456.0), "123000");
        assert_eq!((Digits::Decimals(2).step(), Digits::Significant(3).step()), (Some(0.01), None));
    }
}
