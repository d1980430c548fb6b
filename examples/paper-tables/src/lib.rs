//! The five tables of the paper on masked autoregressive flows, read and preprocessed as its authors did.
//!
//! POWER, GAS, HEPMASS, MINIBOONE and BSDS300 are what papers on flows for tabular data report. Their numbers can only
//! be compared if every step is the same: which rows are kept, which noise is added, which columns are dropped, over
//! which rows the mean is taken. [`PaperTable::load`] takes the files that the authors published and does those steps.
//!
//! ```
//! use std::path::Path;
//!
//! use paper_tables::PaperTable;
//!
//! let table: PaperTable = "power".parse()?;
//! assert_eq!((table.features(), table.rows()), (6, [1_659_917, 184_435, 204_928]));
//! let missing = table.load(Path::new("no/such/place")).expect_err("nothing is there");
//! assert!(missing.to_string().contains("cargo xtask data paper-tables"));
//! # Ok::<(), paper_tables::PaperTableError>(())
//! ```
//!
//! # Reference
//!
//! Papamakarios, Pavlakou and Murray, "Masked Autoregressive Flow for Density Estimation", NeurIPS 2017,
//! <https://arxiv.org/abs/1705.07057>; the steps are those of the authors' code, <https://github.com/gpapamak/maf>.

mod bsds300;
mod correlation;
mod error;
mod gas;
mod hepmass;
mod miniboone;
mod moments;
mod pickle;
mod power;
mod random_state;
mod rows;
mod table;

pub use error::PaperTableError;
pub use table::PaperTable;
