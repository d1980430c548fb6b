//! The bytes of a pickle, read from the front.

/// What is not read yet.
pub(super) struct Bytes<'a> {
    whole: &'a [u8],
    at: usize,
}

impl<'a> Bytes<'a> {
    /// Begins with the first byte.
    pub(super) fn new(whole: &'a [u8]) -> Self {
        Self { whole, at: 0 }
    }

    /// How many bytes were read.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// The next `count` bytes; there is nothing to allocate for a length that the file only claims.
    pub(super) fn take(&mut self, count: u64) -> Result<&'a [u8], String> {
        let rest = &self.whole[self.at..];
        match usize::try_from(count).ok().and_then(|count| rest.get(..count)) {
            Some(taken) => {
                self.at += taken.len();
                Ok(taken)
            }
            None => Err(format!("truncated: {count} bytes needed after byte {}, {} are left", self.at, rest.len())),
        }
    }

    /// The next bytes as an array.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N as u64)?);
        Ok(array)
    }

    /// An unsigned little-endian integer of `N` bytes.
    pub(super) fn unsigned<const N: usize>(&mut self) -> Result<u64, String> {
        let mut wide = [0; 8];
        wide[..N].copy_from_slice(&self.array::<N>()?);
        Ok(u64::from_le_bytes(wide))
    }

    /// As many bytes as an unsigned integer of `N` bytes before them says.
    pub(super) fn counted<const N: usize>(&mut self) -> Result<&'a [u8], String> {
        let count = self.unsigned::<N>()?;
        self.take(count)
    }

    /// The text up to the next line end, without it.
    pub(super) fn line(&mut self) -> Result<&'a [u8], String> {
        let rest = &self.whole[self.at..];
        let Some(length) = rest.iter().position(|&byte| byte == b'\n') else {
            return Err(format!("truncated: the line after byte {} has no end", self.at));
        };
        self.at += length + 1;
        let line = &rest[..length];
        Ok(line.strip_suffix(b"\r").unwrap_or(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_beyond_the_end_is_an_error_that_says_how_much_is_left() {
        let mut bytes = Bytes::new(&[255, 255, 255, 255, 1, 2]);
        let message = bytes.counted::<4>().expect_err("four gigabytes");
        assert_eq!(message, "truncated: 4294967295 bytes needed after byte 4, 2 are left");
    }

    #[test]
    fn a_line_ends_before_its_line_end() {
        let mut bytes = Bytes::new(b"one\r\ntwo");
        assert_eq!(bytes.line(), Ok(&b"one"[..]));
        assert!(bytes.line().is_err());
    }
}
