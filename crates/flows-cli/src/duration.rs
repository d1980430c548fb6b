//! Times on a command line.

/// Seconds, from `90`, `90s`, `1.5m` or `2h`.
pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let unit = |letter: char| match letter {
        's' => Some(1.0),
        'm' => Some(60.0),
        'h' => Some(3600.0),
        'd' => Some(86_400.0),
        _ => None,
    };
    let last = text.chars().last().and_then(|letter| Some((unit(letter)?, letter.len_utf8())));
    let (number, unit) = last.map_or((text, 1.0), |(unit, length)| (&text[..text.len() - length], unit));
    match number.trim().parse::<f64>() {
        Ok(number) if number > 0.0 && number.is_finite() => Ok(number * unit),
        _ => Err("expected a time as in 30s, 10m or 2h".to_owned()),
    }
}

/// A time for people: `0.4 s`, `12 s`, `3 min 20 s`.
pub(crate) fn shown(seconds: f64) -> String {
    match seconds {
        _ if seconds < 10.0 => format!("{seconds:.1} s"),
        _ if seconds < 120.0 => format!("{seconds:.0} s"),
        _ => format!("{} min {} s", seconds as u64 / 60, seconds as u64 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit_or_are_seconds() {
        for (text, expected) in [("90", 90.0), ("30s", 30.0), ("1.5m", 90.0), ("2h", 7200.0)] {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        for text in ["", "0s", "-3s", "s", "ten", "infs", "nan", "3é"] {
            assert!(seconds(text).is_err(), "{text}");
        }
        assert_eq!((shown(0.42), shown(200.0)), ("0.4 s".to_owned(), "3 min 20 s".to_owned()));
    }
}
