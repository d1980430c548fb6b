//! Signs beside numbers: `$` before, `%` behind.

use serde::{Deserialize, Serialize};

use crate::table::number::number;

/// The sign that all numbers of a column have: `$` before them, or `%` behind.
///
/// # Example
///
/// ```
/// use flows_data::{Cells, Frame, ReadOptions};
///
/// let csv = "price,share\n$12.50,7%\n\"-$1,200.25\",12%\n";
/// let frame = Frame::from_text(csv.as_bytes(), "t.csv", &ReadOptions::new())?;
/// assert_eq!(frame.columns()[0].cells, Cells::Numbers(vec![12.5, -1200.25]));
/// assert_eq!((frame.columns()[0].text(1).unwrap(), frame.columns()[1].text(0).unwrap()), ("-$1200.25".into(), "7%".into()));
/// # Ok::<(), flows_data::DataError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    before: String,
    after: String,
}

/// Signs of currencies, on either side of a number.
const CURRENCIES: [&str; 13] = ["US$", "A$", "C$", "R$", "$", "€", "£", "¥", "₹", "₩", "₽", "₺", "₫"];
/// Signs behind numbers alone.
const BEHIND: [&str; 5] = ["%", "‰", "°C", "°F", "°"];

impl Mark {
    /// The numbers of texts that all have one sign beside them; `None` where there is a text without, or with another one.
    pub(super) fn read_all<'a>(texts: impl Iterator<Item = &'a str>, decimal: u8) -> Option<(Self, Vec<f64>)> {
        let (mut mark, mut values) = (None, vec![]);
        for text in texts {
            let (found, value) = Self::read(text, decimal)?;
            if !mark.get_or_insert_with(|| found.clone()).is(&found) {
                return None;
            }
            values.push(value);
        }
        Some((mark?, values))
    }

    /// Whether it is the same sign, with a space or without.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.before == other.before && self.after.trim() == other.after.trim()
    }

    /// The sign of a number.
    pub(super) fn of(text: &str, decimal: u8) -> Option<Self> {
        Self::read(text, decimal).map(|(mark, _)| mark)
    }

    /// A number with a sign beside it.
    fn read(text: &str, decimal: u8) -> Option<(Self, f64)> {
        let text = text.trim();
        let (minus, unsigned) = match text.strip_prefix(['-', '\u{2212}']) {
            Some(rest) => (true, rest.trim_start()),
            None => (false, text),
        };
        let before = CURRENCIES.into_iter().find(|sign| unsigned.starts_with(sign));
        let after = CURRENCIES.into_iter().chain(BEHIND).find(|sign| unsigned.ends_with(sign));
        let (before, after, digits) = match (before, after) {
            (Some(sign), None) => (unsigned[..sign.len()].to_owned(), String::new(), &unsigned[sign.len()..]),
            (None, Some(sign)) => {
                let digits = unsigned[..unsigned.len() - sign.len()].trim_end();
                // With the space that is between.
                (String::new(), unsigned[digits.len()..].to_owned(), digits)
            }
            _ => return None,
        };
        let value = number(digits.trim().as_bytes(), decimal)?.value;
        value.is_finite().then_some((Self { before, after }, if minus { -value } else { value }))
    }

    /// The number of a text, with the sign or without it.
    pub(crate) fn number(&self, text: &str) -> Option<f64> {
        let marked = Self::read(text, b'.').filter(|(mark, _)| mark.is(self)).map(|(_, value)| value);
        marked.or_else(|| text.trim().parse().ok())
    }

    /// A number as it is written, with the sign.
    pub(super) fn text(&self, number: &str) -> String {
        match number.strip_prefix('-') {
            Some(size) => format!("-{}{size}{}", self.before, self.after),
            None => format!("{}{number}{}", self.before, self.after),
        }
    }
}

impl std::fmt::Display for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.before, self.after.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_read_and_written_as_they_stand() {
        for (text, value, written) in [
            ("$5", 5.0, "$5"),
            ("-$5", -5.0, "-$5"),
            ("$-5", -5.0, "-$5"),
            ("US$ 7", 7.0, "US$7"),
            ("€1,200", 1200.0, "€1200"),
            ("12%", 12.0, "12%"),
            ("12 %", 12.0, "12 %"),
            ("3 €", 3.0, "3 €"),
            ("\u{2212}4°C", -4.0, "-4°C"),
        ] {
            let (mark, values) = Mark::read_all([text].into_iter(), b'.').unwrap_or_else(|| panic!("{text}"));
            assert_eq!(values, [value], "{text}");
            assert_eq!(mark.text(&value.to_string()), written);
            assert_eq!((mark.number(text), mark.number("3.5")), (Some(value), Some(3.5)));
        }
        assert_eq!(
            Mark::read_all(["1,5 €", "2,25 €"].into_iter(), b',').map(|(_, values)| values),
            Some(vec![1.5, 2.25])
        );
    }

    #[test]
    fn what_has_no_sign_or_two_is_text() {
        assert!(Mark::read_all(["5%", "6 %"].into_iter(), b'.').is_some());
        for texts in
            [&["$5", "5"][..], &["$5", "€5"], &["$5%"], &["5"], &["$"], &["%"], &["$x"], &["5 km"], &["$inf"], &[]]
        {
            assert_eq!(Mark::read_all(texts.iter().copied(), b'.'), None, "{texts:?}");
        }
    }
}
