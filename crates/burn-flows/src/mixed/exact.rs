//! Scores in the units of a table.

use burn::tensor::Device;

use super::density::MixedDensity;
use super::{MixedPreparation, MixedTable};

/// Points of noise for a row with intervals.
const POINTS: u64 = 16;

/// The log-densities of the cells of rows, in the units of the table: of intervals, the mean over points of noise.
pub(super) fn exact(
    density: &MixedDensity,
    preparation: &MixedPreparation,
    table: &MixedTable,
    device: &Device,
) -> Vec<f64> {
    mean_over_noise(preparation, |noise| density.log_probs(&preparation.forward(table, noise), device))
}

/// The logarithm of the mean of densities over the noise of intervals, where there are any.
pub(super) fn mean_over_noise(preparation: &MixedPreparation, of: impl Fn(u64) -> Vec<f64>) -> Vec<f64> {
    if !preparation.is_noisy() {
        return of(0);
    }
    let each: Vec<Vec<f64>> = (0..POINTS).map(|point| of(0x9015e + point)).collect();
    let mean = |row: usize| {
        let largest = each.iter().map(|scores| scores[row]).fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = each.iter().map(|scores| (scores[row] - largest).exp()).sum();
        if largest == f64::NEG_INFINITY { largest } else { largest + (sum / POINTS as f64).ln() }
    };
    (0..each[0].len()).map(mean).collect()
}
