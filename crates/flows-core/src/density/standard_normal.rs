//! The standard normal density.

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};

use crate::kernel::standard_normal_log_prob;
use crate::{Density, noise};

/// The normal density with mean zero and unit variance in every coordinate.
///
/// ```text
/// log p(x) = -½ Σᵢ (xᵢ² + log 2π)
/// ```
///
/// # Shapes
/// - `x`: `[batch, ...event]`, of rank `D`
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{Density, StandardNormal};
///
/// let base = StandardNormal::<2>::new([2]);
/// let x = Tensor::<2>::from_data([[0.0, 1.0]], &Device::default());
/// let log_prob = base.log_prob(x, &()).into_scalar::<f32>();
/// assert!((log_prob - (-0.5 - (2.0 * std::f32::consts::PI).ln())).abs() < 1e-6);
/// ```
#[derive(Module, Debug)]
pub struct StandardNormal<const D: usize> {
    event: Vec<usize>,
}

impl<const D: usize> StandardNormal<D> {
    /// A standard normal over events of the given shape.
    ///
    /// # Panics
    /// Unless the event has one axis less than `D`.
    pub fn new<const E: usize>(event: [usize; E]) -> Self {
        assert_eq!(E + 1, D, "`event`: expected {} axes for samples of rank {D}, got {event:?}", D - 1);
        Self { event: event.to_vec() }
    }

    /// The shape of one sample.
    pub fn event(&self) -> &[usize] {
        &self.event
    }
}

impl<const D: usize, C> Density<D, C> for StandardNormal<D> {
    fn log_prob(&self, x: Tensor<D>, _: &C) -> Tensor<1> {
        assert_event(&x, &self.event);
        standard_normal_log_prob(x)
    }

    fn sample(&self, n: usize, _: &C, device: &Device) -> Tensor<D> {
        standard_normal_noise(n, &self.event, device)
    }

    fn pull_back(&self, x: Tensor<D>, _: &C, weight: f64, _: &mut GradientsParams) -> (Tensor<1>, Tensor<D>) {
        assert_event(&x, &self.event);
        (standard_normal_log_prob(x.clone()), x * -weight)
    }

    fn weighted_pull_back(
        &self,
        x: Tensor<D>,
        _: &C,
        weights: &Tensor<1>,
        _: &mut GradientsParams,
    ) -> (Tensor<1>, Tensor<D>) {
        assert_event(&x, &self.event);
        let one_each = std::array::from_fn(|axis| if axis == 0 { x.dims()[0] } else { 1 });
        (standard_normal_log_prob(x.clone()), x * weights.clone().neg().reshape::<D, [usize; D]>(one_each))
    }

    fn sees_context(&self) -> bool {
        false
    }
}

pub(crate) fn standard_normal_noise<const D: usize>(n: usize, event: &[usize], device: &Device) -> Tensor<D> {
    noise::normal(batch_shape::<D>(n, event), device)
}

/// `[n, ...event]`.
pub(crate) fn batch_shape<const D: usize>(n: usize, event: &[usize]) -> [usize; D] {
    std::array::from_fn(|axis| if axis == 0 { n } else { event[axis - 1] })
}

/// Panics unless the samples have the expected event shape.
pub(crate) fn assert_event<const D: usize>(x: &Tensor<D>, event: &[usize]) {
    assert_eq!(&x.dims()[1..], event, "event of `x`: expected {event:?}, got {:?}", &x.dims()[1..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "expected [2], got [3]")]
    fn a_wrong_event_panics_with_both_shapes() {
        let x = Tensor::<2>::zeros([4, 3], &Device::default());
        Density::log_prob(&StandardNormal::<2>::new([2]), x, &());
    }
}
