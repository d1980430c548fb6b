//! Models from files.

use std::path::Path;

use burn::tensor::Device;
use burn_flows::tables::TableFlow;
use flows_data::{Frame, FrameColumn};

use crate::images;
use crate::problem::Problem;
use crate::reading::{Reading, Writing};
use crate::terminal;

/// Loads a model of a table that `flows fit` has written.
pub(crate) fn load(path: &Path, device: &Device) -> Result<TableFlow, Problem> {
    let flow = match TableFlow::load(path, device) {
        Ok(flow) => flow,
        Err(error) => {
            let problem = Problem::from(error);
            return match images::show(path, device) {
                Ok(Some(_)) => Err(Problem::new(format!("{}: it is a model of pictures", path.display()))
                    .hint("`flows images` has the verbs for it")),
                _ => Err(problem),
            };
        }
    };
    if flow.codec().is_none() {
        return Err(Problem::new(format!("{}: the model knows no columns of a file", path.display()))
            .hint("`flows fit` makes one that does"));
    }
    Ok(flow)
}

/// Reads a table for a model. Where its columns have no names, as in npy files, they are those of the model in their order,
/// if there are as many.
pub(crate) fn read_table(flow: &TableFlow, path: &Path, reading: &Reading) -> Result<Frame, Problem> {
    named(flow, reading.read(path)?)
}

/// The columns that a model uses.
pub(crate) fn used(flow: &TableFlow) -> Vec<&str> {
    let Some(codec) = flow.codec() else { return vec![] };
    let modelled = codec.columns().iter().map(|column| column.name.as_str());
    modelled.chain(codec.conditions().iter().map(|condition| condition.name.as_str())).collect()
}

/// [`read_table`], and what is written beside results: see [`Reading::read_beside`].
pub(crate) fn read_table_beside(
    flow: &TableFlow,
    path: &Path,
    reading: &Reading,
    beside: (&Writing, &Path),
) -> Result<(Frame, Frame), Problem> {
    let (frame, beside) = reading.read_beside(path, &used(flow), beside)?;
    let names = frame.names().into_iter().map(str::to_owned).collect::<Vec<_>>();
    let frame = named(flow, frame)?;
    // Columns without names of their own got those of the model.
    let beside = if frame.names().iter().eq(names.iter()) { beside } else { frame.clone() };
    Ok((frame, beside))
}

/// Says so where the rows of a table lack the weights that those of its model had.
pub(crate) fn note_unweighted(flow: &TableFlow, frame: &Frame) {
    let weights = flow.codec().and_then(|codec| codec.weights());
    if let Some(name) = weights.filter(|name| frame.column(name).is_err()) {
        terminal::note(format_args!(
            "{}: there is no column `{name}`, the weights of the rows of the model: all rows count alike",
            frame.origin()
        ));
    }
}

fn named(flow: &TableFlow, frame: Frame) -> Result<Frame, Problem> {
    let Some(codec) = flow.codec() else { return Ok(frame) };
    let modelled = codec.columns().iter().map(|column| column.name.clone());
    let conditions = codec.conditions().iter().map(|condition| condition.name.clone());
    let names: Vec<String> = modelled.chain(conditions).chain(codec.weights().map(str::to_owned)).collect();
    let nameless = frame.names().iter().enumerate().all(|(place, name)| *name == format!("column_{}", place + 1));
    if !nameless
        || names.len() != frame.columns().len()
        || names.iter().any(|name| frame.names().contains(&name.as_str()))
    {
        return Ok(frame);
    }
    terminal::note(format_args!(
        "{}: its columns have no names, and are taken for {} in that order",
        frame.origin(),
        names.join(", ")
    ));
    let columns = frame.columns().iter().zip(names).map(|(column, name)| FrameColumn { name, ..column.clone() });
    Ok(Frame::new(columns.collect())?.named(frame.origin()))
}
