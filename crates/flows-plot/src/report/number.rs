//! Numbers as a reader wants them: no more digits than mean something.

use serde::{Deserialize, Serialize};

/// A mean and how far it may be off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The mean.
    pub value: f64,
    /// Two standard errors of it: the truth is within them about 19 times of 20.
    pub two_standard_errors: f64,
}

impl Estimate {
    /// The digits after the point: two figures of the error.
    pub(super) fn decimals(self) -> usize {
        let error = self.two_standard_errors;
        if error.is_finite() && error > 0.0 { (1 - error.log10().floor() as i64).clamp(1, 4) as usize } else { 3 }
    }

    /// `1.234 ± 0.012`.
    pub(super) fn shown(self) -> String {
        self.with(fixed)
    }

    /// As [`shown`](Self::shown), with a plus before a positive value: a difference.
    pub(super) fn signed(self) -> String {
        self.with(signed)
    }

    /// The error with its sign, `± 0.012 `, if it is a number: to put before the unit.
    pub(super) fn margin(self) -> String {
        let error = self.two_standard_errors;
        if error.is_finite() { format!("± {} ", fixed(error, self.decimals())) } else { String::new() }
    }

    fn with(self, value: fn(f64, usize) -> String) -> String {
        let decimals = self.decimals();
        let number = value(self.value, decimals);
        match self.two_standard_errors {
            error if error.is_finite() && error >= 0.0 => format!("{number} ± {}", fixed(error, decimals)),
            _ => number,
        }
    }

    /// Whether the value differs from zero by more than its error.
    pub(super) fn is_clear(self) -> bool {
        // An error that is not a number leaves nothing to doubt by.
        self.two_standard_errors.is_nan() || self.value.abs() > self.two_standard_errors
    }
}

/// A number with so many digits after the point, with a true minus.
pub(super) fn fixed(value: f64, decimals: usize) -> String {
    let text = match value {
        value if value.is_nan() => return "NaN".to_owned(),
        f64::INFINITY => return "∞".to_owned(),
        f64::NEG_INFINITY => return "−∞".to_owned(),
        value if value.abs() >= 1e7 => format!("{value:.3e}"),
        value => format!("{value:.decimals$}"),
    };
    // A rounded zero has no sign.
    let zero = text.strip_prefix('-').is_some_and(|digits| digits.chars().all(|c| matches!(c, '0' | '.')));
    if zero { text[1..].to_owned() } else { text.replace('-', "−") }
}

/// As [`fixed`], with a plus before what is above zero.
pub(super) fn signed(value: f64, decimals: usize) -> String {
    let text = fixed(value, decimals);
    if value > 0.0 && text.chars().any(|c| matches!(c, '1'..='9' | '∞')) { format!("+{text}") } else { text }
}

/// A count with its thousands apart: `53,940`.
pub(super) fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count and what is counted: `1 row`, `20 rows`.
pub(super) fn counted(number: u64, one: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {one}{plural}", count(number))
}

/// A share in percent: `89.7 %`.
pub(super) fn percent(share: f64, decimals: usize) -> String {
    format!("{}\u{a0}%", fixed(100.0 * share, decimals))
}

/// A small probability in percent, in two figures.
pub(super) fn small_percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent.is_nan() || percent <= 0.0 {
        return if percent == 0.0 { "0\u{a0}%".to_owned() } else { "NaN".to_owned() };
    }
    if percent < 1e-4 {
        return "less than 0.0001\u{a0}%".to_owned();
    }
    format!("{}\u{a0}%", fixed(percent, (1 - percent.log10().floor() as i64).clamp(0, 5) as usize))
}

/// A duration: `0.8 s`, `42 s`, `3 min 20 s`.
pub(super) fn seconds(seconds: f64) -> String {
    match seconds {
        seconds if seconds < 9.95 => format!("{} s", fixed(seconds, 1)),
        seconds if seconds < 119.5 => format!("{} s", fixed(seconds, 0)),
        seconds if seconds < 3600.0 => format!("{} min {} s", (seconds / 60.0).floor(), (seconds % 60.0).floor()),
        seconds => format!("{} h {} min", (seconds / 3600.0).floor(), (seconds % 3600.0 / 60.0).floor()),
    }
}

/// A size of a file: `812 bytes`, `1.3 MB`.
pub(super) fn bytes(size: u64) -> String {
    let large = size as f64;
    match size {
        0..1_000 => counted(size, "byte"),
        1_000..1_000_000 => format!("{} kB", fixed(large / 1e3, 1)),
        1_000_000..1_000_000_000 => format!("{} MB", fixed(large / 1e6, 1)),
        _ => format!("{} GB", fixed(large / 1e9, 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(value: f64, two_standard_errors: f64) -> Estimate {
        Estimate { value, two_standard_errors }
    }

    #[test]
    fn an_estimate_has_two_figures_of_its_error() {
        assert_eq!(estimate(-1.234567, 0.0123).shown(), "−1.235 ± 0.012");
        assert_eq!(estimate(123.456, 4.5).shown(), "123.5 ± 4.5");
        assert_eq!(estimate(1.0, 0.0).shown(), "1.000 ± 0.000");
        assert_eq!(estimate(1.0, f64::NAN).shown(), "1.000");
        assert_eq!(estimate(0.5, 0.1).signed(), "+0.50 ± 0.10");
        assert_eq!(estimate(f64::NEG_INFINITY, f64::INFINITY).shown(), "−∞");
    }

    #[test]
    fn a_rounded_zero_has_no_sign() {
        assert_eq!(
            (fixed(-0.0001, 2), signed(0.0001, 2), signed(-0.5, 1)),
            ("0.00".into(), "0.00".into(), "−0.5".into())
        );
    }

    #[test]
    fn counts_and_sizes_are_read_at_a_glance() {
        assert_eq!((count(53_940), count(999), count(1_234_567)), ("53,940".into(), "999".into(), "1,234,567".into()));
        assert_eq!((counted(1, "row"), counted(0, "row")), ("1 row".into(), "0 rows".into()));
        assert_eq!((bytes(812), bytes(1_310_000)), ("812 bytes".into(), "1.3 MB".into()));
        assert_eq!(
            (seconds(0.84), seconds(42.3), seconds(200.0)),
            ("0.8 s".into(), "42 s".into(), "3 min 20 s".into())
        );
        assert_eq!(seconds(3700.0), "1 h 1 min");
    }

    #[test]
    fn a_small_probability_keeps_two_figures() {
        assert_eq!((small_percent(0.000123), small_percent(0.5)), ("0.012\u{a0}%".into(), "50\u{a0}%".into()));
        assert_eq!((small_percent(0.0), small_percent(1e-9)), ("0\u{a0}%".into(), "less than 0.0001\u{a0}%".into()));
    }
}
