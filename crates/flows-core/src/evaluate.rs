//! Scores of many rows.

use burn::tensor::{Int, Tensor};

use crate::context::one_row_each;
use crate::event::event_size;
use crate::numerics::host;
use crate::{Context, Density, noise};

/// Rows evaluated at a time, at most.
const BATCH: usize = 8192;
/// Elements evaluated at a time: the networks inside take many times as much memory.
const ELEMENTS: usize = 1 << 18;

/// The log-density of every row, in nats, on the host: evaluated in batches, on a snapshot without autodiff.
///
/// The context has one row a row of `x`, or a single row for all of them.
///
/// # Panics
/// If the context has neither one row nor as many as `x`.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{StandardNormal, log_probs};
///
/// let x = Tensor::<2>::zeros([20_000, 1], &Device::default());
/// let scores = log_probs(&StandardNormal::<2>::new([1]), &x, &());
/// assert_eq!(scores.len(), 20_000);
/// ```
pub fn log_probs<const D: usize, C: Context, P: Density<D, C>>(density: &P, x: &Tensor<D>, context: &C) -> Vec<f64> {
    let density = density.valid();
    let x = x.clone().without_autodiff();
    let rows = x.dims()[0];
    let for_all = context.rows() == Some(1);
    if !for_all {
        // It panics where the numbers of rows differ: a row too many would be a score of other rows.
        one_row_each(context, rows);
    }
    let mut values = Vec::with_capacity(rows);
    let batch = (ELEMENTS / event_size(&x).max(1)).clamp(1, BATCH);
    let parts = noise::Parts::new(rows);
    for start in (0..rows).step_by(batch) {
        let count = batch.min(rows - start);
        let indices = Tensor::<1, Int>::arange(start as i64..(start + count) as i64, &x.device());
        let context = if for_all { context.repeat_rows(count) } else { context.select_rows(&indices) };
        let x = x.clone().narrow(0, start, count);
        values.extend(parts.run(start, count, || host(density.log_prob(x, &context))));
    }
    values
}

/// The mean log-density of rows and its standard error, in nats.
///
/// ```text
/// mean = 1/n Σ log q(xᵢ)        standard error = √(Σ (log q(xᵢ) - mean)² / (n (n - 1)))
/// ```
///
/// The context has one row a row of `x`, or a single row for all of them. Both numbers are NaN where there are no rows,
/// and the standard error where there is one.
///
/// # Panics
/// If the context has neither one row nor as many as `x`.
pub fn mean_log_prob<const D: usize, C: Context, P: Density<D, C>>(
    density: &P,
    x: &Tensor<D>,
    context: &C,
) -> (f64, f64) {
    let values = log_probs(density, x, context);
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}
