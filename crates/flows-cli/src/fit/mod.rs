//! `flows fit`: a model of a table.

mod alone;
mod arguments;
mod existing;
mod rows;
mod run;
mod summary;

pub(crate) use alone::Alone;
pub(crate) use arguments::{Fit, QualityName};
pub(crate) use rows::{hash, refuse_equal_files, told_parts};
pub(crate) use run::checkpoint;
pub(crate) use summary::{bytes, fault, percent};
