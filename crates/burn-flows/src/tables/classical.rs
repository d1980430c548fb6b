//! The models that are fitted without gradients.

use burn::tensor::Device;

use super::prepared::Prepared;
use super::{Ensemble, TablesError, Wanted};
use crate::model::{AnyFlow, ConditionalMixtureConfig};

/// Multiplications of one step of expectation-maximisation, at most: of more rows some are taken.
const WORK: usize = 40_000_000;

/// A mixture of so many Gaussians of the rows; of one, their Gaussian.
pub(super) fn mixture(
    rows: &Prepared,
    components: usize,
    names: &[String],
    device: &Device,
) -> Result<Ensemble, TablesError> {
    let (features, context) = rows.columns;
    let width = features + context;
    let rows = match components {
        1 => rows.clone(),
        _ => rows.at_most(rows_at_most(width, components)),
    };
    let config = ConditionalMixtureConfig::new(features).with_context(context).with_components(components);
    // The best of a few starts, where a start costs nothing.
    let (iterations, starts) = effort(rows.len());
    let fitted = config.fit(&rows.x, &rows.context, &rows.weights(), (iterations, starts), device);
    let mixture = fitted.map_err(|error| TablesError::named(error.into(), names))?;
    Ok(Ensemble::of_one(AnyFlow::Mixture(mixture)))
}

/// Rows that a mixture is fitted to, at most.
fn rows_at_most(width: usize, components: usize) -> usize {
    (WORK / (components * width * width)).max(20 * width.max(50))
}

/// Steps of expectation-maximisation, and starts.
fn effort(rows: usize) -> (usize, usize) {
    if rows < 5_000 { (100, 3) } else { (60, 1) }
}

/// The seconds that a mixture of so many components takes at most, on a machine like those that it was measured on: an end by the
/// clock would make equal runs differ.
pub(super) fn seconds(rows: usize, width: usize, components: usize) -> f64 {
    const MULTIPLICATIONS_A_SECOND: f64 = 1.6e9;
    let rows = rows.min(rows_at_most(width, components));
    let (iterations, starts) = effort(rows);
    (rows * components * width * width * iterations * starts) as f64 / MULTIPLICATIONS_A_SECOND
}

/// Whether there are more rows than columns, without which covariances have no inverse: for models that are asked for an
/// error if not.
pub(super) fn enough(rows: &Prepared, wanted: &Wanted) -> Result<bool, TablesError> {
    let needed = rows.columns.0 + rows.columns.1 + 1;
    let asked = matches!(wanted, Wanted::Model(preset) if preset.kind.is_classical());
    match rows.len() >= needed {
        true => Ok(true),
        false if asked => {
            Err(TablesError::TooFewRows { rows: rows.len(), action: "fit a covariance of as many columns", needed })
        }
        false => Ok(false),
    }
}

/// The numbers of components to try for so many rows of so many columns, one after the other.
pub(super) fn component_counts(rows: usize, columns: usize) -> impl Iterator<Item = usize> {
    let most = (rows / (2 * (columns + 1))).max(1);
    [2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64].into_iter().take_while(move |components| *components <= most)
}

/// Keeps the best of a growing number of components, and says when two in a row were no better.
#[derive(Debug)]
pub(super) struct Growth<T> {
    pub(super) best: Option<(usize, f64, T)>,
    worse: usize,
}

impl<T> Growth<T> {
    pub(super) fn new() -> Self {
        Self { best: None, worse: 0 }
    }

    /// Takes note of a mixture with its held-out likelihood; whether it is worth going on.
    pub(super) fn push(&mut self, components: usize, likelihood: f64, mixture: T) -> bool {
        if self.best.as_ref().is_none_or(|(_, best, _)| likelihood > *best) {
            (self.best, self.worse) = (Some((components, likelihood, mixture)), 0);
        } else {
            self.worse += 1;
        }
        self.worse < 2
    }
}
