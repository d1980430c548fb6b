//! The pictures of a run: the loss over the epochs, and test rows against samples.

use std::path::Path;

use burn::tensor::Device;
use flows_core::Scaled;
use flows_core::train::EpochRecord;
use flows_plot::{CornerPlot, LossCurves, PlotError};

use crate::model::{AnyFlow, Trained};
use crate::source::Parts;

/// Features in the corner plot, at most: more could not be read.
const CORNER: usize = 8;

/// Draws the training and validation losses.
pub(crate) fn losses(history: &[EpochRecord], path: &Path) -> Result<(), PlotError> {
    let curve = |loss: fn(&EpochRecord) -> f64| -> Vec<(usize, f64)> {
        history.iter().map(|record| (record.epoch, loss(record))).collect()
    };
    LossCurves::new()
        .series("training", curve(|record| record.train_loss))
        .series("validation", curve(|record| record.validation_loss.unwrap_or(f64::NAN)))
        .best_of("validation")
        .y_label("negative log-likelihood (nats)")
        .save(path)
}

/// Draws test rows against samples; returns the number of samples that are not finite.
pub(crate) fn corner(
    trained: &Trained,
    flow: &Scaled<AnyFlow>,
    parts: &Parts,
    path: &Path,
    device: &Device,
) -> Result<usize, PlotError> {
    let test = &parts.test.table;
    let columns = test.columns();
    let first = |values: &[f64]| -> Vec<f64> {
        values.chunks_exact(columns).flat_map(|row| &row[..columns.min(CORNER)]).copied().collect()
    };
    let drawn = flow.sample(test.rows().clamp(2000, 10_000), device);
    let finite: Vec<f64> = drawn
        .chunks_exact(columns)
        .filter(|row| row.iter().all(|value| value.is_finite()))
        .flatten()
        .copied()
        .collect();
    let lost = (drawn.len() - finite.len()) / columns;
    CornerPlot::new(test.names()[..columns.min(CORNER)].to_vec())
        .set("test rows", &first(test.values()))
        .set("samples", &first(&trained.whole.floored(finite)))
        .save(path)?;
    Ok(lost)
}
