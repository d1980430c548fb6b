//! What can go wrong.

use std::io;
use std::path::PathBuf;

/// A problem with what the user gave.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot write {}: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("cannot write to standard output: {0}")]
    Print(#[from] io::Error),
    #[error("{}: {problem}", path.display())]
    Config { path: PathBuf, problem: String },
    #[error("`{setting}`: expected {expected}, got {got}")]
    Setting { setting: &'static str, expected: &'static str, got: String },
    #[error("{file}: {finding}; hint: {hint}")]
    Finding { file: String, finding: String, hint: String },
    #[error("{file}: no column `{column}` of weights; the columns are {names}")]
    NoWeights { file: String, column: String, names: String },
    #[error("{file}: no weights can be taken: {notice}")]
    TextWeights { file: String, notice: String },
    #[error("{file}: the column of weights is the only one")]
    OnlyWeights { file: String },
    #[error("{file}, row {row} (counting from 0): a weight of {weight}; hint: weights are zero or positive")]
    Weight { file: String, row: usize, weight: f64 },
    #[error("{file}: the weights of a part add up to nothing")]
    NoWeight { file: String },
    #[error(
        "`--model {model}` needs two columns, and there is one; hint: made, made-mog, maf, maf-mog and spline-ar take one"
    )]
    OneColumn { model: String },
    #[error(
        "{} was written by an earlier version, which kept no scaling in double precision; hint: train again",
        path.display()
    )]
    Outdated { path: PathBuf },
    #[error("{rows} rows of {columns} columns are more than can be counted")]
    Countless { rows: u64, columns: usize },
    #[error("{}: {rows} rows take about {} MB, and there are {} MB left on the disk", path.display(), needed / 1_000_000, left / 1_000_000)]
    Disk { path: PathBuf, rows: u64, needed: u64, left: u64 },
    #[error(transparent)]
    Flow(#[from] flows_core::FlowError),
    #[error(transparent)]
    Data(#[from] flows_data::DataError),
    #[error(transparent)]
    Paper(#[from] paper_tables::PaperTableError),
    #[error(transparent)]
    Device(#[from] example_support::DeviceError),
}
