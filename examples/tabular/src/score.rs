//! `tabular score`: how unlikely rows are.

use std::io;
use std::path::PathBuf;

use burn::tensor::Device;
use example_support::note;
use flows_data::{Missing, TableWriter};

use crate::model::Trained;
use crate::problem::Problem;
use crate::reading::Reading;

/// The anomaly score of every row of a table.
#[derive(Debug, clap::Args)]
pub(crate) struct Score {
    /// The flow that `train` has written
    #[arg(long, value_name = "FILE", default_value = "tabular-out/flow.flow")]
    flow: PathBuf,
    /// The table, .csv, .tsv, .txt or .npy, with the columns of the training table, by name
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    #[command(flatten)]
    reading: Reading,
    /// Writes the scores to a file, .csv or .npy, instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Rows scored at a time.
const BATCH: usize = 8192;

/// Scores rows: the log-density, and the share of held-out rows that are no more likely, in percent.
pub(crate) fn run(arguments: &Score, device: &Device) -> Result<(), Problem> {
    let (trained, flow) = Trained::load(&arguments.flow, device)?;
    // A row that misses a value scores NaN; every row has a score.
    let table = arguments.reading.table_like(&trained.columns, Missing::Keep, &arguments.data)?;
    table.notices().iter().for_each(|notice| note(&format!("{}: {notice}", table.origin())));
    trained.whole.places().iter().for_each(|&place| {
        let odd = table.column(place).filter(|value| value.is_finite() && value.fract() != 0.0).count();
        if odd > 0 {
            note(&format!(
                "{}: {odd} values of `{}` are not whole, and the flow was trained on whole numbers: such rows score -inf",
                table.origin(),
                trained.columns[place]
            ));
        }
    });
    let names = ["anomaly_score", "log_density", "percentile"].map(str::to_owned);
    let score = |write: &mut dyn FnMut(&[f64]) -> io::Result<()>| {
        table.values().chunks(BATCH * table.columns()).try_for_each(|rows| {
            let scores = trained.log_probs(&flow, rows);
            let values = |score: f64| [-score, score, 100.0 * trained.ranks.p_value(score)];
            write(&scores.into_iter().flat_map(values).collect::<Vec<_>>())
        })
    };
    write(arguments.out.as_deref(), &names, score)
}

/// Writes rows to a file, or to standard output, whose reader may have read enough.
pub(crate) fn write(
    path: Option<&std::path::Path>,
    names: &[String],
    rows: impl FnOnce(&mut dyn FnMut(&[f64]) -> io::Result<()>) -> io::Result<()>,
) -> Result<(), Problem> {
    let Some(path) = path else {
        let out = io::BufWriter::new(io::stdout().lock());
        let print = || {
            let mut writer = TableWriter::csv(out, names)?;
            rows(&mut |values| writer.write(values))?;
            writer.finish().map(drop)
        };
        return print().or_else(|source| match source.kind() {
            io::ErrorKind::BrokenPipe => Ok(()),
            _ => Err(Problem::Write { path: "standard output".into(), source }),
        });
    };
    let mut writer = TableWriter::create(path, names)?;
    rows(&mut |values| writer.write(values)).map_err(|source| Problem::Write { path: path.to_owned(), source })?;
    Ok(writer.commit()?)
}
