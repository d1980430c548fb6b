//! The rows of a fit: read, planned, split and encoded.

use std::path::Path;

use burn_flows::tables::{FitSettings, Parts, TableRows};
use flows_data::{Codec, Frame, Plan, Splitting, Unknown};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Fit;
use crate::peek;
use crate::problem::Problem;
use crate::terminal;

/// Rows that a model can be fitted to.
#[derive(Debug)]
pub(super) struct Prepared {
    /// The tables: the one to learn from, then those that are held out.
    pub(super) tables: Vec<WholeRows>,
    /// What becomes of the columns.
    pub(super) plan: Plan,
    /// Between the columns and the numbers of the model.
    pub(super) codec: Codec,
    /// The rows, split as far as the library does not do it.
    pub(super) parts: Parts,
    /// A hash of all that.
    pub(super) hash: String,
    /// What the model's file says of the rows.
    pub(super) source: Value,
    /// The number of rows that the files have.
    read: usize,
}

/// The rows of a table that miss no cell.
#[derive(Debug)]
pub(super) struct WholeRows {
    /// The file.
    pub(super) name: String,
    /// The rows.
    pub(super) frame: Frame,
    /// Where each of them stands in the file, counted from 0.
    pub(super) places: Vec<usize>,
}

impl Prepared {
    /// How many rows there are, in words.
    pub(super) fn rows_told(&self) -> String {
        let missing = match self.dropped() {
            0 => String::new(),
            dropped => format!(", {dropped} of them left out for a missing cell"),
        };
        format!("{} rows{missing}, {} columns", self.read, self.plan.columns.len())
    }

    /// Rows that were left out, for a missing cell.
    pub(super) fn dropped(&self) -> usize {
        self.read - self.tables.iter().map(|table| table.frame.rows()).sum::<usize>()
    }

    /// The table to learn from.
    pub(super) fn first(&self) -> &WholeRows {
        &self.tables[0]
    }
}

/// Reads all tables of a fit and brings their rows into the form that a model takes.
pub(super) fn prepare(fit: &Fit) -> Result<Prepared, Problem> {
    let first = fit.table.as_ref().or(fit.rows.train.as_ref());
    let first = first.ok_or_else(|| Problem::usage("no table is named").hint("`flows fit TABLE` names one"))?;
    let held_out = fit.rows.val.iter().chain(&fit.rows.test);
    if fit.rows.split != Splitting::Random && held_out.clone().next().is_some() {
        return Err(Problem::usage("`--split` and tables that are held out answer the same question")
            .hint("leave one of them away"));
    }
    refuse_equal_files(fit)?;
    let frame = fit.reading.read(first)?;
    let plan = fit.columns.plan(&frame)?;
    let mut rows_read = frame.rows();
    let whole = |path: &Path, frame: Frame| -> Result<WholeRows, Problem> {
        let places = plan.rows(&frame)?;
        Ok(WholeRows { name: path.display().to_string(), frame: frame.pick(&places), places })
    };
    let mut tables = vec![whole(first, frame)?];
    for path in held_out {
        let frame = fit.reading.read(path)?;
        rows_read += frame.rows();
        tables.push(whole(path, frame)?);
    }
    let frame = &tables[0].frame;
    let mut others = tables[1..].iter().map(|table| table.frame.clone());
    let [train, validation, test] = match &fit.rows.split {
        Splitting::Random => {
            let validation = fit.rows.val.as_ref().and_then(|_| others.next());
            [Some(frame.clone()), validation, others.next()]
        }
        splitting => {
            let [for_validation, for_test] = fit.rows.held_out.0;
            let shares = [1.0 - for_validation - for_test, for_validation, for_test];
            let parts = splitting.split(frame, shares, fit.seed)?;
            [parts.train, parts.validation, parts.test].map(|rows| (!rows.is_empty()).then(|| frame.pick(&rows)))
        }
    };
    let train = train.unwrap_or_else(|| frame.clone());
    told_parts(fit, frame.rows(), [Some(&train), validation.as_ref(), test.as_ref()])?;
    let codec = Codec::fit(&plan, &train)?;
    // A category that only held-out rows have, or one too many, is no reason to refuse them all.
    let encode = |frame: &Frame, whose: &str| -> Result<TableRows, Problem> {
        // Scores do without weights; what is learnt from or chosen by has them.
        codec.weights().map(|name| frame.column(name)).transpose()?;
        let encoded = codec.encode(frame, Unknown::Count).map_err(|error| Problem::from(error).of(whose))?;
        encoded.counted.iter().for_each(|counted| terminal::note(format_args!("{whose}: {counted}")));
        Ok(TableRows::encoded(&codec, encoded)?)
    };
    let held_out = |frame: Option<Frame>| frame.map(|frame| encode(&frame, "held-out rows")).transpose();
    let parts = Parts {
        train: encode(&train, "rows to learn from")?,
        validation: held_out(validation)?,
        test: held_out(test)?,
    };
    let hash = hash(&parts);
    let source = json!({
        "tables": tables.iter().map(|table| &table.name).collect::<Vec<_>>(),
        "rows_read": rows_read,
        "rows_used": tables.iter().map(|table| table.frame.rows()).sum::<usize>(),
        "split": fit.rows.split.to_string(),
        "columns": peek::describe(&plan),
    });
    Ok(Prepared { tables, plan, codec, parts, hash, source, read: rows_read })
}

