//! What rows are given: as a text, or in a table.

use std::path::Path;

use burn_flows::tables::TableFlow;
use flows_data::{Frame, Unknown};

use crate::missing::Missing;
use crate::problem::Problem;
use crate::reading::Reading;
use crate::terminal;

/// Rows of conditions.
#[derive(Debug)]
pub(crate) struct Conditions {
    /// As the model takes them, row after row.
    pub(crate) context: Vec<f64>,
    /// Where each row stands in what was given: the rows that say all of them.
    pub(crate) places: Vec<usize>,
}

/// Standard deviations from which on a condition is far from all that the model has seen.
const FAR: f64 = 100.0;

impl Conditions {
    /// The number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.places.len()
    }

    /// Of a frame: words that the training rows had not are counted, or refused.
    pub(crate) fn of(flow: &TableFlow, frame: &Frame, unknown: Unknown, missing: Missing) -> Result<Self, Problem> {
        let codec = flow.codec().ok_or_else(|| Problem::new("the model knows no columns of a file"))?;
        let encoded = match codec.encode_context(frame, unknown) {
            Err(error) if missing.keeps(&error) => codec.encode_context(&frame.pick(&[]), unknown)?,
            encoded => encoded?,
        };
        if frame.rows() == 0 {
            return Err(Problem::new(format!("{}: there is no row", frame.origin()))
                .hint(format!("a row says the conditions: {}", names(flow))));
        }
        encoded.counted.iter().for_each(|counted| terminal::note(format_args!("{}: {counted}", frame.origin())));
        let width = codec.context_width().max(1);
        let far = encoded.context.chunks(width).filter(|row| row.iter().any(|value| value.abs() > FAR)).count();
        if far > 0 {
            terminal::note(format_args!(
                "{}: conditions of {far} rows are more than {FAR} standard deviations from those of the training rows, which tell \
                 nothing of what is there",
                frame.origin()
            ));
        }
        Ok(Self { context: encoded.context, places: encoded.rows })
    }

    /// With the frame that they are of: of a text such as `species=Adelie,sex=male`, or of a table where the text names one.
    pub(crate) fn from_text(flow: &TableFlow, text: &str, reading: &Reading) -> Result<(Frame, Self), Problem> {
        let codec = flow.codec().ok_or_else(|| Problem::new("the model knows no columns of a file"))?;
        let path = Path::new(text);
        let is_file = text == "-" || (path.is_file() && !text.contains('=')) || !text.contains('=');
        let (frame, unknown) = match is_file {
            true => (reading.read(path)?, Unknown::Count),
            false => (codec.given(text)?, Unknown::Refuse),
        };
        let found = Self::of(flow, &frame, unknown, Missing::Drop)?;
        Ok((frame, found))
    }
}

/// The names of a model's conditions.
pub(crate) fn names(flow: &TableFlow) -> String {
    let Some(codec) = flow.codec() else { return String::new() };
    codec.conditions().iter().map(|condition| condition.name.as_str()).collect::<Vec<_>>().join(", ")
}
