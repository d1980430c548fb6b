//! Where the rows come from.

use std::path::PathBuf;

use flows_core::data::{Split, Table};
use paper_tables::PaperTable;

use crate::problem::Problem;

/// The rows to train, validate and test on.
#[derive(Debug, clap::Args)]
pub(crate) struct Source {
    /// One table, .csv or .npy; its rows are split at random by `--fractions` and `--seed`
    #[arg(long, value_name = "FILE", group = "rows", conflicts_with_all = ["val", "test"])]
    data: Option<PathBuf>,
    /// The table to train on, beside `--val` and `--test`
    #[arg(long, value_name = "FILE", group = "rows", requires = "val", requires = "test")]
    train: Option<PathBuf>,
    /// The table to choose the best epoch by
    #[arg(long, value_name = "FILE", requires = "train")]
    val: Option<PathBuf>,
    /// The table to report the likelihood of
    #[arg(long, value_name = "FILE", requires = "train")]
    test: Option<PathBuf>,
    /// One of the tables of the MAF paper, from the folder `--dir`, preprocessed as there
    #[arg(long, value_name = "NAME", group = "rows", conflicts_with_all = ["val", "test"])]
    paper: Option<PaperTable>,
    /// The folder with the tables of the MAF paper; `cargo xtask data paper-tables` fills it
    #[arg(long, value_name = "DIR", default_value = "data/paper-tables")]
    dir: PathBuf,
    /// The shares of `--data` to train, validate and test on
    #[arg(long, value_name = "TRAIN,VAL,TEST", value_parser = fractions, default_value = "0.8,0.1,0.1")]
    fractions: Fractions,
}

/// Three shares that add up to one.
#[derive(Debug, Clone, Copy)]
struct Fractions([f64; 3]);

fn fractions(text: &str) -> Result<Fractions, String> {
    let shares: Vec<f64> = text.split(',').filter_map(|part| part.trim().parse().ok()).collect();
    match <[f64; 3]>::try_from(shares) {
        Ok(shares) if shares.iter().all(|s| *s > 0.0) && (shares.iter().sum::<f64>() - 1.0).abs() < 1e-9 => {
            Ok(Fractions(shares))
        }
        _ => Err(format!("expected three positive shares that add up to 1, as in 0.8,0.1,0.1, got `{text}`")),
    }
}

impl Source {
    /// Reads the rows.
    pub(crate) fn read(&self, seed: u64) -> Result<Split, Problem> {
        let split = match (&self.data, &self.train, &self.val, &self.test, self.paper) {
            (Some(data), ..) => {
                let table = Table::read(data)?;
                table.require_trainable(10)?;
                table.split(self.fractions.0, seed)?
            }
            (_, Some(train), Some(validation), Some(test), _) => {
                Split { train: Table::read(train)?, validation: Table::read(validation)?, test: Table::read(test)? }
            }
            (.., Some(paper)) => paper.load(&self.dir)?,
            _ => unreachable!("clap asks for one of --data, --train and --paper"),
        };
        split.train.require_trainable(10)?;
        for table in [&split.validation, &split.test] {
            let (expected, got) = (split.train.columns(), table.columns());
            if got != expected {
                return Err(Problem::Columns { file: table.origin().to_owned(), expected, got });
            }
        }
        Ok(split)
    }
}
