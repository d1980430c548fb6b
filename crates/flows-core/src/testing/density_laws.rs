//! The laws of densities.

use burn::tensor::{DType, Device, Tensor, TensorData};

use super::laws::{host, no_rows, without_rows};
use crate::{Context, Density};

/// The laws that every density obeys. It panics at the first that is broken.
///
/// 1. Samples have the log-density that is drawn with them, one number a sample, all finite.
/// 2. A sample's log-density does not depend on the rest of the batch.
/// 3. A row with an infinity has the log-density -∞, one with a value near the largest number -∞ or one far below that of
///    any sample, and one with a NaN, in itself or in its context, has NaN; the other rows of the batch do not notice.
/// 4. Zero samples can be drawn and scored.
///
/// ```
/// use burn::tensor::Device;
/// use flows_core::{StandardNormal, testing::check_density};
///
/// check_density(&StandardNormal::<2>::new([3]), 64, &(), &Device::default(), 1e-5);
/// ```
///
/// # Panics
/// If a law is broken, or there are fewer than eight samples; the tolerance is absolute, in nats.
pub fn check_density<const D: usize, C: Context, P: Density<D, C>>(
    density: &P,
    n: usize,
    context: &C,
    device: &Device,
    tolerance: f64,
) {
    let (x, log_prob): (Tensor<D>, _) = density.sample_with_log_prob(n, context, device);
    assert_eq!((x.dims()[0], log_prob.dims()), (n, [n]), "expected {n} samples with one log-density each");
    let (drawn, again) = (host(&log_prob), host(&density.log_prob(x.clone(), context)));
    for (i, (a, b)) in drawn.iter().zip(&again).enumerate() {
        assert!(a.is_finite() && b.is_finite(), "sample {i}: log-densities {a} and {b}");
        assert!((a - b).abs() <= tolerance, "sample {i} was drawn with log-density {a}, and has {b}");
    }
    let first = Tensor::cat(vec![x.clone().narrow(0, 0, 1); n], 0);
    let swapped = Tensor::cat(vec![x.clone().narrow(0, 0, 1), first.narrow(0, 1, n - 1)], 0);
    let alone = host(&density.log_prob(swapped, context));
    assert!((alone[0] - again[0]).abs() <= tolerance, "the first sample's log-density depends on the others");
    absurd_rows(density, &x, context, &again, tolerance);
    nothing(density, &x, context, device);
}

/// Of which row, with how many of its last elements replaced by what.
const ABSURD: [(usize, fn(f64) -> f64); 6] = [
    (1, |_| f64::INFINITY),
    (1, |_| f64::NEG_INFINITY),
    (usize::MAX, |_| f64::INFINITY),
    (1, |largest| 0.3 * largest),
    (usize::MAX, |largest| -0.3 * largest),
    (1, |_| f64::NAN),
];

fn absurd_rows<const D: usize, C: Context, P: Density<D, C>>(
    density: &P,
    x: &Tensor<D>,
    context: &C,
    scores: &[f64],
    tolerance: f64,
) {
    let (n, size) = (x.dims()[0], x.dims()[1..].iter().product::<usize>());
    assert!(n > ABSURD.len() + 1, "`n`: expected at least {} samples, got {n}", ABSURD.len() + 2);
    let largest = if x.dtype() == DType::F64 { f64::MAX } else { f64::from(f32::MAX) };
    let mut values = host(x);
    for (row, (count, value)) in values.chunks_mut(size).zip(ABSURD) {
        row[size.saturating_sub(count)..].fill(value(largest));
    }
    let absurd = Tensor::from_data(TensorData::new(values, x.dims()), (&x.device(), x.dtype()));
    // The context of one more row is NaN, where it is numbers.
    let bad_context = ABSURD.len();
    let seen = context.columns().map(|columns| {
        let mut values = host(&columns);
        let width = columns.dims()[1];
        values[bad_context * width..][..width].fill(f64::NAN);
        context.with_columns(Tensor::from_data(
            TensorData::new(values, columns.dims()),
            (&columns.device(), columns.dtype()),
        ))
    });
    let got = host(&density.log_prob(absurd, seen.as_ref().unwrap_or(context)));
    let lowest = scores.iter().copied().fold(f64::INFINITY, f64::min);
    for (i, (score, before)) in got.into_iter().zip(scores).enumerate() {
        match i {
            0..3 => assert!(score == f64::NEG_INFINITY, "an infinite row: expected a log-density of -inf, got {score}"),
            3 | 4 => assert!(score < lowest - 100.0, "a row of 1e38: expected a log-density near -inf, got {score}"),
            5 => assert!(score.is_nan(), "a row with a NaN: expected a log-density of NaN, got {score}"),
            6 if seen.is_some() && density.sees_context() => {
                assert!(score.is_nan(), "a row whose context is NaN: expected a log-density of NaN, got {score}");
            }
            _ => {
                let same = (score - before).abs() <= tolerance;
                assert!(same, "sample {i}: absurd rows beside it make {score} of its log-density {before}");
            }
        }
    }
}

fn nothing<const D: usize, C: Context, P: Density<D, C>>(density: &P, x: &Tensor<D>, context: &C, device: &Device) {
    let (none, context) = (no_rows(x), without_rows(context, device));
    if !crate::is_host(device) {
        // Kernels of burn 0.22.1 for no rows write into other tensors there; what flows do about it is tested in `empty_batch`.
        return;
    }
    let drawn = density.sample(0, &context, device);
    assert_eq!(drawn.dims(), none.dims(), "no samples have the shape of none");
    let (drawn, log_prob): (Tensor<D>, _) = density.sample_with_log_prob(0, &context, device);
    assert_eq!((drawn.dims(), log_prob.dims()), (none.dims(), [0]), "no samples have no log-densities");
    assert_eq!(density.log_prob(none, &context).dims(), [0], "no rows have no log-densities");
}
