//! The part of an axis worth showing.

use std::ops::Range;

/// The range of the values without far outliers, with a margin on both sides.
///
/// All values are shown while the extreme ones lie within a fence around the bulk: the middle 98 %, and 40 % of its width
/// beyond it. Beyond the fence the axis ends there. A bell curve and a uniform distribution fit wholly.
///
/// The values must be finite, and at least one.
pub(crate) fn robust(values: impl IntoIterator<Item = f64>) -> Range<f64> {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let [min, low, high, max] = [0.0, 0.01, 0.99, 1.0].map(|part| quantile(&sorted, part));
    // Nearly all values may be the same: the fence would then have no width and hide the others.
    let fence = if high > low { 0.4 * (high - low) } else { max - min };
    padded(min.max(low - fence)..max.min(high + fence))
}

/// The range of the values of a training run: with all low ones, and without single peaks far above the rest.
///
/// The values must be finite, and at least one.
pub(crate) fn without_early_peaks(values: impl IntoIterator<Item = f64>) -> Range<f64> {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let (min, max) = (sorted[0], sorted[sorted.len() - 1]);
    // The 97 % below the peaks, at least all but one. A short run has no peaks, only a start.
    let high = sorted[((sorted.len() - 1) as f64 * 0.97) as usize];
    let peaks = sorted.len() >= 10 && high > min && max - min > 4.0 * (high - min);
    padded(min..if peaks { min + 1.3 * (high - min) } else { max })
}

/// The smallest range with all of both.
pub(crate) fn union(one: Range<f64>, other: Range<f64>) -> Range<f64> {
    one.start.min(other.start)..one.end.max(other.end)
}

/// The range with a margin, so that nothing sits on the frame; a range without a width gets one.
pub(crate) fn padded(range: Range<f64>) -> Range<f64> {
    let width = range.end - range.start;
    let magnitude = range.start.abs().max(range.end.abs());
    if width > 1e-9 * magnitude {
        range.start - 0.04 * width..range.end + 0.04 * width
    } else {
        let margin = if magnitude > 0.0 { 0.5 * magnitude } else { 0.5 };
        range.start - margin..range.end + margin
    }
}

fn quantile(sorted: &[f64], part: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * part).round() as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outlier_does_not_stretch_the_axis() {
        let uniform = (0..1000).map(|index| f64::from(index) / 999.0);
        let clean = robust(uniform.clone());
        assert!(clean.start < 0.0 && clean.end > 1.0 && clean.end < 1.1, "{clean:?}");
        let spoiled = robust(uniform.chain([1e6]));
        assert!(spoiled.end < 1.6, "{spoiled:?}");
        assert!(spoiled.start < 0.0);
    }

    #[test]
    fn values_without_a_spread_still_get_a_range() {
        assert_eq!(robust([3.0]), 1.5..4.5);
        assert_eq!(robust([0.0; 5]), -0.5..0.5);
        let one_apart = robust((0..1000).map(|index| if index == 7 { 10.0 } else { 0.0 }));
        assert!(one_apart.end > 10.0, "{one_apart:?}");
    }

    #[test]
    fn a_run_that_starts_far_off_still_shows_its_end() {
        let run = (0..100).map(|epoch| 1.0 + 2.0 * (-f64::from(epoch) / 10.0).exp());
        assert!(without_early_peaks(run.clone()).end > 3.0);
        assert!(without_early_peaks(run.chain([1e5])).end < 4.0);
        assert!(without_early_peaks([1e5, 2.0, 1.0]).end > 1e5);
    }

    #[test]
    fn the_union_holds_both() {
        assert_eq!(union(0.0..1.0, -1.0..0.5), -1.0..1.0);
    }
}
