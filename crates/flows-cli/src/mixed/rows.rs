//! The rows of a fit: read, planned, split and encoded.

use burn_flows::mixed::MixedTable;
use flows_data::{Frame, MixedCodec, Plan, Splitting, Unknown};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::fit::{Fit, refuse_equal_files, told_parts};
use crate::peek;
use crate::problem::Problem;
use crate::terminal;

/// Rows that a model can be fitted to.
#[derive(Debug)]
pub(super) struct Prepared {
    /// The table to learn from, with its name.
    pub(super) name: String,
    pub(super) frame: Frame,
    /// Where its rows stand in the file.
    pub(super) places: Vec<usize>,
    pub(super) plan: Plan,
    pub(super) codec: MixedCodec,
    pub(super) train: MixedTable,
    pub(super) validation: Option<MixedTable>,
    pub(super) test: Option<MixedTable>,
    pub(super) hash: String,
    pub(super) source: Value,
    pub(super) read: usize,
    /// Cells of the model's columns that are missing.
    pub(super) missing: usize,
}

/// Reads all tables of a fit and brings their rows into the form that a model takes.
pub(super) fn prepare(fit: &Fit) -> Result<Prepared, Problem> {
    let first = fit.table.as_ref().or(fit.rows.train.as_ref());
    let first = first.ok_or_else(|| Problem::usage("no table is named").hint("`flows fit TABLE` names one"))?;
    let held_out: Vec<&std::path::PathBuf> = fit.rows.val.iter().chain(&fit.rows.test).collect();
    if fit.rows.split != Splitting::Random && !held_out.is_empty() {
        return Err(Problem::usage("`--split` and tables that are held out answer the same question")
            .hint("leave one of them away"));
    }
    refuse_equal_files(fit)?;
    let whole = fit.reading.read(first)?;
    let plan = fit.columns.plan(&whole)?;
    let (mut read, places) = (whole.rows(), plan.rows(&whole)?);
    let frame = whole.pick(&places);
    let mut others = vec![];
    for path in held_out {
        let other = fit.reading.read(path)?;
        read += other.rows();
        others.push(other.pick(&plan.rows(&other)?));
    }
    let mut others = others.into_iter();
    let [train, validation, test] = match &fit.rows.split {
        Splitting::Random => {
            let validation = fit.rows.val.as_ref().and_then(|_| others.next());
            [Some(frame.clone()), validation, others.next()]
        }
        splitting => {
            let [for_validation, for_test] = fit.rows.held_out.0;
            let shares = [1.0 - for_validation - for_test, for_validation, for_test];
            let parts = splitting.split(&frame, shares, fit.seed)?;
            [parts.train, parts.validation, parts.test].map(|rows| (!rows.is_empty()).then(|| frame.pick(&rows)))
        }
    };
    let train = train.unwrap_or_else(|| frame.clone());
    told_parts(fit, frame.rows(), [Some(&train), validation.as_ref(), test.as_ref()])?;
    let codec = MixedCodec::fit(&plan, &train)?;
    let encode = |frame: &Frame, whose: &str| -> Result<MixedTable, Problem> {
        codec.weights().map(|name| frame.column(name)).transpose()?;
        let rows = codec.encode(frame, Unknown::Count, &[]).map_err(|error| Problem::from(error).of(whose))?;
        rows.counted.iter().for_each(|counted| terminal::note(format_args!("{whose}: {counted}")));
        Ok(MixedTable::encoded(&codec, rows)?)
    };
    let held_out = |frame: Option<Frame>| frame.map(|frame| encode(&frame, "held-out rows")).transpose();
    let (train, validation, test) = (encode(&train, "rows to learn from")?, held_out(validation)?, held_out(test)?);
    let hash = hash([Some(&train), validation.as_ref(), test.as_ref()]);
    let missing = [Some(&train), validation.as_ref(), test.as_ref()]
        .into_iter()
        .flatten()
        .map(|part| part.values().len() - part.known())
        .sum();
    let source = json!({
        "tables": std::iter::once(first).chain(&fit.rows.val).chain(&fit.rows.test).map(|path| path.display().to_string()).collect::<Vec<_>>(),
        "rows_read": read,
        "split": fit.rows.split.to_string(),
        "columns": peek::describe(&plan),
    });
    let name = first.display().to_string();
    Ok(Prepared { name, frame, places, plan, codec, train, validation, test, hash, source, read, missing })
}

/// A hash of the numbers that a model sees.
pub(super) fn hash(parts: [Option<&MixedTable>; 3]) -> String {
    let mut hash = Sha256::new();
    for part in parts.into_iter().flatten() {
        for name in part.names() {
            hash.update((name.len() as u64).to_le_bytes());
            hash.update(name.as_bytes());
        }
        for values in [part.values(), part.weights().unwrap_or_default()] {
            hash.update((values.len() as u64).to_le_bytes());
            // A missing cell is one value, whatever its bits.
            let bits = |value: &f64| if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() };
            values.iter().for_each(|value| hash.update(bits(value).to_le_bytes()));
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
