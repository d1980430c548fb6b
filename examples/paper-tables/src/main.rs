//! Writes a table of the MAF paper, preprocessed as there, as three npy files that `flows fit` and any Python program take.
// tidy: prints, because a program says what it has written.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use paper_tables::PaperTable;

/// Writes train.npy, val.npy and test.npy of a table of the MAF paper, preprocessed as there.
#[derive(Parser, Debug)]
#[command(version, about)]
struct Arguments {
    /// power, gas, hepmass, miniboone or bsds300
    table: PaperTable,
    /// The folder with the authors' files; `cargo xtask data paper-tables` fills it
    #[arg(long, value_name = "DIR", default_value = "data/paper-tables")]
    dir: PathBuf,
    /// The folder to write to
    #[arg(long, short, value_name = "DIR", default_value = ".")]
    output: PathBuf,
}

fn main() -> ExitCode {
    let Arguments { table, dir, output } = Arguments::parse();
    match write(table, &dir, &output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write(table: PaperTable, dir: &Path, output: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let split = table.load(dir)?;
    std::fs::create_dir_all(output)?;
    for (part, name) in [(&split.train, "train.npy"), (&split.validation, "val.npy"), (&split.test, "test.npy")] {
        let path = output.join(name);
        part.write_npy(&path)?;
        println!("{}: {} rows of {} columns", path.display(), part.rows(), part.columns());
    }
    Ok(())
}
