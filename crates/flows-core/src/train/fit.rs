//! Maximum-likelihood training of a density.

use burn::tensor::Tensor;

use super::{EpochRecord, FitConfig, Fitted, Rows, Training};
use crate::{Context, Density, FlowError};

/// Trains a density on the rows of a tensor by maximum likelihood.
///
/// Mini-batches are cut straight out of the tensor. A share of the rows is set aside for validation, and the
/// parameters that were best on them are what comes back. Everything random follows from one seed, so that a run can
/// be repeated; with a checkpoint, a run that was cut off goes on bit for bit as if it had not been, and one that
/// was stopped by its epochs, time or patience goes on where it is given more of them.
///
/// By default training goes on until the validation loss has not become better for a while, and then cools the learning
/// rate down; see [`FitConfig`] and [`Schedule::WarmupStableDecay`](super::Schedule::WarmupStableDecay).
///
/// The losses are mean negative log-densities in nats. A density may be greater than one, so that a log-density may be
/// positive and a loss negative: both depend on the units of the data.
///
/// # Errors
/// All before anything is trained or written: if rows or their context are not finite, too few, of another width than the
/// flow's, constant in a feature or absurd in a value (the error names the row), or have no density under the flow; if
/// the configuration cannot be meant; if a checkpoint cannot be read or is of another run (the error names what differs).
/// Later at a loss or gradient that is not finite; the error then names the step and the least likely of its rows, and
/// the last good checkpoint stays.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Distribution, Tensor};
/// use flows_core::RealNvpConfig;
/// use flows_core::train::{FitConfig, Reporting, fit};
///
/// let device = Device::default();
/// let x = Tensor::<2>::random([512, 2], Distribution::Normal(3.0, 0.5), &device);
/// let flow = RealNvpConfig::new(2).with_layers(2).with_hidden(vec![16]).init(&device);
/// let config = FitConfig::new().with_epochs(3).with_reporting(Reporting::Silent);
/// let fitted = fit(flow, &x, &config)?;
/// assert_eq!(fitted.history.len(), 3);
/// assert!(fitted.best_validation_loss().unwrap() < 2.0); // the entropy is 2 · (½ log 2πe - log 2) = 1.45
/// # Ok::<(), flows_core::FlowError>(())
/// ```
///
/// # Notes
/// Noise (dropout, dequantisation) follows from the seed, the step and the row: see [`noise`](crate::noise). The generator of
/// the device, from which layers of your own may draw, is seeded anew at every epoch.
pub fn fit<const D: usize, F: Density<D>>(flow: F, x: &Tensor<D>, config: &FitConfig) -> Result<Fitted<F>, FlowError> {
    fit_on(flow, &Rows::new(x), None, config)
}

/// Trains a conditional density; the context has one row a row of `x`. See [`fit`].
///
/// # Errors
/// As [`fit`].
pub fn fit_given<const D: usize, C: Context, F: Density<D, C>>(
    flow: F,
    x: &Tensor<D>,
    context: &C,
    config: &FitConfig,
) -> Result<Fitted<F>, FlowError> {
    fit_on(flow, &Rows::given(x, context), None, config)
}

/// Trains on the one rows and validates on the others; without validation rows some are set aside. See [`fit`].
///
/// # Errors
/// As [`fit`].
pub fn fit_on<const D: usize, C: Context, F: Density<D, C>>(
    flow: F,
    train: &Rows<D, C>,
    validation: Option<&Rows<D, C>>,
    config: &FitConfig,
) -> Result<Fitted<F>, FlowError> {
    Training::new(config).run(flow, train, validation)
}

/// Trains as [`fit_on`], and calls `watch` after every epoch; see [`Training::watch`].
///
/// # Errors
/// As [`fit`], and what `watch` returns; the checkpoint of the epoch is written before.
pub fn fit_watched<const D: usize, C: Context, F: Density<D, C>>(
    flow: F,
    train: &Rows<D, C>,
    validation: Option<&Rows<D, C>>,
    config: &FitConfig,
    watch: impl FnMut(&EpochRecord, &F) -> Result<(), FlowError>,
) -> Result<Fitted<F>, FlowError> {
    Training::new(config).watch(watch).run(flow, train, validation)
}
