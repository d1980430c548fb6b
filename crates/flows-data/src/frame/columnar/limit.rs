//! How much memory a file may ask for.
//!
//! A file of columns says how many rows and bytes there will be before they are there, and a damaged or hostile one would
//! take all memory with a few bytes of its own. As flows are rebuilt within a budget ([`flows_core::budget`]), so are tables.

/// What every file may ask for: 256 MiB.
const SLACK: u64 = 1 << 28;
/// What a file may ask for beyond that, for each of its bytes: no table with something in it unpacks to more.
const EACH: u64 = 1024;
/// The bytes of a cell in a frame.
const CELL: u64 = 8;

/// The limit for a file of some length.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    /// The length of the file.
    pub(super) file: u64,
    /// The bytes that may be allocated at once.
    pub(super) bytes: u64,
}

impl Limit {
    /// The limit for a file of so many bytes.
    pub(super) fn of(file: u64) -> Self {
        Self { file, bytes: file.saturating_mul(EACH).saturating_add(SLACK) }
    }

    /// Refuses a claim of so many bytes.
    pub(super) fn check(self, wanted: u64) -> Result<(), String> {
        match wanted <= self.bytes {
            true => Ok(()),
            false => Err(format!("it asks for {wanted} bytes of memory and has {} itself", self.file)),
        }
    }

    /// Refuses a claim of so many rows of so many columns.
    pub(super) fn check_rows(self, rows: u64, columns: usize) -> Result<(), String> {
        match rows.saturating_mul(columns as u64).saturating_mul(CELL) <= self.bytes {
            true => Ok(()),
            false => Err(format!("it promises {rows} rows of {columns} columns in {} bytes", self.file)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_file_may_be_a_large_table_but_not_an_enormous_one() {
        let limit = Limit::of(1000);
        assert!(limit.check_rows(1_000_000, 30).is_ok() && limit.check(1 << 28).is_ok());
        let message = limit.check_rows(1_000_000_000, 30).expect_err("240 GB");
        assert_eq!(message, "it promises 1000000000 rows of 30 columns in 1000 bytes");
        assert!(limit.check(1 << 40).is_err() && limit.check_rows(u64::MAX, usize::MAX).is_err());
        assert!(Limit::of(u64::MAX).check(u64::MAX).is_ok());
    }
}
