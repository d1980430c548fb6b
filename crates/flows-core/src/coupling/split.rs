//! Which features a coupling layer keeps and which it moves.

use burn::module::{Module, Param, ParamId};
use burn::tensor::{Device, Int, Tensor};

use crate::budget::claim;

/// Which features (indices on axis 1) a coupling layer keeps and which it moves.
///
/// # Example
/// ```
/// use burn::tensor::{Device, Tensor};
/// use flows_core::FeatureSplit;
///
/// let device = Device::default();
/// let split = FeatureSplit::alternating(4, false, &device);
/// assert_eq!((split.kept(), split.moved()), (&[0, 2][..], &[1, 3][..]));
/// let x = Tensor::<2>::from_data([[0.0, 1.0, 2.0, 3.0]], &device);
/// let (kept, moved) = split.take(x.clone());
/// assert_eq!(kept.to_data(), [[0.0f32, 2.0]].into());
/// assert_eq!(split.put(kept, moved).to_data(), x.to_data());
/// ```
#[derive(Module, Debug)]
pub struct FeatureSplit {
    kept: Vec<usize>,
    moved: Vec<usize>,
    /// Indices for splits that are not two slices: kept first, then moved; and back. Saved, so that a flow is rebuilt
    /// as it was.
    gather: Option<(Param<Tensor<1, Int>>, Param<Tensor<1, Int>>)>,
}

impl FeatureSplit {
    /// Keeps the first half (the larger one where the number is odd) and moves the second; `swapped` the other way
    /// round.
    ///
    /// # Panics
    /// If there are fewer than two features.
    pub fn halves(features: usize, swapped: bool, device: &Device) -> Self {
        claim([features]);
        let middle = features.div_ceil(2);
        let kept: Vec<usize> = if swapped { (middle..features).collect() } else { (0..middle).collect() };
        Self::keep(&kept, features, device)
    }

    /// Keeps the even features and moves the odd ones; `swapped` the other way round.
    ///
    /// # Panics
    /// If there are fewer than two features.
    pub fn alternating(features: usize, swapped: bool, device: &Device) -> Self {
        claim([features]);
        let kept: Vec<usize> = (usize::from(swapped)..features).step_by(2).collect();
        Self::keep(&kept, features, device)
    }

    /// Moves all features and keeps none: the parameters of the map are then made of the context alone.
    ///
    /// [`take`](Self::take) gives an empty tensor for what is kept, `[batch, 0, ...]`, which
    /// [`WithContext`](crate::WithContext) and [`WithClass`](crate::WithClass) know.
    ///
    /// # Panics
    /// If there are no features.
    ///
    /// # Example
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use flows_core::{Affine, Bijection, ContextConfig, Coupling, FeatureSplit, MlpConfig};
    ///
    /// let (device, context) = (Device::default(), ContextConfig::new(2));
    /// let network = context.wrap(MlpConfig::new(2, 2).with_zero_last(false).init(&device), &device);
    /// let coupling = Coupling::new(FeatureSplit::move_all(1), network, Affine::default());
    /// let (x, c) = (Tensor::<2>::zeros([3, 1], &device), Tensor::<2>::ones([3, 2], &device));
    /// let (y, log_det) = coupling.forward(x, &c);
    /// assert_eq!((y.dims(), log_det.dims()), ([3, 1], [3]));
    /// ```
    pub fn move_all(features: usize) -> Self {
        assert!(features > 0, "`features`: expected at least 1, got 0");
        Self { kept: vec![], moved: (0..features).collect(), gather: None }
    }

