//! Tables and pictures from files and back, for normalizing flows.
//!
//! # In short
//! - [`Frame`]: a table as it is in its file, columns of numbers, words and times with nothing left out, from and to
//!   CSV, JSON lines, Parquet, Arrow IPC, npy and npz; [`Frame::peek`] reads the first rows alone.
//! - [`Kind`]: what a column is, found out or set ([`parse_as`]); [`Plan`]: what a model makes of each column, and the
//!   flag that does otherwise; [`Splitting`]: training, validation and test rows, and folds.
//! - [`Codec`]: between the columns of a frame and the numbers of a flow, fitted to training rows and saved with it.
//! - [`Table`]: rows and named columns of finite numbers, from CSV and npy files, with checks before training.
//! - [`pictures`]: images from files (MNIST and its like, CIFAR-10, folders), and grids and strips of them as PNG.
//!
//! Everything that can be wrong with a file is an error that names the file, the place and the column, and says what to
//! do. Nothing is dropped, filled in or converted silently: what a reader decided or left out is a [`Notice`].
//!
//! ```
//! use burn::tensor::Device;
//! use flows_data::{CsvOptions, Table};
//!
//! let csv = "city,lat,lon\nOslo,59.9,10.7\nLima,-12.0,-77.0\nBaku,40.4,49.9\n";
//! let table = Table::from_csv(csv.as_bytes(), "cities", &CsvOptions::new())?;
//! assert_eq!(table.names(), ["lat", "lon"]);
//! assert_eq!(table.notices()[0].to_string(), "left out `city`: it holds text, such as `Oslo` on line 2");
//! table.require_trainable(3)?;
//! let x = table.to_tensor(&Device::default());
//! assert_eq!(x.dims(), [3, 2]);
//! # Ok::<(), flows_data::DataError>(())
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]

mod codec;
mod columns;
mod error;
mod frame;
mod plan;
mod splits;
mod table;

pub mod pictures;

pub use codec::{
    ClassColumn, Codec, Condition, Counted, Encoded, EncodedContext, Feature, MixedCodec, MixedColumn, MixedRows,
    ModelledColumn, Unknown,
};
pub use columns::{ColumnError, Kind, Kinds, Selection, Spike, Summary, parse_as};
pub use error::DataError;
pub use frame::{
    Cells, Digits, FileFormat, Frame, FrameColumn, FrameWriter, MISSING, Mark, Peek, ReadOptions, RowCount, Style,
    TimeStyle, Zone,
};
pub use pictures::ImageError;
pub use plan::{MissingRows, Plan, PlanOptions, Planned, Role};
pub use splits::{Fold, Parts, Splitting};
pub use table::{
    CsvOptions, Finding, Header, Missing, Notice, Place, Split, Table, TableError, TableWriter, WholeNumbers,
    shell_word,
};
