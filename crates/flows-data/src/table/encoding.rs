//! The text in the bytes of a file.

use std::borrow::Cow;

use super::Notice;

/// The text of a file as UTF-8, without a byte order mark.
///
/// UTF-16 is known by its mark, or by every other byte being zero; what is neither that nor UTF-8 is read as
/// Windows-1252, the superset of Latin-1 that spreadsheets write.
pub(crate) fn text<'a>(bytes: &'a [u8], notices: &mut Vec<Notice>) -> Cow<'a, [u8]> {
    if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        return text(rest, notices);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        return Cow::Owned(utf16(rest, u16::from_le_bytes));
    }
    if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        return Cow::Owned(utf16(rest, u16::from_be_bytes));
    }
    let zeros = |offset| bytes.iter().skip(offset).step_by(2).take(64).filter(|byte| **byte == 0).count() * 2;
    let half = bytes.len().min(128) / 2;
    if half > 1 && zeros(1) > half {
        notices.push(Notice::Encoding { encoding: "UTF-16" });
        return Cow::Owned(utf16(bytes, u16::from_le_bytes));
    }
    if half > 1 && zeros(0) > half {
        notices.push(Notice::Encoding { encoding: "UTF-16" });
        return Cow::Owned(utf16(bytes, u16::from_be_bytes));
    }
    if std::str::from_utf8(bytes).is_ok() {
        return Cow::Borrowed(bytes);
    }
    notices.push(Notice::Encoding { encoding: "Windows-1252 (Latin-1)" });
    Cow::Owned(bytes.iter().map(|byte| windows_1252(*byte)).collect::<String>().into_bytes())
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Vec<u8> {
    let units = bytes.chunks(2).map(|pair| unit([pair[0], pair.get(1).copied().unwrap_or(0)]));
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>().into_bytes()
}

fn windows_1252(byte: u8) -> char {
    // Where Windows-1252 differs from Latin-1: 0x80 to 0x9f.
    const OTHERS: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => OTHERS[usize::from(byte - 0x80)],
        byte => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (String, usize) {
        let mut notices = vec![];
        let text = text(bytes, &mut notices).into_owned();
        (String::from_utf8(text).expect("UTF-8"), notices.len())
    }

    #[test]
    fn utf_8_and_utf_16_are_known_by_their_marks() {
        assert_eq!(read("\u{feff}a,b".as_bytes()), ("a,b".to_owned(), 0));
        for (mark, bytes) in [(0xfeff_u16, u16::to_le_bytes as fn(u16) -> [u8; 2]), (0xfeff, u16::to_be_bytes)] {
            let units = std::iter::once(mark).chain("ä,b\n".encode_utf16());
            let bytes: Vec<u8> = units.flat_map(bytes).collect();
            assert_eq!(read(&bytes), ("ä,b\n".to_owned(), 0));
        }
    }

    #[test]
    fn utf_16_without_a_mark_is_noticed() {
        let bytes: Vec<u8> = "a,b\n1,2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&bytes), ("a,b\n1,2\n".to_owned(), 1));
    }

    #[test]
    fn other_bytes_are_latin_1_with_a_notice() {
        assert_eq!(read(b"stra\xdfe,\x80\n"), ("straße,€\n".to_owned(), 1));
    }
}
