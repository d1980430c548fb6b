//! The laws of densities.

use burn::tensor::{Device, Tensor};

use super::laws::host;
use crate::Density;

/// The laws that every density obeys: samples have the log-density that is drawn with them, one number a sample, all
/// finite, and a sample's log-density does not depend on the rest of the batch.
///
/// ```
/// use burn::tensor::Device;
/// use flows_core::{StandardNormal, testing::check_density};
///
/// check_density(&StandardNormal::<2>::new([3]), 64, &(), &Device::default(), 1e-5);
/// ```
///
/// # Panics
/// If a law is broken; the tolerance is absolute, in nats.
pub fn check_density<const D: usize, C, P: Density<D, C>>(
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
    let alone = host(&density.log_prob(Tensor::cat(vec![x.narrow(0, 0, 1), first.narrow(0, 1, n - 1)], 0), context));
    assert!((alone[0] - again[0]).abs() <= tolerance, "the first sample's log-density depends on the others");
}
