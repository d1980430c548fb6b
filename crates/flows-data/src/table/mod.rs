//! Tables of finite numbers, and the reading of delimited text and npy files.

pub(crate) mod bytes;
mod check;
pub(crate) mod choice;
mod csv;
pub(crate) mod csv_column;
pub(crate) mod csv_options;
pub(crate) mod csv_records;
pub(crate) mod csv_rows;
mod dependence;
pub(crate) mod dialect;
pub(crate) mod encoding;
mod error;
mod finding;
mod findings;
pub(crate) mod header;
mod missing;
pub(crate) mod notice;
pub(crate) mod npy;
pub(crate) mod number;
#[cfg(test)]
mod reports;
mod split;
#[expect(clippy::module_inception, reason = "the file of `Table` is found by its name")]
pub(crate) mod table;
pub(crate) mod table_writer;
mod whole_numbers;
pub(crate) mod write;

pub use csv_options::{CsvOptions, Header};
pub use error::{Place, TableError};
pub use finding::Finding;
pub use missing::Missing;
pub use notice::{Notice, shell_word};
pub use split::Split;
pub use table::Table;
pub use table_writer::TableWriter;
pub use whole_numbers::WholeNumbers;

pub(crate) use choice::matching;
pub(crate) use notice::list;
pub(crate) use table::check_distinct;
pub(crate) use table_writer::npy_header;