    /// Keeps the given features and moves all others.
    ///
    /// # Panics
    /// If an index is out of range or given twice, nothing is kept, or nothing is left to move.
    pub fn keep(kept: &[usize], features: usize, device: &Device) -> Self {
        claim([features]);
        let mut is_kept = vec![false; features];
        for &i in kept {
            assert!(i < features, "`kept`: expected indices below {features}, got {i}");
            assert!(!is_kept[i], "`kept`: index {i} is given twice");
            is_kept[i] = true;
        }
        let (kept, moved): (Vec<usize>, Vec<usize>) = (0..features).partition(|&i| is_kept[i]);
        assert!(!kept.is_empty(), "`kept`: expected a feature to keep, got none");
        assert!(!moved.is_empty(), "`kept`: expected a feature left to move, got all {features} of them");
        let order: Vec<usize> = kept.iter().chain(&moved).copied().collect();
        let sorted = order.is_sorted();
        let swapped: Vec<usize> = moved.iter().chain(&kept).copied().collect();
        let gather = (!sorted && !swapped.is_sorted()).then(|| {
            let mut back = vec![0; features];
            order.iter().enumerate().for_each(|(at, &i)| back[i] = at);
            (indices(&order, device), indices(&back, device))
        });
        Self { kept, moved, gather }
    }

    /// The features that stay.
    pub fn kept(&self) -> &[usize] {
        &self.kept
    }

    /// The features that are mapped.
    pub fn moved(&self) -> &[usize] {
        &self.moved
    }

    /// Takes `[batch, features, ...]` apart: kept and moved.
    pub fn take<const D: usize>(&self, x: Tensor<D>) -> (Tensor<D>, Tensor<D>) {
        let features = self.kept.len() + self.moved.len();
        burn::tensor::assert_shape!(x, [_, features, ..]);
        if self.kept.is_empty() {
            let mut none = x.dims();
            none[1] = 0;
            return (Tensor::empty(none, (&x.device(), x.dtype())), x);
        }
        if let Some((gather, _)) = &self.gather {
            let x = x.select(1, gather.val());
            return (x.clone().narrow(1, 0, self.kept.len()), x.narrow(1, self.kept.len(), self.moved.len()));
        }
        let slice = |part: &[usize]| x.clone().narrow(1, part.first().copied().unwrap_or(0), part.len());
        (slice(&self.kept), slice(&self.moved))
    }

    /// Puts kept and moved features back in their places.
    pub fn put<const D: usize>(&self, kept: Tensor<D>, moved: Tensor<D>) -> Tensor<D> {
        match &self.gather {
            _ if self.kept.is_empty() => moved,
            Some((_, back)) => Tensor::cat(vec![kept, moved], 1).select(1, back.val()),
            None if self.kept.first() < self.moved.first() => Tensor::cat(vec![kept, moved], 1),
            None => Tensor::cat(vec![moved, kept], 1),
        }
    }
}

pub(crate) fn indices(values: &[usize], device: &Device) -> Param<Tensor<1, Int>> {
    let values: Vec<i64> = values.iter().map(|&v| v as i64).collect();
    Param::initialized(ParamId::new(), Tensor::from_data(values.as_slice(), device))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "index 1 is given twice")]
    fn a_repeated_index_panics() {
        FeatureSplit::keep(&[1, 1], 3, &Device::default());
    }

    #[test]
    #[should_panic(expected = "expected a feature left to move")]
    fn a_split_that_moves_nothing_panics() {
        FeatureSplit::halves(1, false, &Device::default());
    }

    #[test]
    fn a_split_that_keeps_nothing_puts_back_what_it_takes() {
        let x = Tensor::<2>::from_data([[0.0], [1.0]], &Device::default());
        let split = FeatureSplit::move_all(1);
        let (kept, moved) = split.take(x.clone());
        assert_eq!(kept.dims(), [2, 0]);
        assert_eq!(split.put(kept, moved).to_data(), x.to_data());
    }

    #[test]
    fn every_split_puts_back_what_it_takes() {
        let device = Device::default();
        let x = Tensor::<2>::from_data([[0.0, 1.0, 2.0, 3.0, 4.0]], &device);
        for swapped in [false, true] {
            for split in [
                FeatureSplit::halves(5, swapped, &device),
                FeatureSplit::alternating(5, swapped, &device),
                FeatureSplit::keep(&[4, 1], 5, &device),
                FeatureSplit::keep(&[2, 3, 4], 5, &device),
            ] {
                let (kept, moved) = split.take(x.clone());
                assert_eq!(kept.dims()[1] + moved.dims()[1], 5);
                assert_eq!(split.put(kept, moved).to_data(), x.to_data());
            }
        }
    }
}