/// Figures of rows that were learnt from are none.
pub(crate) fn refuse_equal_files(fit: &Fit) -> Result<(), Problem> {
    let files: Vec<std::path::PathBuf> = [&fit.rows.train, &fit.rows.val, &fit.rows.test]
        .into_iter()
        .flatten()
        .filter_map(|path| path.canonicalize().ok())
        .collect();
    match (1..files.len()).find(|at| files[..*at].contains(&files[*at])) {
        Some(at) => Err(Problem::usage(format!("{}: the same table is named for two parts", files[at].display()))
            .hint("rows that are held out are others than those that are learnt from")),
        None => Ok(()),
    }
}

/// Fewer rows to choose or to report by tell little.
const FEW: usize = 30;
/// Rows to learn from at least.
const LEAST: usize = 10;
/// Shares may be off by so much, as rows of one group or time stay together.
const OFF: f64 = 0.05;

/// Tells how rows are held out where that is not as it was asked for, or leaves too few for a figure.
pub(crate) fn told_parts(fit: &Fit, rows: usize, parts: [Option<&Frame>; 3]) -> Result<(), Problem> {
    let [train, validation, test] = parts.map(|part| part.map(Frame::rows));
    let (split, asked) = (&fit.rows.split, fit.rows.held_out.0);
    if let (Some(train), true) = (train, *split != Splitting::Random)
        && train < LEAST
    {
        return Err(Problem::new(format!("`--split {split}` leaves {train} rows to learn from, {LEAST} are needed"))
            .hint("`--held-out` says how many are held out, `--split random` splits by chance"));
    }
    if *split == Splitting::Random {
        let held_out_files = fit.rows.val.is_some() || fit.rows.test.is_some();
        if !held_out_files && rows < fit.model.folds_below && asked != FitSettings::default().held_out {
            terminal::note(format_args!(
                "of fewer than {} rows folds are made, and `--held-out` does not matter; `--folds-below 0` splits them",
                fit.model.folds_below
            ));
        }
    } else if let Some(validation) = validation {
        let share = |part: usize| part as f64 / rows.max(1) as f64;
        let found = [share(validation), share(test.unwrap_or(0))];
        if (0..2).any(|part| (found[part] - asked[part]).abs() > OFF) {
            let percent = |share: f64| 100.0 * share;
            terminal::note(format_args!(
                "`--split {split}` keeps rows together: {:.1} % choose and {:.1} % are reported, where {:.1} and {:.1} % were asked for",
                percent(found[0]),
                percent(found[1]),
                percent(asked[0]),
                percent(asked[1])
            ));
        }
    }
    for (part, what) in [(validation, "choose the model"), (test, "are reported")] {
        if let Some(rows) = part.filter(|rows| *rows < FEW) {
            terminal::note(format_args!("warning: only {rows} rows {what}: figures of so few say little"));
        }
    }
    Ok(())
}

/// A hash of the numbers that a model sees, whatever the format of their file.
pub(crate) fn hash(parts: &Parts) -> String {
    let mut hash = Sha256::new();
    let mut of = |rows: &TableRows| {
        for name in rows.names().iter().chain(rows.given_names()) {
            hash.update((name.len() as u64).to_le_bytes());
            hash.update(name.as_bytes());
        }
        for values in [rows.values(), rows.context(), rows.weights().unwrap_or_default()] {
            hash.update((values.len() as u64).to_le_bytes());
            values.iter().for_each(|value| hash.update(value.to_le_bytes()));
        }
    };
    of(&parts.train);
    [&parts.validation, &parts.test].into_iter().flatten().for_each(&mut of);
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
