//! Why a table cannot be used.

/// Why a table cannot be used; says the file, the row and the column.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {}
