//! Text and numbers as the oldest protocol, which is readable, writes them.

/// The bytes of a string of Python 2, given as Python source: in quotes, with escapes.
pub(super) fn unquoted(line: &[u8]) -> Result<Vec<u8>, String> {
    let inner = match line {
        [open @ (b'\'' | b'"'), inner @ .., close] if open == close => inner,
        _ => return Err("a string without quotes".to_owned()),
    };
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner.iter().copied();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'\\' => match rest.next() {
                Some(b'n') => b'\n',
                Some(b'r') => b'\r',
                Some(b't') => b'\t',
                Some(b'x') => code(&mut rest, 2)? as u8,
                Some(same @ (b'\\' | b'\'' | b'"')) => same,
                _ => return Err("a string with an unknown escape".to_owned()),
            },
            other => other,
        });
    }
    Ok(bytes)
}

/// Text in Latin-1 in which only `\u` and `\U` are escapes.
pub(super) fn raw_unicode(line: &[u8]) -> Result<String, String> {
    let mut text = String::with_capacity(line.len());
    let mut rest = line.iter().copied();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            text.push(char::from(byte));
            continue;
        }
        let digits = match rest.next() {
            Some(b'u') => 4,
            Some(b'U') => 8,
            other => {
                text.push('\\');
                text.extend(other.map(char::from));
                continue;
            }
        };
        text.push(char::from_u32(code(&mut rest, digits)?).ok_or("an escape that is no character")?);
    }
    Ok(text)
}

fn code(rest: &mut impl Iterator<Item = u8>, digits: usize) -> Result<u32, String> {
    let wrong = || "an escape without its digits".to_owned();
    (0..digits).try_fold(0, |code, _| {
        let digit = rest.next().and_then(|byte| char::from(byte).to_digit(16)).ok_or_else(wrong)?;
        Ok(code * 16 + digit)
    })
}

/// A number written in decimal digits.
pub(super) fn decimal<T: std::str::FromStr>(line: &[u8]) -> Result<T, String> {
    let text = String::from_utf8_lossy(line);
    // Python 2 marks its long integers.
    let digits = text.trim().trim_end_matches('L');
    digits.parse().map_err(|_| format!("`{text}` is not a number"))
}

/// A little-endian integer of up to eight bytes, the highest of which has the sign.
pub(super) fn signed(bytes: &[u8]) -> Result<i64, String> {
    if bytes.len() > 8 {
        return Err(format!("an integer of {} bytes", bytes.len()));
    }
    let negative = bytes.last().is_some_and(|&byte| byte >= 0x80);
    let mut wide = [if negative { 0xff } else { 0 }; 8];
    wide[..bytes.len()].copy_from_slice(bytes);
    Ok(i64::from_le_bytes(wide))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_resolved() {
        assert_eq!(unquoted(br#"'a\n\x00\xff\'\\"'"#).expect("good"), b"a\n\x00\xff'\\\"");
        assert_eq!(raw_unicode(b"\\u00e9\xe9\\n\\U0001F600").expect("good"), "éé\\n😀");
    }

    #[test]
    fn broken_escapes_are_errors() {
        for line in [&br"'a\x0'"[..], br"'\q'", b"'a", b"'", b""] {
            assert!(unquoted(line).is_err(), "{}", String::from_utf8_lossy(line));
        }
        assert!(raw_unicode(b"\\u12").is_err() && raw_unicode(b"\\ud800").is_err());
    }

    #[test]
    fn integers_are_read_with_their_sign() {
        assert_eq!([&[][..], &[0xff], &[0, 1], &[0xfe, 0xff]].map(signed), [Ok(0), Ok(-1), Ok(256), Ok(-2)]);
        assert_eq!(decimal::<i64>(b"-12L"), Ok(-12));
    }
}
