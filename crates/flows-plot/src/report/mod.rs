//! The report: what a flow has learnt of a table, and how far to trust it, as one HTML page.
//!
//! A [`Report`] is a struct of figures and names, all of them optional: a section without figures is left out of the page.
//! The page needs no network, no script and no other file. Its charts are SVG, its corner plot a PNG inside the page; it
//! follows the reader's choice of light or dark, and it can be printed.
//!
//! Log-likelihoods are in nats a row or in bits per dimension, see [`Unit`]. Names of columns, values and reasons may hold
//! anything: what is markup is shown as text, what is a control character as its picture.

mod band;
mod baselines;
mod calibration;
mod chart;
mod columns;
mod corner;
mod coverage;
mod facts;
mod figures;
mod headline;
mod losses;
mod model;
mod name;
mod notices;
mod number;
mod odd_rows;
mod page;
mod two_sample;
mod verdict;

pub use baselines::Baseline;
pub use calibration::Calibration;
pub use columns::{Column, Role};
pub use corner::Corner;
pub use coverage::Coverage;
pub use facts::{Fact, OutputFile};
pub use figures::{Report, RowCounts, Unit};
pub use losses::Epoch;
pub use model::Model;
pub use notices::Notice;
pub use number::Estimate;
pub use odd_rows::{Cell, OddRow};
pub use two_sample::TwoSampleTest;
