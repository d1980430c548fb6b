//! `tabular sample`: new rows.

use std::io;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use example_support::note;

use crate::model::Trained;
use crate::problem::Problem;
use crate::score::write;

/// Rows drawn from a flow.
#[derive(Debug, clap::Args)]
pub(crate) struct Sample {
    /// The flow that `train` has written
    #[arg(long, value_name = "FILE", default_value = "tabular-out/flow.flow")]
    flow: PathBuf,
    /// The number of rows
    #[arg(short, long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..))]
    n: u64,
    /// Seeds the draw
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Writes the rows to a file, .csv or .npy, instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Numbers drawn at a time: memory does not grow with the number of rows.
const BATCH: usize = 1 << 17;
/// The bytes that a number usually takes in a text file: sixteen or seventeen digits, a mark and a sign.
const TEXT: u64 = 18;

/// Draws rows. One that is not finite is counted and left out.
pub(crate) fn run(arguments: &Sample, device: &Device) -> Result<(), Problem> {
    let (trained, flow) = Trained::load(&arguments.flow, device)?;
    let columns = trained.columns.len();
    check_size(arguments.n, columns, arguments.out.as_deref())?;
    device.seed(arguments.seed);
    let batch = (BATCH / columns).clamp(1, 8192) as u64;
    let mut lost = 0;
    let draw = |write: &mut dyn FnMut(&[f64]) -> io::Result<()>| {
        let mut left = arguments.n;
        while left > 0 {
            let drawn = trained.whole.floored(flow.sample(batch.min(left) as usize, device));
            left -= batch.min(left);
            let finite = |row: &&[f64]| row.iter().all(|value| value.is_finite());
            let kept: Vec<f64> = drawn.chunks_exact(columns).filter(finite).flatten().copied().collect();
            lost += (drawn.len() - kept.len()) / columns;
            write(&kept)?;
        }
        Ok(())
    };
    write(arguments.out.as_deref(), &trained.columns, draw)?;
    if lost > 0 {
        note(&format!("{lost} of {} rows are not finite, and left out", arguments.n));
    }
    Ok(())
}

/// Checks that so many rows can be counted, and written where they should go.
fn check_size(rows: u64, columns: usize, out: Option<&Path>) -> Result<(), Problem> {
    let numbers = rows.checked_mul(columns as u64).filter(|numbers| *numbers < 1 << 53);
    let numbers = numbers.ok_or(Problem::Countless { rows, columns })?;
    let Some(path) = out else { return Ok(()) };
    let bytes = if path.extension().is_some_and(|extension| extension == "npy") { 8 } else { TEXT };
    match free_space(path) {
        Some(left) if numbers * bytes > left => {
            Err(Problem::Disk { path: path.to_owned(), rows, needed: numbers * bytes, left })
        }
        _ => Ok(()),
    }
}

/// The bytes that are left where a file should go, if the system says.
#[cfg(unix)]
fn free_space(path: &Path) -> Option<u64> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let disk = rustix::fs::statvfs(folder).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

#[cfg(not(unix))]
fn free_space(_: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_that_no_disk_or_number_can_hold_is_an_error() {
        assert!(matches!(check_size(u64::MAX, 2, None), Err(Problem::Countless { .. })));
        assert!(check_size(1 << 50, 2, None).is_ok(), "standard output takes what is read from it");
        let path = std::env::temp_dir().join("rows.csv");
        assert!(check_size(1000, 2, Some(&path)).is_ok());
        if cfg!(unix) {
            let error = check_size(1 << 50, 2, Some(&path)).unwrap_err().to_string();
            assert!(error.contains("rows.csv") && error.contains("left on the disk"), "{error}");
        }
    }
}
