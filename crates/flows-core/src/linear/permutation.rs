//! Fixed permutations.

use burn::module::{Module, Param};
use burn::tensor::{Device, Int, Tensor};
use rand::seq::SliceRandom;

use crate::Bijection;
use crate::budget::claim;
use crate::coupling::indices;
use crate::event::zero_log_det;
use crate::generator::generator;

/// A fixed permutation of the features (axis 1).
///
/// ```text
/// yᵢ = x_{p(i)}        log_det = 0
/// ```
///
/// It is saved with the weights, so that a loaded flow permutes as the trained one did.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{Bijection, Permutation};
///
/// let device = Device::default();
/// let p = Permutation::new(&[2, 0, 1], &device);
/// let (y, _) = p.forward(Tensor::<2>::from_data([[10.0, 11.0, 12.0]], &device), &());
/// assert_eq!(y.to_data(), [[12.0f32, 10.0, 11.0]].into());
/// ```
#[derive(Module, Debug)]
pub struct Permutation {
    order: Param<Tensor<1, Int>>,
    inverse: Param<Tensor<1, Int>>,
}

impl Permutation {
    /// Output `i` is input `order[i]`.
    ///
    /// # Panics
    /// Unless every index below the length is there once.
    pub fn new(order: &[usize], device: &Device) -> Self {
        let mut inverse = vec![usize::MAX; order.len()];
        for (i, &from) in order.iter().enumerate() {
            assert!(from < order.len(), "`order`: expected indices below {}, got {from}", order.len());
            assert!(inverse[from] == usize::MAX, "`order`: index {from} is given twice");
            inverse[from] = i;
        }
        Self { order: indices(order, device), inverse: indices(&inverse, device) }
    }

    /// The features in reverse order.
    pub fn reverse(features: usize, device: &Device) -> Self {
        claim([features]);
        Self::new(&(0..features).rev().collect::<Vec<_>>(), device)
    }

    /// The features in a random order, the same for the same seed.
    pub fn random(features: usize, seed: u64, device: &Device) -> Self {
        claim([features]);
        let mut order: Vec<usize> = (0..features).collect();
        order.shuffle(&mut generator(seed, 0));
        Self::new(&order, device)
    }
}

impl<const D: usize, C> Bijection<D, C> for Permutation {
    fn forward(&self, x: Tensor<D>, _: &C) -> (Tensor<D>, Tensor<1>) {
        let log_det = zero_log_det(&x);
        (x.select(1, self.order.val()), log_det)
    }

    fn inverse(&self, y: Tensor<D>, _: &C) -> (Tensor<D>, Tensor<1>) {
        let log_det = zero_log_det(&y);
        (y.select(1, self.inverse.val()), log_det)
    }

    fn sees_context(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loaded_permutation_permutes_as_the_saved_one() {
        let device = Device::default();
        let saved = Permutation::random(6, 1, &device);
        let loaded = Permutation::random(6, 2, &device).load_record(saved.clone().into_record());
        assert_eq!(saved.order.val().to_data(), loaded.order.val().to_data());
        let x = Tensor::<2>::from_data([[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]], &device);
        let (y, _) = saved.forward(x.clone(), &());
        assert_eq!(loaded.inverse(y, &()).0.to_data(), x.to_data());
    }

    #[test]
    #[should_panic(expected = "index 0 is given twice")]
    fn what_is_no_permutation_panics() {
        Permutation::new(&[0, 0], &Device::default());
    }
}
