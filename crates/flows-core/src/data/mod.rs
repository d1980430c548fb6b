//! Tables of numbers from files: CSV and npy in, checks before training, tensors out.
//!
//! A [`Table`] holds rows and named columns of finite numbers. Everything that can be wrong with a file is an error
//! that names the file, the place and the column; nothing is dropped, filled in or converted behind your back: what a
//! reader decided or left out is a [`Notice`].
//!
//! ```
//! use burn::tensor::Device;
//! use flows_core::data::{CsvOptions, Table};
//!
//! let csv = "city,lat,lon\nOslo,59.9,10.7\nLima,-12.0,-77.0\nBaku,40.4,49.9\n";
//! let table = Table::from_csv(csv.as_bytes(), "cities", &CsvOptions::new())?;
//! assert_eq!(table.names(), ["lat", "lon"]);
//! assert_eq!(table.notices()[0].to_string(), "left out `city`: it holds text, such as `Oslo` on line 2");
//! table.require_trainable(3)?;
//! let x = table.to_tensor(&Device::default());
//! assert_eq!(x.dims(), [3, 2]);
//! # Ok::<(), flows_core::FlowError>(())
//! ```

mod bytes;
mod check;
mod choice;
mod csv;
mod csv_column;
mod csv_options;
mod csv_records;
mod dependence;
mod dialect;
mod encoding;
mod error;
mod finding;
mod findings;
mod header;
mod missing;
mod notice;
mod npy;
mod number;
#[cfg(test)]
mod reports;
mod split;
mod table;
mod table_writer;
mod whole_numbers;
mod write;

pub use csv_options::{CsvOptions, Header};
pub use error::{Place, TableError};
pub use finding::Finding;
pub use missing::Missing;
pub use notice::{Notice, shell_word};
pub use split::Split;
pub use table::Table;
pub use table_writer::TableWriter;
pub use whole_numbers::WholeNumbers;
