//! Frames in and out of a model.

use flows_data::{Codec, Counted, Encoded, EncodedContext, Frame, Unknown};

use super::{TableFlow, TableRows, TablesError};

/// The rows of a frame that a model can take.
#[derive(Debug, Clone, PartialEq)]
pub struct EncodedRows {
    /// The rows, for the model.
    pub rows: TableRows,
    /// Where each of them stands in the frame; the others miss a cell.
    pub places: Vec<usize>,
    /// What was counted instead of refused.
    pub counted: Vec<Counted>,
}

impl TableFlow {
    /// Between the columns of a file and the numbers of the model, where it was fitted to a file.
    pub fn codec(&self) -> Option<&Codec> {
        self.config().codec.as_ref()
    }

    fn require_codec(&self) -> Result<&Codec, TablesError> {
        self.codec().ok_or(TablesError::NoCodec)
    }

    /// The rows of a frame, for [`log_probs`](Self::log_probs) and its kin; columns are found by name.
    ///
    /// # Errors
    /// If the model was fitted to bare numbers, a column is missing, or cells are not what they should be.
    pub fn encode(&self, frame: &Frame, unknown: Unknown) -> Result<EncodedRows, TablesError> {
        let codec = self.require_codec()?;
        let mut encoded = codec.encode(frame, unknown)?;
        let (places, counted) = (std::mem::take(&mut encoded.rows), std::mem::take(&mut encoded.counted));
        let rows = TableRows::encoded(codec, Encoded { rows: vec![], counted: vec![], ..encoded })?;
        Ok(EncodedRows { rows, places, counted })
    }

    /// The conditions of a frame, for [`sample_given`](Self::sample_given) and [`predict`](Self::predict); the columns of
    /// the model itself need not be there.
    ///
    /// # Errors
    /// If the model was fitted to bare numbers, a condition is missing, or cells are not what they should be.
    pub fn conditions(&self, frame: &Frame) -> Result<EncodedContext, TablesError> {
        Ok(self.require_codec()?.encode_context(frame, Unknown::Refuse)?)
    }

    /// Rows of the model, such as samples, as a frame: with the names, kinds and digits of the file it was fitted to.
    ///
    /// # Errors
    /// If the model was fitted to bare numbers.
    pub fn decode(&self, rows: &TableRows) -> Result<Frame, TablesError> {
        Ok(self.require_codec()?.decode(rows.values()))
    }
}

#[cfg(test)]
mod tests {
    use flows_data::{Plan, PlanOptions, ReadOptions};

    use super::*;
    use crate::prelude::*;

    fn frame() -> Frame {
        let line = |i: usize| {
            let (sex, x) = (i % 2, (i as f64 * 1.7).sin());
            format!("{},{:.1},{}\n", ["f", "m"][sex], 40.0 + 5.0 * sex as f64 + x, 3 + i * i % 5)
        };
        let csv = String::from("sex,bill,eggs\n") + &(0..120).map(line).collect::<String>() + "f,,4\n";
        Frame::from_text(csv.as_bytes(), "birds.csv", &ReadOptions::new()).unwrap()
    }

    #[test]
    fn a_model_of_a_frame_scores_frames_and_draws_them_after_a_file_too() {
        let (frame, path) = (frame(), tempfile::NamedTempFile::new().unwrap());
        let plan = Plan::new(&frame, &PlanOptions::new().with_given(["sex"])).unwrap();
        let settings = FitSettings { model: ModelKind::Gaussian.into(), ..FitSettings::default() };
        let fitted = Fit::new(settings).run_frame(&frame, &plan).unwrap();
        fitted.flow.save(path.path()).unwrap();
        let flow = TableFlow::load(path.path(), &Device::default()).unwrap();
        let encoded = flow.encode(&frame, Unknown::Refuse).unwrap();
        assert_eq!((encoded.places.len(), encoded.rows.len()), (120, 120));
        let scores = flow.log_probs(&encoded.rows).unwrap();
        assert!(scores.iter().all(|score| score.is_finite() && *score < 0.0), "{scores:?}");
        let male = flow.conditions(&flow.codec().unwrap().given("sex=m").unwrap()).unwrap();
        let drawn = flow.sample_given(50, &male.context, 1).unwrap();
        let frame = flow.decode(&drawn).unwrap();
        assert_eq!((frame.names(), frame.rows()), (vec!["bill", "eggs"], 50));
        let mean = drawn.values().iter().step_by(2).sum::<f64>() / 50.0;
        // The standard error is 0.1.
        assert!((mean - 45.0).abs() < 0.5, "{mean}");
        assert!(drawn.values().iter().skip(1).step_by(2).all(|eggs| eggs.fract() == 0.0));
    }

    #[test]
    fn a_model_of_bare_numbers_says_that_it_takes_no_frames() {
        let rows = TableRows::new(["bill"], (0..50).map(|i| (f64::from(i) * 1.7).sin()).collect()).unwrap();
        let error = fit(Gaussian::new(), &rows).unwrap().encode(&frame(), Unknown::Refuse).unwrap_err().to_string();
        assert!(error.contains("bare numbers") && error.contains("\nhint: "), "{error}");
    }
}
