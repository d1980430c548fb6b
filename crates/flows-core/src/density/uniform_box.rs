//! The uniform density on a box.

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};

use super::standard_normal::{assert_event, batch_shape};
use crate::event::{event_size, flatten_event};
use crate::{Density, noise, sum_event};

/// The uniform density on a box, ends included.
///
/// ```text
/// log p(x) = -Σᵢ log(bᵢ - aᵢ)  where aᵢ ≤ xᵢ ≤ bᵢ for every i, and -∞ elsewhere
/// ```
///
/// With a bijection that maps the box to itself, such as a spline coupling, it makes a flow on a bounded domain.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{Density, UniformBox};
///
/// let sky = UniformBox::<2>::new([2], &[-180.0, -90.0], &[180.0, 90.0]);
/// let x = Tensor::<2>::from_data([[10.0, 20.0], [10.0, 91.0]], &Device::default());
/// assert_eq!(sky.log_prob(x, &()).to_data(), [-(64800f32.ln()), f32::NEG_INFINITY].into());
/// ```
#[derive(Module, Debug)]
pub struct UniformBox<const D: usize> {
    event: Vec<usize>,
    lower: Vec<f64>,
    upper: Vec<f64>,
}

impl<const D: usize> UniformBox<D> {
    /// A box with the given lower and upper ends, one for each element of the event in row-major order.
    ///
    /// # Panics
    /// Unless the event has one axis less than `D`, there is one pair of ends an element, and every lower end is
    /// below its upper end.
    pub fn new<const E: usize>(event: [usize; E], lower: &[f64], upper: &[f64]) -> Self {
        assert_eq!(E + 1, D, "`event`: expected {} axes for samples of rank {D}, got {event:?}", D - 1);
        let size: usize = event.iter().product();
        assert_eq!(lower.len(), size, "`lower`: expected {size} numbers, got {}", lower.len());
        assert_eq!(upper.len(), size, "`upper`: expected {size} numbers, got {}", upper.len());
        for (i, (a, b)) in lower.iter().zip(upper).enumerate() {
            assert!(a < b && (b - a).is_finite(), "element {i}: expected a finite interval, got {a}..{b}");
        }
        Self { event: event.to_vec(), lower: lower.to_vec(), upper: upper.to_vec() }
    }

    fn ends(&self, x: &Tensor<2>) -> (Tensor<2>, Tensor<2>) {
        let row =
            |ends: &[f64]| Tensor::from_data(TensorData::new(ends.to_vec(), [1, ends.len()]), (&x.device(), x.dtype()));
        (row(&self.lower), row(&self.upper))
    }
}

impl<const D: usize, C> Density<D, C> for UniformBox<D> {
    fn log_prob(&self, x: Tensor<D>, _: &C) -> Tensor<1> {
        assert_event(&x, &self.event);
        let x = flatten_event(x);
        let (lower, upper) = self.ends(&x);
        let log_volume: f64 = self.lower.iter().zip(&self.upper).map(|(a, b)| (b - a).ln()).sum();
        let outside = x.clone().lower(lower).bool_or(x.clone().greater(upper));
        let undefined = x.clone().is_nan();
        let log_prob = x.zeros_like().mask_fill(outside, f64::NEG_INFINITY).mask_fill(undefined, f64::NAN);
        sum_event(log_prob) - log_volume
    }

    fn sample(&self, n: usize, _: &C, device: &Device) -> Tensor<D> {
        let unit = noise::uniform(batch_shape::<D>(n, &self.event), device);
        debug_assert_eq!(event_size(&unit), self.lower.len());
        let (dims, unit) = (unit.dims(), flatten_event(unit));
        let (lower, upper) = self.ends(&unit);
        (unit * (upper - lower.clone()) + lower).reshape(dims)
    }

    fn sees_context(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nan_is_not_hidden() {
        let x = Tensor::<2>::from_data([[f32::NAN]], &Device::default());
        let box_ = UniformBox::<2>::new([1], &[0.0], &[1.0]);
        assert!(Density::log_prob(&box_, x, &()).into_scalar::<f32>().is_nan());
    }

    #[test]
    #[should_panic(expected = "element 1: expected a finite interval, got 3..2")]
    fn ends_in_the_wrong_order_panic() {
        UniformBox::<2>::new([2], &[0.0, 3.0], &[1.0, 2.0]);
    }
}
