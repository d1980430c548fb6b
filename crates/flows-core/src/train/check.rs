//! What is looked at before training starts.

use burn::tensor::Tensor;

use super::{Rows, TrainingError};
use crate::budget::caught;
use crate::event::event_size;
use crate::numerics::host;
use crate::{Context, Density, log_probs};

/// Elements that are evaluated before training, at most; what is beyond them is found at its first step.
const ELEMENTS: usize = 1 << 20;

/// Rows with as many rows of context, none of which holds a value that is not finite.
pub(super) fn check_rows<const D: usize, C: Context>(
    name: &'static str,
    rows: &Rows<D, C>,
) -> Result<(), TrainingError> {
    if let Some(context) = rows.context.rows().filter(|context| *context != rows.len()) {
        return Err(TrainingError::Context { context, rows: rows.len() });
    }
    if rows.is_empty() {
        return Err(TrainingError::TooFewRows { rows: 0, needed: 1 });
    }
    if let [first, ref others @ ..] = crate::context::bad_rows(&rows.context)[..] {
        return Err(TrainingError::ContextData { name, rows: rows.len(), count: 1 + others.len(), first });
    }
    match bad_rows(&rows.x).as_slice() {
        [] => Ok(()),
        bad => Err(TrainingError::Data { name, rows: rows.len(), count: bad.len(), first: bad[0] }),
    }
}

/// Does what panics where the flow and the rows do not fit each other: that is an error, as rows come from outside.
pub(super) fn fitting<T, const D: usize>(
    action: &'static str,
    x: &Tensor<D>,
    act: impl FnOnce() -> T,
) -> Result<T, TrainingError> {
    caught(act).map_err(|problem| {
        let problem = problem.trim().to_owned();
        TrainingError::Misfit { action, event: x.dims()[1..].to_vec(), problem }
    })
}

/// Whether the flow takes such rows at all, found out with two of them.
pub(super) fn check_fit<const D: usize, C: Context, F: Density<D, C>>(
    flow: &F,
    rows: &Rows<D, C>,
) -> Result<(), TrainingError> {
    let few = rows.range(0, rows.len().min(2));
    fitting("evaluate", &few.x, || drop(log_probs(flow, &few.x, &few.context)))
}

/// Names the rows without a density under the flow at its start; `place` is where a row stands in the data given.
pub(super) fn check_support<const D: usize, C: Context, F: Density<D, C>>(
    name: &'static str,
    flow: &F,
    rows: &Rows<D, C>,
    place: impl Fn(usize) -> usize,
) -> Result<(), TrainingError> {
    let some = rows.range(0, rows.len().min((ELEMENTS / event_size(&rows.x).max(1)).max(1)));
    let values = log_probs(flow, &some.x, &some.context);
    let bad: Vec<usize> = (0..values.len()).filter(|row| !values[*row].is_finite()).collect();
    match bad.first() {
        None => Ok(()),
        Some(first) => {
            let value = values[*first];
            Err(TrainingError::Support { name, rows: bad.into_iter().map(place).collect(), value })
        }
    }
}

/// The least likely of some log-densities; one that is NaN before all others.
pub(super) fn least_likely(values: &[f64]) -> Option<(usize, f64)> {
    let rank = |value: f64| if value.is_nan() { f64::NEG_INFINITY } else { value };
    values.iter().copied().enumerate().min_by(|(_, a), (_, b)| rank(*a).total_cmp(&rank(*b)))
}

/// The rows that hold a value that is not finite.
fn bad_rows<const D: usize>(x: &Tensor<D>) -> Vec<usize> {
    let rows = x.dims()[0];
    let size: usize = x.dims()[1..].iter().product();
    let bad = x.clone().without_autodiff().is_finite().bool_not().int().reshape([rows, size]).sum_dim(1);
    host(bad.float()).iter().enumerate().filter(|(_, count)| **count > 0.0).map(|(row, _)| row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nan_is_less_likely_than_all_else() {
        assert_eq!(least_likely(&[1.0, -3.0, 2.0]), Some((1, -3.0)));
        assert_eq!(least_likely(&[1.0, -3.0, f64::NAN]).unwrap().0, 2);
        assert_eq!(least_likely(&[]), None);
    }
}
