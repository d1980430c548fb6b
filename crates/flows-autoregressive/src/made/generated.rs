//! What a network makes feature by feature, where it sees less of it than there is.

use burn::tensor::Tensor;
use flows_core::within_range;

/// The features that [`generate`](crate::AutoregressiveConditioner::generate) has made, kept beside what the network is
/// shown of them.
pub(crate) struct Generated {
    range: Option<f64>,
    made: Vec<Option<Tensor<2>>>,
}

impl Generated {
    /// Starts without any of the `features`; the network sees them within `range`.
    pub(crate) fn new(features: usize, range: Option<f64>) -> Self {
        Self { range, made: vec![None; features] }
    }

    /// Keeps a feature, `[1, batch]`, and returns what the network sees of it.
    pub(crate) fn show(&mut self, feature: usize, x: Tensor<2>) -> Tensor<2> {
        if self.range.is_some() {
            self.made[feature] = Some(x.clone());
        }
        within_range(x, self.range)
    }

    /// All features, `[batch, features]`; `seen` is what the network has seen of them.
    ///
    /// # Panics
    /// If a feature was not made.
    pub(crate) fn features(self, seen: Tensor<2>) -> Tensor<2> {
        // For no rows nothing is made feature by feature.
        if self.range.is_none() || seen.dims()[0] == 0 {
            return seen;
        }
        let rows: Vec<Tensor<2>> = self.made.into_iter().map(|row| row.expect("every feature is made")).collect();
        super::masked_linear::contiguous(Tensor::cat(rows, 0).transpose())
    }
}
