//! Numbers as people and spreadsheets write them.

/// A number, and whether its thousands were separated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Number {
    pub(crate) value: f64,
    pub(crate) grouped: bool,
}

/// The number in a cell, if it holds one.
///
/// Spaces around it do not count. Besides what Rust reads, the minus sign of typesetting (U+2212), the exponents of
/// Fortran (`1D5`) and separated thousands are read; the separator is the one of `,` and `.` that is not the decimal
/// mark, an apostrophe or a space, and groups have three digits.
pub(crate) fn number(cell: &[u8], decimal: u8) -> Option<Number> {
    let text = std::str::from_utf8(cell).ok()?.trim();
    if decimal == b'.'
        && let Ok(value) = text.parse()
    {
        return Some(Number { value, grouped: false });
    }
    let (plain, grouped) = plain(text, char::from(decimal))?;
    plain.parse().ok().map(|value| Number { value, grouped })
}

/// What the spelling of a number says about the decimal mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// It is a number whatever the mark, and the same one; or no number at all.
    Silent,
    /// It is a number only if the mark is a point.
    Point,
    /// It is a number only if the mark is a comma.
    Comma,
    /// It is one number with a point for the mark, and another with a comma: `1,234`.
    Either,
}

pub(crate) fn spelling(cell: &[u8]) -> Spelling {
    // Most cells are settled here.
    if !cell.iter().any(|byte| matches!(byte, b',' | b'.')) {
        return Spelling::Silent;
    }
    let bare = bare(cell);
    match (number(bare, b'.'), number(bare, b',')) {
        (Some(_), None) => Spelling::Point,
        (None, Some(_)) => Spelling::Comma,
        (Some(_), Some(_)) if cell.contains(&b',') => Spelling::Either,
        _ => Spelling::Silent,
    }
}

/// A cell without the signs that may be beside a number, a minus before them among them.
pub(crate) fn bare(cell: &[u8]) -> &[u8] {
    let Ok(text) = std::str::from_utf8(cell) else { return cell };
    let unsigned = text.trim().trim_start_matches(['-', '\u{2212}']).trim_start();
    let bare = unsigned.trim_matches(|c: char| c.is_whitespace() || is_sign(c));
    if bare.len() == unsigned.len() { cell } else { bare.as_bytes() }
}

/// Whether a sign of a currency, of a share or of an angle.
pub(crate) fn is_sign(c: char) -> bool {
    matches!(c, '$' | '€' | '£' | '¥' | '₹' | '₩' | '₽' | '₺' | '₫' | '%' | '‰' | '°')
}

/// The number as Rust writes it, and whether its thousands were separated.
fn plain(text: &str, decimal: char) -> Option<(String, bool)> {
    let mut rest = text.chars();
    let sign = match rest.next()? {
        '-' | '\u{2212}' | '\u{2013}' | '\u{fe63}' | '\u{ff0d}' => "-",
        '+' => "",
        _ => {
            rest = text.chars();
            ""
        }
    };
    let rest = rest.as_str();
    if matches!(rest.to_ascii_lowercase().as_str(), "inf" | "infinity" | "nan") {
        return Some((format!("{sign}{rest}"), false));
    }
    let (mantissa, exponent) = match rest.split_once(['e', 'E', 'd', 'D']) {
        Some((mantissa, exponent)) => (mantissa, exponent.replace('\u{2212}', "-")),
        None => (rest, "0".to_owned()),
    };
    let (whole, fraction) = mantissa.split_once(decimal).unwrap_or((mantissa, ""));
    // `1,` is a number followed by a comma.
    if mantissa.ends_with(',') || (whole.is_empty() && fraction.is_empty()) || !all_digits(fraction) {
        return None;
    }
    let (whole, grouped) = ungrouped(whole, decimal)?;
    Some((format!("{sign}0{whole}.{fraction}0e{exponent}"), grouped))
}

/// The digits before the decimal mark, without separators.
fn ungrouped(whole: &str, decimal: char) -> Option<(String, bool)> {
    if all_digits(whole) {
        return Some((whole.to_owned(), false));
    }
    let other = if decimal == '.' { ',' } else { '.' };
    let separator = whole.chars().find(|c| !c.is_ascii_digit())?;
    if separator != other && !matches!(separator, '\'' | '’' | ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}') {
        return None;
    }
    let mut groups = whole.split(separator);
    let first = groups.next()?;
    // A group of thousands has a leading digit: `0,123` has a decimal comma.
    let leads = matches!(first.len(), 1..=3) && all_digits(first) && !first.starts_with('0');
    (leads && groups.all(|group| group.len() == 3 && all_digits(group))).then(|| (whole.replace(separator, ""), true))
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cell: &str, decimal: u8) -> Option<f64> {
        number(cell.as_bytes(), decimal).map(|number| number.value)
    }

    #[test]
    fn numbers_are_read_as_they_are_written_in_many_places() {
        for (cell, value) in [
            (" 1.5 ", 1.5),
            ("+2", 2.0),
            ("-3e2", -300.0),
            ("\u{2212}0.25", -0.25),
            ("1e\u{2212}3", 1e-3),
            ("1.5D+03", 1500.0),
            ("1,234.50", 1234.5),
            ("-1,234,567", -1_234_567.0),
            ("1'234.5", 1234.5),
            ("12\u{a0}345", 12345.0),
            (".5", 0.5),
        ] {
            assert_eq!(read(cell, b'.'), Some(value), "{cell}");
        }
        for (cell, value) in
            [("1,5", 1.5), ("1.234,50", 1234.5), ("\u{2212}0,25", -0.25), ("7", 7.0), ("1,5e3", 1500.0)]
        {
            assert_eq!(read(cell, b','), Some(value), "{cell}");
        }
    }

    #[test]
    fn what_only_looks_like_a_number_is_none() {
        for cell in ["", "-", "1,2", "0,123", "12,34.5", "1,2345", "1 2", "$5", "12%", "1.2.3", "e5", "d", ".", "1,"] {
            assert_eq!(read(cell, b'.'), None, "{cell}");
        }
        for cell in ["1.5", "1,2,3", "1.23,4", "0.123"] {
            assert_eq!(read(cell, b','), None, "{cell}");
        }
    }

    #[test]
    fn every_digit_of_a_long_number_counts() {
        assert_eq!(read("\u{2212}0.1000000000000000055511151231257827", b'.'), Some(-0.1));
        assert_eq!(read("9,96920996838687e36", b','), Some(9.969_209_968_386_87e36));
    }

    #[test]
    fn a_spelling_tells_the_decimal_mark_where_only_one_is_possible() {
        for (cell, spelt) in [
            ("1,5", Spelling::Comma),
            ("0,123", Spelling::Comma),
            ("1.234,5", Spelling::Comma),
            ("1.234.567", Spelling::Comma),
            ("1.5", Spelling::Point),
            ("1,234.5", Spelling::Point),
            ("1,234,567", Spelling::Point),
            ("1,234", Spelling::Either),
            ("1.234", Spelling::Silent),
            ("12", Spelling::Silent),
            ("1.234,50 €", Spelling::Comma),
            ("$1,234.50", Spelling::Point),
            ("12,5%", Spelling::Comma),
            ("-$5,50", Spelling::Comma),
            ("1\u{a0}234,5\u{202f}€", Spelling::Comma),
            ("Oslo", Spelling::Silent),
        ] {
            assert_eq!(spelling(cell.as_bytes()), spelt, "{cell}");
        }
    }
}
